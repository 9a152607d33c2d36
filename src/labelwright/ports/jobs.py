"""Runs as jobs: what they have done so far, whether their worker lives, and what they have been asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from labelwright.domain.ids import ProjectId

Wish: TypeAlias = Literal["run", "pause", "cancel"]
"""What people ask of a job. `pause`: finish what is in flight, wait.  `cancel`: finish what is in flight, end."""
JobState: TypeAlias = Literal["waiting", "running", "pausing", "paused", "cancelling", "cancelled", "done", "failed"]
"""`waiting`: no worker has taken it yet.  A job that is running but has not reported for 30 s is shown as stalled."""

STALLED_SECONDS = 30.0
MOVING: frozenset[JobState] = frozenset({"running", "pausing", "cancelling"})
OVER: frozenset[JobState] = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How far a job is. Counts of items; cost in pico-USD, None = unknown.

    done: finished, failed and quarantined ones included.  per_second: over the last half minute or so.
    """

    total: int = 0
    done: int = 0
    failed: int = 0
    calls: int = 0
    reused: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_pico: int | None = 0
    per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """A run as people watch it. worker: the process that works on it; None = none yet.

    beat_at: when the worker last reported, epoch seconds.  problem: why it failed, or waits for people.
    asked_by: the annotator's id; `terminal` for a command.  limit: at most so many items per model; None = all.
    fence: grows with every worker that takes it: reports under an older one are not heard.
    """

    id: str
    project: str
    kind: str
    state: JobState
    wish: Wish
    counts: JobCounts
    created_at: float
    started_at: float | None
    beat_at: float | None
    ended_at: float | None
    worker: str | None
    asked_by: str
    problem: str | None
    limit: int | None = None
    fence: int = 0


def is_silent(job: Job, now: float) -> bool:
    """Say whether a job has not been heard of for 30 s; a word from the future is none: the clock was set back."""
    return job.beat_at is None or abs(now - job.beat_at) > STALLED_SECONDS


def is_stalled(job: Job, now: float) -> bool:
    """Say whether a job that should be moving has not been heard of for 30 s."""
    return job.state in MOVING and is_silent(job, now)


class RunControl(Protocol):
    """A run's line to the people who watch it. Calls may come from any thread, every second or so."""

    def beat(self, counts: JobCounts, *, state: JobState = "running") -> Wish:
        """Report how far the run is and that it lives; give what is wished of it now."""
        ...


class JobReads(Protocol):
    """Looking at jobs."""

    def jobs(self, project: ProjectId, *, limit: int = 50) -> list[Job]:
        """Give the newest jobs, newest first."""
        ...

    def job(self, project: ProjectId, job: str) -> Job | None: ...
    def has_waiting_job(self) -> bool:
        """Say whether any project has a job that no worker has taken."""
        ...


class JobMoves(Protocol):
    """Moving jobs, inside one transaction."""

    def add_job(self, job: Job) -> None: ...
    def take_job(self, worker: str, *, now: float) -> Job | None:
        """Take the job that has waited longest, in one UPDATE; None when none waits."""
        ...

    def beat_job(self, job: str, fence: int, counts: JobCounts, *, state: JobState, now: float) -> Wish | None:
        """Report on a job held under this fence; give what is wished. None: it is somebody else's now, or over.

        The state that is shown follows the wish; `state` says whether the worker has come to rest ("paused") or not.
        """
        ...

    def end_job(
        self, job: str, fence: int, counts: JobCounts, *, state: JobState, now: float, problem: str | None = None
    ) -> bool:
        """Put a held job down: `done`, `failed`, `cancelled` or, to go on another time, `paused` or `waiting`."""
        ...

    def move_job(
        self,
        job: Job,
        *,
        state: JobState,
        wish: Wish,
        now: float,
        releases: bool = False,
        problem: str | None = None,
    ) -> bool:
        """Change a job as people ask, if it still is as `job` says (state and fence).

        releases: take it out of its worker's hands, who is not heard any more; so do `waiting` and the ended states.
        """
        ...
