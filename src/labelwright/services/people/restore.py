"""A manager puts an earlier label of an item back, or takes that back.

It enters the ledger as what it is: the manager's own adjudicating answer, given with everything in view, and an event
that says whence the label comes and why. Their answer outweighs all others in the label of record; as evidence about a
model or the people it counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

import orjson

from labelwright.domain.annotation import Annotation
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json, commitment
from labelwright.domain.decision import Resolution
from labelwright.domain.ids import AnnotationId, ItemKey, QuestionName
from labelwright.domain.item import Item
from labelwright.domain.project import Project
from labelwright.errors import Conflict, InvalidValue, NotFound, did_you_mean
from labelwright.events import (
    AnnotationRetracted,
    AnnotationSubmitted,
    ItemsResolved,
    LabelRestored,
    RunFinished,
    RunStarted,
)
from labelwright.history.label_changes import read_today
from labelwright.ports.access import StoredResponse
from labelwright.ports.item_reads import TrailRow
from labelwright.ports.storage import Transaction, Views
from labelwright.ports.world import World
from labelwright.services.people.entry_card import shown_content
from labelwright.services.people.remarks import by_person
from labelwright.services.projects.idempotency import once
from labelwright.tasks.registry import bind

RESTORE: Final = "restore"
UNDO_RESTORE: Final = "undo-restore"
DECIDED: Final = "a manager's decision"
_ROUND = -1_000_000
"""Rounds below zero are no draws; a manager's decisions about one item count down from here."""
_SOURCES = ("predicted", "answered", "resolved")


def restore(
    tx: Transaction,
    project: Project,
    manager: Annotator,
    *,
    item: str,
    question: str,
    position: int,
    reason: str,
    key: str,
    world: World,
) -> StoredResponse:
    """Make what an earlier event said of this item its label of record.

    position: that event's, as the history gives it.  Idempotent under its key.
    Raises: NotFound; InvalidValue, when that event gave no label or one that no longer fits the schema.
    """

    def act() -> tuple[int, bytes]:
        found = item_of(tx, project, item)
        trail = as_called_today(tx, project, tx.trail(project.id, found.key))
        asked = project.config.schema.question(QuestionName(question))
        if asked is None:
            names = [one.name for one in project.config.schema.questions]
            raise InvalidValue("question", f"is not asked here: {question[:100]!r}", did_you_mean(question, names))
        if not reason.strip():
            raise InvalidValue("reason", "is empty", "; say why this label is the right one")
        said = [r for r in trail if r.position == position and r.kind in _SOURCES and r.question == question]
        values = [row.told["value"] for row in said if row.told["value"] is not None]
        if not values:
            raise InvalidValue("position", f"event {position} gave this item no label for {question!r}")
        task = bind(asked)
        try:
            value = task.parse(values[0])
            task.check_item(value, shown_content(project, found))
        except InvalidValue as error:
            raise InvalidValue("position", f"that label no longer fits the schema: {error}") from error
        answer = _decision(project, manager, found.key, asked.name, value=task.dump(value), trail=trail, world=world)
        made = world.new_id()
        label = Resolution(
            found.key,
            asked.name,
            answer.value,
            "human-verified",
            None,
            DECIDED,
            (answer.id,),
            {"share": 1.0, "tied": False},
        )
        tx.append(
            [
                RunStarted(project.id, made, RESTORE, {"item": int(found.key), "question": asked.name}),
                AnnotationSubmitted(project.id, answer, commitment(tx.item_salt(found.key), answer.value)),
                LabelRestored(project.id, found.key, asked.name, answer.id, position, reason.strip()),
                ItemsResolved(project.id, made, (label,)),
                RunFinished(project.id, made, {"resolved": 1}),
            ],
            by_person(manager, world, run=made),
        )
        return 201, orjson.dumps({"annotation": answer.id})

    request = ["restore", project.id, item, question, position, reason]
    return once(tx, key, manager.id, request=request, now=world.now(), act=act)


def undo_restore(
    tx: Transaction, project: Project, manager: Annotator, *, item: str, annotation: str, key: str, world: World
) -> StoredResponse:
    """Take a restored label back: the label of record is again what it was just before.

    Raises: NotFound, when there is no such decision on this item; Conflict, when it is taken back already.
    """

    def act() -> tuple[int, bytes]:
        found = item_of(tx, project, item)
        trail = tx.trail(project.id, found.key)
        row = next((r for r in trail if r.kind == "answered" and r.told["id"] == annotation), None)
        if row is None or row.told["purpose"] != "adjudication" or row.question is None:
            raise NotFound(f"there is no restored label {annotation[:100]!r} on this item")
        if row.told["retraction"] is not None:
            raise Conflict("this restored label is taken back already")
        made, asked = world.new_id(), QuestionName(row.question)
        trail = as_called_today(tx, project, trail)
        label = settled_before(trail, found.key, asked, without={annotation})
        tx.append(
            [
                RunStarted(project.id, made, UNDO_RESTORE, {"item": int(found.key), "question": asked}),
                AnnotationRetracted(project.id, AnnotationId(annotation), found.key, asked, "the restore was undone"),
                ItemsResolved(project.id, made, (label,)),
                RunFinished(project.id, made, {"resolved": 1}),
            ],
            by_person(manager, world, run=made),
        )
        return 200, orjson.dumps({"annotation": annotation})

    request = ["undo-restore", project.id, item, annotation]
    return once(tx, key, manager.id, request=request, now=world.now(), act=act)


def item_of(tx: Transaction, project: Project, id: str) -> Item:
    """Give the item of that id.  Raises NotFound."""
    found = tx.item_by_id(project.id, id)
    if found is None:
        raise NotFound(f"there is no item {id[:100]!r} here")
    return found


def settled_before(
    trail: Sequence[TrailRow], item: ItemKey, question: QuestionName, *, without: set[str]
) -> Resolution:
    """Give the newest label of record that rests on none of these answers, nor on any that was taken back.

    None such: unresolved, until it is settled anew.
    """
    gone = without | {
        str(row.told["id"]) for row in trail if row.kind == "answered" and row.told["retraction"] is not None
    }
    for row in reversed(trail):
        if row.kind == "resolved" and row.question == question:
            voters = [str(one) for one in cast("Sequence[Any]", row.told["voters"])]
            if not gone & set(voters):
                told = cast("Mapping[str, Any]", row.told)
                return Resolution(
                    item,
                    question,
                    told["value"],
                    told["status"],
                    told["probability"],
                    told["method"],
                    tuple(voters),
                    told["evidence"],
                )
    return Resolution(item, question, None, "unresolved", None, "none", (), {})


def as_called_today(views: Views, project: Project, trail: Sequence[TrailRow]) -> list[TrailRow]:
    """Read what labels were called then as they are called now: what is written anew is read as said today."""
    changes = views.label_changes(project.id)
    if not changes:
        return list(trail)
    return [
        replace(row, told={**row.told, "value": read_today(changes, row.question, row.told["value"], row.position)})
        if row.kind in _SOURCES and row.question is not None
        else row
        for row in trail
    ]


def _decision(
    project: Project,
    manager: Annotator,
    item: ItemKey,
    question: QuestionName,
    *,
    value: Json,
    trail: Sequence[TrailRow],
    world: World,
) -> Annotation:
    earlier = sum(row.kind == "answered" and row.told["purpose"] == "adjudication" for row in trail)
    return Annotation(
        id=AnnotationId(world.new_id()),
        item=item,
        question=question,
        annotator=manager.id,
        round=_ROUND - earlier,
        purpose="adjudication",
        value=value,
        schema_version=project.config.schema.version,
        guideline_version=project.config.guideline.version,
        seconds=0.0,
        suggestion_shown=True,
        status="active",
        created_at=world.timestamp(),
        submission=world.new_id(),
    )
