"""What left: rows that are only ever added."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter

from sqlalchemy import bindparam, select

from labelwright.adapters.storage.database import Database, json_text
from labelwright.adapters.storage.operations_tables import outbound
from labelwright.adapters.storage.statement import InsertRows, Statement, number
from labelwright.domain.ids import ProjectId
from labelwright.ports.outbound import OutboundRecord

_FIELDS = ("at", "project", "run", "item", "digest", "size", "host", "region", "fields", "pii", "replaced")

_values = attrgetter(*_FIELDS)
_NAMES = _FIELDS.index("fields")

ADD = InsertRows(outbound, *_FIELDS)
SENT = Statement(
    select(outbound.c.number, *(outbound.c[name] for name in _FIELDS))
    .where(outbound.c.project == bindparam("project"), outbound.c.number > bindparam("after"))
    .order_by(outbound.c.number)
    .limit(bindparam("limit"))
    .offset(number(0))
)


def record(db: Database, rows: Sequence[OutboundRecord]) -> None:
    """Append rows."""
    added: list[list[object]] = []
    for row in rows:
        values = list(_values(row))
        values[_NAMES] = _names(row.fields)
        added.append(values)
    db.insert(ADD, added)


def sent(db: Database, project: ProjectId, after: int, limit: int) -> list[tuple[int, OutboundRecord]]:
    """Give a project's rows, oldest first, each with its number."""
    found: list[tuple[int, OutboundRecord]] = []
    for place, *values in db.run(SENT, {"project": project, "after": after, "limit": limit}):
        values[8] = tuple(json.loads(values[8]))
        found.append((place, OutboundRecord(*values)))
    return found


@lru_cache(maxsize=32)
def _names(fields: tuple[str, ...]) -> str:
    return json_text(list(fields))
