"""Whether what comes now is like what came before: in its texts, its scores and its labels."""

from labelwright.methods.drift.classifier import CLASSIFIER_LIMIT, Distinguished, classifier_two_sample
from labelwright.methods.drift.kernel import KernelTest, energy_distance, mean_discrepancy
from labelwright.methods.drift.label_shift import LabelShift, label_shift
from labelwright.methods.drift.psi import PSI_LIMIT, Stability, category_stability, score_stability

__all__ = [
    "CLASSIFIER_LIMIT",
    "PSI_LIMIT",
    "Distinguished",
    "KernelTest",
    "LabelShift",
    "Stability",
    "category_stability",
    "classifier_two_sample",
    "energy_distance",
    "label_shift",
    "mean_discrepancy",
    "score_stability",
]
