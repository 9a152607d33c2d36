"""A run's line to the people who watch it: what it has done goes into its job's row, what they wish comes back.

A report is one small write, at most two a second. While the run says nothing (it is still reading its items, or writes
its last ones) a thread says that its process lives; a process that is killed says nothing.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Self

from labelwright.domain.ids import ProjectId
from labelwright.errors import Conflict, LabelwrightError
from labelwright.ports.jobs import OVER, STALLED_SECONDS, Job, JobCounts, JobState, Wish, is_silent, is_stalled
from labelwright.ports.storage import Storage, Transaction

BEAT_SECONDS = 1.0
_MOST_UNRECORDED = 600
"""Conversations a run holds at most that are over and not recorded. What is due beyond that has been imported since."""
LEAST_SECONDS = 0.5
"""Two reports within so short a time are one."""
_SOON_HEARD = 5.0
_alive: set[str] = set()
"""The jobs of this process. One that was ours and could not be put down (the disk was full) is not among them."""


class StoredControl:
    """A `RunControl` over a job that this process holds. Use as a context: it beats within, and ends the job after.

    drains: a pause ends the run, too; the job waits without a process until somebody resumes it. Else the run itself
    waits where it is. What a job has done before this process took it is counted in.
    """

    def __init__(self, storage: Storage, job: Job, *, now: Callable[[], float], drains: bool) -> None:
        self.job = job
        self._storage, self._now, self._drains = storage, now, drains
        self._before = self._counts = replace(job.counts, per_second=0.0)
        self._state: JobState = "running"
        self._wish: Wish = "run"
        self._was_drained = False
        self._end: tuple[JobState, str | None] | None = None
        self._told_at = float("-inf")
        self._telling = threading.Lock()
        self._over = threading.Event()
        self._beating = threading.Thread(target=self._beat, name="labelwright-job", daemon=True)

    def __enter__(self) -> Self:
        _alive.add(self.job.id)
        self._beating.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._beating.join()
        _alive.discard(self.job.id)
        if error is None and self._end is None and self._wish == "cancel":
            self.stopped()
        state, problem = self._end or _ending(error)
        with suppress(LabelwrightError):  # the run's own error is the one to tell
            self._storage.write(
                lambda tx: tx.end_job(
                    self.job.id, self.job.fence, self._counts, state=state, now=self._now(), problem=problem
                )
            )

    @property
    def was_asked_to_end(self) -> bool:
        """Whether the run ended early though nobody wished it of the job: its process was asked to."""
        return self._wish == "run" and not self._was_drained

    @property
    def wish(self) -> Wish:
        """What people wished when they were last asked, a second ago at most; `cancel` when the job was taken away."""
        return self._wish

    def beat(self, counts: JobCounts, *, state: JobState = "running") -> Wish:
        """Report how far the run is; give what is wished of it."""
        self._counts = _together(self._before, counts)
        self._state = state
        self._tell(after=LEAST_SECONDS)
        wish = self._wish
        self._was_drained |= wish == "pause" and self._drains
        return "cancel" if self._was_drained else wish

    def ends(self, state: JobState, problem: str | None = None) -> None:
        """Say how the job is to be put down; without it, `done`, or `failed` when an error ends it."""
        self._end = (state, problem)

    def stopped(self) -> None:
        """Say that the run ended early: as was wished, or because its process was asked to."""
        if self._wish == "cancel":
            self.ends("cancelled")
        elif self._wish == "pause":
            self.ends("paused")
        elif self._was_drained:  # resumed while it was coming to rest
            self.ends("waiting")
        else:
            self.ends(
                "paused" if self._drains else "cancelled", "its process was asked to stop; resume it for the rest"
            )

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            self._tell(after=BEAT_SECONDS)

    def _tell(self, *, after: float) -> None:
        """Write what was reported, unless that was done so short a time ago."""
        with self._telling, suppress(LabelwrightError):  # a busy workspace: the next time may do
            if self._over.is_set() or time.monotonic() - self._told_at < after:
                return
            heard: Wish | None = self._storage.write(
                lambda tx: tx.beat_job(self.job.id, self.job.fence, self._counts, state=self._state, now=self._now())
            )
            # None: it was taken away, and is somebody else's.
            self._told_at = time.monotonic()
            self._wish = heard if heard is not None else "cancel"


def open_job(
    storage: Storage,
    project: ProjectId,
    kind: str,
    *,
    job: str,
    now: Callable[[], float],
    asked_by: str = "terminal",
    limit: int | None = None,
) -> StoredControl:
    """Begin a run here and now, watched as a job: for a command or a notebook.

    job: a fresh id. Use what it gives as a context around the run. Jobs whose process is gone, killed without a word,
    and stalled ones are put down first: what they did is kept, and this run goes on from there.
    Raises: Conflict, when another process does the same for this project, or is about to: both would pay.
    """
    at = now()
    opened = Job(
        id=job,
        project=project,
        kind=kind,
        state="running",
        wish="run",
        counts=JobCounts(),
        created_at=at,
        started_at=at,
        beat_at=at,
        ended_at=None,
        worker=worker_name(),
        asked_by=asked_by,
        problem=None,
        limit=limit,
        fence=1,
    )

    def begin(tx: Transaction) -> None:
        for other in tx.jobs(project):
            if other.kind == kind and other.state not in OVER:
                _make_way(tx, other, at)
        tx.add_job(opened)

    storage.write(begin)
    return StoredControl(storage, opened, now=now, drains=False)


def _make_way(tx: Transaction, other: Job, now: float) -> None:
    """Put a job down that nobody works on any more. Raises Conflict, when somebody does, or is about to."""
    if other.state == "paused" and (
        other.worker is None or is_silent(other, now)
    ):  # resumed only once nobody else runs
        return
    end = f"wait for it, or end it: labelwright jobs cancel {other.id}"
    if other.state == "waiting":
        raise Conflict(
            f"job {other.id} of this project waits for a worker, and both would pay for the same items; have it done:"
            f" labelwright worker, or call it off: labelwright jobs cancel {other.id}"
        )
    if _is_gone(other) or is_stalled(other, now):
        why = "its process was killed, or fell silent; what it did is kept, and another run has taken over"
        tx.move_job(other, state="failed", wish="cancel", now=now, problem=why)
        return
    silent = 0.0 if other.beat_at is None else now - other.beat_at
    killed = ""
    if silent > _SOON_HEARD:
        killed = f" (if its process was killed: run this again in {STALLED_SECONDS - silent:.0f} s)"
    raise Conflict(
        f"job {other.id} of this project is {other.state} in process {other.worker}, and both would pay for the same"
        f" items; {end}{killed}"
    )


def worker_name() -> str:
    """Name this process: machine and number."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _is_gone(job: Job) -> bool:
    """Whether a job's process was on this machine and is no more, or is this one and has left it."""
    if job.worker is None:
        return False
    if job.worker == worker_name():
        return job.id not in _alive
    machine, _, number = job.worker.rpartition(":")
    if machine != socket.gethostname():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _ending(error: BaseException | None) -> tuple[JobState, str | None]:
    if error is None:
        return "done", None
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return "cancelled", None
    if isinstance(error, LabelwrightError):
        return "failed", str(error)
    # A message from elsewhere may quote a text or a key.
    return "failed", f"something went wrong ({type(error).__name__}); the log of the process has the place"


def _together(before: JobCounts, now: JobCounts) -> JobCounts:
    """Add what this process has done to what was done before, which is not due any more; what had failed is, again.

    A process that was killed may have counted what it had not recorded yet: that is due again, and counted once.
    """
    if now.total == 0:  # it still looks for what is due
        return before
    total = max(before.total, before.done - before.failed + now.total)
    if before.total and total - before.total <= _MOST_UNRECORDED:
        total = max(before.total, now.total)
    cost = None if before.cost_pico is None or now.cost_pico is None else before.cost_pico + now.cost_pico
    return replace(
        now,
        total=total,
        done=total - now.total + now.done,
        calls=before.calls + now.calls,
        reused=before.reused + now.reused,
        tokens_in=before.tokens_in + now.tokens_in,
        tokens_out=before.tokens_out + now.tokens_out,
        cost_pico=cost,
    )
