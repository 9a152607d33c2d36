"""labelwright slices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, note, say
from labelwright.workspace import ProjectHandle, Workspace


def command(
    file: Annotated[
        Path | None, typer.Argument(help="A CSV, TSV or JSONL file, instead of a workspace's project.", metavar="FILE")
    ] = None,
    *,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by", metavar="FIELD", help="Divide by this field only (metadata, label, length …); repeatable."
        ),
    ] = None,
    q: Annotated[
        float, typer.Option("--q", min=0.001, max=0.5, help="Chance that any finding is false, at most.")
    ] = 0.1,
    draw: Annotated[
        int | None,
        typer.Option("--draw", metavar="N", min=1, help="Ask for fresh blind answers inside finding N, to confirm it."),
    ] = None,
    size: Annotated[
        int | None, typer.Option("--size", min=1, help="With --draw: how many. [as many as settle it]")
    ] = None,
    confirm: Annotated[
        bool,
        typer.Option("--confirm", help="Test earlier findings with the fresh answers there are; wait for no more."),
    ] = False,
    reroute: Annotated[
        int | None,
        typer.Option("--reroute", metavar="N", min=1, help="Send finding N's accepted labels back to people."),
    ] = None,
    missing_label: Annotated[
        bool, typer.Option("--missing-label", help="Look for groups of items that fit no label instead.")
    ] = False,
    id_column: Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="FILE: column of the ids.")] = None,
    label_column: Annotated[
        str | None, typer.Option("--label", metavar="COLUMN", help="FILE: column of the model's labels.")
    ] = None,
    truth_column: Annotated[
        str | None, typer.Option("--truth", metavar="COLUMN", help="FILE: column of the right labels.")
    ] = None,
    weight_column: Annotated[
        str | None,
        typer.Option("--weight", metavar="COLUMN", help="FILE: each row's probability to have been drawn. [all alike]"),
    ] = None,
    score_column: Annotated[
        str | None, typer.Option("--score", metavar="COLUMN", help="FILE: column of the model's confidence.")
    ] = None,
    text_column: Annotated[
        str | None, typer.Option("--text", metavar="COLUMN", help="FILE: column of the text. [the longest]")
    ] = None,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Find where the model is wrong more often than elsewhere: by metadata, label, length, language, wording.

    Looks at every part of the items, and where two meet, in the blind answers of the calibration sample and the audit;
    the chance that anything it tells is a false alarm is at most --q. Each finding shows examples and proposes what to
    write into the guideline. --draw N asks people about fresh items of finding N: run the command again afterwards, and
    it says whether the finding is confirmed. All confirmations of a project share one 5%, however many there are; the
    command says what each may spend. --reroute N sends what is accepted there back to people; it can be undone
    (labelwright recall).
    """
    chosen = {
        "--draw": draw,
        "--reroute": reroute,
        "--missing-label": missing_label or None,
        "--confirm": confirm or None,
    }
    if file is not None:
        _refuse(chosen)
        from labelwright.cli.commands.slices_file import of_file

        columns = {
            "id": id_column,
            "label": label_column,
            "truth": truth_column,
            "weight": weight_column,
            "score": score_column,
            "text": text_column,
        }
        found, texts = of_file(file, columns, by=by or [], q=q)
        if json:
            emit_json({"file": str(file), **found})
        else:
            tell(file.name, found, texts)
        return
    _refuse_together(chosen, size=size, draw=draw)
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        if draw is not None:
            _draw(handle, draw, size=size, json=json)
            return
        if reroute is not None:
            _reroute(handle, reroute, json=json)
            return
        if missing_label:
            _missing(handle, q=q, json=json)
            return
        found = handle.slices(by=by or [], q=q, confirm=confirm)
        texts = handle.excerpts(_examples(found))
    if json:
        emit_json(found)
        return
    first = 1
    for name, one in cast("Mapping[str, Mapping[str, Any]]", found["questions"]).items():
        tell(name, one, texts, first=first)
        first += len(one["findings"])
    _spent(cast("Mapping[str, Any]", found["confirmations"]))
    if first > 1:
        note("To confirm finding N: labelwright slices --draw N. To send its accepted labels back: --reroute N.")


def _draw(handle: ProjectHandle, finding: int, *, size: int | None, json: bool) -> None:
    drawn = handle.draw_in_slice(finding, n=size)
    if json:
        emit_json(drawn)
        return
    say(f"{drawn.n:,} of {drawn.population:,} unlabelled items with {drawn.slice} are drawn, for blind labels.")
    if drawn.needed is None:
        say("Even 500 answers would settle it with less than a chance of 80%: the audit tells too little of the rest.")
    elif drawn.n < drawn.needed:
        say(f"Some {drawn.needed} would settle it with a chance of 80%.")
    if drawn.n_reviewed:
        say(
            f"{drawn.n_reviewed:,} more items of it were reviewed already and cannot be drawn: what is found speaks of "
            "the others, and refutes the finding only if those could not change it."
        )
    say("Next: labelwright serve; once they are labelled: labelwright slices")


def _reroute(handle: ProjectHandle, finding: int, *, json: bool) -> None:
    sent = handle.reroute_slice(finding)
    if json:
        emit_json(sent)
        return
    say(f"{sent.n_recalled:,} accepted labels with {sent.slice} go back to people.")
    say(f"To undo it: labelwright recall --undo {sent.recall}")


def _missing(handle: ProjectHandle, *, q: float, json: bool) -> None:
    from labelwright.cli.commands.slices_missing import tell_missing

    found = handle.missing_labels(q=q)
    if json:
        emit_json(found)
        return
    tell_missing(found, handle.excerpts(_examples(found)))


def _examples(found: Mapping[str, Any]) -> list[str]:
    questions = cast("Mapping[str, Mapping[str, Any]]", found["questions"])
    return [name for one in questions.values() for row in one["findings"] for name in row["examples"]]


def _refuse(words: Mapping[str, object]) -> None:
    given = [name for name, value in words.items() if value is not None]
    if given:
        raise typer.BadParameter(f"{', '.join(given)}: for a project, not for a file")


def _refuse_together(words: Mapping[str, object], *, size: int | None, draw: int | None) -> None:
    several = [name for name, value in words.items() if value is not None]
    if len(several) > 1:
        raise typer.BadParameter(f"{' and '.join(several)}: one after the other")
    if size is not None and draw is None:
        raise typer.BadParameter("--size: says how many --draw N draws; name the finding")


def tell(name: str, found: Mapping[str, Any], texts: Mapping[str, str], *, first: int = 1) -> None:
    """Show the findings of one question."""
    say(
        f"{name}: {found['n_wrong']:,} of {found['n_audited']:,} checked labels are wrong"
        + ("" if found["error"] is None else f" (weighted: {found['error']:.1%})")
        + f"; {found['n_slices']:,} slices and {found['n_cells']:,} confusions in slices looked at."
    )
    rows = cast("Sequence[Mapping[str, Any]]", found["findings"])
    if not rows:
        say("Nothing stands out: no slice is wrong clearly more often than the rest (small ones cannot show).")
        return
    for number, row in enumerate(rows, first):
        say()
        cell = f", “{row['cell']}”" if row["cell"] else ""
        say(f"{number}. {row['slice']}{cell if row['is_of_cell'] else ''}")
        ratio = "" if row["ratio"] is None else f", {row['ratio']:.1f} times as often"
        say(
            f"   {_counted(row)}: {row['error']:.0%}, elsewhere {row['rest_error']:.1%}{ratio}; "
            f"q = {row['q']:.3f}{_confirmed(row)}"
        )
        if row["cell"] and not row["is_of_cell"]:
            say(f"   mostly {row['cell']}")
        for example in row["examples"]:
            say(f"   e.g. {example}: {texts.get(example, '')}".rstrip(": "))
        if row["others"]:
            say(f"   the same mistakes: {'; '.join(row['others'][:3])}")
        say(f"   → {row['proposal']}")


def _counted(row: Mapping[str, Any]) -> str:
    n, n_wrong, said, truth = row["n"], row["n_wrong"], row["said"], row["truth"]
    if not row["is_of_cell"]:
        return f"{n_wrong} of {n} wrong"
    if said and truth:
        return f"{n_wrong} of {n} labelled {said} are {truth}"
    return f"{n_wrong} of {n} given {said} should not have it" if said else f"{n_wrong} of {n} not given {truth} should"


def _spent(account: Mapping[str, Any]) -> None:
    if not account["n_tests"]:
        return
    now = (
        "No fresh answers were tested now"
        if not account["n_now"]
        else f"Fresh answers were tested {account['n_now']} times now, each at the level {account['level']:.2g}"
    )
    say()
    say(
        f"{now}; {account['n_tests']:,} tests so far have spent {account['spent']:.1%} of the {account['delta']:.0%} "
        f"that all confirmations of this project share. The next one is held to {account['next_level']:.2g}."
    )


def _confirmed(row: Mapping[str, Any]) -> str:
    fresh = row["fresh"]
    if not fresh:
        return ""
    told = f"{fresh['n_wrong']} of {fresh['n']} fresh ones wrong"
    if fresh.get("n_waiting"):
        told += f", {fresh['n_waiting']} drawn ones not answered yet"
    if row["confirmed"] is None and not fresh.get("n_tested", fresh["n"]):
        return f"; not tested yet: {told} (--confirm tests now)"
    if row["confirmed"] is None:
        return f"; not settled: {told}"
    return f"; confirmed: {told}" if row["confirmed"] else f"; refuted: {told}"
