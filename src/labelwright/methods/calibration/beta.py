"""Beta calibration of a confidence."""

import numpy as np
from numpy.typing import ArrayLike

from labelwright.methods.calibration.logit_map import Floats, LogitMap, fit_logistic, usable


def fit_beta(confidence: ArrayLike, correct: ArrayLike, *, prior_strength: float = 1e-4) -> LogitMap:
    """Fit σ(a·ln p − b·ln(1−p) + c) with a, b ≥ 0 to labelled predictions drawn at random.

    confidence: (N,) in [0, 1], nan = unknown and left out.  correct: (N,) bool.
    prior_strength: of a whisper of an L2 prior at (1, 1, 0), which keeps perfectly separated samples finite.
    A coefficient that would turn negative is set to 0 and the rest refitted, as the authors do.
    Source: Kull, Silva Filho & Flach (2017), AISTATS, section 4.
    """
    p, right = usable(confidence, correct)
    columns = [np.log(p), -np.log1p(-p), np.ones(len(p))]
    kept = [0, 1, 2]
    weights = _fit(columns, kept, right, prior_strength)
    if weights[0] < 0 or weights[1] < 0:
        kept = [1, 2] if weights[0] < weights[1] else [0, 2]
        weights = _fit(columns, kept, right, prior_strength)
        if min(weights[0], weights[1]) < 0:
            weights = _fit(columns, [2], right, prior_strength)
    return LogitMap("beta", float(weights[0]), float(weights[1]), float(weights[2]), len(p))


def _fit(columns: list[Floats], kept: list[int], right: np.ndarray, strength: float) -> Floats:
    fitted = fit_logistic(
        np.column_stack([columns[k] for k in kept]),
        right.astype(np.float64),
        penalty=np.full(len(kept), strength),
        prior=np.array([1.0 if k < 2 else 0.0 for k in kept]),
    )
    weights = np.zeros(3)
    weights[kept] = fitted
    return weights
