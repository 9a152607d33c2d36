"""How accurate reviewed labels become, by how people take suggestions."""

from __future__ import annotations


def reviewed_accuracy(
    model_accuracy: float, *, human_accuracy: float, anchoring: float, over_correction: float = 0.02
) -> float:
    """Give the share of right labels after review with the suggestion shown.

    model_accuracy: of the suggestions in review.  human_accuracy: of a person who thinks for themselves.
    anchoring: share of wrong suggestions taken over unthinkingly.  over_correction: share of right ones changed.

    >>> [round(reviewed_accuracy(0.7, human_accuracy=0.95, anchoring=a), 3) for a in (0, 0.3, 0.5)]
    [0.971, 0.885, 0.829]
    """
    mended = (1.0 - anchoring) * human_accuracy
    return model_accuracy * (1.0 - over_correction) + (1.0 - model_accuracy) * mended
