"""The queue: slots waiting for people, and time-limited claims on them.

A slot is one row, so it has one holder; a claim is one UPDATE, so two cannot win. A lease that has run out needs nobody
to free it: `available_at` is its end, and a claim takes whatever is available by now.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast, get_args

from sqlalchemy import and_, bindparam, delete, exists, func, literal_column, select, update
from sqlalchemy.sql.elements import BindParameter

from labelwright.adapters.storage.access_tables import session
from labelwright.adapters.storage.database import Database, json_text
from labelwright.adapters.storage.ledger import Row
from labelwright.adapters.storage.projection_tables import queue_tally, skip
from labelwright.adapters.storage.queue_table import queue
from labelwright.adapters.storage.seen_table import seen
from labelwright.adapters.storage.statement import Statement, number, upsert, word
from labelwright.adapters.storage.tables import annotation
from labelwright.domain.annotation import Purpose
from labelwright.domain.ids import AnnotatorId, EntryId, ItemKey, ProjectId, QuestionName
from labelwright.domain.queue import Lease, NewEntry, QueueCounts

_OPEN, _LEASED, _DONE = word("open"), word("leased"), word("done")
_ONE = number(1)
_LEASE = (
    queue.c.id,
    queue.c.fence,
    queue.c.item,
    queue.c.questions,
    queue.c.purpose,
    queue.c.round,
    queue.c.blind,
    queue.c.reason,
    queue.c.available_at,
    queue.c.priority,
)
_ME: BindParameter[Any] = bindparam("me")
_EVERY_SLOT = (0, 2**31 - 1)

# ---------------------------------------------------------------- claiming

_mine = queue.alias("mine")
RENEW_HELD = Statement(
    update(queue)
    .where(
        queue.c.id.in_(
            select(_mine.c.id)
            .where(_mine.c.holder == _ME, _mine.c.state == _LEASED, _mine.c.project == bindparam("of_project"))
            .order_by(_mine.c.priority.desc(), _mine.c.id)
            .limit(bindparam("count"))
            .offset(number(0))
        )
    )
    .values(available_at=bindparam("expires"))
    .returning(*_LEASE)
)

_slot, _other = queue.alias("slot"), queue.alias("other")
_quote = word('"')
_asked = _quote + annotation.c.question + _quote
# `questions` is a JSON list of names: a question is in it when taking its quoted name out changes the text.
_answered = exists().where(
    annotation.c.item == _slot.c.item,
    annotation.c.annotator == _ME,
    annotation.c.round == _slot.c.round,
    annotation.c.retraction.is_(None),
    func.replace(_slot.c.questions, _asked, literal_column("''")) != _slot.c.questions,
)
_skipped = exists().where(skip.c.annotator == _ME, skip.c.item == _slot.c.item, skip.c.project == _slot.c.project)
_held_beside = exists().where(
    _other.c.holder == _ME,
    _other.c.state == _LEASED,
    _other.c.item == _slot.c.item,
    _other.c.round == _slot.c.round,
)
# Who has seen a label of the item is no longer blind: a blind slot goes to somebody else who is signed in and may have
# it, where there is anybody.
_sight, _there, _their_sight = seen.alias("sight"), session.alias("there"), seen.alias("their_sight")
_their_skip, _their_answer = skip.alias("their_skip"), annotation.alias("their_answer")
_has_seen = exists().where(_sight.c.annotator == _ME, _sight.c.item == _slot.c.item)
_for_somebody_else = exists().where(
    _there.c.project == _slot.c.project,
    _there.c.annotator != _ME,
    _there.c.expires_at > bindparam("now"),
    ~exists()
    .where(_their_sight.c.annotator == _there.c.annotator, _their_sight.c.item == _slot.c.item)
    .correlate(_there, _slot),
    ~exists()
    .where(
        _their_skip.c.annotator == _there.c.annotator,
        _their_skip.c.item == _slot.c.item,
        _their_skip.c.project == _slot.c.project,
    )
    .correlate(_there, _slot),
    ~exists()
    .where(
        _their_answer.c.item == _slot.c.item,
        _their_answer.c.annotator == _there.c.annotator,
        _their_answer.c.round == _slot.c.round,
        _their_answer.c.retraction.is_(None),
    )
    .correlate(_there, _slot),
)
CLAIM = Statement(
    update(queue)
    .where(
        queue.c.id
        == select(_slot.c.id)
        .where(
            _slot.c.project == bindparam("of_project"),
            _slot.c.state.in_([_OPEN, _LEASED]),
            _slot.c.available_at <= bindparam("now"),
            ~_answered,
            ~_skipped,
            ~_held_beside,
            ~and_(_slot.c.blind == _ONE, _has_seen, _for_somebody_else),
        )
        .order_by(_slot.c.priority.desc(), _slot.c.id)
        .limit(_ONE)
        .offset(number(0))
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    .values(state=_LEASED, holder=_ME, fence=queue.c.fence + _ONE, available_at=bindparam("expires"))
    .returning(*_LEASE)
)

# ---------------------------------------------------------------- filling, giving back, taking away

_ENTRY: BindParameter[Any] = bindparam("entry")
_HELD_BY_ME = and_(
    queue.c.id == _ENTRY, queue.c.fence == bindparam("under"), queue.c.holder == _ME, queue.c.state == _LEASED
)
HELD = Statement(
    select(*_LEASE, queue.c.holder, queue.c.state).where(
        queue.c.id == _ENTRY, queue.c.project == bindparam("of_project")
    )
)
FINISH = Statement(
    update(queue)
    .where(_HELD_BY_ME)
    .values(state=_DONE, submission=bindparam("by"))
    .returning(queue.c.project, queue.c.purpose)
)
REOPEN = Statement(
    update(queue)
    .where(queue.c.submission == bindparam("by"), queue.c.holder == _ME, queue.c.state == _DONE)
    .values(
        state=_LEASED, submission=literal_column("NULL"), fence=queue.c.fence + _ONE, available_at=bindparam("expires")
    )
    .returning(*_LEASE, queue.c.project)
)
RENEW = Statement(update(queue).where(_HELD_BY_ME).values(available_at=bindparam("expires")))
RELEASE = Statement(
    update(queue).where(_HELD_BY_ME).values(state=_OPEN, holder=literal_column("NULL"), available_at=number(0))
)
CLOSE = Statement(
    delete(queue).where(
        queue.c.project == bindparam("of_project"),
        queue.c.purpose == bindparam("for_purpose"),
        queue.c.state == _OPEN,
        queue.c.slot >= bindparam("from_slot"),
        queue.c.slot < bindparam("to_slot"),
    )
)

# ---------------------------------------------------------------- entries and counts

_NEW = (
    "project",
    "item",
    "round",
    "purpose",
    "slot",
    "questions",
    "priority",
    "blind",
    "reason",
    "state",
    "fence",
    "available_at",
    "position",
)
# A slot that is there already takes the newer definition while it is open; one that is held or filled stays as it is.
ADD_ENTRY = Statement(
    upsert(
        queue,
        _NEW,
        keys=("item", "round", "purpose", "slot"),
        update=("questions", "priority", "blind", "reason", "position"),
        where=queue.c.state == _OPEN,
    )
)
_TALLY = ("project", "purpose", "total", "done")
COUNT = Statement(
    upsert(
        queue_tally,
        _TALLY,
        keys=("project", "purpose"),
        update=("total", "done"),
        select=select(
            queue.c.project,
            queue.c.purpose,
            func.count(),
            func.count().filter(queue.c.state == _DONE),
        )
        .where(queue.c.project == bindparam("of_project"), queue.c.purpose == bindparam("for_purpose"))
        .group_by(queue.c.project, queue.c.purpose),
    )
)
FORGET_COUNT = Statement(
    delete(queue_tally).where(
        queue_tally.c.project == bindparam("of_project"), queue_tally.c.purpose == bindparam("for_purpose")
    )
)
ADD_DONE = Statement(
    update(queue_tally)
    .where(queue_tally.c.project == bindparam("of_project"), queue_tally.c.purpose == bindparam("for_purpose"))
    .values(done=queue_tally.c.done + bindparam("change"))
)
_leased_now = (
    select(func.count())
    .select_from(queue)
    .where(queue.c.state == _LEASED, queue.c.project == queue_tally.c.project, queue.c.purpose == queue_tally.c.purpose)
    .correlate(queue_tally)
    .scalar_subquery()
)
COUNTS = Statement(
    select(queue_tally.c.purpose, queue_tally.c.total, queue_tally.c.done, _leased_now)
    .where(queue_tally.c.project == bindparam("of_project"))
    .order_by(queue_tally.c.purpose)
)
QUEUED = Statement(
    select(queue.c.item, queue.c.questions).where(
        queue.c.project == bindparam("of_project"), queue.c.purpose == bindparam("for_purpose")
    )
)


def claim(
    db: Database, project: ProjectId, annotator: AnnotatorId, *, now: float, lease_seconds: float, count: int
) -> list[Lease]:
    """Give what this person holds, renewed under the same fence, then the most urgent entries they may have."""
    asked = {"me": annotator, "of_project": project, "expires": now + lease_seconds}
    rows = db.run(RENEW_HELD, {**asked, "count": count}).fetchall()
    rows.sort(key=lambda row: (-row[9], row[0]))
    while len(rows) < count:
        claimed = db.run(CLAIM, {**asked, "now": now}).fetchall()
        if not claimed:
            break
        rows += claimed
    return [_lease(row) for row in rows]


def held(db: Database, project: ProjectId, entry: EntryId) -> tuple[Lease, AnnotatorId | None, str] | None:
    """Give an entry with its holder and state."""
    row = db.one(HELD, {"entry": entry, "of_project": project})
    return None if row is None else (_lease(row), row[10], row[11])


def finish(db: Database, entry: EntryId, fence: int, annotator: AnnotatorId, submission: str) -> bool:
    """Fill the slot, if this claim on it still holds."""
    filled = db.run(FINISH, {"entry": entry, "under": fence, "me": annotator, "by": submission}).fetchall()
    for project, purpose in filled:
        db.run(ADD_DONE, {"of_project": project, "for_purpose": purpose, "change": 1})
    return bool(filled)


def reopen(db: Database, submission: str, *, annotator: AnnotatorId, now: float, lease_seconds: float) -> Lease | None:
    """Give the slot that a submission filled back to its annotator."""
    rows = db.run(REOPEN, {"by": submission, "me": annotator, "expires": now + lease_seconds}).fetchall()
    for row in rows:
        db.run(ADD_DONE, {"of_project": row[10], "for_purpose": row[4], "change": -1})
    return _lease(rows[0]) if rows else None


def renew(
    db: Database, entry: EntryId, fence: int, annotator: AnnotatorId, *, now: float, lease_seconds: float
) -> bool:
    """Extend a claim; the fence stays."""
    asked = {"entry": entry, "under": fence, "me": annotator, "expires": now + lease_seconds}
    return db.run(RENEW, asked).rowcount == 1


def release(db: Database, entry: EntryId, fence: int, annotator: AnnotatorId) -> bool:
    """Give a claim back unanswered."""
    return db.run(RELEASE, {"entry": entry, "under": fence, "me": annotator}).rowcount == 1


def close(db: Database, project: ProjectId, purpose: Purpose, slots: tuple[int, int] | None) -> int:
    """Remove the open entries of a purpose. Entries that somebody holds stay with them."""
    first, end = slots or _EVERY_SLOT
    asked = {"of_project": project, "for_purpose": purpose, "from_slot": first, "to_slot": end}
    removed = db.run(CLOSE, asked).rowcount
    _recount(db, project, purpose)
    return removed


def counts(db: Database, project: ProjectId) -> list[QueueCounts]:
    """Count per purpose."""
    rows = db.run(COUNTS, {"of_project": project})
    return [QueueCounts(purpose, total - done - leased, leased, done) for purpose, total, done, leased in rows]


def queued(db: Database, project: ProjectId, purpose: Purpose) -> set[tuple[int, str]]:
    """Give the (item, question) pairs that have entries."""
    rows = db.run(QUEUED, {"of_project": project, "for_purpose": purpose})
    read: dict[str, list[str]] = {}
    pairs: set[tuple[int, str]] = set()
    for item, text in rows:
        questions = read[text] if text in read else read.setdefault(text, json.loads(text))
        pairs.update((item, question) for question in questions)
    return pairs


def _lease(row: Sequence[Any]) -> Lease:
    questions = tuple(QuestionName(name) for name in json.loads(row[3]))
    return Lease(EntryId(row[0]), row[1], ItemKey(row[2]), questions, row[4], row[5], bool(row[6]), row[7], row[8])


def record_entries(db: Database, project: ProjectId, entries: Sequence[NewEntry], row: Row) -> None:
    """Put slots into the queue; a slot that is there already is not doubled."""
    texts: dict[tuple[QuestionName, ...], str] = {}
    for new in entries:
        if new.questions not in texts:
            texts[new.questions] = json_text(list(new.questions))
    db.run_many(
        ADD_ENTRY,
        [
            {
                "project": project,
                "item": new.item,
                "round": new.round,
                "purpose": new.purpose,
                "slot": new.slot,
                "questions": texts[new.questions],
                "priority": new.priority,
                "blind": int(new.blind),
                "reason": new.reason,
                "state": "open",
                "fence": 0,
                "available_at": 0.0,
                "position": row.position,
            }
            for new in entries
        ],
    )


def count_entries(db: Database, project: ProjectId) -> None:
    """Count the queue of a project anew."""
    for purpose in cast("tuple[Purpose, ...]", get_args(Purpose)):
        _recount(db, project, purpose)


def _recount(db: Database, project: ProjectId, purpose: Purpose) -> None:
    asked = {"of_project": project, "for_purpose": purpose}
    db.run(FORGET_COUNT, asked)
    db.run(COUNT, asked)
