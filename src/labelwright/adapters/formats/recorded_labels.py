"""Recorded labels in the form that project.yaml's task types have, and as a model would answer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.tasks.protocol import Shown, Task

_SPANS, _RATING, _PREFERENCE = "spans", "rating", "preference"
_SIDES = 2


def settings_of(kind: str, labels: Sequence[str]) -> dict[str, Json]:
    """Give the settings of a question that was recorded with these labels.

    A rating's labels are its points; a preference's are its two sides and, third, the tie.
    """
    if kind == _RATING:
        points = [int(label) for label in labels if label.lstrip("-").isdigit()]
        return {"min": min(points), "max": max(points)} if points else {}
    if kind == _PREFERENCE:
        tie: dict[str, Json] = {"tie": labels[_SIDES]} if len(labels) > _SIDES else {}
        return {"labels": list(labels[:_SIDES]), **tie}
    return {"labels": list(labels)}


def label_of(kind: str, stated: Json) -> Json:
    """Read one recorded label: spans as places, points of a rating as whole numbers, all else as texts."""
    if kind == _SPANS and isinstance(stated, list):
        return _spans(stated)
    if kind == _RATING:
        number = float(stated) if isinstance(stated, int | float) and not isinstance(stated, bool) else None
        return int(number) if number is not None and number.is_integer() else _whole(stated)
    return _as_text(stated)


def as_answered(task: Task[object], label: Json, content: Mapping[str, Json]) -> Json:
    """Write a recorded label as the model would answer a project that asks in this task's own form.

    A span is written as the quote that leads to its place, and one that the model made up, as it was quoted: a
    recording mends nothing. What is no value of the task stands as it was recorded.
    """
    texts = {name: value for name, value in content.items() if isinstance(value, str)}
    placed, lost = label, []
    if isinstance(label, list):
        parts = label
        lost = [part for part in parts if isinstance(part, Mapping) and "quote" in part]
        placed = [part for part in parts if part not in lost]
    try:
        answer = task.write_answer(task.parse(placed), Shown(texts))
    except InvalidValue:
        return label
    return [*cast("list[Json]", answer), *lost] if lost else answer


def _spans(stated: Sequence[Json]) -> list[Json]:
    """Read [{start, end, type or label, text}]; a span said twice is one, and one without a place is a quote.

    One of several pieces keeps them: it is never taken for all that lies between.
    """
    found: dict[tuple[int, int, str, str], Json] = {}
    for one in stated:
        if not isinstance(one, Mapping):
            return list(stated)
        label = str(one.get("label", one.get("type")))
        start, end = one.get("start"), one.get("end")
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end:
            pieces: dict[str, Json] = {"pieces": one["pieces"]} if "pieces" in one else {}
            found[start, end, label, str(pieces)] = {"start": start, "end": end, "label": label, **pieces}
        else:
            quote = str(one.get("text", ""))
            found[len(found) + 2**40, 0, label, quote] = {"quote": quote, "before": None, "label": label}
    return [found[place] for place in sorted(found)]


def _whole(stated: Json) -> Json:
    text = _as_text(stated)
    return int(text) if isinstance(text, str) and text.lstrip("-").isdigit() else text


def _as_text(label: Json) -> Json:
    if isinstance(label, list):
        return [_as_text(part) for part in label]
    if isinstance(label, Mapping):
        return label
    return label if isinstance(label, str) else str(label)
