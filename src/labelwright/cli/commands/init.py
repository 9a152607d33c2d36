"""labelwright init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelwright.cli.options import HERE, JsonOption
from labelwright.cli.output import emit_json, say
from labelwright.errors import InvalidInput
from labelwright.settings import PROJECT_FILE, read_project_file
from labelwright.settings.template import GUIDELINE_FILE, new_guideline, new_project_file
from labelwright.workspace import Workspace


def command(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Where; made when it is missing.",
            metavar="FOLDER",
            envvar="LABELWRIGHT_WORKSPACE",
            show_default="here",
        ),
    ] = HERE,
    *,
    name: Annotated[str, typer.Option(help="Name of the project.")] = "reviews",
    labels: Annotated[str, typer.Option(help="The labels of its first question, with commas.")] = "positive,negative",
    json: JsonOption = False,
) -> None:
    """Make a workspace: a database, a project file to fill in, a guideline.

    What is there already stays as it is, so it may be run again.
    """
    named = [label.strip() for label in labels.split(",") if label.strip()]
    if len(set(named)) < 2:
        raise InvalidInput(f"--labels: {labels!r} leaves nothing to decide; at least two are needed, with commas")
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(f"{folder}: is a file; name a folder")
    folder.mkdir(parents=True, exist_ok=True)
    made: list[str] = []
    for file, text in (
        (GUIDELINE_FILE, new_guideline(named)),
        (PROJECT_FILE, new_project_file(name, labels=named)),
    ):
        if not (folder / file).exists():
            (folder / file).write_text(text, encoding="utf-8")
            made.append(file)
            if file == PROJECT_FILE:
                _check(folder / file)
    database = "labelwright.db"
    if not (folder / database).exists():
        made.append(database)
    Workspace.create(folder, via="cli").close()
    if json:
        emit_json({"folder": str(folder), "made": made})
        return
    say(f"{folder.resolve()}: made {', '.join(made)}." if made else f"{folder.resolve()}: everything is there already.")
    at = "" if folder == HERE else f" -w {folder}"
    say(f"Next: edit {PROJECT_FILE} and {GUIDELINE_FILE}, then: labelwright apply{at}")


def _check(path: Path) -> None:
    """Take the file back when a name that was given cannot be used."""
    try:
        read_project_file(path)
    except InvalidInput:
        path.unlink()
        raise
