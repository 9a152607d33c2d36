"""From a raw confidence to a probability people may read, and measures of both."""

from labelwright.methods.calibration.beta import fit_beta
from labelwright.methods.calibration.choose import fit_calibration
from labelwright.methods.calibration.curves import ReliabilityBin, RiskCoverage, reliability, risk_coverage
from labelwright.methods.calibration.logit_map import LogitMap
from labelwright.methods.calibration.metrics import (
    Auroc,
    area_under_risk_coverage,
    auroc,
    brier_score,
    debiased_calibration_error,
    expected_calibration_error,
    log_loss,
)
from labelwright.methods.calibration.null_band import NullBand, calibration_error_null
from labelwright.methods.calibration.platt import fit_platt

__all__ = [
    "Auroc",
    "LogitMap",
    "NullBand",
    "ReliabilityBin",
    "RiskCoverage",
    "area_under_risk_coverage",
    "auroc",
    "brier_score",
    "calibration_error_null",
    "debiased_calibration_error",
    "expected_calibration_error",
    "fit_beta",
    "fit_calibration",
    "fit_platt",
    "log_loss",
    "reliability",
    "risk_coverage",
]
