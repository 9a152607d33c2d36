"""All figures of a confidence in one place, each beside what chance alone would show."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from labelwright.methods.calibration.brier import BrierParts, brier_parts
from labelwright.methods.calibration.metrics import (
    Auroc,
    Binning,
    Floats,
    area_under_risk_coverage,
    auroc,
    bin_of,
    debiased_calibration_error,
    expected_calibration_error,
    log_loss,
)
from labelwright.methods.calibration.null_band import NullBand

_EXACT_UP_TO = 20_000


@dataclass(frozen=True, slots=True)
class BinnedError:
    """Expected calibration error, and what a perfectly calibrated score would show.

    p_value: of "it is calibrated": the chance that such a score shows as much.
    """

    value: float
    null: NullBand
    p_value: float


@dataclass(frozen=True, slots=True)
class CalibrationFigures:
    """Figures over n labelled predictions with a known probability; nan where n = 0.

    equal_width, equal_mass: calibration error by either binning.  debiased_squared: mean 0 when calibrated.
    brier: apart.  log_loss: nats.  ranking: AUROC.  risk_coverage, excess_risk_coverage: area, and area above the best.
    """

    n: int
    equal_width: BinnedError
    equal_mass: BinnedError
    debiased_squared: float
    brier: BrierParts
    log_loss: float
    ranking: Auroc
    risk_coverage: float
    excess_risk_coverage: float


def calibration_figures(
    probability: ArrayLike,
    correct: ArrayLike,
    *,
    rng: np.random.Generator,
    n_bins: int = 15,
    n_null: int = 1_000,
) -> CalibrationFigures:
    """Measure a stated probability of being right on labelled predictions drawn at random.

    probability: (N,) in [0, 1]; nan left out.  correct: (N,) bool.  n_null: draws for the null bands.
    """
    p = np.asarray(probability, dtype=np.float64)
    right = np.asarray(correct, dtype=np.bool_)
    known = ~np.isnan(p)
    p, right = p[known], right[known]

    def error(binning: Binning) -> BinnedError:
        return binned_error(p, right, rng=rng, n_bins=n_bins, binning=binning, n_null=n_null)

    return CalibrationFigures(
        n=len(p),
        equal_width=error("width"),
        equal_mass=error("mass"),
        debiased_squared=debiased_calibration_error(p, right, n_bins=n_bins),
        brier=brier_parts(p, right, n_bins=n_bins),
        log_loss=log_loss(p, right),
        ranking=auroc(p, right),
        risk_coverage=area_under_risk_coverage(p, right),
        excess_risk_coverage=excess_risk_coverage(p, right),
    )


def binned_error(
    probability: ArrayLike,
    correct: ArrayLike,
    *,
    rng: np.random.Generator,
    n_bins: int = 15,
    binning: Binning = "mass",
    n_null: int = 1_000,
) -> BinnedError:
    """Measure the expected calibration error beside its null band and p-value, from the same draws.

    probability: (N,) in [0, 1]; nan left out.  correct: (N,) bool.
    Source: Bröcker & Smith (2007), Weather and Forecasting 22; Vaicenavicius et al. (2019), AISTATS, section 5.
    """
    p = np.asarray(probability, dtype=np.float64)
    value = expected_calibration_error(p, correct, n_bins=n_bins, binning=binning)
    null = null_errors(p, rng=rng, n_bins=n_bins, binning=binning, n_null=n_null)
    if not len(null):
        nan = float("nan")
        return BinnedError(nan, NullBand(nan, nan), nan)
    band = NullBand(float(null.mean()), float(np.quantile(null, 0.95)))
    # A draw that equals the value up to rounding shows as much.
    p_value = (1 + np.count_nonzero(null >= value - 1e-12)) / (1 + n_null)
    return BinnedError(value, band, float(p_value))


def null_errors(
    probability: ArrayLike, *, rng: np.random.Generator, n_bins: int, binning: Binning, n_null: int
) -> Floats:
    """(n_null,) calibration errors of a score that is right as often as it says; empty when N = 0.

    Beyond 20,000 items the sum in each bin is drawn from its normal limit.
    """
    p = np.asarray(probability, dtype=np.float64)
    p = p[~np.isnan(p)]
    if not len(p):
        return np.empty(0)
    bins = bin_of(p, n_bins, binning)
    expected = np.bincount(bins, weights=p, minlength=n_bins)
    if len(p) > _EXACT_UP_TO:
        spread = np.sqrt(np.bincount(bins, weights=p * (1 - p), minlength=n_bins))
        return np.abs(rng.standard_normal((n_null, n_bins)) * spread).sum(axis=1) / len(p)
    errors = np.empty(n_null)
    for draw in range(n_null):
        right = (rng.random(len(p)) < p).astype(np.float64)
        errors[draw] = np.abs(np.bincount(bins, weights=right, minlength=n_bins) - expected).sum() / len(p)
    return errors


def excess_risk_coverage(score: ArrayLike, correct: ArrayLike) -> float:
    """Area under risk–coverage above what the best order of the same errors would leave, r + (1−r)·ln(1−r).

    The best is a limit for many items: on few, a perfect order may fall a little below 0.  nan when N = 0.
    Source: Geifman, Uziel & El-Yaniv (2019), ICLR, "Bias-reduced uncertainty estimation", equation 5.
    """
    s = np.asarray(score, dtype=np.float64)
    right = np.asarray(correct, dtype=np.bool_)[~np.isnan(s)]
    if not len(right):
        return float("nan")
    error = float(np.mean(~right))
    best = 1.0 if error == 1 else error + (1 - error) * float(np.log1p(-error))
    return area_under_risk_coverage(score, correct) - best
