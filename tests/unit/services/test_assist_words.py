"""What is said of shown suggestions can be read as it is meant."""

from __future__ import annotations

from labelwright.methods.assist import Effect
from labelwright.services.people.assist import (
    _Effects,  # pyright: ignore[reportPrivateUsage]
    _verdict,  # pyright: ignore[reportPrivateUsage]
)


def said(value: float, low: float, high: float) -> str:
    missed = Effect(value, low, high, 0.95, 500, 60, "ratio of rates, log interval")
    return _verdict(_Effects(0.2, None, missed, None, None, None), harmful=None, people=None)


def test_corrections_are_missed_or_made_more_often_and_never_missed_by_a_negative_share() -> None:
    assert "of the corrections people make blind, 30% (10% to 45%) are missed" in said(0.3, 0.1, 0.45)
    more = said(-0.3, -0.82, 0.1)
    assert "people correct the model no less when they see the suggestion: 30% more often (-10% to 82%)" in more
    assert "missed" not in more
