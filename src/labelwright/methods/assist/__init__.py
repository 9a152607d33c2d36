"""What showing suggestions does to people: how much faster, how much more led astray. Measured, not assumed."""

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
    "anchoring",
    "missed_corrections",
    "over_correction",
    "reviewed_accuracy",
    "speed_up",
]
