"""Divide the data set into strata, ask in each, and put the parts together by their sizes."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.estimation.effective_size import Estimate, Residuals, interval_from_residuals, labelled_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NO_SPREAD = 1e-18


def strata_of(label: ArrayLike, confidence: ArrayLike, *, n_bands: int = 5) -> Ints:
    """Strata by predicted label and, within each, by bands of confidence of equal size: (N,) codes from 0.

    label: (N,) codes, −1 = none.  confidence: (N,), nan = unknown, a band of its own.  Equal confidences share a band.
    """
    labels, p = np.asarray(label, dtype=np.int64), np.asarray(confidence, dtype=np.float64)
    code = np.zeros(len(p), dtype=np.int64)
    for value in np.unique(labels):
        here = np.flatnonzero((labels == value) & ~np.isnan(p))
        first = np.searchsorted(np.sort(p[here]), p[here], side="left")
        code[here] = 1 + first * n_bands // max(len(here), 1)
    key = (labels + 1) * (n_bands + 1) + code
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


def neyman_allocation(
    size: ArrayLike, spread: ArrayLike, n_labels: int, *, cost: ArrayLike = 1.0, mix: float = 0.0, fewest: int = 2
) -> Ints:
    """Numbers to ask in each stratum, n_h ∝ N_h·S_h/√c_h, at least `fewest` and at most N_h, adding up to n.

    size: (H,) items.  spread: (H,) standard deviation of one label, √(e(1−e)) from a calibrated confidence.
    mix: share of the labels spread by size alone.  With spreads that are only believed, take ½: then a useless belief
      costs at most half of the labels.
    Source: Neyman (1934), Journal of the Royal Statistical Society 97(4); costs: Cochran (1977), section 5.5.

    >>> neyman_allocation([50_000, 30_000, 20_000], np.sqrt([0.02 * 0.98, 0.1 * 0.9, 0.35 * 0.65]), 1_000).tolist()
    [274, 352, 374]
    """
    n_H, s_H = np.asarray(size, dtype=np.int64), np.asarray(spread, dtype=np.float64)
    wanted = n_H * s_H / np.sqrt(np.broadcast_to(np.asarray(cost, dtype=np.float64), s_H.shape))
    total = min(int(n_labels), int(n_H.sum()))
    least = np.minimum(fewest, n_H)
    if least.sum() > total:
        raise InvalidValue(
            "estimate", f"{n_labels} labels do not give {fewest} to each of {len(n_H)} strata; use fewer strata"
        )
    proportional = n_H / n_H.sum()
    wanted = (1 - mix) * wanted / wanted.sum() + mix * proportional if wanted.sum() > 0 else proportional
    wanted = np.maximum(wanted, 1e-9 * wanted.max())  # even a stratum thought sure takes what nobody else can
    low, high = 0.0, float(total * len(n_H)) / float(wanted.min())
    for _ in range(100):  # the factor at which the bounded shares add up
        middle = (low + high) / 2
        low, high = (middle, high) if np.clip(middle * wanted, least, n_H).sum() < total else (low, middle)
    share = np.clip(high * wanted, least, n_H)
    given = np.floor(share + 1e-9).astype(np.int64)
    order = np.lexsort((np.arange(len(n_H)), -(share - given)))
    while given.sum() < total:
        room = order[given[order] < n_H[order]]
        given[room[: total - int(given.sum())]] += 1
    return given


def stratified_draw(stratum: ArrayLike, allocation: ArrayLike, *, rng: np.random.Generator) -> Ints:
    """Positions of a plain random sample in each stratum, ascending."""
    codes = np.asarray(stratum, dtype=np.int64)
    chosen = [rng.permutation(np.flatnonzero(codes == h))[: int(n)] for h, n in enumerate(np.asarray(allocation))]
    return np.sort(np.concatenate(chosen)).astype(np.int64) if chosen else np.zeros(0, dtype=np.int64)


def stratified_mean(
    human: ArrayLike,
    stratum: ArrayLike,
    predicted: ArrayLike | None = None,
    *,
    after_the_fact: bool = False,
    tuning: float | None = 1.0,
    confidence_level: float = 0.95,
) -> Estimate:
    """Mean over a finite population from a random sample within each stratum: Σ W_h (λf̄_h + mean of y − λf).

    human: (N,) in [0, 1], nan = not asked.  stratum: (N,) codes.  predicted: (N,), None = 0: strata made of the
    predicted label hold what it says already.
    tuning: λ; None = the one that makes the variance least over all strata together, within [0, 1] (PPI++).
    after_the_fact: the sample was drawn without strata, which are used only now (post-stratification); the variance
    then has the term for sizes that came about by chance.

    A stratum with fewer than two labels joins the next one, since its spread is unknown; neighbours in code should be
    neighbours in kind.
    Var = Σ W_h² (1 − n_h/N_h) s_h²/n_h.
    Source: Cochran (1977), Sampling Techniques, sections 5.3 and 5A.9.
    """
    y, known = labelled_of(human, stratum)
    f = np.zeros(len(y)) if predicted is None else np.asarray(predicted, dtype=np.float64)
    codes = _joined(np.asarray(stratum, dtype=np.int64), known)
    n_items, n = len(y), int(known.sum())
    strata = np.unique(codes) if n else np.zeros(0, dtype=np.int64)
    members, factors = [codes == code for code in strata], [np.zeros(0)]
    for here in members:
        n_here, n_asked = int(here.sum()), int((here & known).sum())
        factor = (n_here / n_items) ** 2 / n_asked
        if after_the_fact:  # W_h/n + (1 − W_h)/n², both with 1 − n/N
            share = n_here / n_items
            factor = (share / n + (1 - share) / n**2) * (1 - n / n_items)
        else:
            factor *= 1 - n_asked / n_here
        factors.append(np.full(n_asked, factor / max(n_asked - 1, 1)))
    weight = np.concatenate(factors)
    label = np.concatenate([np.zeros(0), *(_centred(y[here & known]) for here in members)])
    guess = np.concatenate([np.zeros(0), *(_centred(f[here & known]) for here in members)])
    power = _least_variance(label, guess, weight) if tuning is None else tuning
    value = sum(
        float(here.mean()) * (power * float(f[here].mean()) + float((y - power * f)[here & known].mean()))
        for here in members
    )
    way = "strata used after the fact" if after_the_fact else "stratified sample"
    if predicted is not None:
        way += " with the model's output on all"
    return interval_from_residuals(
        value if n else float("nan"),
        Residuals(label - power * guess, weight, n_fitted=1 if tuning is None else 0),
        n_population=n_items,
        n_all=n_items,
        design=f"{way}, {'one stratum' if len(strata) == 1 else f'{len(strata)} strata'}, finite population",
        confidence_level=confidence_level,
        tuning=0.0 if predicted is None else power,
    )


def _centred(values: Floats) -> Floats:
    return values - values.mean() if len(values) else values


def _least_variance(label: Floats, guess: Floats, weight: Floats) -> float:
    """λ that makes Σ w (y − λf)² least, both centred within strata; 0 where the guess does not vary."""
    spread = float((weight * guess**2).sum())
    together = float((weight * label * guess).sum())
    return min(max(together / spread, 0.0), 1.0) if spread > _NO_SPREAD * max(float(weight.sum()), _NO_SPREAD) else 0.0


def _joined(codes: Ints, known: NDArray[np.bool_]) -> Ints:
    """Join strata with fewer than two labels to the next, the last to the one before."""
    strata, position = np.unique(codes, return_inverse=True)
    asked = np.bincount(position, weights=known, minlength=len(strata))
    group = np.zeros(len(strata), dtype=np.int64)
    current, have = 0, 0.0
    for h in range(len(strata)):
        group[h] = current
        have += asked[h]
        if have >= 2 and h + 1 < len(strata):
            current, have = current + 1, 0.0
    if have < 2 and current > 0:
        group[group == current] = current - 1
    return group[position]
