"""labelwright prelabel."""

from __future__ import annotations

from typing import Annotated

import typer

from labelwright.cli.options import HERE, JsonOption, ProgressOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, progress
from labelwright.workspace import Workspace


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
    """
    with (
        Workspace.open(workspace, via="cli") as opened,
        progress("prelabel", wanted=show_progress) as tell,
    ):
        report = opened.project(project).prelabel(limit=limit, progress=tell)
    if json:
        emit_json(report)
        return
    facts(report.facts())
