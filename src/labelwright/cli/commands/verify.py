"""labelwright verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelwright.adapters.formats.manifest import changed_files, read_manifest
from labelwright.cli.options import HERE, JsonOption, WorkspaceOption
from labelwright.cli.output import emit_json, note, say
from labelwright.errors import LedgerBroken
from labelwright.workspace import Workspace


def command(
    *,
    workspace: WorkspaceOption = HERE,
    head: Annotated[
        Path | None,
        typer.Option(
            help="Manifest of an export, or its folder: the ledger must still hold its position, files their hash."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check the ledger's hash chain, and every root and commitment in it.

    Exit status 1 and the first broken position when it does not hold. A chain alone cannot see its tail cut off:
    give the manifest of an export with --head.
    """
    manifest = None if head is None else read_manifest(head)
    changed = [] if manifest is None else changed_files(manifest)
    problem: LedgerBroken | None = None
    position = None
    with Workspace.open(workspace, via="cli") as opened:
        try:
            found = opened.verify(head=None if manifest is None else manifest.head)
            position = found.position
        except LedgerBroken as broken:
            problem = broken
    if json:
        emit_json(
            {
                "holds": problem is None and not changed,
                "position": position,
                "broken_at": None if problem is None else problem.position,
                "problem": None if problem is None else problem.problem,
                "changed_files": changed,
            }
        )
    if problem is not None:
        note(f"error: {problem}")
    for name in changed:
        note(f"error: {name} is missing or not as the manifest says; export again")
    if problem is not None or changed:
        raise typer.Exit(1)
    if not json:
        anchored = "" if manifest is None else f", and holds what {manifest.path} says"
        say(f"The ledger holds: {position or 0:,} events{anchored}.")
