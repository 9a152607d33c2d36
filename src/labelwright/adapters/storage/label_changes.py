"""How labels were renamed, merged and split; read from the ledger, and kept under the hash of what was read."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, select

from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.statement import Statement, number
from labelwright.adapters.storage.tables import ledger
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.events import LabelsMigrated
from labelwright.events.base import project_stream
from labelwright.history.label_changes import LabelChange, folded, read_today

STREAM_HEAD = Statement(
    select(ledger.c.hash)
    .where(ledger.c.stream == bindparam("stream"))
    .order_by(ledger.c.version.desc())
    .limit(number(1))
    .offset(number(0))
)
CHANGES = Statement(
    select(ledger.c.position, ledger.c.body, ledger.c.provenance)
    .where(ledger.c.stream == bindparam("stream"), ledger.c.type == bindparam("type"))
    .order_by(ledger.c.version)
)


def label_changes(db: Database, project: ProjectId) -> tuple[LabelChange, ...]:
    """Give all changes of a project's labels, oldest first, undone ones included."""
    stream = project_stream(project)
    head: str | None = db.value(STREAM_HEAD, {"stream": stream})
    if head is None:
        return ()
    # The hash names all that came before it, so what is kept under it cannot go stale; a rolled back row has another.
    known = db.label_changes.get(stream)
    if known is None or known[0] != head:
        rows = db.run(CHANGES, {"stream": stream, "type": LabelsMigrated.type}).fetchall()
        known = (head, folded((row[0], json.loads(row[1]), json.loads(row[2])) for row in rows))
        db.label_changes[stream] = known
    return known[1]


class Today:
    """Reads the values of one project as they are called today."""

    def __init__(self, db: Database, project: ProjectId) -> None:
        self._changes = label_changes(db, project)

    def __bool__(self) -> bool:
        return bool(self._changes)

    def __call__(self, question: str, value: Json, position: int) -> Json:
        return read_today(self._changes, question, value, position) if self._changes else value


def show_nothing(_db: Database, _row: object, _body: object) -> None:
    """A change of labels has no projection: the ledger itself is read."""
