"""Runs that are asked for, watched, paused, resumed and cancelled.

    waiting ──worker takes it──▶ running ──▶ done | failed
       ▲  │                       │  ▲ └──▶ cancelling ──▶ cancelled
       │  └──▶ paused ◀── pausing ◀┘  │
       └──resume──┘ └── resume, where its process waits ──┘

A job that is running, pausing or cancelling without a word for 30 s is stalled: its process was killed, or its machine
sleeps. It can be resumed by any worker: what was paid for is found in the call ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.errors import Conflict, NotFound, NotReady
from labelwright.ports.jobs import MOVING, OVER, Job, JobCounts, is_silent, is_stalled
from labelwright.ports.storage import Transaction, Views
from labelwright.ports.world import World
from labelwright.services.people.entry_card import instant

Action: TypeAlias = Literal["pause", "resume", "cancel"]

_PICO_PER_MICRO = 1_000_000


def actions(job: Job, now: float) -> tuple[Action, ...]:
    """Say what may be asked of a job."""
    if job.state in {"done", "cancelled"}:
        return ()
    if job.state == "failed":
        return ("resume",)
    if job.state == "waiting":
        return ("pause", "cancel")
    if job.state == "paused" or is_stalled(job, now):
        return ("resume", "cancel")
    if job.state == "cancelling":
        return ()
    return ("resume", "cancel") if job.state == "pausing" else ("pause", "cancel")


def ask(tx: Transaction, project: Project, *, limit: int | None, asked_by: str, world: World) -> Job:
    """Ask for the models' answers to all that is due; a worker takes the job.

    limit: at most so many items per model.
    Raises: NotReady, when the project names no model; Conflict, when such a job is under way already: both would pay
    for the same items.
    """
    if not project.config.models:
        raise NotReady("the project names no model; add one under `models:` in project.yaml, then: labelwright apply")
    now = world.now()
    for other in tx.jobs(project.id):
        if other.state not in OVER:
            state = "stalled" if is_stalled(other, now) else other.state
            raise Conflict(f"job {other.id} of this project is {state}; wait for it, resume it or cancel it first")
    job = Job(
        id=world.new_id(),
        project=project.id,
        kind="prelabel",
        state="waiting",
        wish="run",
        counts=JobCounts(),
        created_at=now,
        started_at=None,
        beat_at=None,
        ended_at=None,
        worker=None,
        asked_by=asked_by,
        problem=None,
        limit=limit,
    )
    tx.add_job(job)
    return job


def act(tx: Transaction, project: Project, id: str, action: Action, *, now: float) -> Job:
    """Pause, resume or cancel a job; asking twice changes nothing more. Raises NotFound; Conflict, when it is over."""
    job = job_of(tx, project, id)
    match action:
        case "pause":
            moved = _pause(tx, job, now)
        case "resume":
            moved = _resume(tx, job, now)
        case "cancel":
            moved = _cancel(tx, job, now)
    if not moved:
        raise Conflict(f"job {id} is {job.state}: it cannot be asked to {action}{_instead(job, now)}")
    return job_of(tx, project, id)


def job_of(views: Views, project: Project, id: str) -> Job:
    """Give a job of this project. Raises NotFound."""
    found = views.job(project.id, id)
    if found is None:
        raise NotFound(f"there is no job {id[:100]!r} in this project")
    return found


def shown_jobs(views: Views, project: Project, *, now: float) -> dict[str, Json]:
    """Give a project's newest jobs and its budget as they are shown."""
    names = _names(views, project)
    return {
        "jobs": [_shown(job, names, now) for job in views.jobs(project.id)],
        "budget": shown_budget(views, project, now=now),
    }


def shown_budget(views: Views, project: Project, *, now: float | None = None) -> dict[str, Json]:
    """Give where the budget stands, in micro-USD, rounded up.

    now: what a run that is not heard of any more has set aside is told as lost; None = as it is booked.
    """
    limit = project.config.spending.budget
    state = views.budget(project.id, limit=None if limit is None else limit * _PICO_PER_MICRO, now=now)
    return {
        "limit_micro": limit,
        "spent_micro": _micro(state.spent),
        "reserved_micro": _micro(state.reserved),
        "lost_micro": _micro(state.lost),
    }


def shown_job(views: Views, project: Project, job: Job, *, now: float) -> dict[str, Json]:
    """Give a job as it is shown. Costs are in micro-USD, rounded up; null = not known."""
    return _shown(job, _names(views, project), now)


def due_limit(job: Job) -> int | None:
    """Say how many items a job may still take, after what it did before; None = all."""
    return None if job.limit is None else max(0, job.limit - (job.counts.done - job.counts.failed))


def _shown(job: Job, names: Mapping[str, str], now: float) -> dict[str, Json]:
    counts, stalled = job.counts, is_stalled(job, now)
    rate = counts.per_second if job.state == "running" and not stalled else 0.0
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "is_stalled": stalled,
        "actions": list(actions(job, now)),
        "total": counts.total,
        "done": counts.done,
        "failed": counts.failed,
        "calls": counts.calls,
        "reused": counts.reused,
        "tokens_in": counts.tokens_in,
        "tokens_out": counts.tokens_out,
        "cost_micro": None if counts.cost_pico is None else _micro(counts.cost_pico),
        "per_second": rate if rate > 0 else None,
        "seconds_left": (counts.total - counts.done) / rate if rate > 0 and counts.total else None,
        "seconds_silent": None if job.beat_at is None or job.state not in MOVING else max(0.0, now - job.beat_at),
        "limit": job.limit,
        "asked_by": names.get(job.asked_by, job.asked_by),
        "created_at": instant(job.created_at),
        "started_at": _instant(job.started_at),
        "ended_at": _instant(job.ended_at),
        "problem": job.problem,
    }


def _pause(tx: Transaction, job: Job, now: float) -> bool:
    if job.state in {"pausing", "paused"}:
        return True
    if job.state == "waiting" or (job.state == "running" and is_stalled(job, now)):
        return tx.move_job(job, state="paused", wish="pause", now=now, releases=True)
    return job.state == "running" and tx.move_job(job, state="pausing", wish="pause", now=now)


def _resume(tx: Transaction, job: Job, now: float) -> bool:
    if job.state == "waiting" or (job.state == "running" and not is_stalled(job, now)):
        return True
    if job.state in {"pausing", "paused"} and job.worker is not None and not is_silent(job, now):
        return tx.move_job(job, state="running", wish="run", now=now)
    if job.state in {"paused", "failed"} or is_stalled(job, now):
        _check_alone(tx, job)
        return tx.move_job(job, state="waiting", wish="run", now=now)
    return False


def _cancel(tx: Transaction, job: Job, now: float) -> bool:
    if job.state == "cancelled":
        return True
    if job.state in {"done", "failed"}:
        return False
    if job.worker is None or is_silent(job, now):
        return tx.move_job(job, state="cancelled", wish="cancel", now=now)
    return job.state == "cancelling" or tx.move_job(job, state="cancelling", wish="cancel", now=now)


def _check_alone(tx: Transaction, job: Job) -> None:
    others: Sequence[Job] = [o for o in tx.jobs(ProjectId(job.project)) if o.id != job.id and o.state not in OVER]
    if others:
        raise Conflict(f"job {others[0].id} of this project is {others[0].state}; cancel it, or wait for it")


def _instead(job: Job, now: float) -> str:
    possible = actions(job, now)
    return f"; possible is: {', '.join(possible)}" if possible else "; start a new one"


def _micro(pico: int) -> int:
    return -(-pico // _PICO_PER_MICRO)


def _instant(at: float | None) -> str | None:
    return None if at is None else instant(at)


def _names(views: Views, project: Project) -> dict[str, str]:
    return {person.id: person.name for person in views.annotators(project.id)}
