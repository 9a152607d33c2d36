"""Which of two labellers is right more often, on the same items; and how right one is, class by class."""

from labelwright.methods.comparison.false_discovery import benjamini_hochberg, benjamini_yekutieli
from labelwright.methods.comparison.holm import holm
from labelwright.methods.comparison.paired import PairedDifference, paired_difference
from labelwright.methods.comparison.per_class import ClassScores, class_scores

__all__ = [
    "ClassScores",
    "PairedDifference",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "class_scores",
    "holm",
    "paired_difference",
]
