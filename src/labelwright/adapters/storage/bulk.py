"""Slots that are filled without having been leased, and put back: what a bulk act does to the queue."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import bindparam, literal_column, or_, select, update

from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.queue import ADD_DONE
from labelwright.adapters.storage.queue_table import queue
from labelwright.adapters.storage.statement import ListStatement, Statement, number, word
from labelwright.domain.ids import AnnotatorId, EntryId, ItemKey, ProjectId, QuestionName
from labelwright.domain.queue import Lease

_OPEN, _DONE = word("open"), word("done")
_ONE = number(1)

WAITING = ListStatement(
    lambda keys: (
        select(
            queue.c.id,
            queue.c.fence,
            queue.c.item,
            queue.c.questions,
            queue.c.purpose,
            queue.c.round,
            queue.c.blind,
            queue.c.reason,
            queue.c.available_at,
        )
        .where(queue.c.project == bindparam("of_project"), queue.c.item.in_(keys), queue.c.state != _DONE)
        .order_by(queue.c.item, queue.c.round.desc(), queue.c.slot)
    )
)
FILL = Statement(
    update(queue)
    .where(
        queue.c.id == bindparam("entry"),
        queue.c.state != _DONE,
        or_(queue.c.state == _OPEN, queue.c.available_at <= bindparam("now")),
    )
    .values(state=_DONE, holder=bindparam("me"), submission=bindparam("by"), fence=queue.c.fence + _ONE)
    .returning(queue.c.project, queue.c.purpose)
)
PUT_BACK = Statement(
    update(queue)
    .where(queue.c.submission == bindparam("by"), queue.c.state == _DONE)
    .values(
        state=_OPEN,
        holder=literal_column("NULL"),
        submission=literal_column("NULL"),
        fence=queue.c.fence + _ONE,
        available_at=number(0),
    )
    .returning(queue.c.project, queue.c.purpose)
)


def waiting(db: Database, project: ProjectId, items: Sequence[ItemKey]) -> list[Lease]:
    """Give the slots of these items that are not filled, by item, newest round first.

    expires_at: a slot that nobody holds has 0, or a time that has passed.
    """
    read: dict[str, tuple[QuestionName, ...]] = {}
    found: dict[EntryId, Lease] = {}
    for row in db.run_list(WAITING, [int(one) for one in items], {"of_project": project}):
        if row[3] not in read:
            read[row[3]] = tuple(QuestionName(name) for name in json.loads(row[3]))
        entry = EntryId(row[0])
        found[entry] = Lease(entry, row[1], ItemKey(row[2]), read[row[3]], row[4], row[5], bool(row[6]), row[7], row[8])
    return list(found.values())


def fill(db: Database, entry: EntryId, annotator: AnnotatorId, submission: str, *, now: float) -> bool:
    """Fill a slot that nobody holds; a lease that has run out no longer counts."""
    filled = db.run(FILL, {"entry": entry, "me": annotator, "by": submission, "now": now}).fetchall()
    for project, purpose in filled:
        db.run(ADD_DONE, {"of_project": project, "for_purpose": purpose, "change": 1})
    return bool(filled)


def put_back(db: Database, submission: str) -> int:
    """Open again all slots that a submission filled, for anybody; give how many."""
    opened = db.run(PUT_BACK, {"by": submission}).fetchall()
    for project, purpose in opened:
        db.run(ADD_DONE, {"of_project": project, "for_purpose": purpose, "change": -1})
    return len(opened)
