"""The likeliest option's probability set right: a slope and a level that few labels can teach."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from labelwright.methods.calibration.logit_map import fit_logistic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEAST = 1e-12
_EDGE = 1e-4
_AHEAD = 1e-9


def fit_top(posterior_NK: Floats, target_N: Ints, *, penalty: float) -> tuple[float, float]:
    """Slope and intercept of the top option's logit, drawn towards 1 and 0 by the penalty on ½(·)².

    posterior_NK: of labelled items, by a fit that has not seen their labels.
    Source: Gupta & Ramdas (2022), ICLR, top-label calibration; Platt (1999).
    """
    features = np.column_stack([_logit_of_top(posterior_NK), np.ones(len(posterior_NK))])
    is_right = posterior_NK.argmax(axis=1) == target_N
    slope, intercept = fit_logistic(
        features, is_right.astype(np.float64), penalty=np.full(2, penalty), prior=np.array([1.0, 0.0])
    )
    return float(slope), float(intercept)


def set_top(posterior_NK: Floats, slope: float, intercept: float) -> Floats:
    """(N, K) with the top option's logit times slope + intercept; it stays on top, the others keep their odds."""
    if (slope, intercept) == (1.0, 0.0):
        return posterior_NK
    posterior = np.maximum(posterior_NK, _LEAST)
    posterior /= posterior.sum(axis=1, keepdims=True)
    rows = np.arange(len(posterior))
    top = posterior.argmax(axis=1)
    q = special.expit(slope * _logit_of_top(posterior) + intercept)
    posterior[rows, top] = 0.0
    posterior /= posterior.sum(axis=1, keepdims=True)
    second = posterior.max(axis=1)
    # Below this the second option would overtake it.
    q = np.maximum(q, second / (1 + second) + _AHEAD)
    posterior *= (1 - q)[:, None]
    posterior[rows, top] = q
    return posterior


def _logit_of_top(posterior: Floats) -> Floats:
    top: Floats = np.clip(posterior.max(axis=1), _EDGE, 1 - _EDGE)
    return special.logit(top)
