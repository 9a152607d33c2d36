"""Jobs: who works on what, how far it is, what is wished of it.

A worker holds a job under a fence that grows with every worker that takes it; what comes under an older one is not
heard, so two never report on one job. Every change is one conditional UPDATE.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Text, and_, bindparam, case, exists, insert, literal_column, select, update
from sqlalchemy.sql import ColumnElement

from labelwright.adapters.storage.database import Database, json_text
from labelwright.adapters.storage.operations_tables import job
from labelwright.adapters.storage.statement import Statement, given, number, word
from labelwright.domain.ids import ProjectId
from labelwright.ports.jobs import Job, JobCounts, JobState, Wish

_JOB = (
    job.c.id,
    job.c.project,
    job.c.kind,
    job.c.state,
    job.c.wish,
    job.c.counts,
    job.c.created_at,
    job.c.started_at,
    job.c.beat_at,
    job.c.ended_at,
    job.c.worker,
    job.c.asked_by,
    job.c.problem,
    job.c.most,
    job.c.fence,
)
_HELD = and_(
    job.c.id == bindparam("of_job"),
    job.c.fence == bindparam("under"),
    job.c.state.in_([word("running"), word("pausing"), word("paused"), word("cancelling")]),
    job.c.worker.is_not(None),
)
_NONE: ColumnElement[Any] = literal_column("NULL")

ADD = Statement(insert(job).values(given(job, *(column.name for column in _JOB))))
JOBS = Statement(
    select(*_JOB)
    .where(job.c.project == bindparam("project"))
    .order_by(job.c.number.desc())
    .limit(bindparam("limit"))
    .offset(number(0))
)
JOB = Statement(select(*_JOB).where(job.c.id == bindparam("id"), job.c.project == bindparam("project")))
IS_WAITING = Statement(select(exists(select(job.c.number).where(job.c.state == word("waiting")))))
_next = job.alias("next")
TAKE = Statement(
    update(job)
    .where(
        job.c.number
        == select(_next.c.number)
        .where(_next.c.state == word("waiting"))
        .order_by(_next.c.number)
        .limit(number(1))
        .offset(number(0))
        .with_for_update(skip_locked=True)
        .scalar_subquery(),
        job.c.state == word("waiting"),
    )
    .values(
        state=word("running"),
        wish=word("run"),
        worker=bindparam("by_worker"),
        fence=job.c.fence + number(1),
        beat_at=bindparam("now"),
        ended_at=_NONE,
        problem=_NONE,
    )
    .returning(*_JOB)
)
STARTED = Statement(
    update(job).where(job.c.id == bindparam("of_job"), job.c.started_at.is_(None)).values(started_at=bindparam("now"))
)
# The worker knows of a wish a second late; people see at once that it was heard.
_as_wished = case(
    (job.c.wish == word("run"), word("running")),
    (job.c.wish == word("cancel"), word("cancelling")),
    (bindparam("to_state", type_=Text) == word("paused"), word("paused")),
    else_=word("pausing"),
)
BEAT = Statement(
    update(job)
    .where(_HELD)
    .values(state=_as_wished, counts=bindparam("new_counts"), beat_at=bindparam("now"))
    .returning(job.c.wish)
)
END = Statement(
    update(job)
    .where(_HELD)
    .values(
        state=bindparam("to_state"),
        counts=bindparam("new_counts"),
        beat_at=bindparam("now"),
        ended_at=bindparam("over_at"),
        problem=bindparam("why"),
        worker=_NONE,
    )
)
MOVE = Statement(
    update(job)
    .where(job.c.id == bindparam("of_job"), job.c.fence == bindparam("under"), job.c.state == bindparam("from_state"))
    .values(
        state=bindparam("to_state"),
        wish=bindparam("new_wish"),
        worker=bindparam("new_worker"),
        ended_at=bindparam("over_at"),
        problem=bindparam("why"),
    )
)
_ENDED = frozenset({"done", "failed", "cancelled"})
_NOBODYS = _ENDED | {"waiting"}


def jobs(db: Database, project: ProjectId, limit: int) -> list[Job]:
    """Give a project's newest jobs."""
    return [_job(row) for row in db.run(JOBS, {"project": project, "limit": limit})]


def job_of(db: Database, project: ProjectId, id: str) -> Job | None:
    """Give one job."""
    row = db.one(JOB, {"project": project, "id": id})
    return None if row is None else _job(row)


def is_any_waiting(db: Database) -> bool:
    """Say whether some job waits for a worker."""
    return bool(db.value(IS_WAITING))


def add(db: Database, new: Job) -> None:
    """Keep a new job."""
    db.run(ADD, {**_row(new)})


def take(db: Database, worker: str, *, now: float) -> Job | None:
    """Take the job that has waited longest."""
    taken = db.run(TAKE, {"by_worker": worker, "now": now}).fetchall()
    if not taken:
        return None
    found = _job(taken[0])
    db.run(STARTED, {"of_job": found.id, "now": now})
    return found


def beat(db: Database, id: str, fence: int, counts: JobCounts, *, state: JobState, now: float) -> Wish | None:
    """Keep a worker's report, and give what is wished."""
    told = {"of_job": id, "under": fence, "to_state": state, "new_counts": json_text(asdict(counts)), "now": now}
    rows = db.run(BEAT, told).fetchall()
    return rows[0][0] if rows else None


def end(
    db: Database, id: str, fence: int, counts: JobCounts, *, state: JobState, now: float, problem: str | None
) -> bool:
    """Put a held job down."""
    told = {"of_job": id, "under": fence, "to_state": state, "new_counts": json_text(asdict(counts)), "now": now}
    over_at = now if state in _ENDED else None
    return bool(db.run(END, {**told, "over_at": over_at, "why": problem}).rowcount)


def move(
    db: Database, was: Job, *, state: JobState, wish: Wish, now: float, releases: bool, problem: str | None
) -> bool:
    """Change a job as people ask, if nobody has changed it meanwhile."""
    moved = {
        "of_job": was.id,
        "under": was.fence,
        "from_state": was.state,
        "to_state": state,
        "new_wish": wish,
        "new_worker": None if releases or state in _NOBODYS else was.worker,
        "over_at": now if state in _ENDED else None,
        "why": problem,
    }
    return bool(db.run(MOVE, moved).rowcount)


def _job(row: tuple[object, ...]) -> Job:
    values = list(row)
    values[5] = JobCounts(**json.loads(str(values[5])))
    return Job(*values)  # pyright: ignore[reportArgumentType]  the columns are the fields, in their order


def _row(new: Job) -> dict[str, object]:
    columns = asdict(new)
    return {**columns, "counts": json_text(columns["counts"]), "most": columns.pop("limit")}
