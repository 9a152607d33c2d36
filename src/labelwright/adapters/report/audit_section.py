"""The live audit in a project's report: what it says, its picture, its slices, what was recalled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelwright.adapters.report.audit_charts import audit_sequence_chart
from labelwright.adapters.report.page import Bullets, Chart, Part, Prose, Section, Table
from labelwright.adapters.report.question_words import audit_sentence

_MOST_SLICES = 12


def audit_section(name: str, audit: Mapping[str, Any], *, target_error: float) -> Section:
    """Give the card of a question's audit."""
    parts: list[Part] = []
    allowed = audit.get("target_error", target_error)
    if audit["n_checked"]:
        said = audit.get("sentence") or audit_sentence(audit, target_error=target_error)
        high = audit.get("high")
        is_within = high is not None and high <= allowed < 1
        parts.append(Prose(str(said), "warn" if audit["breaks_target"] else "good" if is_within else "plain"))
    else:
        said = f"{audit['n_drawn']:,} accepted labels are reserved for a blind audit; none is checked yet."
        parts.append(Prose(said if audit["n_drawn"] else str(audit.get("sentence") or said)))
    alarm = audit.get("alarm")
    if audit.get("sequence"):
        drawn = audit_sequence_chart(
            audit["sequence"],
            target_error=allowed if allowed < 1 else None,
            alarm_at=None if alarm is None else int(alarm["since_n"]),
        )
        parts.append(Chart(drawn, f"Method: {audit['method']}. It may be looked at as often as one likes."))
    slices: Sequence[Mapping[str, Any]] = audit.get("slices") or ()
    if slices:
        rows = [
            [
                one["slice"],
                f"{one['n_wrong']:,} of {one['n']:,}",
                f"{100 * one['low']:.1f}% to {100 * one['high']:.1f}%",
                "over the limit" if one["alarm"] else "",
            ]
            for one in slices[:_MOST_SLICES]
        ]
        parts.append(Table(["slice", "wrong of checked", "wrong of all (all slices together)", ""], rows))
    told = _recalls(audit)
    if told:
        parts.append(Bullets(told))
    return Section(f"{name}: the audit of what was accepted", parts)


def _recalls(audit: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for one in audit.get("recalls") or ():
        state = "taken back" if one["in_force"] else "was taken back and given back" if one["undone_at"] else "of old"
        found.append(f"{one['slice'] or 'Everything'}: {one['n_items']:,} labels {state}; {one['reason']}.")
    return found
