"""labelwright worker."""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright import bootstrap
from labelwright.cli.options import HERE, JsonOption, WorkspaceOption
from labelwright.cli.output import emit_json, note
from labelwright.domain.ids import ProjectId
from labelwright.errors import LabelwrightError
from labelwright.workspace import ProjectHandle, Workspace

if TYPE_CHECKING:
    from labelwright.ports.jobs import Job

LOOK_SECONDS = 0.5
"""How often a worker looks for a job: one small read."""
STOPPED = 130


def command(
    workspace: WorkspaceOption = HERE,
    until_idle: Annotated[
        float | None,
        typer.Option("--until-idle", help="End when nothing has waited for so many seconds.", metavar="S", min=0.0),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Work on the runs that people ask for on the page, by `labelwright jobs start` or the API, one at a time.

    `labelwright serve` starts one by itself when a run is asked for and none works. Several may run, also on one
    workspace: each run has one worker. Ctrl-C or SIGTERM lets the calls in flight finish and be kept; the run is then
    paused. Kill it, and the page shows the run as stalled; Resume goes on, and no answer is paid for twice.
    """
    worked_on: list[str] = []
    with Workspace.open(workspace, via="worker") as opened:
        is_told_to_end = _work_on_all(opened, until_idle, worked_on)
    if json:
        emit_json({"jobs": worked_on})
    if is_told_to_end:
        raise typer.Exit(STOPPED)


def _work_on_all(opened: Workspace, until_idle: float | None, worked_on: list[str]) -> bool:
    """Do job after job; say whether this process was asked to end, or else found nothing to do for long enough."""
    from labelwright.adapters.jobs.stored_control import worker_name

    idle_since = time.monotonic()
    while True:
        job = _next_job(opened, worker_name())
        if job is not None:
            worked_on.append(job.id)
            if _work(opened, job):
                return True
            idle_since = time.monotonic()
        elif until_idle is not None and time.monotonic() - idle_since >= until_idle:
            return False
        else:
            time.sleep(LOOK_SECONDS)


def _next_job(opened: Workspace, worker: str) -> Job | None:
    """Take the job that has waited longest; looking for one costs the writer nothing."""
    with opened.storage.reading() as views:
        if not views.has_waiting_job():
            return None
    return opened.storage.write(lambda tx: tx.take_job(worker, now=opened.world.now()))


def _work(opened: Workspace, job: Job) -> bool:
    """Do a job; say whether this process was asked to end meanwhile. What goes wrong is told in the job."""
    from labelwright.adapters.jobs.stored_control import StoredControl
    from labelwright.services.models.jobs import due_limit

    note(f"job {job.id}: {job.kind}")
    control = StoredControl(opened.storage, job, now=opened.world.now, drains=True)
    try:
        with control:
            limit = due_limit(job)
            if limit == 0:
                return False
            report = ProjectHandle(opened, ProjectId(job.project)).prelabel(limit=limit, control=control)
            bootstrap.end_job(control, report)
            if report.stopped:
                return control.was_asked_to_end
    except LabelwrightError as error:
        note(f"job {job.id}: {error}")
    except Exception as error:  # noqa: BLE001 - the worker must live for the next job
        # Places without messages: a message may quote a text or a key.
        frames = traceback.extract_tb(error.__traceback__)
        places = "\n".join(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        note(f"job {job.id}: {type(error).__name__}\n{places}")
    else:
        note(f"job {job.id}: over")
    return False
