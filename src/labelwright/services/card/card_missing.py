"""What it does to a card that some drawn items were never answered."""

from __future__ import annotations

from labelwright.domain.canonical import Json
from labelwright.services.card.card_evidence import CardEvidence
from labelwright.services.card.card_figures import ErrorsLeft, errors_left

LARGE = 0.05
"""From this share of the drawn items on, a card is flagged: the answers are hardly a random sample any more."""


def missing_of(e: CardEvidence, whole: ErrorsLeft) -> dict[str, Json]:
    """Count the drawn items without an answer, and say what they cost.

    overall: the accuracy's interval with them as either, as the card has it, and as if they were like the answered
    ones; null where the accuracy has none.  widens: the difference in width.  is_large: more than 5% are missing.
    """
    n_calibration = int((e.unanswered & e.sampled).sum())
    n_audit = int((e.unanswered & ~e.sampled).sum() + (e.audit_unanswered & ~e.unanswered).sum())
    n_drawn = int((e.drawn | e.audited | e.unanswered | e.audit_unanswered).sum())
    n_missing = n_calibration + n_audit
    share = n_missing / max(n_drawn, 1)
    return {
        "n_calibration": n_calibration,
        "n_audit": n_audit,
        "n_drawn": n_drawn,
        "share": share,
        "is_large": share > LARGE,
        **_effect(e, whole, n_missing),
    }


def _effect(e: CardEvidence, whole: ErrorsLeft, n_missing: int) -> dict[str, Json]:
    told = whole.accuracy()
    if told is None:
        return {"overall": None, "widens": None}
    alike = errors_left(e, missing_alike=True).accuracy() if n_missing else told
    if alike is None:
        return {"overall": None, "widens": None}

    def ends(one: dict[str, Json]) -> tuple[float, float]:
        return float(str(one["low"])), float(str(one["high"]))

    (low, high), (low_alike, high_alike) = ends(told), ends(alike)
    return {
        "overall": {"low": low, "high": high, "low_if_alike": low_alike, "high_if_alike": high_alike},
        "widens": max((high - low) - (high_alike - low_alike), 0.0),
    }
