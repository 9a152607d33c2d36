"""labelwright export."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from labelwright.adapters.formats.croissant import Publication
from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, note, say, table
from labelwright.workspace import Workspace

_WHY = (
    "what it was bound to (model, prompt, guideline, schema, target) has changed; labelwright status says what is due"
)


def command(
    folder: Annotated[Path, typer.Argument(help="Where to; made when it is missing.", metavar="FOLDER")],
    *,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    format: Annotated[
        list[str] | None,
        typer.Option(
            help="jsonl (everything), csv (flat), items (without labels), coco (regions of images), yolo (boxes or "
            "outlines); may be repeated.",
            metavar="FORMAT",
            show_default="jsonl and csv",
        ),
    ] = None,
    guard_formulas: Annotated[
        bool, typer.Option("--guard-formulas", help="In CSV, put a ' before cells a spreadsheet would compute.")
    ] = False,
    weights: Annotated[
        bool,
        typer.Option("--weights", help="Write weights.jsonl too: chances of being drawn, and outcomes for analysts."),
    ] = False,
    licence: Annotated[
        str | None, typer.Option("--license", help="The licence's address, for the Croissant and the datasheet.")
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="Where the data set is published.")] = None,
    creator: Annotated[str | None, typer.Option("--creator", help="Who publishes it.")] = None,
    json: JsonOption = False,
) -> None:
    """Write the labelled data with its provenance, the data-set card, and a manifest.

    One snapshot; made again at the same ledger position, the same bytes. The manifest holds counts, the ledger's
    position and hash (`labelwright verify --head` checks them) and the sha256 of each file.
    """
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        report = handle.export(
            folder,
            formats=format or ("jsonl", "csv"),
            guard_formulas=guard_formulas,
            weights=weights,
            about=Publication(licence, url, creator),
        )
        # The certificate is looked at only where labels rest on one: most of an export's start-up would be that.
        warnings = unbacked(report.counts, handle.status().calibration) if rests_on_certificate(report.counts) else []
    for warning in warnings:
        note(f"warning: {warning}")
    if json:
        emit_json(report)
        return
    rows = [(name, status, n) for name, of_status in report.counts.items() for status, n in of_status.items()]
    table(("question", "status", "items"), rows)
    for name, file in report.files.items():
        say(f"{folder / name}: {f'{file.rows:,} rows, ' if file.rows else ''}{file.bytes:,} bytes")
    say(f"{folder / 'manifest.json'}: ledger position {report.position:,}, hash {report.hash[:16]}…")


def rests_on_certificate(counts: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether any label was accepted unseen.

    >>> rests_on_certificate({"tone": {"auto-accepted": 3}}), rests_on_certificate({"tone": {"consensus": 3}})
    (True, False)
    """
    return any(of_status.get("auto-accepted") for of_status in counts.values())


def unbacked(counts: Mapping[str, Mapping[str, int]], calibration: str) -> list[str]:
    """Say which accepted labels rest on a certificate that no longer holds.

    >>> unbacked({"tone": {"auto-accepted": 3}}, "certified")
    []
    """
    accepted = {name: of_status.get("auto-accepted", 0) for name, of_status in counts.items()}
    return [
        f"{n:,} labels of {name!r} were accepted by a certificate that no longer holds: {_WHY}"
        for name, n in accepted.items()
        if n and calibration != "certified"
    ]
