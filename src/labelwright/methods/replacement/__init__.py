"""May a model take the annotators' place here? The alternative annotator test."""

from labelwright.methods.replacement.alt_test import (
    AltTest,
    Comparison,
    PersonTest,
    Score,
    accuracy,
    alt_test,
    comparisons,
    mean_closeness,
    negative_rmse,
)

__all__ = [
    "AltTest",
    "Comparison",
    "PersonTest",
    "Score",
    "accuracy",
    "alt_test",
    "comparisons",
    "mean_closeness",
    "negative_rmse",
]
