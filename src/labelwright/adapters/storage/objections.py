"""What models said against people's answers."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, insert, literal_column, select, update

from labelwright.adapters.storage.database import Database, json_text
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.objection_table import objection
from labelwright.adapters.storage.statement import Statement, given
from labelwright.domain.ids import AnnotationId, AnnotatorId, ItemKey, ProjectId, QuestionName, RunId
from labelwright.domain.objection import Objection
from labelwright.errors import Conflict
from labelwright.events import AnswerObjected

COLUMNS = (
    "id",
    "annotation",
    "submission",
    "item",
    "question",
    "annotator",
    "round",
    "reason",
    "evidence",
    "model",
    "cost_micro",
    "run",
    "guideline_version",
    "created_at",
)
_OBJECTION = select(*(objection.c[name] for name in COLUMNS), objection.c.settled).where(
    objection.c.project == bindparam("project")
)
_OF_PERSON = _OBJECTION.where(objection.c.annotator == bindparam("annotator")).order_by(objection.c.number)
_ABOUT = objection.c.item == bindparam("item")
OF_PROJECT = Statement(_OBJECTION.order_by(objection.c.number))
OF_ITEM = Statement(_OBJECTION.where(_ABOUT).order_by(objection.c.number))
OF_PERSON = Statement(_OF_PERSON)
OF_PERSON_AND_ITEM = Statement(_OF_PERSON.where(_ABOUT))
ADD = Statement(insert(objection).values(given(objection, *COLUMNS, "project", "position")))
SETTLE = Statement(
    update(objection)
    .where(objection.c.id == bindparam("which"), objection.c.settled.is_(None))
    .values(settled=bindparam("how"))
)
ALL_OPEN = Statement(update(objection).values(settled=literal_column("NULL")))


def objections(
    db: Database, project: ProjectId, annotator: AnnotatorId | None, item: ItemKey | None
) -> list[Objection]:
    """Give a project's objections, or those to one person's answers, or about one item, oldest first."""
    match (annotator is not None, item is not None):
        case (False, False):
            statement = OF_PROJECT
        case (False, True):
            statement = OF_ITEM
        case (True, False):
            statement = OF_PERSON
        case _:
            statement = OF_PERSON_AND_ITEM
    asked = {"project": project, "annotator": annotator, "item": item}
    return [_objection(row) for row in db.run(statement, {k: v for k, v in asked.items() if v is not None})]


def _objection(row: tuple[Any, ...]) -> Objection:
    id, annotation, submission, item, question, annotator, in_round, reason, evidence, model, *rest = row
    cost_micro, run, guideline_version, created_at, settled = rest
    return Objection(
        id,
        AnnotationId(annotation),
        submission,
        ItemKey(item),
        QuestionName(question),
        AnnotatorId(annotator),
        in_round,
        reason,
        tuple(json.loads(evidence)),
        model,
        cost_micro,
        RunId(run),
        guideline_version,
        created_at,
        settled,
    )


# ---------------------------------------------------------------- what events write


def record_objected(db: Database, event: AnswerObjected, row: Row) -> None:
    """Keep the words, which the ledger only commits to."""
    values = {name: getattr(event.objection, name) for name in COLUMNS}
    values["evidence"] = json_text(list(event.objection.evidence))
    db.run(ADD, {**values, "project": event.project, "position": row.position})


def answer_objected(_db: Database, _row: Row, _body: Body) -> None:
    """The row is all there is to show, until the person is shown it."""


def objection_settled(db: Database, _row: Row, body: Body) -> None:
    """Note what the person did about it."""
    if db.run(SETTLE, {"which": body["objection"], "how": body["settled"]}).rowcount != 1:
        raise Conflict(f"objection {body['objection']!r} is unknown or settled already")
