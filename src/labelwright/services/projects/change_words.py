"""A change of the configuration in words, for commands and the page: one line per change, texts as a diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import unified_diff

import orjson

from labelwright.domain.canonical import Json
from labelwright.services.projects.config_changes import Change

_MOST_LINES = 40
_GUIDELINE = "guideline.text"
_MONEY = frozenset({"price_input", "price_output", "budget", "confirm_above", "wage_per_hour"})
"""Kept in micro-USD, shown as project.yaml says them."""
_UNFILLED = ': when ...; for example "..."; but not "...".'


def change_lines(changes: tuple[Change, ...]) -> list[str]:
    """Write every change as `name: before → after`; what came or went key by key, a long text as a diff."""
    return [line for change in changes for line in _lines(change)]


def guideline_remarks(text: str | None) -> list[str]:
    """Say where people and models would have nothing to go by."""
    if text is None:
        return []
    if not text.strip():
        names = "people and models go by the names of the labels alone"
        return [f"the guideline is empty: {names} (project.yaml names one by `guideline: guideline.md`)"]
    n = text.count(_UNFILLED)
    if n:
        of_labels = "a label" if n == 1 else f"{n} labels"
        return [f"the guideline still says `when ...` of {of_labels}: say when each applies, with an example"]
    return []


def guideline_in(changes: tuple[Change, ...]) -> str | None:
    """Give the guideline that the changes put in force; None when they leave it."""
    for one in changes:
        if one.path == "guideline" and isinstance(one.new, Mapping):
            return str(one.new["text"])
        if one.path == _GUIDELINE:
            return str(one.new)
    return None


def _lines(change: Change) -> Iterator[str]:
    old, new = change.old, change.new
    path = change.path.removeprefix("spending.")  # as project.yaml names it
    last = path.rpartition(".")[2]
    if isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        yield f"  {path}:"
        yield from _diff(old, new)
    elif isinstance(old, Mapping) and new is None:
        yield f"  {path}: removed"
    elif isinstance(new, Mapping) and old is None:
        yield f"  {path}: added"
        yield from (f"    {key}: {_text(value, key)}" for key, value in new.items() if value is not None)
    else:
        yield f"  {path}: {_text(old, last)} → {_text(new, last)}"


def _diff(old: str, new: str) -> Iterator[str]:
    lines = list(unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=1))[2:]
    yield from (f"    {line}" for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield f"    … {len(lines) - _MOST_LINES:,} more lines"


def _text(value: Json, name: str = "") -> str:
    if value is None:
        return "–"
    if name in _MONEY and isinstance(value, int):
        return f"${value / 1e6:,.10g}"
    if isinstance(value, list | tuple):
        return ", ".join(_text(one) for one in value) if value else "none"
    return (value or '""') if isinstance(value, str) else orjson.dumps(value).decode()
