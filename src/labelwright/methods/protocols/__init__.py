"""Whole protocols: from signals and a few human labels to what may be accepted."""

from labelwright.methods.protocols.learn_then_certify import (
    LEARNING_SHARE,
    Learned,
    ProtocolOutcome,
    certify_learned,
    learn,
    learn_then_certify,
    learning_size,
)
from labelwright.methods.protocols.start import Belief, StartPlan, believe, plan_start

__all__ = [
    "LEARNING_SHARE",
    "Belief",
    "Learned",
    "ProtocolOutcome",
    "StartPlan",
    "believe",
    "certify_learned",
    "learn",
    "learn_then_certify",
    "learning_size",
    "plan_start",
]
