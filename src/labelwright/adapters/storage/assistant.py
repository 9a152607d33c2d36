"""What people asked the assistant."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, select

from labelwright.adapters.storage.assistant_table import assistant_use
from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.seen import seen_at_desk
from labelwright.adapters.storage.statement import Statement, given
from labelwright.domain.annotation import AssistantUse
from labelwright.domain.ids import AnnotatorId, ItemKey, ProjectId, RunId
from labelwright.events import AssistantAsked

COLUMNS = (
    "id",
    "item",
    "annotator",
    "round",
    "asked",
    "answer",
    "model",
    "cost_micro",
    "run",
    "guideline_version",
    "created_at",
)
OF_PERSON = Statement(
    select(*(assistant_use.c[name] for name in COLUMNS))
    .where(
        assistant_use.c.project == bindparam("project"),
        assistant_use.c.item == bindparam("item"),
        assistant_use.c.annotator == bindparam("annotator"),
        assistant_use.c.round == bindparam("round"),
    )
    .order_by(assistant_use.c.number)
)
ADD = Statement(insert(assistant_use).values(given(assistant_use, *COLUMNS, "project", "position")))


def of_person(
    db: Database, project: ProjectId, annotator: AnnotatorId, item: ItemKey, in_round: int
) -> list[AssistantUse]:
    """Give what one person asked about one item in one round, oldest first."""
    asked = {"project": project, "annotator": annotator, "item": int(item), "round": in_round}
    return [_use(row) for row in db.run(OF_PERSON, asked)]


def _use(row: tuple[Any, ...]) -> AssistantUse:
    id, item, annotator, in_round, asked, answer, model, cost_micro, run, guideline_version, created_at = row
    return AssistantUse(
        id,
        ItemKey(item),
        AnnotatorId(annotator),
        in_round,
        asked,
        answer,
        model,
        cost_micro,
        RunId(run),
        guideline_version,
        created_at,
    )


# ---------------------------------------------------------------- what events write


def record_asked(db: Database, event: AssistantAsked, row: Row) -> None:
    """Keep the words, which the ledger only commits to."""
    values = {name: getattr(event.use, name) for name in COLUMNS}
    db.run(ADD, {**values, "project": event.project, "position": row.position})


def assistant_asked(db: Database, row: Row, body: Body) -> None:
    """From now on the person has seen what a model says of the item."""
    seen_at_desk(db, row, body, "assistant")
