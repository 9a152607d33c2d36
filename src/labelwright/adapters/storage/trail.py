"""What happened to one item: the rows that name it, each with its event."""

from __future__ import annotations

import json
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.sql.elements import BindParameter

from labelwright.adapters.storage.assistant_table import assistant_use
from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.objection_table import objection
from labelwright.adapters.storage.queue_table import queue
from labelwright.adapters.storage.remark_table import remark
from labelwright.adapters.storage.seen_table import seen
from labelwright.adapters.storage.statement import ListStatement, Statement, word
from labelwright.adapters.storage.tables import (
    annotation,
    annotator,
    decision,
    item,
    ledger,
    prediction,
    resolution,
    sample,
)
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, ProjectId
from labelwright.domain.item import Item
from labelwright.domain.sighting import EVERY_QUESTION
from labelwright.events import (
    AnnotationRetracted,
    AnnotationSubmitted,
    AnswerObjected,
    AssistantAsked,
    Exported,
    ItemRemarked,
    ItemSkipped,
    LabelRestored,
    ObjectionSettled,
    RemarkWithdrawn,
)
from labelwright.events.base import label_stream
from labelwright.ports.item_reads import TrailKind, TrailRow

ITEM_BY_ID = Statement(
    select(item.c.key, item.c.id, item.c.content, item.c.metadata, item.c.content_hash).where(
        item.c.project == bindparam("project"), item.c.id == bindparam("id")
    )
)


def _of_item(table: Table, *columns: str) -> Statement:
    wanted: Select[Any] = select(
        ledger.c.position, ledger.c.provenance, ledger.c.body, *(table.c[name] for name in columns)
    )
    return Statement(
        wanted.join_from(table, ledger, ledger.c.position == table.c.position)
        .where(table.c.item == bindparam("item"))
        .order_by(ledger.c.position)
    )


_PREDICTION = (
    "question",
    "id",
    "model",
    "status",
    "value",
    "confidence",
    "confidence_kind",
    "problem",
    "run",
    "schema_version",
    "guideline_version",
    "prompt_hash",
)
_DECISION = ("question", "route", "reason", "score", "probability")
_RESOLUTION = ("question", "id", "value", "status", "probability", "method", "voters", "evidence")
_ENTRY = ("purpose", "round", "slot", "questions", "blind", "reason", "state", "holder")
_ANNOTATION = (
    "id",
    "value",
    "purpose",
    "round",
    "schema_version",
    "guideline_version",
    "seconds",
    "suggestion_shown",
    "status",
    "submission",
    "retraction",
)
_USE = ("id", "asked", "answer")
_REMARK = ("id", "kind", "reason", "text", "withdrawn")
_OBJECTION = ("id", "reason", "evidence", "settled")
_READ = {"value", "voters", "evidence", "questions"}

IMPORTED = Statement(
    select(ledger.c.position, ledger.c.provenance, ledger.c.body)
    .join_from(item, ledger, ledger.c.position == item.c.position)
    .where(item.c.key == bindparam("item"))
)
PREDICTED = _of_item(prediction, *_PREDICTION)
ROUTED = _of_item(decision, *_DECISION)
RESOLVED = _of_item(resolution, *_RESOLUTION)
SAMPLED = _of_item(sample, "place")
QUEUED = _of_item(queue, *_ENTRY)
_FROM: BindParameter[Any] = bindparam("from_stream")
_TO: BindParameter[Any] = bindparam("to_stream")
SAID = Statement(
    select(ledger.c.position, ledger.c.provenance, ledger.c.body, ledger.c.type)
    .where(ledger.c.stream >= _FROM, ledger.c.stream < _TO)
    .order_by(ledger.c.position)
)
EXPORTED = Statement(
    select(ledger.c.position, ledger.c.provenance, ledger.c.body)
    .where(
        ledger.c.stream >= _FROM,
        ledger.c.stream < _TO,
        ledger.c.type == bindparam("kind"),
        ledger.c.position > bindparam("after"),
    )
    .order_by(ledger.c.position)
)
ANNOTATIONS = ListStatement(
    lambda keys: select(*(annotation.c[name] for name in _ANNOTATION)).where(
        annotation.c.project == bindparam("project"), annotation.c.id.in_(keys)
    )
)
REMARKS = ListStatement(
    lambda keys: select(*(remark.c[name] for name in _REMARK)).where(
        remark.c.project == bindparam("project"), remark.c.id.in_(keys)
    )
)
USES = ListStatement(
    lambda keys: select(*(assistant_use.c[name] for name in _USE)).where(
        assistant_use.c.project == bindparam("project"), assistant_use.c.id.in_(keys)
    )
)

OBJECTIONS = ListStatement(
    lambda keys: select(*(objection.c[name] for name in _OBJECTION)).where(
        objection.c.project == bindparam("project"), objection.c.id.in_(keys)
    )
)
# By person: so the table's key serves, which begins with them.  What an answer or a question to the assistant shows is
# told by these themselves.
SEEN = Statement(
    select(ledger.c.position, ledger.c.provenance, seen.c.annotator, seen.c.question, seen.c.way, seen.c.round)
    .select_from(annotator)
    .join(seen, seen.c.annotator == annotator.c.id)
    .join(ledger, ledger.c.position == seen.c.position)
    .where(
        annotator.c.project == bindparam("project"),
        seen.c.item == bindparam("item"),
        seen.c.way != word("answered"),
        seen.c.way != word("assistant"),
    )
    .order_by(ledger.c.position, seen.c.way, seen.c.question)
)

_KIND_OF: dict[str, TrailKind] = {
    AnnotationSubmitted.type: "answered",
    AnnotationRetracted.type: "retracted",
    ItemSkipped.type: "skipped",
    LabelRestored.type: "restored",
    ItemRemarked.type: "remarked",
    RemarkWithdrawn.type: "withdrawn",
    AssistantAsked.type: "assisted",
    AnswerObjected.type: "objected",
    ObjectionSettled.type: "settled",
}


def item_by_id(db: Database, project: ProjectId, id: str) -> Item | None:
    """Give an item by the user's id."""
    row = db.one(ITEM_BY_ID, {"project": project, "id": id})
    if row is None:
        return None
    return Item(row[0], row[1], json.loads(row[2]), json.loads(row[3]), row[4])


def trail(db: Database, project: ProjectId, key: ItemKey) -> list[TrailRow]:
    """Give what happened to an item, oldest first."""
    of_item = {"item": int(key)}
    found = [_row("imported", row, _imported(json.loads(row[2]))) for row in db.run(IMPORTED, of_item).fetchall()]
    came = found[0].position if found else 0
    for kind, statement, columns in (
        ("predicted", PREDICTED, _PREDICTION),
        ("routed", ROUTED, _DECISION),
        ("resolved", RESOLVED, _RESOLUTION),
        ("queued", QUEUED, _ENTRY),
    ):
        found += [
            _row(cast("TrailKind", kind), row, _told(columns, row[3:]), run=True) for row in db.run(statement, of_item)
        ]
    for row in db.run(SAMPLED, of_item).fetchall():
        body = json.loads(row[2])
        purpose = "calibration" if "plan" in body else "audit"
        found.append(_row("sampled", row, {"purpose": purpose, "n": body["n"], "plan": body.get("plan")}))
    found += _said(db, project, key)
    found += _seen(db, project, key)
    streams = {"from_stream": f"run:{project}:", "to_stream": f"run:{project};"}
    for row in db.run(EXPORTED, {**streams, "kind": Exported.type, "after": came}).fetchall():
        found.append(_row("exported", row, {}, run=True))
    return sorted(found, key=lambda row: row.position)


def _said(db: Database, project: ProjectId, key: ItemKey) -> list[TrailRow]:
    stem = label_stream(project, int(key), "")
    streams = {"from_stream": stem, "to_stream": f"{stem[:-1]};"}
    rows = [(row, json.loads(row[2])) for row in db.run(SAID, streams).fetchall() if row[3] in _KIND_OF]
    answers = [body["annotation"] for row, body in rows if row[3] == AnnotationSubmitted.type]
    remarks = [body["remark"] for row, body in rows if row[3] == ItemRemarked.type]
    asked = {"project": project}
    known = {row[0]: _told(_ANNOTATION, row) for row in db.run_list(ANNOTATIONS, answers, asked)}
    words = {row[0]: _told(_REMARK, row) for row in db.run_list(REMARKS, remarks, asked)}
    uses = [body["use"] for row, body in rows if row[3] == AssistantAsked.type]
    talks = {row[0]: _told(_USE, row) for row in db.run_list(USES, uses, asked)}
    against = [body["objection"] for row, body in rows if row[3] == AnswerObjected.type]
    objections = {row[0]: _told(_OBJECTION, row) for row in db.run_list(OBJECTIONS, against, asked)}
    found: list[TrailRow] = []
    for row, body in rows:
        kind = _KIND_OF[row[3]]
        told = {name: value for name, value in body.items() if name not in ("project", "commitment")}
        if kind == "answered":
            told |= known.get(body["annotation"], {})
        elif kind == "remarked":
            told |= words.get(body["remark"], {})
        elif kind == "assisted":
            told |= talks.get(body["use"], {})
        elif kind == "objected":
            told |= objections.get(body["objection"], {})
        found.append(_row(kind, row, told))
    return found


def _seen(db: Database, project: ProjectId, key: ItemKey) -> list[TrailRow]:
    """Give what people were shown of its labels: one row for all questions that were shown at once."""
    shown: dict[tuple[int, str, str, int], tuple[str, list[str]]] = {}
    for position, by, who, question, way, number in db.run(SEEN, {"project": project, "item": int(key)}):
        _, questions = shown.setdefault((position, who, way, number), (json.loads(by)["at"], []))
        questions += [] if question == EVERY_QUESTION else [question]
    return [
        TrailRow(
            position,
            at,
            who,
            "seen",
            questions[0] if len(questions) == 1 else None,
            {"annotator": who, "way": way, "round": number, "questions": cast("Json", questions)},
        )
        for (position, who, way, number), (at, questions) in shown.items()
    ]


def _row(kind: TrailKind, row: tuple[Any, ...], told: dict[str, Any], *, run: bool = False) -> TrailRow:
    by = json.loads(row[1])
    if run:
        told = {"run": by.get("run"), **told}
    return TrailRow(row[0], by["at"], by["actor"], kind, told.pop("question", None), told)


def _imported(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body.get(name) for name in ("source", "run")}


def _told(columns: tuple[str, ...], values: tuple[Any, ...]) -> dict[str, Any]:
    told = dict(zip(columns, values, strict=True))
    return {name: json.loads(value) if name in _READ and value is not None else value for name, value in told.items()}
