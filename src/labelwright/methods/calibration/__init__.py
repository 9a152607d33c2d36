"""From a raw confidence to a probability people may read, and measures of both."""

from labelwright.methods.calibration.best_by_size import fit_best_by_size
from labelwright.methods.calibration.beta import fit_beta
from labelwright.methods.calibration.brier import BrierParts, brier_parts
from labelwright.methods.calibration.calibrator import Calibrator, Fit
from labelwright.methods.calibration.choose import fit_calibration
from labelwright.methods.calibration.class_wise import ClassWiseMap, fit_class_wise
from labelwright.methods.calibration.cross_fit import ClassWiseCrossFit, CrossFit, cross_fit, cross_fit_class_wise
from labelwright.methods.calibration.curves import ReliabilityBin, RiskCoverage, reliability, risk_coverage
from labelwright.methods.calibration.figures import (
    BinnedError,
    CalibrationFigures,
    binned_error,
    calibration_figures,
    excess_risk_coverage,
)
from labelwright.methods.calibration.histogram import HistogramMap, fit_histogram
from labelwright.methods.calibration.isotonic import IsotonicMap, fit_isotonic
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
from labelwright.methods.calibration.stored import calibrator_from_json, calibrator_to_json, class_wise_from_json
from labelwright.methods.calibration.temperature import TemperatureMap, fit_softmax_temperature, fit_temperature
from labelwright.methods.calibration.venn_abers import VennAbersMap, fit_venn_abers

__all__ = [
    "Auroc",
    "BinnedError",
    "BrierParts",
    "CalibrationFigures",
    "Calibrator",
    "ClassWiseCrossFit",
    "ClassWiseMap",
    "CrossFit",
    "Fit",
    "HistogramMap",
    "IsotonicMap",
    "LogitMap",
    "NullBand",
    "ReliabilityBin",
    "RiskCoverage",
    "TemperatureMap",
    "VennAbersMap",
    "area_under_risk_coverage",
    "auroc",
    "binned_error",
    "brier_parts",
    "brier_score",
    "calibration_error_null",
    "calibration_figures",
    "calibrator_from_json",
    "calibrator_to_json",
    "class_wise_from_json",
    "cross_fit",
    "cross_fit_class_wise",
    "debiased_calibration_error",
    "excess_risk_coverage",
    "expected_calibration_error",
    "fit_best_by_size",
    "fit_beta",
    "fit_calibration",
    "fit_class_wise",
    "fit_histogram",
    "fit_isotonic",
    "fit_platt",
    "fit_softmax_temperature",
    "fit_temperature",
    "fit_venn_abers",
    "log_loss",
    "reliability",
    "risk_coverage",
]
