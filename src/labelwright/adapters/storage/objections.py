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
OF_PROJECT = Statement(_OBJECTION.order_by(objection.c.number))
OF_PERSON = Statement(_OBJECTION.where(objection.c.annotator == bindparam("annotator")).order_by(objection.c.number))
ADD = Statement(insert(objection).values(given(objection, *COLUMNS, "project", "position")))
SETTLE = Statement(
    update(objection)
    .where(objection.c.id == bindparam("which"), objection.c.settled.is_(None))
    .values(settled=bindparam("how"))
)
ALL_OPEN = Statement(update(objection).values(settled=literal_column("NULL")))


def objections(db: Database, project: ProjectId, annotator: AnnotatorId | None) -> list[Objection]:
    """Give a project's objections, or those to one person's answers, oldest first."""
    if annotator is None:
        return [_objection(row) for row in db.run(OF_PROJECT, {"project": project})]
    return [_objection(row) for row in db.run(OF_PERSON, {"project": project, "annotator": annotator})]


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
