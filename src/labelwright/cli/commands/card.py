"""labelwright card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from labelwright import bootstrap
from labelwright.adapters.formats.croissant import Publication
from labelwright.adapters.report.card_words import (
    CONFUSED_COLUMNS,
    TAG_COLUMNS,
    accuracy_sentences,
    confused_rows,
    cost_rows,
    origin_rows,
    part_rows,
    share,
    shift_sentence,
    tag_rows,
    worth_sentence,
)
from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, note, say, table
from labelwright.errors import InvalidInput, NotFound, WorkspaceMissing
from labelwright.workspace import Workspace

if TYPE_CHECKING:
    from labelwright.services.card.card_check import CardCheck

_MOST_SHOWN = 20


def command(
    *,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the card's files into this folder.", metavar="FOLDER")
    ] = None,
    format: Annotated[
        list[str] | None,
        typer.Option(
            help="json, html, croissant, datasheet; may be repeated. For --out.",
            metavar="FORMAT",
            show_default="all; croissant beside an export",
        ),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            "--check", help="Hold a folder's card against its files and, in a workspace, the ledger.", metavar="FOLDER"
        ),
    ] = None,
    licence: Annotated[
        str | None, typer.Option("--license", help="The licence's address, for the Croissant and the datasheet.")
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="Where the data set is published.")] = None,
    creator: Annotated[str | None, typer.Option("--creator", help="Who publishes it.")] = None,
    json: JsonOption = False,
) -> None:
    """Say what the labels are worth: accuracy, class shares, confusion, errors left, each in its interval.

    With --out, the card as files: card.json, card.html, DATASHEET.md and, beside an export, croissant.json;
    `labelwright export` writes all four. With --check, exit status 1 when a file was changed, or the ledger does not
    say what the card says; without a workspace the files alone are checked.
    """
    if check is not None:
        _check(check, workspace, project, json=json)
        return
    if format and out is None:
        raise InvalidInput("--format: needs --out FOLDER, where the files go; --json writes the card to stdout")
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        if out is not None:
            files = handle.write_card(out, formats=format, about=Publication(licence, url, creator))
            if json:
                emit_json({"folder": str(out), "files": files})
                return
            for name, file in files.items():
                say(f"{out / name}: {file.bytes:,} bytes")
            return
        card = handle.card()
    if json:
        emit_json(card)
        return
    for question in cast("Sequence[Mapping[str, Any]]", card["questions"]):
        _tell(question)


def _tell(question: Mapping[str, Any]) -> None:
    card: Mapping[str, Any] = question["card"]
    say(f"{question['name']}:")
    for sentence in (*accuracy_sentences(card), shift_sentence(card), worth_sentence(card)):
        if sentence is not None:
            say(f"  {sentence}")
    if card["accuracy"]["by_origin"]:
        table(["labels of record", "number", "share", "right"], origin_rows(card))
    accuracy: Mapping[str, Any] = card["accuracy"]
    if accuracy["by_class"]:
        _table(["label", "labels", "drawn", "right"], part_rows(accuracy["by_class"], "label"))
    if accuracy.get("by_slice"):
        rows = part_rows(accuracy["by_slice"], "field", "value")
        _table(["field", "value", "labels", "drawn", "right"], rows)
    if confused_rows(card):
        _table(CONFUSED_COLUMNS, confused_rows(card))
    if tag_rows(card):
        _table(TAG_COLUMNS, tag_rows(card))
    prevalence: Sequence[Mapping[str, Any]] = card["prevalence"] or ()
    if prevalence:
        rows = [
            [row["label"], share(row["naive"]), share(row["corrected"]), f"{share(row['low'])} to {share(row['high'])}"]
            for row in prevalence
        ]
        _table(["class", "of the model's labels", "of the items", "95% interval"], rows)
    table(["what it took", "models", "people's time"], cost_rows(card["cost"]))
    if accuracy["overall"] is not None:
        say(f"  In these tables {card['holds']}.")


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw the first rows, and say how many there are besides."""
    table(columns, rows[:_MOST_SHOWN])
    if len(rows) > _MOST_SHOWN:
        say(f"  and {len(rows) - _MOST_SHOWN:,} more (--json has all)")


def _check(folder: Path, workspace: Path, project: str | None, *, json: bool) -> None:
    found, why_not = _checked(folder, workspace, project)
    if json:
        emit_json(
            {
                "holds": found.holds,
                "position": found.position,
                "is_whole": found.is_whole,
                "changed_files": found.changed_files,
                "unnamed_files": found.unnamed_files,
                "is_in_ledger": found.is_in_ledger,
                "has_moved_on": found.has_moved_on,
                "differences": found.differences,
            }
        )
    else:
        _tell_check(folder, found, why_not)
    if not found.holds:
        raise typer.Exit(1)


def _checked(folder: Path, workspace: Path, project: str | None) -> tuple[CardCheck, str | None]:
    """Check with the workspace if there is one with such a project; else the files alone, and why."""
    try:
        opened = Workspace.open(workspace, via="cli")
    except WorkspaceMissing:
        return bootstrap.check_card(folder), "there is no workspace here (--workspace FOLDER)"
    with opened:
        stated = bootstrap.check_card(folder).project
        try:
            return opened.project(project or stated).check_card(folder), None
        except NotFound:
            if project is not None:
                raise
            return bootstrap.check_card(folder), f"the workspace has no project {stated!r}"


def _tell_check(folder: Path, found: CardCheck, why_not: str | None) -> None:
    for name, why in found.changed_files.items():
        note(f"error: {folder / name} {why}")
    if found.unnamed_files:
        note(f"Nothing is said of {', '.join(found.unnamed_files)}: no hash is known of what was written there.")
    if not found.is_whole:
        note("error: card.json does not fit its own hash: somebody edited it")
    if found.is_in_ledger is False:
        note(f"error: the ledger here does not hold position {found.position:,} as the card states it")
    if found.differences:
        told = "The ledger has moved on; a card made now differs in" if found.has_moved_on else "error: recomputed,"
        note(f"{told} {len(found.differences):,} places{'' if found.has_moved_on else ' differ'}:")
        for one in found.differences[:_MOST_SHOWN]:
            note(f"  {one.path}: {_short(one.stated)} → {_short(one.now)}")
        if len(found.differences) > _MOST_SHOWN:
            note(f"  and {len(found.differences) - _MOST_SHOWN:,} more (--json has all)")
    if not found.holds:
        return
    if found.is_in_ledger is None:
        say(f"The files are as they were written. Not held against the ledger: {why_not}.")
    elif found.has_moved_on:
        say(f"The files are as they were written, from ledger position {found.position:,}, which the ledger holds.")
    else:
        say(f"The card says what the ledger says at position {found.position:,}; the files are as they were written.")


def _short(value: object) -> str:
    words = f"{value:.4f}" if isinstance(value, float) else str(value)
    return words if len(words) <= 60 else words[:59] + "…"
