"""How good the people's answers are."""

from labelwright.methods.quality.reviewer_noise import ReviewerNoise, reviewer_noise

__all__ = ["ReviewerNoise", "reviewer_noise"]
