"""Platt scaling of a confidence."""

import numpy as np
from numpy.typing import ArrayLike

from labelwright.methods.calibration.logit_map import LogitMap, fit_logistic, smoothed_targets, usable

_SMALL = 300
_PRIOR_STRENGTH = 1.0


def fit_platt(confidence: ArrayLike, correct: ArrayLike) -> LogitMap:
    """Fit σ(a·logit(p) + c) to labelled predictions drawn at random.

    confidence: (N,) in [0, 1], nan = unknown and left out.  correct: (N,) bool.
    Under 300 labels an L2 prior at (a, c) = (1, 0), which is "the confidence is right", holds the map steady.
    Source: Platt (1999), Probabilistic outputs for support vector machines, with its target smoothing.
    """
    p, right = usable(confidence, correct)
    strength = _PRIOR_STRENGTH if len(p) < _SMALL else 0.0
    features = np.column_stack([np.log(p) - np.log1p(-p), np.ones(len(p))])
    slope, intercept = fit_logistic(
        features,
        smoothed_targets(right),
        penalty=np.array([strength, strength]),
        prior=np.array([1.0, 0.0]),
    )
    return LogitMap("platt", float(slope), float(slope), float(intercept), len(p))
