"""Whole protocols: from signals and a few human labels to what may be accepted."""

from labelwright.methods.protocols.focus import DrawPlan, plan_draw
from labelwright.methods.protocols.learn_then_certify import (
    LEARNING_SHARE,
    Learned,
    ProtocolOutcome,
    certify_learned,
    draw_and_certify,
    learn,
    learn_then_certify,
    learning_size,
)
from labelwright.methods.protocols.start import Belief, StartPlan, believe, plan_start

__all__ = [
    "LEARNING_SHARE",
    "Belief",
    "DrawPlan",
    "Learned",
    "ProtocolOutcome",
    "StartPlan",
    "believe",
    "certify_learned",
    "draw_and_certify",
    "learn",
    "learn_then_certify",
    "learning_size",
    "plan_draw",
    "plan_start",
]
