"""The default calibration map by how many labels there are, isotonic included."""

import numpy as np
from numpy.typing import ArrayLike

from labelwright.methods.calibration.beta import fit_beta
from labelwright.methods.calibration.calibrator import Calibrator, Fit
from labelwright.methods.calibration.choose import fit_calibration
from labelwright.methods.calibration.cross_fit import cross_fit
from labelwright.methods.calibration.isotonic import fit_isotonic
from labelwright.methods.calibration.metrics import log_loss

_BETA_UP_TO = 1_000
_ENOUGH_TO_COMPARE = 20_000


def fit_best_by_size(confidence: ArrayLike, correct: ArrayLike, *, rng: np.random.Generator) -> Calibrator:
    """Fit nothing under 50 labels, Platt with a prior to 300, beta to 1,000, then isotonic where it foretells better.

    Better: lower log loss on folds it was not fitted on, of 20,000 labels at most.  rng: deals the folds.
    For display and ordering; it must never feed the threshold of a certificate on the same labels.
    """
    p, right = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.bool_)
    if np.count_nonzero(~np.isnan(p)) <= _BETA_UP_TO or right.all() or not right.any():
        return fit_calibration(p, right)
    compared = rng.permutation(len(p))[:_ENOUGH_TO_COMPARE]
    seed = int(rng.integers(2**32))

    def foretold(fit: Fit) -> float:
        out = cross_fit(fit, p[compared], right[compared], rng=np.random.default_rng(seed)).out_of_fold
        return log_loss(out, right[compared])

    return (fit_isotonic if foretold(fit_isotonic) < foretold(fit_beta) else fit_beta)(p, right)
