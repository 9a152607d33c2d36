"""What people said."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import and_, bindparam, case, func, insert, select, update

from labelwright.adapters.storage.database import Database, json_text, read_json
from labelwright.adapters.storage.label_changes import Today
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.projection_tables import annotator_tally, skip
from labelwright.adapters.storage.seen import seen_at_desk
from labelwright.adapters.storage.statement import Statement, given, number, upsert, word
from labelwright.adapters.storage.tables import annotation
from labelwright.domain.annotation import Annotation, assistance_of
from labelwright.domain.ids import AnnotationId, AnnotatorId, ItemKey, ProjectId, QuestionName
from labelwright.errors import AlreadyExists, Conflict, NotFound
from labelwright.events import AnnotationSubmitted

_COLUMNS = (
    "id",
    "item",
    "question",
    "annotator",
    "round",
    "purpose",
    "value",
    "schema_version",
    "guideline_version",
    "seconds",
    "suggestion_shown",
    "status",
    "created_at",
    "submission",
    "assistance",
)
_ANNOTATION = select(
    *(annotation.c[name] for name in _COLUMNS), annotation.c.retraction, annotation.c.position, annotation.c.project
)
_OF_PROJECT = annotation.c.project == bindparam("project")
_STANDS = annotation.c.retraction.is_(None)
_STANDING = _ANNOTATION.where(_OF_PROJECT, _STANDS).order_by(annotation.c.number)
_OF_QUESTION = annotation.c.question == bindparam("question")
_OF_PURPOSE = annotation.c.purpose == bindparam("purpose")

STANDING = Statement(_STANDING)
STANDING_OF_QUESTION = Statement(_STANDING.where(_OF_QUESTION))
STANDING_OF_PURPOSE = Statement(_STANDING.where(_OF_PURPOSE))
STANDING_OF_BOTH = Statement(_STANDING.where(_OF_QUESTION, _OF_PURPOSE))
ANNOTATION = Statement(_ANNOTATION.where(annotation.c.id == bindparam("id")))
SUBMISSION = Statement(
    _ANNOTATION.where(_OF_PROJECT, annotation.c.submission == bindparam("submission")).order_by(annotation.c.number)
)
_BY_PERSON = and_(_OF_PROJECT, annotation.c.annotator == bindparam("annotator"), _STANDS)
# What was done at the desk: neither what was taken over in bulk nor a manager's decision is undone there.
_AT_DESK = annotation.c.purpose.not_in([word("bulk"), word("adjudication")])
LAST_SUBMISSION = Statement(
    select(annotation.c.submission)
    .where(_BY_PERSON, _AT_DESK)
    .order_by(annotation.c.number.desc())
    .limit(number(1))
    .offset(number(0))
)
SUBMISSIONS_BEFORE = Statement(
    select(annotation.c.submission, func.min(annotation.c.number))
    .where(_BY_PERSON, _AT_DESK, annotation.c.number < bindparam("before"))
    .group_by(annotation.c.submission)
    .order_by(func.min(annotation.c.number).desc())
    .limit(bindparam("limit"))
    .offset(number(0))
)
LABEL_COUNT = Statement(
    select(func.coalesce(func.sum(annotator_tally.c.labels), number(0))).where(
        annotator_tally.c.project == bindparam("project")
    )
)
SUBMISSION_COUNT = Statement(
    select(annotator_tally.c.submissions).where(
        annotator_tally.c.project == bindparam("project"), annotator_tally.c.annotator == bindparam("annotator")
    )
)
ADD_ANNOTATION = Statement(insert(annotation).values(given(annotation, *_COLUMNS, "project", "position")))
RETRACT = Statement(
    update(annotation)
    .where(annotation.c.id == bindparam("annotation"), _STANDS)
    .values(retraction=bindparam("at"))
    .returning(annotation.c.annotator, annotation.c.submission)
)
_STANDING_IN_SUBMISSION = (
    select(func.count())
    .select_from(annotation)
    .where(annotation.c.submission == bindparam("submission"), _STANDS)
    .scalar_subquery()
)
# A submission of several answers counts once: with its first, until its last is taken back.
_ONE, _NONE = number(1), number(0)
_MINE = (annotator_tally.c.project == bindparam("of_project"), annotator_tally.c.annotator == bindparam("of_annotator"))
COUNT_UP = Statement(
    update(annotator_tally)
    .where(*_MINE)
    .values(
        labels=annotator_tally.c.labels + _ONE,
        submissions=annotator_tally.c.submissions + case((_STANDING_IN_SUBMISSION == _ONE, _ONE), else_=_NONE),
    )
)
COUNT_DOWN = Statement(
    update(annotator_tally)
    .where(*_MINE)
    .values(
        labels=annotator_tally.c.labels - _ONE,
        submissions=annotator_tally.c.submissions - case((_STANDING_IN_SUBMISSION == _NONE, _ONE), else_=_NONE),
    )
)
ADD_SKIP = Statement(upsert(skip, ("annotator", "item", "project"), keys=("annotator", "item", "project")))


def standing(
    db: Database, project: ProjectId, question: str | None = None, purpose: str | None = None
) -> list[Annotation]:
    """Give active and surplus annotations, oldest first."""
    match (question is not None, purpose is not None):
        case (False, False):
            statement = STANDING
        case (True, False):
            statement = STANDING_OF_QUESTION
        case (False, True):
            statement = STANDING_OF_PURPOSE
        case _:
            statement = STANDING_OF_BOTH
    asked = {"project": project, "question": question, "purpose": purpose}
    today = Today(db, project)
    return [_annotation(row, today) for row in db.run(statement, {k: v for k, v in asked.items() if v is not None})]


def by_id(db: Database, id: AnnotationId) -> Annotation | None:
    """Give one annotation, retracted or not."""
    row = db.one(ANNOTATION, {"id": id})
    return None if row is None else _annotation(row, Today(db, row[17]))


def of_submission(db: Database, project: ProjectId, submission: str) -> list[Annotation]:
    """Give what came as one submission, retracted or not."""
    today = Today(db, project)
    return [_annotation(row, today) for row in db.run(SUBMISSION, {"project": project, "submission": submission})]


def last_submission(db: Database, project: ProjectId, annotator: AnnotatorId) -> str | None:
    """Give the newest submission of that person that stands."""
    return db.value(LAST_SUBMISSION, {"project": project, "annotator": annotator})


def submissions(
    db: Database, project: ProjectId, annotator: AnnotatorId, before: int | None, limit: int
) -> list[tuple[int, str]]:
    """Give a person's standing submissions, newest first, each with its number."""
    newest = before if before is not None else 2**62
    asked = {"project": project, "annotator": annotator, "before": newest, "limit": limit}
    return [(number, submission) for submission, number in db.run(SUBMISSIONS_BEFORE, asked)]


def label_count(db: Database, project: ProjectId) -> int:
    """Count standing answers."""
    return db.value(LABEL_COUNT, {"project": project})


def submission_count(db: Database, project: ProjectId, annotator: AnnotatorId) -> int:
    """Count a person's standing submissions."""
    return db.value(SUBMISSION_COUNT, {"project": project, "annotator": annotator}) or 0


def _annotation(row: tuple[Any, ...], today: Today) -> Annotation:
    return Annotation(
        id=AnnotationId(row[0]),
        item=ItemKey(row[1]),
        question=QuestionName(row[2]),
        annotator=AnnotatorId(row[3]),
        round=row[4],
        purpose=row[5],
        value=today(row[2], read_json(row[6]), row[16]),
        schema_version=row[7],
        guideline_version=row[8],
        seconds=row[9],
        suggestion_shown=bool(row[10]),
        status=row[11] if row[15] is None else "retracted",
        created_at=row[12],
        submission=row[13],
        assistance=None if row[14] is None else assistance_of(json.loads(row[14])),
    )


# ---------------------------------------------------------------- what events write


def record_annotation(db: Database, event: AnnotationSubmitted, row: Row) -> None:
    """Keep the answer, which the ledger only commits to."""
    a = event.annotation
    if a.status == "retracted":
        raise Conflict(f"annotation {a.id!r} cannot come in retracted; submit it, then retract it")
    values = {
        "id": a.id,
        "item": a.item,
        "question": a.question,
        "annotator": a.annotator,
        "round": a.round,
        "purpose": a.purpose,
        "value": json_text(a.value),
        "schema_version": a.schema_version,
        "guideline_version": a.guideline_version,
        "seconds": a.seconds,
        "suggestion_shown": int(a.suggestion_shown),
        "status": a.status,
        "created_at": a.created_at,
        "submission": a.submission,
        "assistance": None if a.assistance is None else json_text(a.assistance.body()),
    }
    try:
        db.run(ADD_ANNOTATION, {**values, "project": event.project, "position": row.position})
    except AlreadyExists as error:
        where = f"question {a.question!r} of item {a.item} in round {a.round}"
        raise AlreadyExists(
            f"annotator {a.annotator!r} has already answered {where}; undo that answer first"
        ) from error


def annotation_submitted(db: Database, row: Row, body: Body) -> None:
    """Count the answer; where a label was in view, the person has seen it."""
    if body["suggestion_shown"]:
        seen_at_desk(db, row, body, "answered", [body["question"]])
    _count(db, COUNT_UP, body["project"], body["annotator"], body["submission"])


def annotation_retracted(db: Database, row: Row, body: Body) -> None:
    """Let the answer no longer count."""
    taken_back = db.run(RETRACT, {"annotation": body["annotation"], "at": row.position}).fetchall()
    if not taken_back:
        raise Conflict(f"annotation {body['annotation']!r} does not stand: it is unknown or already retracted")
    who, submission = taken_back[0]
    _count(db, COUNT_DOWN, body["project"], who, submission)


def _count(db: Database, statement: Statement, project: str, annotator: str, submission: str) -> None:
    asked = {"of_project": project, "of_annotator": annotator, "submission": submission}
    if db.run(statement, asked).rowcount != 1:
        raise NotFound(f"annotator {annotator!r} is not in this project; add them first")


def item_skipped(db: Database, _row: Row, body: Body) -> None:
    """Never offer the item to that person again."""
    db.run(ADD_SKIP, {name: body[name] for name in ("annotator", "item", "project")})
