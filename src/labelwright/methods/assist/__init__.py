"""What showing suggestions does to people: how much faster, how much more led astray. Measured, not assumed."""

from labelwright.methods.assist.by_person import (
    accuracy_change_between,
    difference_between,
    missed_corrections_between,
    speed_up_between,
)
from labelwright.methods.assist.effects import (
    Effect,
    accuracy_change,
    anchoring,
    missed_corrections,
    over_correction,
    speed_up,
)
from labelwright.methods.assist.reviewed_accuracy import reviewed_accuracy

__all__ = [
    "Effect",
    "accuracy_change",
    "accuracy_change_between",
    "anchoring",
    "difference_between",
    "missed_corrections",
    "missed_corrections_between",
    "over_correction",
    "reviewed_accuracy",
    "speed_up",
    "speed_up_between",
]
