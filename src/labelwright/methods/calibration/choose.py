"""Choose a calibration map by how many labels there are."""

import numpy as np
from numpy.typing import ArrayLike

from labelwright.methods.calibration.beta import fit_beta
from labelwright.methods.calibration.logit_map import LogitMap, usable
from labelwright.methods.calibration.platt import fit_platt

_TOO_FEW = 50
_PLATT_UP_TO = 300


def fit_calibration(confidence: ArrayLike, correct: ArrayLike) -> LogitMap:
    """Fit nothing under 50 labels, Platt with a prior to 300, beta above.

    The result is for display and ordering; it must never feed the threshold of a certificate on the same labels.
    """
    p, right = usable(confidence, correct)
    if len(p) < _TOO_FEW or not np.any(right):
        return LogitMap("none", 1.0, 1.0, 0.0, len(p))
    return fit_platt(p, right) if len(p) < _PLATT_UP_TO else fit_beta(p, right)
