"""Make every projection anew from the ledger and the content tables."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, delete, literal_column, update

from labelwright.adapters.storage import ledger, objections, projections, remarks
from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.projection_tables import PROJECTIONS
from labelwright.adapters.storage.seen_table import seen
from labelwright.adapters.storage.statement import Statement
from labelwright.adapters.storage.tables import annotation
from labelwright.events import AnnotationSubmitted

_CHUNK = 1000

CLEAR = tuple(Statement(delete(table)) for table in (*PROJECTIONS, seen))
# Position 0 is before every event: an answer that was not yet given. Setting all to "stands" at once would meet the
# uniqueness of standing answers where somebody answered, took it back and answered again.
UNSAY = Statement(update(annotation).values(retraction=literal_column("0")))
SAY = Statement(
    update(annotation).where(annotation.c.id == bindparam("annotation")).values(retraction=literal_column("NULL"))
)


def rebuild(db: Database) -> int:
    """Fold all events again; give their number."""
    for statement in CLEAR:
        db.run(statement)
    db.run(UNSAY)
    db.run(remarks.ALL_STAND)
    db.run(objections.ALL_OPEN)
    folded, after = 0, 0
    while rows := ledger.rows_after(db, after, _CHUNK):
        for row in rows:
            body = json.loads(row.body)
            if row.type == AnnotationSubmitted.type:
                db.run(SAY, {"annotation": body["annotation"]})
            projections.show(db, row, body)
        after = rows[-1].position
        folded += len(rows)
    return folded
