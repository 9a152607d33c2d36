"""Logistic maps from raw confidence to P(correct), fitted by penalised Newton steps."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

_EDGE = 1e-6
_STEPS = 100
_TOLERANCE = 1e-10
_LAST_STEP = 1e-5
"""Steps shrink quadratically: after one so small, the rest is rounding."""
_MANY_ROWS, _FEW_ROWS = 50_000, 10_000


@dataclass(frozen=True, slots=True)
class LogitMap:
    """P(correct) = σ(a·ln p − b·ln(1−p) + c); with a = b it is Platt's map on the logit.

    For people's eyes, never to accept by.

    n_labels: what it was fitted on.
    """

    method: Literal["none", "platt", "beta"]
    a: float
    b: float
    c: float
    n_labels: int

    def __call__(self, confidence: ArrayLike) -> Floats:
        """Map confidences of any shape; nan stays nan."""
        p = np.clip(np.asarray(confidence, dtype=np.float64), _EDGE, 1 - _EDGE)
        return special.expit(self.a * np.log(p) - self.b * np.log1p(-p) + self.c)


def fit_logistic(features: Floats, target: Floats, *, penalty: Floats, prior: Floats) -> Floats:
    """Maximise a penalised likelihood by damped Newton steps.

    Σ t·ln σ(z) + (1−t)·ln σ(−z) − ½ Σ penalty·(weight − prior)², z = features·weights.

    features: (N, D).  target: (N,) in [0, 1].  penalty, prior: (D,).
    Of many rows a few are fitted first: from there two or three steps over all of them reach the same maximum.
    """
    if len(target) <= _MANY_ROWS:
        return _damped_newton(features, target, prior, penalty=penalty, prior=prior)
    columns = np.asfortranarray(features)
    few = slice(None, None, -(-len(target) // _FEW_ROWS))
    weights: Floats = _damped_newton(columns[few], target[few], prior, penalty=penalty, prior=prior)
    pull = columns.T @ target
    before = np.inf
    while True:
        step = _step(columns, pull, weights, columns @ weights, penalty=penalty, prior=prior)
        size = float(np.abs(step).max())
        if size >= before:  # the few were no guide to the many
            return _damped_newton(columns, target, prior, penalty=penalty, prior=prior)
        weights, before = np.subtract(weights, step, dtype=np.float64), size
        if size <= _LAST_STEP:
            return weights


def _step(features: Floats, pull: Floats, weights: Floats, z: Floats, *, penalty: Floats, prior: Floats) -> Floats:
    """Newton's step at these weights.  pull: features·target.  z: features·weights."""
    p: Floats = special.expit(z)
    gradient = features.T @ p - pull + penalty * (weights - prior)
    curvature = (features * (p * (1 - p))[:, None]).T @ features + np.diag(penalty + 1e-9)
    return np.asarray(np.linalg.solve(curvature, gradient), dtype=np.float64)


def _damped_newton(features: Floats, target: Floats, start: Floats, *, penalty: Floats, prior: Floats) -> Floats:
    weights, z = start.copy(), features @ start
    pull = features.T @ target

    def loss(weights: Floats, z: Floats) -> float:
        # −[t·ln σ(z) + (1−t)·ln σ(−z)] = ln(1 + eᶻ) − t·z, and Σ t·z is a product of weights and `pull`.
        softplus = np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))
        return float(0.5 * np.sum(penalty * (weights - prior) ** 2) + softplus.sum() - pull @ weights)

    current = loss(weights, z)
    for _ in range(_STEPS):
        step = _step(features, pull, weights, z, penalty=penalty, prior=prior)
        scale = 1.0
        moved, z_moved = weights - step, z - features @ step
        updated = loss(moved, z_moved)
        while scale > 1e-8 and updated > current:
            scale /= 2
            moved = weights - scale * step
            z_moved = features @ moved
            updated = loss(moved, z_moved)
        weights, z = moved, z_moved
        if abs(current - updated) <= _TOLERANCE * (1 + abs(current)) and np.abs(step).max() <= _LAST_STEP:
            break
        if scale <= 1e-8:  # rounding alone is left to gain
            break
        current = updated
    return weights


def smoothed_targets(correct: NDArray[np.bool_]) -> Floats:
    """Platt's targets, (N₊+1)/(N₊+2) for right and 1/(N₋+2) for wrong, which keep the map from becoming a step."""
    positive = int(np.count_nonzero(correct))
    negative = len(correct) - positive
    return np.where(correct, (positive + 1) / (positive + 2), 1 / (negative + 2))


def usable(confidence: ArrayLike, correct: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """Keep the pairs whose confidence is known, and pull 0 and 1 in by a millionth."""
    p = np.asarray(confidence, dtype=np.float64)
    right = np.asarray(correct, dtype=np.bool_)
    known = ~np.isnan(p)
    return np.clip(p[known], _EDGE, 1 - _EDGE), right[known]
