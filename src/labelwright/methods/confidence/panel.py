"""What all models and signals say together of every option, drawn towards what they say untaught.

Few labels cannot teach many weights: each weight starts at what it is worth on average over simulated juries, and moves
only as far as people's labels push it. With no label at all it is a prior; with hundreds it is a jury. What the labels
leave open is averaged over, so that a weight that is hardly known makes nothing sure.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.confidence.panel_design import BY_OPTION, Layout, PanelSignals, design_of, layout_of
from labelwright.methods.confidence.top_option import fit_top, set_top

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_PANEL_LABELS = 30
"""Below this an estimate of how often the panel errs is too wide to plan a certificate by."""
OVERTURNS_AT = 2.0
"""The first model's label stands unless another option is at least twice as likely: on simulated juries and crowds this
kept nine tenths of what overturning gained, and cost at most .003 of accuracy on the crowds and recorded sets."""
TOP_PENALTY = 100.0
"""On the slope and level of the top option, which cross-fits set: they move a little, and only by many labels."""
_LEVEL_PRECISION = 1.0
"""Of the one factor that all weights' starting values are multiplied by: models are better on one task than another."""
_SCALES = (0.25, 1.0, 4.0)
"""By which the precision of the weights is multiplied that every option has of its own."""
_DRAWS = 40
_DRAWN_BY = 17
_AT_ONCE = 2_000_000
_STEPS = 1_000
_FLAT = 1e-4
_ENOUGH = 1e-11
_DIGITS = 9
_WEIGHT_DIGITS = 6
_VERSIONS = (1, 2)


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """label: (N,) option codes, −1 = none.  probability: (N,) that it is right; nan where there is no label."""

    label: Ints
    probability: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Panel:
    """A conditional logit with weights that all options share, but for what each option has of its own.

    weights: (D, P) draws from what the labels leave possible, of the features that `layout` names, in its order.
    top: slope and intercept that the top option's logit then gets.
    """

    layout: Layout
    weights: Floats
    n_labels: int
    top: tuple[float, float] = (1.0, 0.0)

    def posterior(self, signals: PanelSignals) -> Floats:
        """(N, K) probability of each option; nan where no model gave a valid label."""
        votes = np.asarray(signals.votes, dtype=np.int64)
        found = np.empty((len(votes), self.layout.n_options))
        at_once = max(1, _AT_ONCE // (self.layout.n_options * max(self.weights.shape)))
        for first in range(0, len(votes), at_once):
            part = slice(first, first + at_once)
            found[part] = _mean_posterior(design_of(signals.rows(part), self.layout), self.weights)
        found = set_top(found, *self.top)
        found[~np.any(votes >= 0, axis=1)] = np.nan
        return found

    def read(self, signals: PanelSignals, *, keep_first: bool = False) -> Reading:
        """Give every item's label and P(correct).

        keep_first: the first model's label stands whatever the others say; where it has none, there is none.
        """
        return read_posterior(self.posterior(signals), np.asarray(signals.votes)[:, 0], keep_first=keep_first)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: names, scaling and weights."""
        return {
            "kind": "panel",
            "version": 2,
            **asdict(self.layout),
            "weights": self.weights.tolist(),
            "n_labels": self.n_labels,
            "top": list(self.top),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Panel":
        """Read what `to_json` wrote, also in version 1, which had one draw and fewer features.

        Raises: InvalidValue, when it is something else or of a later version.
        """
        if stored.get("kind") != "panel" or stored.get("version") not in _VERSIONS:
            raise InvalidValue("", f"is no panel of version 1 or 2: {stored.get('kind')!r}, {stored.get('version')!r}")

        def texts(name: str) -> tuple[str, ...]:
            return tuple(cast("list[str]", stored.get(name, [])))

        scaling = cast("Mapping[str, list[float]]", stored["scaling"])
        layout = Layout(
            n_options=int(stored["n_options"]),
            n_voters=int(stored["n_voters"]),
            confidences=texts("confidences"),
            opinions=texts("opinions"),
            numbers=texts("numbers"),
            scaling={name: (float(pair[0]), float(pair[1])) for name, pair in scaling.items()},
            others=texts("others"),
            seen=tuple(int(code) for code in stored.get("seen", [])),
            by_share=bool(stored.get("by_share", False)),
        )
        slope, intercept = cast("list[float]", stored.get("top", [1.0, 0.0]))
        weights = np.atleast_2d(np.asarray(stored["weights"], dtype=np.float64))
        return cls(layout, weights, int(stored["n_labels"]), (float(slope), float(intercept)))


@dataclass(frozen=True, eq=False, slots=True)
class PanelFit:
    """panel: fitted on all labels.  cross_fitted: (n, K) posteriors of the labelled items by folds without them."""

    panel: Panel
    cross_fitted: Floats


def fit_panel(
    signals: PanelSignals, index: ArrayLike, truth: ArrayLike, *, rng: np.random.Generator, n_folds: int = 5
) -> PanelFit:
    """Learn from a random sample's human labels how far to trust each model and signal.

    P(option c) ∝ exp(w·x_c), x_c: whether the first model chose c; the share of the others that did, and its log; each
    other model's vote; each opinion's log-probability; the confidence of each model that chose c, and the item's
    numbers where the first did; c itself, alone and where the first model chose it; each option's share of all votes,
    for c; each model's vote, for c. Gaussian prior on w, whose mean is multiplied by one factor that is learnt too.
    P is the mean over draws from a Gaussian at the maximum a posteriori, with the inverse curvature there (Laplace).
    Cross-fits then set the level of the top option.

    signals: of the whole pool, which sets the scales.  index: (n,) the labelled items.  truth: (n,) their options.
    These labels must never certify a threshold on what comes of it (A4P, 4).
    Source: McFadden (1974), conditional logit; Genkin, Lewis & Madigan (2007), Technometrics 49, informed priors;
    MacKay (1992), Neural Computation 4, averaging over what is not known of the weights.
    """
    labelled, true = np.asarray(index, dtype=np.int64), np.asarray(truth, dtype=np.int64)
    if not len(true) or len(true) != len(labelled) or true.min() < 0 or true.max() >= signals.n_options:
        raise InvalidValue("truth", f"must hold one label per labelled item, each a code in 0..{signals.n_options - 1}")
    layout = layout_of(signals, labelled, true)
    design = design_of(signals.rows(labelled), layout)
    fold = _folds(true, n_folds, rng=rng)
    cross_fitted = np.empty((len(true), signals.n_options))
    for number in range(n_folds):
        out = fold == number
        if np.any(out):
            cross_fitted[out] = _mean_posterior(design[out], _draws(design[~out], true[~out], layout))
    top = fit_top(cross_fitted, true, penalty=TOP_PENALTY)
    panel = Panel(layout, _draws(design, true, layout), len(true), top)
    return PanelFit(panel, set_top(cross_fitted, *top))


def untaught_panel(signals: PanelSignals) -> Panel:
    """Give the panel as it is before any label: scales from the pool, weights from the prior."""
    layout = layout_of(signals)
    return Panel(layout, layout.prior[0][None], 0)


def read_posterior(posterior: Floats, first: ArrayLike, *, keep_first: bool = False) -> Reading:
    """Choose labels: the first model's, unless another option is at least twice as likely."""
    own = np.asarray(first, dtype=np.int64)
    rows: Ints = np.arange(len(own), dtype=np.int64)
    filled = np.nan_to_num(posterior, nan=0.0)
    of_own = np.where(own >= 0, filled[rows, np.maximum(own, 0)], 0.0)
    best = filled.argmax(axis=1)
    overturned = (filled[rows, best] >= OVERTURNS_AT * of_own) & (own != best) & (not keep_first)
    label = np.where(overturned, best, own)
    label[np.isnan(posterior).any(axis=1)] = -1
    probability: Floats = np.where(label >= 0, filled[rows, np.maximum(label, 0)], np.nan)
    # Sums over blocks of other sizes differ in the last bits, and equal items must stay equal.
    return Reading(label, probability.round(_DIGITS))


def _folds(target: Ints, n_folds: int, *, rng: np.random.Generator) -> Ints:
    """(N,) fold numbers, dealt at random, each option evenly."""
    shuffled = rng.permutation(len(target))
    order = shuffled[np.argsort(target[shuffled], kind="stable")]
    fold = np.empty(len(target), dtype=np.int64)
    fold[order] = np.arange(len(target)) % n_folds
    return fold


def _mean_posterior(design: Floats, weights: Floats) -> Floats:
    """(n, K) mean over the draws.  weights: (D, P)."""
    return special.softmax(design @ weights.T, axis=1).mean(axis=2)


def _draws(design: Floats, truth: Ints, layout: Layout) -> Floats:
    """(D, P) draws of the weights, in pairs that mirror each other at a maximum a posteriori.

    How far options may differ is not known beforehand: each of the scales has a share of the draws, by its evidence.
    """
    mean, precision = layout.prior
    whole = np.concatenate([design, (design @ mean)[:, :, None]], axis=2)
    centre = np.append(np.zeros(len(mean)), 1.0)
    by_option = np.append([kind in BY_OPTION for kind in layout.kinds], [False])
    scales = _SCALES if by_option.any() else (1.0,)
    normal = np.random.default_rng(_DRAWN_BY).standard_normal((len(centre), _DRAWS // 2))
    found: list[tuple[Floats, Floats]] = []
    evidence: list[float] = []
    weights = centre
    for scale in scales:
        tight = np.append(precision, _LEVEL_PRECISION) * np.where(by_option, scale, 1.0)
        weights, loss = _fit(whole, truth, centre, tight, start=weights)
        root = np.linalg.cholesky(_curvature(whole, weights, tight))
        evidence.append(0.5 * float(np.log(tight).sum()) - float(np.log(np.diag(root)).sum()) - loss)
        away: Floats = np.asarray(np.linalg.solve(root.T, normal), dtype=np.float64)
        found.append((weights, away))
    drawn: list[Floats] = []
    for (weights, away), n_pairs in zip(found, _apportioned(special.softmax(evidence), _DRAWS // 2), strict=True):
        some = away[:, :n_pairs]
        drawn.append((weights[:, None] + np.concatenate([some, -some], axis=1)).T)
    every = np.concatenate(drawn)
    return np.round(every[:, :-1] + every[:, -1:] * mean, _WEIGHT_DIGITS)


def _apportioned(share: Floats, n: int) -> Ints:
    """Whole numbers that sum to n, as near to the shares as may be: the largest remainders are rounded up."""
    count = np.floor(share * n).astype(np.int64)
    count[np.argsort(count - share * n, kind="stable")[: n - int(count.sum())]] += 1
    return count


def _fit(design: Floats, truth: Ints, mean: Floats, precision: Floats, *, start: Floats) -> tuple[Floats, float]:
    """(P,) the maximum a posteriori, and the loss there."""
    from scipy.optimize import minimize  # noqa: PLC0415 - slow to import, needed by few

    rows: Ints = np.arange(len(truth), dtype=np.int64)
    root: Floats = np.sqrt(precision)
    chosen: Floats = design[rows, truth].sum(axis=0)

    def loss(away: Floats) -> tuple[float, Floats]:
        weights = mean + away / root
        score = design @ weights
        log_sum = special.logsumexp(score, axis=1)
        p = np.exp(score - log_sum[:, None])
        value = float(np.sum(log_sum) - chosen @ weights + 0.5 * away @ away)
        return value, (np.tensordot(p, design, axes=2) - chosen) / root + away

    found: Any = minimize(
        loss,
        (start - mean) * root,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _STEPS, "ftol": _ENOUGH, "gtol": _FLAT},
    )
    return mean + found.x / root, float(found.fun)


def _curvature(design: Floats, weights: Floats, precision: Floats) -> Floats:
    """(P, P) of the loss at these weights."""
    p: Floats = np.asarray(special.softmax(design @ weights, axis=1), dtype=np.float64)
    expected: Floats = np.asarray(np.einsum("nk,nkp->np", p, design), dtype=np.float64)
    apart = ((design - expected[:, None, :]) * np.sqrt(p)[:, :, None]).reshape(-1, design.shape[2])
    return apart.T @ apart + np.diag(precision)
