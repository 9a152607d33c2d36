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
    """

    def loss(weights: Floats) -> float:
        z = features @ weights
        likelihood = np.sum(target * special.log_expit(z) + (1 - target) * special.log_expit(-z))
        return float(0.5 * np.sum(penalty * (weights - prior) ** 2) - likelihood)

    weights = prior.copy()
    current = loss(weights)
    for _ in range(_STEPS):
        p = special.expit(features @ weights)
        gradient = features.T @ (p - target) + penalty * (weights - prior)
        curvature = (features * (p * (1 - p))[:, None]).T @ features + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curvature, gradient)
        scale = 1.0
        while scale > 1e-8 and loss(weights - scale * step) > current:
            scale /= 2
        weights = weights - scale * step
        updated = loss(weights)
        if abs(current - updated) < _TOLERANCE * (1 + abs(current)):
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
