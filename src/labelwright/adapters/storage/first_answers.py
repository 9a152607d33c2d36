"""What people said before a suggestion was revealed to them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, insert, select

from labelwright.adapters.storage.database import Database, json_text
from labelwright.adapters.storage.label_changes import Today
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.seen import seen_at_desk
from labelwright.adapters.storage.statement import Statement, given
from labelwright.adapters.storage.tables import first_answer
from labelwright.domain.annotation import FirstAnswer
from labelwright.domain.ids import AnnotatorId, ItemKey, ProjectId, QuestionName
from labelwright.errors import AlreadyExists
from labelwright.events import SuggestionRevealed

_COLUMNS = ("item", "question", "annotator", "round", "value", "seconds", "created_at")
_FIRST = select(*(first_answer.c[name] for name in (*_COLUMNS, "position"))).where(
    first_answer.c.project == bindparam("project")
)
FIRST_ANSWERS = Statement(_FIRST.order_by(first_answer.c.position, first_answer.c.question))
FIRST_ANSWERS_OF = Statement(
    _FIRST.where(
        first_answer.c.annotator == bindparam("annotator"),
        first_answer.c.item == bindparam("item"),
        first_answer.c.round == bindparam("round"),
    )
)
ADD_FIRST_ANSWER = Statement(insert(first_answer).values(given(first_answer, *_COLUMNS, "project", "position")))


def first_answers(db: Database, project: ProjectId) -> list[FirstAnswer]:
    """Give all of a project, oldest first."""
    today = Today(db, project)
    return [_read(row, today) for row in db.run(FIRST_ANSWERS, {"project": project})]


def first_answers_of(
    db: Database, project: ProjectId, annotator: AnnotatorId, item: ItemKey, in_round: int
) -> dict[QuestionName, FirstAnswer]:
    """Give what one person first said of one item in one round, by question; empty: nothing was revealed to them."""
    asked = {"project": project, "annotator": annotator, "item": int(item), "round": in_round}
    return {one.question: one for one in (_read(row, Today(db, project)) for row in db.run(FIRST_ANSWERS_OF, asked))}


def _read(row: tuple[Any, ...], today: Today) -> FirstAnswer:
    item, question, annotator, in_round, value, seconds, created_at, position = row
    said = today(question, json.loads(value), position)
    return FirstAnswer(
        ItemKey(item), QuestionName(question), AnnotatorId(annotator), in_round, said, seconds, created_at
    )


def record_revealed(db: Database, event: SuggestionRevealed, row: Row) -> None:
    """Keep the answers, which the ledger only commits to."""
    for one in event.answers:
        values = {
            "item": one.item,
            "question": one.question,
            "annotator": one.annotator,
            "round": one.round,
            "value": json_text(one.value),
            "seconds": one.seconds,
            "created_at": one.created_at,
        }
        try:
            db.run(ADD_FIRST_ANSWER, {**values, "project": event.project, "position": row.position})
        except AlreadyExists as error:
            raise AlreadyExists(f"the suggestion for item {one.item} was revealed to this person before") from error


def revealed(db: Database, row: Row, body: Body) -> None:
    """From now on the person has seen the suggestion."""
    seen_at_desk(db, row, body, "suggestion", body["commitments"])
