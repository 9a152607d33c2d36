"""labelwright run."""

from __future__ import annotations

from typing import Annotated

import typer

from labelwright.cli.commands.prelabel import STOPPED, confirm
from labelwright.cli.options import HERE, JsonOption, ProgressOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, note, run_progress, say
from labelwright.services.models.prelabel import PrelabelReport
from labelwright.services.projects.cycle import CycleReport
from labelwright.services.projects.status import NextStep
from labelwright.workspace import Workspace


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, whatever the models may cost.")] = False,
    json: JsonOption = False,
    show_progress: ProgressOption = False,
) -> None:
    """Do whatever is due: prelabel, combine, calibrate, route, aggregate; stop where people must act first.

    Safe to run at any time and again after a crash: nothing that was done is done twice.
    """
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        if not yes:
            confirm(handle)
        with run_progress("prelabel", wanted=show_progress) as watch:
            report = handle.run(watch=watch, tell=note)
        due = handle.status().next
    was_stopped = isinstance(prelabelled := report.done.get("prelabel"), PrelabelReport) and prelabelled.stopped
    if json:
        emit_json(report)
    else:
        _show(report, due)
    if was_stopped:
        raise typer.Exit(STOPPED)


def _show(report: CycleReport, due: NextStep) -> None:
    say("Done: " + ", ".join(report.done) + ".")
    if report.waiting_for:
        say(f"Waiting for {report.waiting_for}.")
    else:
        say(f"Next: {due.command}   ({due.why})")
