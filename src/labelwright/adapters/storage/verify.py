"""Prove the history: the chain, every Merkle root, every commitment, the calls, and that no row stands outside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Select, Table, bindparam, except_, func, select, union_all

from labelwright.adapters.storage import calls, ledger
from labelwright.adapters.storage.assistant_table import assistant_use
from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.objection_table import objection
from labelwright.adapters.storage.projection_tables import current_decision, current_prediction, current_resolution
from labelwright.adapters.storage.remark_table import remark
from labelwright.adapters.storage.statement import Statement, number
from labelwright.adapters.storage.tables import (
    annotation,
    annotator,
    decision,
    first_answer,
    item,
    prediction,
    resolution,
    sample,
)
from labelwright.adapters.storage.tables import ledger as ledger_table
from labelwright.domain.canonical import canonical_json, commitment, digest, merkle_root
from labelwright.errors import LedgerBroken
from labelwright.events import (
    AnnotationRetracted,
    AnnotationSubmitted,
    AnnotatorAdded,
    AnswerObjected,
    AssistantAsked,
    AuditReserved,
    CalibrationPlanned,
    ItemRemarked,
    ItemsImported,
    ItemsResolved,
    ItemsRouted,
    PredictionsRecorded,
    RemarkWithdrawn,
    SuggestionRevealed,
)
from labelwright.ports.ledger_reads import Head

_CHUNK = 1000


def _at(table: Table, *columns: str, order: str) -> Statement:
    wanted: Select[Any] = select(*(table.c[name] for name in columns))
    return Statement(wanted.where(table.c.position == bindparam("at")).order_by(table.c[order]))


ITEM_LEAVES = _at(item, "salt", "id", "content_hash", "metadata", "content", order="key")
PREDICTION_LEAVES = _at(
    prediction,
    "item",
    "question",
    "model",
    "status",
    "value",
    "confidence",
    "confidence_kind",
    "signals",
    "problem",
    "raw",
    "call_key",
    "run",
    "schema_version",
    "guideline_version",
    "prompt_hash",
    order="id",
)
DECISION_LEAVES = _at(decision, "item", "question", "route", "reason", "score", "probability", order="id")
RESOLUTION_LEAVES = _at(
    resolution, "item", "question", "value", "status", "probability", "method", "voters", "evidence", order="id"
)
SAMPLE_LEAVES = _at(sample, "item", order="place")
ANNOTATORS_AT = _at(annotator, "id", "kind", "role", order="id")
_ANNOTATION = (
    "item",
    "question",
    "annotator",
    "round",
    "purpose",
    "status",
    "schema_version",
    "guideline_version",
    "seconds",
    "suggestion_shown",
    "submission",
    "created_at",
)
ANNOTATIONS_AT = Statement(
    select(
        annotation.c.id,
        annotation.c.value,
        annotation.c.retraction,
        annotation.c.assistance,
        item.c.salt,
        *(annotation.c[name] for name in _ANNOTATION),
    )
    .join_from(annotation, item, item.c.key == annotation.c.item)
    .where(annotation.c.position == bindparam("at"))
)
REMARKS_AT = Statement(
    select(
        remark.c.id,
        remark.c.reason,
        remark.c.text,
        remark.c.withdrawn,
        item.c.salt,
        remark.c.item,
        remark.c.annotator,
        remark.c.kind,
        remark.c.created_at,
    )
    .join_from(remark, item, item.c.key == remark.c.item)
    .where(remark.c.position == bindparam("at"))
)
_USE = ("item", "annotator", "round", "model", "cost_micro", "run", "guideline_version", "created_at")
USES_AT = Statement(
    select(
        assistant_use.c.id,
        assistant_use.c.asked,
        assistant_use.c.answer,
        item.c.salt,
        *(assistant_use.c[name] for name in _USE),
    )
    .join_from(assistant_use, item, item.c.key == assistant_use.c.item)
    .where(assistant_use.c.position == bindparam("at"))
)
_OBJECTION = (
    "annotation",
    "submission",
    "item",
    "question",
    "annotator",
    "round",
    "model",
    "cost_micro",
    "run",
    "guideline_version",
    "created_at",
)
OBJECTIONS_AT = Statement(
    select(
        objection.c.id,
        objection.c.reason,
        objection.c.evidence,
        item.c.salt,
        *(objection.c[name] for name in _OBJECTION),
    )
    .join_from(objection, item, item.c.key == objection.c.item)
    .where(objection.c.position == bindparam("at"))
)
_FIRST = ("item", "annotator", "round", "seconds", "created_at")
FIRST_ANSWERS_AT = Statement(
    select(
        first_answer.c.question,
        first_answer.c.value,
        item.c.salt,
        *(first_answer.c[name] for name in _FIRST),
    )
    .join_from(first_answer, item, item.c.key == first_answer.c.item)
    .where(first_answer.c.position == bindparam("at"))
)
RETRACTIONS = Statement(
    select(ledger_table.c.position, ledger_table.c.body).where(ledger_table.c.type == bindparam("kind"))
)
_BROUGHT_BY: Mapping[Table, tuple[str, ...]] = {
    annotator: (AnnotatorAdded.type,),
    item: (ItemsImported.type,),
    prediction: (PredictionsRecorded.type,),
    annotation: (AnnotationSubmitted.type,),
    first_answer: (SuggestionRevealed.type,),
    decision: (ItemsRouted.type,),
    resolution: (ItemsResolved.type,),
    sample: (CalibrationPlanned.type, AuditReserved.type),
    remark: (ItemRemarked.type,),
    assistant_use: (AssistantAsked.type,),
    objection: (AnswerObjected.type,),
}
_BROUGHT = {
    table: Statement(
        select(table.c.position)
        .where(
            table.c.position.not_in(
                select(ledger_table.c.position).where(
                    ledger_table.c.type.in_([bindparam(f"kind_{i}") for i in range(len(types))])
                )
            )
        )
        .order_by(table.c.position)
        .limit(bindparam("limit"))
        .offset(number(0))
    )
    for table, types in _BROUGHT_BY.items()
}
STRAYS = tuple(_BROUGHT.values())


def _not_newest(current: Table, content: Table, *keys: str) -> Statement:
    newest = select(*(content.c[key] for key in keys), func.max(content.c.id)).group_by(
        *(content.c[key] for key in keys)
    )
    shown = select(*(current.c[key] for key in keys), current.c[content.name])
    missing, extra = except_(newest, shown).subquery(), except_(shown, newest).subquery()
    return Statement(union_all(select(missing), select(extra)).limit(number(1)).offset(number(0)))


NOT_NEWEST: Mapping[str, Statement] = {
    "prediction": _not_newest(current_prediction, prediction, "project", "question", "model", "item"),
    "decision": _not_newest(current_decision, decision, "project", "question", "item"),
    "resolution": _not_newest(current_resolution, resolution, "project", "question", "item"),
}
NEWEST = tuple(NOT_NEWEST.values())


def verify(db: Database, expected: Head | None = None) -> Head:
    """Recompute everything; give the head. Raises LedgerBroken at the first position that does not hold.

    expected: a head noted down earlier. A chain alone cannot see its own tail cut off; this can.
    """
    tail = _chain(db, expected)
    _no_strays(db)
    _newest_are_shown(db, tail)
    _calls(db)
    return tail


def _chain(db: Database, expected: Head | None) -> Head:
    tail = ledger.NOTHING
    versions: dict[str, int] = {}
    retractions = {
        json.loads(body)["annotation"]: at for at, body in db.run(RETRACTIONS, {"kind": AnnotationRetracted.type})
    }
    withdrawn = {json.loads(body)["remark"]: at for at, body in db.run(RETRACTIONS, {"kind": RemarkWithdrawn.type})}
    while rows := ledger.rows_after(db, tail.position, _CHUNK):
        for row in rows:
            _link(row, tail, versions)
            _content(db, row, retractions)
            if row.type == ItemRemarked.type:
                _remark(db, row, withdrawn)
            tail = Head(row.position, row.hash)
            if expected is not None and expected.position == tail.position and expected.hash != tail.hash:
                raise LedgerBroken(tail.position, "the chain holds, but it is not the one whose head was noted")
    if expected is not None and expected.position > tail.position:
        missing = expected.position - tail.position
        raise LedgerBroken(tail.position + 1, f"the last {missing} event(s) before the noted head are cut off")
    return tail


def _link(row: Row, tail: Head, versions: dict[str, int]) -> None:
    if row.position != tail.position + 1:
        raise LedgerBroken(tail.position + 1, f"the event is missing; the next is at {row.position}")
    if row.previous_hash != tail.hash:
        raise LedgerBroken(row.position, "it does not follow the event before it")
    if row.hash != row.expected_hash(tail.hash):
        raise LedgerBroken(row.position, "the event was changed after it was written")
    versions[row.stream] = versions.get(row.stream, 0) + 1
    if row.version != versions[row.stream]:
        raise LedgerBroken(
            row.position, f"stream {row.stream!r} jumps from {versions[row.stream] - 1} to {row.version}"
        )


# ---------------------------------------------------------------- content under the events


def _content(db: Database, row: Row, retractions: Mapping[str, int]) -> None:
    if row.type in _ROOTS:
        _root(db, row)
    elif row.type == AnnotationSubmitted.type:
        _annotation(db, row, json.loads(row.body), retractions)
    elif row.type == SuggestionRevealed.type:
        _revealed(db, row, json.loads(row.body))
    elif row.type == AssistantAsked.type:
        _asked(db, row, json.loads(row.body))
    elif row.type == AnswerObjected.type:
        _objected(db, row, json.loads(row.body))
    elif row.type == AnnotatorAdded.type:
        body = json.loads(row.body)
        found = db.run(ANNOTATORS_AT, {"at": row.position}).fetchall()
        if found != [(body["annotator"], body["kind"], body["role"])]:
            raise LedgerBroken(row.position, f"the row of annotator {body['annotator']!r} was changed or removed")


def _root(db: Database, row: Row) -> None:
    body = json.loads(row.body)
    statement, leaf, count, root, noun = _ROOTS[row.type]
    rows = db.run(statement, {"at": row.position}).fetchall()
    if len(rows) != body[count]:
        raise LedgerBroken(row.position, f"it brought {body[count]} {noun}, and {len(rows)} are there")
    if merkle_root(leaf(found) for found in rows) != body[root]:
        raise LedgerBroken(row.position, f"one of the {len(rows)} {noun} it brought was changed")


def _item_leaf(row: tuple[Any, ...]) -> bytes:
    salt, id, content_hash, metadata, content = row
    if digest(json.loads(content)) != content_hash:
        return b"neither what was written"
    return salt + canonical_json([id, content_hash, json.loads(metadata)])


def _prediction_leaf(row: tuple[Any, ...]) -> bytes:
    return canonical_json([*row[:4], json.loads(row[4]), *row[5:7], json.loads(row[7]), *row[8:]])


def _plain_leaf(row: tuple[Any, ...]) -> bytes:
    return canonical_json(list(row))


def _resolution_leaf(row: tuple[Any, ...]) -> bytes:
    item_key, question, value, status, probability, method, voters, evidence = row
    decided = [item_key, question, json.loads(value), status, probability, method]
    return canonical_json([*decided, json.loads(voters), json.loads(evidence)])


def _sample_leaf(row: tuple[Any, ...]) -> bytes:
    return str(row[0]).encode()


_ROOTS: Mapping[str, tuple[Statement, Callable[[tuple[Any, ...]], bytes], str, str, str]] = {
    ItemsImported.type: (ITEM_LEAVES, _item_leaf, "accepted", "root", "items"),
    PredictionsRecorded.type: (PREDICTION_LEAVES, _prediction_leaf, "count", "root", "predictions"),
    ItemsRouted.type: (DECISION_LEAVES, _plain_leaf, "count", "root", "decisions"),
    ItemsResolved.type: (RESOLUTION_LEAVES, _resolution_leaf, "count", "root", "resolutions"),
    CalibrationPlanned.type: (SAMPLE_LEAVES, _sample_leaf, "n", "sample_root", "sampled items"),
    AuditReserved.type: (SAMPLE_LEAVES, _sample_leaf, "n", "sample_root", "sampled items"),
}


def _annotation(db: Database, row: Row, body: Body, retractions: Mapping[str, int]) -> None:
    found = db.run(ANNOTATIONS_AT, {"at": row.position}).fetchall()
    if len(found) != 1 or found[0][0] != body["annotation"]:
        raise LedgerBroken(row.position, f"the row of annotation {body['annotation']!r} is missing or doubled")
    id, value, retraction, assistance, salt, *fields = found[0]
    said = dict(zip(_ANNOTATION, fields, strict=True))
    changed = [name for name in _ANNOTATION if said[name] != body[name]]
    if (None if assistance is None else json.loads(assistance)) != body.get("assistance"):
        changed = ["assistance", *changed]
    if changed:
        raise LedgerBroken(row.position, f"{changed[0]} of annotation {id!r} was changed after it was written")
    if commitment(salt, json.loads(value)) != body["commitment"]:
        raise LedgerBroken(row.position, f"the value of annotation {id!r} was changed after it was written")
    if retraction != retractions.get(id):
        raise LedgerBroken(row.position, f"annotation {id!r} is marked retracted, or not, against the history")


def _remark(db: Database, row: Row, withdrawn: Mapping[str, int]) -> None:
    body = json.loads(row.body)
    found = db.run(REMARKS_AT, {"at": row.position}).fetchall()
    if len(found) != 1 or found[0][0] != body["remark"]:
        raise LedgerBroken(row.position, f"the row of remark {body['remark']!r} is missing or doubled")
    id, reason, text, taken_back, salt, *fields = found[0]
    said = [body[name] for name in ("item", "annotator", "kind", "created_at")]
    if fields != said or commitment(salt, [reason, text]) != body["commitment"]:
        raise LedgerBroken(row.position, f"remark {id!r} was changed after it was written")
    if taken_back != withdrawn.get(id):
        raise LedgerBroken(row.position, f"remark {id!r} is marked withdrawn, or not, against the history")


def _asked(db: Database, row: Row, body: Body) -> None:
    found = db.run(USES_AT, {"at": row.position}).fetchall()
    if len(found) != 1 or found[0][0] != body["use"]:
        raise LedgerBroken(row.position, f"the row of question {body['use']!r} to the assistant is missing or doubled")
    id, asked, answer, salt, *fields = found[0]
    if fields != [body[name] for name in _USE] or commitment(salt, [asked, answer]) != body["commitment"]:
        raise LedgerBroken(row.position, f"question {id!r} to the assistant, or its answer, was changed")


def _objected(db: Database, row: Row, body: Body) -> None:
    found = db.run(OBJECTIONS_AT, {"at": row.position}).fetchall()
    if len(found) != 1 or found[0][0] != body["objection"]:
        raise LedgerBroken(row.position, f"the row of objection {body['objection']!r} is missing or doubled")
    id, reason, evidence, salt, *fields = found[0]
    if (
        fields != [body[name] for name in _OBJECTION]
        or commitment(salt, [reason, json.loads(evidence)]) != body["commitment"]
    ):
        raise LedgerBroken(row.position, f"objection {id!r} was changed after it was written")


def _revealed(db: Database, row: Row, body: Body) -> None:
    found = db.run(FIRST_ANSWERS_AT, {"at": row.position}).fetchall()
    if {question for question, *_ in found} != set(body["commitments"]):
        raise LedgerBroken(row.position, "a first answer it brought is missing")
    for question, value, salt, *fields in found:
        whole = dict(zip(_FIRST, fields, strict=True)) == {name: body[name] for name in _FIRST}
        if not whole or commitment(salt, json.loads(value)) != body["commitments"][question]:
            raise LedgerBroken(row.position, f"the first answer to {question!r} was changed after it was written")


def _no_strays(db: Database) -> None:
    for table, statement in _BROUGHT.items():
        types = _BROUGHT_BY[table]
        asked = {f"kind_{i}": type for i, type in enumerate(types)}
        position = db.value(statement, {**asked, "limit": 1})
        if position is not None:
            raise LedgerBroken(position, f"a row of {table.name!r} names this position, which did not bring it")


def _newest_are_shown(db: Database, tail: Head) -> None:
    for noun, statement in NOT_NEWEST.items():
        if db.one(statement) is not None:
            problem = f"the {noun} that is shown for some item is not its newest; mend it with a rebuild"
            raise LedgerBroken(tail.position, problem)


def _calls(db: Database) -> None:
    number, previous = 0, "0" * 64
    while rows := _call_rows(db, number):
        for found, kept, *values in rows:
            if found != number + 1:
                raise LedgerBroken(0, f"call {number + 1} is missing from the call ledger")
            number, previous = found, calls.call_hash(previous, found, values)
            if kept != previous:
                raise LedgerBroken(0, f"call {number} of the call ledger was changed after it was written")


def _call_rows(db: Database, after: int) -> Iterable[tuple[Any, ...]]:
    return db.run(calls.CALLS_AFTER, {"after": after, "limit": _CHUNK}).fetchall()
