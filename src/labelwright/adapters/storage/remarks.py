"""What people remark on items."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, literal_column, select, update

from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.remark_table import remark
from labelwright.adapters.storage.statement import Statement, given
from labelwright.domain.annotation import Remark
from labelwright.domain.ids import AnnotatorId, ItemKey, ProjectId
from labelwright.errors import Conflict
from labelwright.events import ItemRemarked

_COLUMNS = ("id", "item", "annotator", "kind", "reason", "text", "created_at")
_REMARK = select(*(remark.c[name] for name in _COLUMNS), remark.c.withdrawn)
_OF_PROJECT = remark.c.project == bindparam("project")
OF_ITEM = Statement(_REMARK.where(_OF_PROJECT, remark.c.item == bindparam("item")).order_by(remark.c.number))
OF_PROJECT = Statement(_REMARK.where(_OF_PROJECT).order_by(remark.c.item, remark.c.number))
ADD = Statement(insert(remark).values(given(remark, *_COLUMNS, "project", "position")))
WITHDRAW = Statement(
    update(remark)
    .where(remark.c.id == bindparam("which"), remark.c.withdrawn.is_(None))
    .values(withdrawn=bindparam("at"))
)
ALL_STAND = Statement(update(remark).values(withdrawn=literal_column("NULL")))


def of_item(db: Database, project: ProjectId, item: ItemKey) -> list[Remark]:
    """Give an item's remarks, oldest first, withdrawn ones included."""
    return [_remark(row) for row in db.run(OF_ITEM, {"project": project, "item": int(item)})]


def of_project(db: Database, project: ProjectId) -> list[Remark]:
    """Give all remarks, by item."""
    return [_remark(row) for row in db.run(OF_PROJECT, {"project": project})]


def _remark(row: tuple[Any, ...]) -> Remark:
    id, item, annotator, kind, reason, text, created_at, withdrawn = row
    return Remark(
        id, ItemKey(item), AnnotatorId(annotator), kind, reason, text, created_at, withdrawn=withdrawn is not None
    )


# ---------------------------------------------------------------- what events write


def record_remark(db: Database, event: ItemRemarked, row: Row) -> None:
    """Keep the words, which the ledger only commits to."""
    values = {name: getattr(event.remark, name) for name in _COLUMNS}
    db.run(ADD, {**values, "project": event.project, "position": row.position})


def item_remarked(_db: Database, _row: Row, _body: Body) -> None:
    """The row is all there is to show."""


def remark_withdrawn(db: Database, row: Row, body: Body) -> None:
    """Let it no longer be shown."""
    if db.run(WITHDRAW, {"which": body["remark"], "at": row.position}).rowcount != 1:
        raise Conflict(f"remark {body['remark']!r} does not stand: it is unknown or withdrawn already")


def label_restored(_db: Database, _row: Row, _body: Body) -> None:
    """The answer that came with it is what is shown."""
