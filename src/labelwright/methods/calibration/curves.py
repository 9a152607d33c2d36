"""The two pictures of a confidence: reliability by bin, and risk as more is accepted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.methods.calibration.metrics import Binning, Floats, bin_of
from labelwright.methods.estimation.intervals import wilson_interval


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """One bin: its mean confidence (never its midpoint), accuracy with Wilson interval, and the null band.

    null_low, null_high: where the accuracy of a perfectly calibrated score would fall 95% of the time.
    """

    n: int
    confidence: float
    accuracy: float
    low: float
    high: float
    null_low: float
    null_high: float


@dataclass(frozen=True, eq=False, slots=True)
class RiskCoverage:
    """Error among the accepted, as the threshold falls over the distinct scores; every array is (T,).

    coverage: share of the pool at or above the threshold.  risk, low, high: observed error with its pointwise 95%
    Wilson interval (a picture of the noise, not a certificate); nan where nothing is labelled yet.
    """

    threshold: Floats
    coverage: Floats
    risk: Floats
    low: Floats
    high: Floats


def reliability(
    probability: ArrayLike,
    correct: ArrayLike,
    *,
    rng: np.random.Generator,
    n_bins: int = 10,
    binning: Binning = "mass",
    n_null: int = 1_000,
) -> tuple[ReliabilityBin, ...]:
    """Group labelled predictions by stated probability, empty bins left out.

    probability: (N,) in [0, 1]; nan left out.  correct: (N,) bool.
    Source: Bröcker & Smith (2007), Weather and Forecasting 22: consistency bars by resampling.
    """
    p = np.asarray(probability, dtype=np.float64)
    right = np.asarray(correct, dtype=np.bool_)
    known = ~np.isnan(p)
    p, right = p[known], right[known]
    bins = bin_of(p, n_bins, binning)
    found: list[ReliabilityBin] = []
    for b in np.unique(bins):
        inside = bins == b
        n, hits = int(np.count_nonzero(inside)), int(np.count_nonzero(right[inside]))
        low, high = wilson_interval(hits, n)
        simulated = (rng.random((n_null, n)) < p[inside]).mean(axis=1)
        null_low, null_high = np.quantile(simulated, [0.025, 0.975])
        found.append(
            ReliabilityBin(
                n, float(p[inside].mean()), hits / n, float(low), float(high), float(null_low), float(null_high)
            )
        )
    return tuple(found)


def risk_coverage(
    threshold: NDArray[np.float64],
    n_pool_at: ArrayLike,
    n_calibrated_at: ArrayLike,
    n_wrong_at: ArrayLike,
    *,
    n_pool: int,
) -> RiskCoverage:
    """Draw the curve from the counts of `routing.count_thresholds`."""
    pool = np.asarray(n_pool_at, dtype=np.float64)
    n = np.asarray(n_calibrated_at, dtype=np.float64)
    k = np.asarray(n_wrong_at, dtype=np.float64)
    low, high = wilson_interval(k, n)
    risk = np.divide(k, n, out=np.full(len(n), np.nan), where=n > 0)
    return RiskCoverage(np.asarray(threshold, dtype=np.float64), pool / max(n_pool, 1), risk, low, high)
