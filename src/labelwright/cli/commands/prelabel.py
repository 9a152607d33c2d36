"""labelwright prelabel."""

from __future__ import annotations

from typing import Annotated

import typer

from labelwright.cli.options import HERE, JsonOption, ProgressOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, note, progress, say
from labelwright.workspace import Workspace

STOPPED = 130


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Label at most this many items, to try the prompt out.")
    ] = None,
    json: JsonOption = False,
    show_progress: ProgressOption = False,
) -> None:
    """Have the project's models label every item that is due.

    Answers outside the schema are shown to the model once more and else kept aside, with their text, for people. Every
    call is in the ledger before anything else happens: stop it or kill it, and no answer is paid for twice.

    Exit status 1 when no item got an answer that fits, 130 when it was stopped.
    """
    with (
        Workspace.open(workspace, via="cli") as opened,
        progress("prelabel", wanted=show_progress) as tell,
    ):
        handle = opened.project(project)
        report = handle.prelabel(limit=limit, progress=tell)
        due = handle.status().next
    if json:
        emit_json(report)
    else:
        facts(report.facts())
        say(f"Next: {due.command}   ({due.why})")
    if report.stopped:
        raise typer.Exit(STOPPED)
    if any(one.due for one in report.models) and not any(one.valid for one in report.models):
        note(f"error: no item got an answer that fits; for example {report.problem}")
        raise typer.Exit(1)
