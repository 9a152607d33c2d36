"""labelwright combine."""

from __future__ import annotations

from typing import Annotated

import typer

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, say
from labelwright.workspace import Workspace


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Learn anew from all labels that certify nothing; voids the certificate.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Learn from people's blind labels how to weigh models and signals, and record what they say together.

    For projects with `confidence: combined`: one model's signals are weighed into one probability; a jury's votes
    (`ensemble: jury`) are weighed into a label. The labels that are learnt from never certify: calibrate then draws
    another sample.
    """
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        report = handle.combine(refit=refit)
        due = handle.status().next
    if json:
        emit_json(report)
        return
    lines: dict[str, object] = {"state": report.state, "learnt from": f"{report.n_labels:,} items"}
    lines |= {f"{name}": how for name, how in report.methods.items()}
    lines["recorded now"] = f"{report.n_recorded:,} items"
    if report.state == "waiting":
        lines = {"waiting for": "the first blind sample, to learn from (labelwright calibrate draws it)"}
    facts(lines)
    say(f"Next: {due.command}   ({due.why})")
