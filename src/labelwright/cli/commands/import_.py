"""labelwright import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelwright.cli.options import HERE, JsonOption, ProgressOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, note, progress, say
from labelwright.errors import InvalidInput
from labelwright.services.projects.import_items import ImportReport
from labelwright.workspace import ProjectHandle, Workspace


def command(
    file: Annotated[Path, typer.Argument(help="JSON lines or CSV, plain or .gz.", metavar="FILE")],
    *,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    id: Annotated[
        str | None,
        typer.Option("--id", help="Column of the id; without one, the content names the item.", metavar="COLUMN"),
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="Column of the project's first content field.", metavar="COLUMN")
    ] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="Column of a content field; may be repeated.", metavar="NAME=COLUMN")
    ] = None,
    format: Annotated[
        str | None, typer.Option(help="jsonl or csv, where the name does not say.", metavar="FORMAT")
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of the file.", metavar="NAME")] = "utf-8",
    delimiter: Annotated[
        str | None, typer.Option(help="What sets CSV columns apart; `tab` for a tab.", metavar="CHARACTER")
    ] = None,
    rejected: Annotated[
        Path | None,
        typer.Option(
            help="Report of rejected rows.", metavar="FILE", show_default="WORKSPACE/imports/NAME.rejected.jsonl"
        ),
    ] = None,
    show_progress: ProgressOption = False,
    json: JsonOption = False,
) -> None:
    """Bring in items from JSON lines or CSV.

    Columns that are neither the id nor shown are kept as metadata. Every row is accepted, already there, or rejected
    with line, reason and hint. Stopped in the middle and run again, it goes on; run twice, it does nothing.
    Exit status 1 when every row was rejected.
    """
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        fields = _fields(handle, text, field or [])
        noted = rejected or workspace / "imports" / f"{file.name}.rejected.jsonl"
        with progress(f"import {file.name}", wanted=show_progress) as callback:
            report = handle.import_items(
                file,
                fields=fields,
                id_field=id,
                format=format,
                encoding=encoding,
                delimiter=delimiter,
                rejected=noted,
                progress=callback,
            )
    if json:
        emit_json({**_plain(report), "rejected_file": str(noted) if report.rejected else None})
    else:
        _show(report, noted)
    if report.rejected and report.rejected == report.rows:
        raise typer.Exit(1)


def _fields(handle: ProjectHandle, text: str | None, pairs: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    if text is not None:
        fields[handle.config.config.content_fields[0]] = text
    for pair in pairs:
        name, equals, column = pair.partition("=")
        if not equals or not name or not column:
            raise InvalidInput(f"--field: {pair!r} is no pair; write --field {pair.strip('=') or 'text'}=COLUMN")
        if name in fields:
            raise InvalidInput(f"--field: {name!r} is named twice")
        fields[name] = column
    return fields


def _plain(report: ImportReport) -> dict[str, object]:
    return {name: getattr(report, name) for name in report.__dataclass_fields__}


def _show(report: ImportReport, noted: Path) -> None:
    if report.was_complete:
        say(f"{report.source}: nothing to do; it was imported before.")
    facts(
        {
            "rows": report.rows,
            "accepted": report.accepted,
            "already there": report.already_there,
            "rejected": report.rejected,
        }
    )
    if not report.rows:
        note(f"note: {report.source} has no rows")
    if report.resumed_after:
        say(f"It went on after line {report.resumed_after:,}, where an earlier import was stopped.")
    if report.generated_ids:
        note(f"note: {report.generated_ids:,} rows have no id: their content names them, and equal rows are one item")
    if report.left_out:
        note(f"note: {report.left_out:,} rows carry labels or other keys of an export; only the items came in")
    for one in report.first_rejections:
        hint = f" ({one.hint})" if one.hint else ""
        say(f"  line {one.line:,}: {one.reason}{hint}")
    if report.rejected:
        say(f"All rejected rows: {noted}")
    if report.accepted:
        say("Next: labelwright status")
