"""What calibration error a perfectly calibrated score would show: the measure is biased, and small samples look bad."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from labelwright.methods.calibration.metrics import Binning, Floats, bin_of


@dataclass(frozen=True, slots=True)
class NullBand:
    """Mean and upper 95% point of the expected calibration error of a score that is right as often as it says."""

    mean: float
    upper: float


def calibration_error_null(
    probability: ArrayLike,
    *,
    rng: np.random.Generator,
    n_bins: int = 15,
    binning: Binning = "mass",
    n_null: int = 200,
) -> NullBand:
    """Draw outcomes y ~ Bernoulli(p) and measure the error each time; a found error below `upper` is no evidence.

    probability: (N,) in [0, 1]; nan left out; nan for both figures when N = 0.
    Source: Bröcker & Smith (2007), Weather and Forecasting 22; Vaicenavicius et al. (2019), AISTATS, section 5.
    """
    p = np.asarray(probability, dtype=np.float64)
    p = p[~np.isnan(p)]
    if not len(p):
        return NullBand(float("nan"), float("nan"))
    bins = bin_of(p, n_bins, binning)
    order = np.argsort(bins, kind="stable")
    ordered = p[order]
    _, first = np.unique(bins[order], return_index=True)
    confidence = np.add.reduceat(ordered, first)
    drawn: Floats = (rng.random((n_null, len(p)), dtype=np.float32) < ordered).astype(np.float64)
    error = np.abs(np.add.reduceat(drawn, first, axis=1) - confidence).sum(axis=1) / len(p)
    return NullBand(float(error.mean()), float(np.quantile(error, 0.95)))
