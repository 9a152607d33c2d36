"""Where a budget stands, in words for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def budget_facts(budget: Mapping[str, Any], *, is_whole: bool = True) -> dict[str, object]:
    """Give the lines about a budget, as `services.jobs.shown_budget` has it.

    is_whole: whether every call has a known price; else what is known is never shown as all that was spent.
    """
    limit, lost = budget["limit_micro"], budget["lost_micro"]
    used = budget["spent_micro"] + lost
    spent = _dollars(used) + ("" if limit is None else f" of a budget of {_dollars(limit)}")
    if not is_whole:
        spent = f"{spent}, beside calls that have no known price" if used else "not known: calls have no known price"
    lines: dict[str, object] = {"spent": spent}
    if lost:
        whose = "calls of a run that was killed, or of a batch not fetched yet"
        lines["of it unknown"] = f"{_dollars(lost)}: {whose}, at their worst case"
    if budget["reserved_micro"]:
        held = "for calls that are out, at their worst case, by runs heard of within the last minute"
        lines["set aside"] = f"{_dollars(budget['reserved_micro'])}: {held}"
    if limit is not None:
        over = "" if used <= limit else f" (more is spent than the budget by {_dollars(used - limit)})"
        lines["left"] = _dollars(max(0, limit - used - budget["reserved_micro"])) + over
    return lines


def _dollars(micro: int) -> str:
    return f"${micro / 1e6:,.4f}"
