"""Which labels a changed guideline would change: learnt from a probe, and bounded by another."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.estimation import Estimate, ppi_mean
from labelwright.methods.multinomial import MultinomialWeights, fit_multinomial
from labelwright.methods.routing import certify

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)
_FOLDS = 5
_SHARES = tuple(share / 20 for share in range(20, 0, -1))


@dataclass(frozen=True, slots=True, eq=False)
class FlipModel:
    """P(the label changes | features): logistic, shrunk; the plain rate where the probe says no more.

    weights: None = the rate alone.  rate: of the probe, with half a flip and half a stay added.
    basis: (D, R) the directions in which the probe's items lie; a penalty like this one knows no others.
    """

    weights: MultinomialWeights | None
    rate: float
    strength: float | None
    basis: Floats | None = None

    def predict(self, features_ND: ArrayLike) -> Floats:
        """(N,) chances."""
        features = np.asarray(features_ND, dtype=np.float64)
        if self.weights is None:
            return np.full(len(features), self.rate)
        along = features if self.basis is None else features @ self.basis
        score = along @ self.weights.by_class + self.weights.offset
        return special.softmax(score, axis=1)[:, 1]


def fit_flips(features_ND: ArrayLike, flipped: ArrayLike, *, rng: np.random.Generator) -> FlipModel:
    """Learn who flips from a probe. How far to shrink is chosen by five-fold cross-validation, the plain rate included.

    features_ND: (n, D), each column of about unit size.  flipped: (n,) bool.
    """
    x, y = np.asarray(features_ND, dtype=np.float64), np.asarray(flipped, dtype=np.int64)
    rate = (float(y.sum()) + 0.5) / (len(y) + 1)
    if y.sum() < _FOLDS or (1 - y).sum() < _FOLDS:
        return FlipModel(None, rate, None)
    _, size, directions = np.linalg.svd(x, full_matrices=False)
    basis: Floats = directions[size > 1e-9 * max(float(size[0]), 1e-300)].T
    x = x @ basis
    fold = np.empty(len(y), dtype=np.int64)
    for value in (0, 1):
        here = rng.permutation(np.flatnonzero(y == value))
        fold[here] = np.arange(len(here)) % _FOLDS
    losses: dict[float | None, float] = {None: _log_loss(np.full(len(y), rate), y)}
    for strength in _STRENGTHS:
        chance = np.empty(len(y))
        for one in range(_FOLDS):
            chance[fold == one] = _fit(x[fold != one], y[fold != one], strength).predict(x[fold == one])
        losses[strength] = _log_loss(chance, y)
    best = min(losses, key=lambda strength: losses[strength])
    return FlipModel(None, rate, None) if best is None else replace(_fit(x, y, best), basis=basis)


def _fit(x: Floats, y: Ints, strength: float) -> FlipModel:
    weights = fit_multinomial(x, y, n_classes=2, inverse_penalty=strength, offset_penalty=1e-3, tolerance=1e-3)
    return FlipModel(weights, float(y.mean()), strength)


def _log_loss(chance: Floats, y: Ints) -> float:
    p = np.clip(np.where(y == 1, chance, 1 - chance), 1e-6, 1.0)
    return float(-np.log(p).mean())


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """What may be left as it is.

    left: (N,) labels that need no second look.  is_bounded: at most the target of them would flip, with the stated
    confidence; when False, nothing can be left.  rate: of flips in all N, with its interval.
    n_test, n_test_flipped: the part of the probe that bounds.  p_value: of the bound, where one was reached.
    """

    left: Bools
    is_bounded: bool
    rate: Estimate
    n_test: int
    n_test_flipped: int
    reason: str | None


def residual_flips(
    chance: ArrayLike, test: ArrayLike, flipped: ArrayLike, *, target: float, delta: float = 0.05
) -> Residual:
    """Leave as many labels alone as can be, such that at most `target` of those left would flip, at 1 − delta.

    chance: (N,) P(flip) of every old label, learnt from other items than the tested.
    test: (n,) positions drawn from the N by plain chance.  flipped: (n,) bool, whether they did flip.

    The labels least likely to flip are "accepted", and a flip is an error: the exact finite-pool test of certificates,
    in a fixed sequence that starts where the learnt chances promise most (which the tested labels have no say in).
    The rate of flips in all labels is that of the tested, corrected by the learnt chances (PPI++).

    >>> chance = np.repeat([0.01, 0.6], [900, 100])
    >>> test = np.arange(0, 1000, 5)
    >>> found = residual_flips(chance, test, test >= 930, target=0.05)
    >>> bool(found.is_bounded), int(found.left.sum()), int(found.left[:900].sum())
    (True, 900, 900)
    """
    p, at = np.asarray(chance, dtype=np.float64), np.asarray(test, dtype=np.int64)
    y = np.asarray(flipped, dtype=np.bool_)
    if not 0 < target < 1:
        raise InvalidValue("target", f"{target:g} is no share between 0 and 1")
    found = certify(-p, at, y, target_error=target, delta=delta, first_threshold=_start(p, len(at), target, delta))
    left = np.zeros(len(p), dtype=np.bool_)
    if found.threshold is not None:
        left = -p >= found.threshold
        left[at[y]] = False
    human = np.full(len(p), np.nan)
    human[at] = y
    rate = ppi_mean(human, np.clip(p, 0.0, 1.0), confidence_level=1 - delta)
    return Residual(left, found.is_certified, rate, len(at), int(y.sum()), found.reason)


def _start(chance: Floats, n_test: int, target: float, delta: float) -> float:
    """Choose the share to begin with: where the learnt chances make the test most likely to pass; the largest such."""
    best, most = -float(np.min(chance)), -1.0
    for share in _SHARES:
        edge = float(np.quantile(chance, share, method="inverted_cdf"))
        kept = chance <= edge
        n = round(n_test * float(kept.mean()))
        if n < 1:
            continue
        k = np.arange(n + 1)
        allowed = k[special.bdtr(k, n, target) <= delta]
        if not len(allowed):
            continue
        passes = float(special.bdtr(int(allowed[-1]), n, float(chance[kept].mean())))
        if passes > most + 0.02:
            best, most = -edge, passes
    return best
