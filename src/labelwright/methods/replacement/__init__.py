"""May a model take the annotators' place here? The alternative annotator test."""

from labelwright.methods.replacement.alternative_annotator import (
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
