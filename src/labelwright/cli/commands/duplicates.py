"""labelwright duplicates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, note, say, table
from labelwright.errors import InvalidInput, did_you_mean
from labelwright.workspace import Workspace

if TYPE_CHECKING:
    from labelwright.methods.duplicates.shingles import Runs
    from labelwright.services.soundness.duplicates import Duplicates

_RUNS = ("characters", "words")
_SHOWN = 10
_MEMBERS = 6


def command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Plain files to look through instead of a project; each is a side.", metavar="FILE"),
    ] = None,
    *,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    field: Annotated[
        str, typer.Option("--field", help="Metadata field (or column) that names the side of a split.")
    ] = "split",
    runs: Annotated[str, typer.Option("--runs", help="What texts share: characters, or words.")] = "characters",
    gold: Annotated[
        Path | None, typer.Option("--gold", help="A file of id and labels that measures models, too.", metavar="FILE")
    ] = None,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="List copies whose labels differ, with their labels.")
    ] = False,
    split: Annotated[
        Path | None,
        typer.Option("--split", help="Write a split that no near copy crosses (.csv, .jsonl).", metavar="OUT"),
    ] = None,
    test_share: Annotated[float, typer.Option("--test-share", help="Share of the test side.", metavar="SHARE")] = 0.2,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the split.")] = 1,
    text: Annotated[str | None, typer.Option("--text", help="Of files: column of the text. [text]")] = None,
    label: Annotated[str | None, typer.Option("--label", help="Of files: column of the labels. [label]")] = None,
    id_column: Annotated[str | None, typer.Option("--id", help="Of files: column of the ids. [id]")] = None,
    json: JsonOption = False,
) -> None:
    """Find texts that nearly repeat one another, where that leaks from one side to another, and where labels differ.

    Two texts count as copies when they share at least 80% of their runs of five characters (or words, --runs), or when
    their vectors have a cosine of at least 0.95. Leaks are looked for between the sides of a split, between files,
    between examples in prompts and the items that certify, and between those and the prompt's own text.
    """
    if runs not in _RUNS:
        raise InvalidInput(f"--runs: {runs!r} is neither characters nor words{did_you_mean(runs, _RUNS)}")
    kind: Runs = "words" if runs == "words" else "characters"
    if files:
        from labelwright.bootstrap.soundness import duplicates_in_files

        found = duplicates_in_files(files, text=text, label=label, id=id_column, field=field, runs=kind)
    else:
        with Workspace.open(workspace, via="cli") as opened:
            found = opened.project(project).duplicates(field=field, runs=kind, gold=gold)
    if split is not None:
        _write_split(found, split, test_share=test_share, seed=seed, field=field)
    if json:
        emit_json(found.as_json(with_labels=conflicts))
    else:
        _tell(found, conflicts=conflicts)


def _write_split(found: Duplicates, file: Path, *, test_share: float, seed: int, field: str) -> None:
    from labelwright.bootstrap.soundness import write_split
    from labelwright.services.soundness.duplicates import split_of

    sides = split_of(found, test_share=test_share, seed=seed)
    write_split(file, found, sides, field=field)
    n_test = sides.count("test")
    note(f"{file}: {n_test:,} of {len(sides):,} texts are test; no near copy stands on the other side")


def _tell(found: Duplicates, *, conflicts: bool) -> None:
    largest = found.as_json(with_labels=False)["largest"]
    assert isinstance(largest, list)  # noqa: S101 - it is
    rows: list[list[object]] = []
    for one in largest[:_SHOWN]:
        assert isinstance(one, dict)  # noqa: S101 - it is
        n, ids = one["n"], one["items"]
        assert isinstance(n, int) and isinstance(ids, list)  # noqa: S101, PT018 - they are
        more = ", …" if n > _MEMBERS else ""
        rows.append([n, ", ".join(str(id) for id in ids[:_MEMBERS]) + more])
    if rows:
        table(["copies", "items"], rows, title="The largest groups")
    for leak in found.leaks:
        examples = [" = ".join(pair) for pair in leak.examples]
        table([f"{leak.between}: {leak.n:,}"], [[one] for one in examples], title="Leak")
    if conflicts:
        for one in found.conflicts:
            pairs = zip(one.items, one.labels, strict=True)
            say(f"{one.question}: " + ", ".join(f"{id} {'–' if said is None else said}" for id, said in pairs))
        if not found.conflicts:
            say("No copies whose labels differ.")
    say(found.sentence)
    if found.conflicts and not conflicts:
        say("See them with --conflicts.")
