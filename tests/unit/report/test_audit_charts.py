"""The picture of an audit: the interval over time against the limit."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from labelwright.adapters.report.audit_charts import audit_sequence_chart
from labelwright.adapters.report.audit_section import audit_section
from labelwright.adapters.report.page import Chart, Prose, Table

SVG = "{http://www.w3.org/2000/svg}"


def looks(n: int, *, error: float, low: float, high: float) -> list[dict[str, Any]]:
    return [
        {"n": at, "n_wrong": round(error * at), "error": error, "low": low * at / n, "high": 1 - (1 - high) * at / n}
        for at in range(1, n + 1)
    ]


def test_the_axes_are_named_and_the_limit_is_drawn() -> None:
    drawn = audit_sequence_chart(looks(120, error=0.04, low=0.01, high=0.09), target_error=0.1)
    root = ET.fromstring(drawn)
    words = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert "accepted labels checked blind, in the order drawn" in words
    assert any("share wrong" in word for word in words)
    assert "limit 10%" in words
    assert {"0", "20", "120"} <= set(words)
    assert "after 120: 4% wrong (1% to 9%)" in (root.findtext(f"{SVG}desc") or "")
    # Every colour is a variable, so that the page's dark style reaches it.
    colours = re.findall(r'(?:fill|stroke)="([^"]+)"', drawn)
    assert colours
    assert all(colour == "none" or colour.startswith("var(--") for colour in colours)


def test_an_alarm_is_marked_where_it_rang() -> None:
    drawn = audit_sequence_chart(looks(60, error=0.3, low=0.2, high=0.4), target_error=0.1, alarm_at=35)
    assert "alarm at 35" in drawn
    assert "the alarm rang at label 35" in drawn


def test_nothing_checked_is_drawn_as_nothing() -> None:
    assert "nothing is checked yet" in audit_sequence_chart([], target_error=0.05)


def test_the_card_tells_the_alarm_the_slices_and_what_was_recalled() -> None:
    audit: dict[str, Any] = {
        "n_drawn": 60,
        "n_checked": 60,
        "n_wrong": 18,
        "breaks_target": True,
        "sentence": "ALARM: that is more than the limit of 10%.",
        "method": "beta-mixture confidence sequence",
        "sequence": looks(60, error=0.3, low=0.2, high=0.4),
        "alarm": {"since_n": 35},
        "slices": [{"slice": "label=<b>", "n": 20, "n_wrong": 18, "low": 0.5, "high": 1.0, "alarm": True}],
        "recalls": [
            {"slice": None, "n_items": 9, "reason": "seen", "in_force": True, "undone_at": None},
            {"slice": "length=long", "n_items": 3, "reason": "hm", "in_force": False, "undone_at": "2026-01-01"},
        ],
    }
    section = audit_section("tone", audit, target_error=0.1)
    assert section.heading == "tone: the audit of what was accepted"
    prose = next(part for part in section.parts if isinstance(part, Prose))
    assert prose.text.startswith("ALARM")
    table = next(part for part in section.parts if isinstance(part, Table))
    assert list(table.rows[0]) == ["label=<b>", "18 of 20", "50.0% to 100.0%", "over the limit"]
    assert any(isinstance(part, Chart) for part in section.parts)
    assert "Everything: 9 labels taken back; seen." in str(section.parts[-1])
    assert "given back" in str(section.parts[-1])
