"""labelwright run."""

from __future__ import annotations

from labelwright.cli.options import HERE, JsonOption, ProgressOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, progress, say
from labelwright.workspace import Workspace


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    json: JsonOption = False,
    show_progress: ProgressOption = False,
) -> None:
    """Do whatever is due: prelabel, calibrate, route, aggregate; stop where people must act first.

    Safe to run at any time and again after a crash: nothing that was done is done twice.
    """
    with (
        Workspace.open(workspace, via="cli") as opened,
        progress("prelabel", wanted=show_progress) as tell,
    ):
        report = opened.project(project).run(progress=tell)
    if json:
        emit_json(report)
        return
    say("Done: " + ", ".join(report.done) + ".")
    say(f"Waiting for {report.waiting_for}." if report.waiting_for else "Next: labelwright report, labelwright export")
