"""labelwright apply."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from labelwright.cli.options import HERE, DryRunOption, JsonOption, WorkspaceOption
from labelwright.cli.output import emit_json, note, say, table
from labelwright.domain.canonical import Json
from labelwright.services.manage_project import ApplyReport
from labelwright.workspace import Workspace

_MOST_CHARACTERS = 60


def command(
    file: Annotated[
        Path | None, typer.Argument(help="The project file.", metavar="FILE", show_default="project.yaml")
    ] = None,
    *,
    workspace: WorkspaceOption = HERE,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Show what project.yaml changes, and put it in force.

    The ledger keeps every version. Where nothing differs, nothing is written. It warns when a change voids a
    certificate or when labels that were given no longer fit.
    """
    with Workspace.open(workspace, via="cli") as opened:
        report = opened.apply(file, dry_run=dry_run)
    for warning in report.warnings:
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
        rows = [(one.path, _short(one.old), _short(one.new)) for one in report.changes]
        table(("what", "in force", "new"), rows, title=report.name)
    what = "project made" if report.is_new else "in force"
    done = what if report.applied else f"not written (dry run); it would be: {what}"
    say(
        f"{report.name}: version {report.version} (schema {report.schema_version}, "
        f"guideline {report.guideline_version}): {done}."
    )
    if report.is_new and report.applied:
        say("Next: labelwright import FILE")


def _short(value: Json) -> str:
    if value is None:
        return "–"
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}… ({len(text):,} characters)"
