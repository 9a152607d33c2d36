"""The options that all commands share, spelled once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

WorkspaceOption: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--workspace", "-w", envvar="LABELWRIGHT_WORKSPACE", help="Folder of the workspace.", metavar="FOLDER"
    ),
]
ProjectOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--project", "-p", help="Name of the project; not needed where there is only one.", metavar="NAME"),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Write one JSON object to stdout and nothing else.")
]
ProgressOption: TypeAlias = Annotated[
    bool, typer.Option("--progress", help="Show progress on stderr even when that is no terminal.")
]
DryRunOption: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")]

HERE = Path()
