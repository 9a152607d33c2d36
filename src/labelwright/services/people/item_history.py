"""An item's life: all that happened to it, in order, and why its label is what it is.

Managers see everything. Anybody else sees what they did themselves, and, once they have answered, what
others remarked: never another person's label, a model's, or the label of record (B1, B2). What a model says against an
answer of theirs stands here only after they were shown it, which is when they stopped being blind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.ports.item_reads import TrailRow
from labelwright.ports.storage import Views
from labelwright.services.people.content_warning import warning_of
from labelwright.services.people.entry_content import shown_content
from labelwright.services.people.item_at_hand import ItemAtHand, concerns, item_at_hand
from labelwright.services.people.item_media import media_of_item
from labelwright.services.people.label_reasons import label_reasons


def item_history(views: Views, project: Project, viewer: Annotator, id: str) -> dict[str, Json]:
    """Give the item, its events, oldest first, its labels with their reasons, and its remarks that stand."""
    found = item_at_hand(views, project, viewer, id)
    content = shown_content(project, found.item)
    names = {str(one.id): one.name for one in views.annotators(project.id)}
    rows = found.trail if found.is_manager else [row for row in found.trail if _is_shown(row, found, viewer)]
    kinds = {run.id: run.kind for run in views.runs(project.id)} if found.is_manager else {}
    return {
        "project": project.name,
        "item": {
            "id": found.item.id,
            "content": content,
            "metadata": dict(found.item.metadata) if found.is_manager else {},
            "media": media_of_item(project, found.item, content),
            "warning": warning_of(project, found.item),
        },
        "sees_all": found.is_manager,
        "questions": [
            {"name": one.name, "title": one.title or one.name, "type": bind_type(one.type)}
            for one in project.config.schema.questions
        ],
        "events": [_event(row, names, kinds, found.trail, sees_all=found.is_manager) for row in rows],
        "labels": label_reasons(views, project, found.trail, names) if found.is_manager else [],
        "remarks": _remarks(found, names, viewer),
    }


def bind_type(type: str) -> str:
    """Give a task type's full name.

    >>> bind_type("spans"), bind_type("labelwright/spans")
    ('labelwright/spans', 'labelwright/spans')
    """
    return type if "/" in type else f"labelwright/{type}"


def _is_shown(row: TrailRow, found: ItemAtHand, viewer: Annotator) -> bool:
    match row.kind:
        case "answered" | "skipped" | "assisted":
            return concerns(row, viewer.id)
        case "remarked":
            return concerns(row, viewer.id) or (found.has_answered and row.told.get("withdrawn") is None)
        case "retracted" | "settled":
            return row.actor == viewer.id
        case "seen":  # of the other ways, one that is missing could tell what is a check (B2)
            return row.told.get("annotator") == viewer.id and row.told.get("way") == "objection"
        case "objected":
            return row.told.get("annotator") == viewer.id and _was_shown(row, found.trail)
        case _:
            return False


def _was_shown(objected: TrailRow, trail: list[TrailRow]) -> bool:
    """Say whether the person whose answer it is about was shown an objection of that round."""
    return any(
        row.kind == "seen"
        and row.told.get("way") == "objection"
        and objected.question in cast("list[str]", row.told.get("questions"))
        and (row.told.get("annotator"), row.told.get("round"))
        == (objected.told.get("annotator"), objected.told.get("round"))
        for row in trail
    )


# What an event tells, by its kind; the page has the words.
_TOLD: Mapping[str, tuple[str, ...]] = {
    "imported": ("source",),
    "predicted": (
        "model",
        "status",
        "value",
        "confidence",
        "confidence_kind",
        "problem",
        "prompt_hash",
        "schema_version",
        "guideline_version",
    ),
    "sampled": ("purpose", "n"),
    "routed": ("route", "reason", "score", "probability"),
    "queued": ("purpose", "questions", "blind", "reason", "state"),
    "answered": ("id", "value", "purpose", "schema_version", "guideline_version", "seconds", "suggestion_shown"),
    "retracted": ("reason", "annotation"),
    "skipped": ("reason",),
    "resolved": ("value", "status", "probability", "method", "evidence"),
    "restored": ("annotation", "source", "reason"),
    "remarked": ("id", "kind", "reason", "text"),
    "withdrawn": ("remark",),
    "assisted": ("asked", "answer", "model", "cost_micro"),
    "objected": ("id", "annotation", "model", "reason", "evidence", "guideline_version", "cost_micro", "settled"),
    "settled": ("objection", "settled"),
    "seen": ("way", "questions"),
    "exported": (),
}
_OWN: Mapping[str, tuple[str, ...]] = {
    "answered": ("id", "value", "schema_version", "guideline_version", "seconds"),
    "objected": ("id", "model", "reason", "evidence", "settled"),
}
"""What people who see only their own are told of it: not an answer's purpose, nor whether it was blind, which tells
what is a check (B2)."""


def _event(
    row: TrailRow, names: Mapping[str, str], kinds: Mapping[str, str], trail: list[TrailRow], *, sees_all: bool
) -> dict[str, Json]:
    fields = _TOLD[row.kind] if sees_all else _OWN.get(row.kind, _TOLD[row.kind])
    told: dict[str, Json] = {name: row.told.get(name) for name in fields}
    for flag in ("blind", "suggestion_shown"):
        if flag in told:
            told[flag] = bool(told[flag])
    if sees_all and row.kind in ("predicted", "routed", "queued", "resolved", "exported"):
        told["run_kind"] = kinds.get(str(row.told.get("run")))
    if row.kind == "queued":
        told["holder"] = _name(row.told.get("holder"), names) if sees_all else None
    if row.kind == "answered":
        told["stands"] = row.told.get("retraction") is None
    if row.kind == "remarked":
        told["stands"] = row.told.get("withdrawn") is None
    if row.kind in ("retracted", "objected") and sees_all:
        whose = next((one for one in trail if one.told.get("id") == row.told.get("annotation")), None)
        told["whose"] = None if whose is None else _name(whose.told.get("annotator"), names)
    return {
        "position": row.position,
        "at": row.at,
        "who": None if row.kind == "objected" else _name(row.actor, names),
        "kind": row.kind,
        "question": row.question,
        "told": told,
    }


def _remarks(found: ItemAtHand, names: Mapping[str, str], viewer: Annotator) -> list[Json]:
    return [
        {
            "id": row.told["id"],
            "kind": row.told["kind"],
            "reason": row.told["reason"],
            "text": row.told["text"],
            "who": _name(row.told.get("annotator"), names),
            "at": row.at,
            "mine": row.told.get("annotator") == viewer.id,
        }
        for row in found.trail
        if row.kind == "remarked"
        and row.told.get("withdrawn") is None
        and (found.is_manager or found.has_answered or concerns(row, viewer.id))
    ]


def _name(who: Any, names: Mapping[str, str]) -> str | None:  # noqa: ANN401 - whatever a row holds
    return names.get(str(who), None if who in (None, "system") else str(who))
