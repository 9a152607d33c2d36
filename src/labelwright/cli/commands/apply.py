"""labelwright apply."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelwright.cli.options import HERE, DryRunOption, JsonOption, WorkspaceOption
from labelwright.cli.output import emit_json, note, say
from labelwright.services.projects.change_words import change_lines, guideline_in, guideline_remarks
from labelwright.services.projects.manage_project import ApplyReport
from labelwright.workspace import Workspace


def command(
    file: Annotated[
        Path | None, typer.Argument(help="The project file.", metavar="FILE", show_default="project.yaml")
    ] = None,
    *,
    workspace: WorkspaceOption = HERE,
    dry_run: DryRunOption = False,
    over_newer: Annotated[
        bool, typer.Option("--over-newer", help="Also where the page has put a newer version in force.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show what project.yaml changes, and put it in force.

    The ledger keeps every version. Where nothing differs, nothing is written. It warns when a change voids a
    certificate or when labels that were given no longer fit. A file that is older than what the page has put in force
    is refused, with what applying it would take back.
    """
    with Workspace.open(workspace, via="cli") as opened:
        report = opened.apply(file, dry_run=dry_run, over_newer=over_newer)
    for warning in (*report.warnings, *guideline_remarks(guideline_in(report.changes))):
        note(f"warning: {warning}")
    if json:
        emit_json(report)
        return
    _show(report)


def _show(report: ApplyReport) -> None:
    if not report.changes and not report.is_new:
        say(f"{report.name}: nothing to do; version {report.version} is in force.")
        return
    if not report.is_new:
        say(f"{report.name}:")
        for line in change_lines(report.changes):
            say(line)
    what = "project made" if report.is_new else "in force"
    done = what if report.applied else f"not written (dry run); it would be: {what}"
    say(
        f"{report.name}: version {report.version} (schema {report.schema_version}, "
        f"guideline {report.guideline_version}): {done}."
    )
    if report.is_new and report.applied:
        say("Next: labelwright import FILE")
