"""labelwright alt-test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from labelwright.adapters.formats.label_words import written_otherwise
from labelwright.adapters.formats.text_table import read_text_table
from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, say, table
from labelwright.errors import InvalidFile, InvalidValue
from labelwright.methods.replacement import accuracy, negative_rmse
from labelwright.services.people.replacement import SKILLED, check_votes
from labelwright.workspace import Workspace

NO = 1


def command(
    people: Annotated[
        Path | None,
        typer.Argument(help="A file of votes (id, annotator, label), instead of a workspace's.", metavar="VOTES"),
    ] = None,
    model: Annotated[
        Path | None, typer.Argument(help="The model's labels (columns id, label), beside VOTES.", metavar="PREDICTIONS")
    ] = None,
    *,
    epsilon: Annotated[
        float,
        typer.Option(
            "--epsilon", help="What the model may be worse by for its price: .2 expert, .15 skilled, .1 crowd."
        ),
    ] = SKILLED,
    by: Annotated[
        str | None, typer.Option("--by", help="Test each value of this metadata field (a column of VOTES) as well.")
    ] = None,
    least_items: Annotated[
        int, typer.Option("--least-items", min=5, help="Leave out people with fewer items that others labelled too.")
    ] = 30,
    numbers: Annotated[bool, typer.Option("--numbers", help="Labels in files are numbers: closer is better.")] = False,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Say whether the model may replace the annotators here (the alternative annotator test).

    Each person is left out in turn: does the model agree with the others as well as that person does? It may take
    their place where it does so for at least half of them. Blind answers of the calibration sample count, of items that
    two or more people answered; three people with 30 such items each are needed (calibration_votes: 3).

    Exit status 1: it may not, or it cannot be said.
    """
    if (people is None) != (model is None):
        raise typer.BadParameter("give both files, VOTES and PREDICTIONS, or none to test a workspace's project")
    if people is not None and model is not None:
        found = _of_files(people, model, epsilon=epsilon, by=by, least_items=least_items, numbers=numbers)
        questions = [{"question": people.name, "model": model.name, **found}]
    else:
        with Workspace.open(workspace, via="cli") as opened:
            report = opened.project(project).alt_test(epsilon=epsilon, by=by, least_items=least_items)
        questions = cast("list[dict[str, Any]]", report["questions"])
    if json:
        emit_json({"epsilon": epsilon, "questions": questions})
    else:
        for question in questions:
            _show(question)
    if not all(question["may_replace"] for question in questions):
        raise typer.Exit(NO)


def _of_files(
    people: Path, model: Path, *, epsilon: float, by: str | None, least_items: int, numbers: bool
) -> Mapping[str, Any]:
    votes, said = read_text_table(people), read_text_table(model)
    ids, who, labels = (votes.column(name) for name in ("id", "annotator", "label"))
    groups = (
        None
        if by is None
        else {key: f"{by} = {cell}" for key, cell in zip(ids, votes.column(by), strict=True) if cell is not None}
    )

    def read(cell: object, file: Path, line: int) -> object:
        if not numbers:
            return str(cell)
        try:
            return float(cast("str", cell))
        except (TypeError, ValueError):
            raise InvalidFile(file, f"{cell!r} is no number", line=line) from None

    if not 0 <= epsilon < 1:
        raise InvalidValue("--epsilon", f"must be in [0, 1), got {epsilon}")
    given = [
        (key, str(name), read(label, people, line))
        for key, name, label, line in zip(ids, who, labels, votes.lines, strict=True)
        if label is not None
    ]
    predicted: dict[Any, object] = {}
    first: dict[Any, int] = {}
    for key, label, line in zip(said.column("id"), said.column("label"), said.lines, strict=True):
        if label is None:
            continue
        value = read(label, model, line)
        if predicted.setdefault(key, value) != value:
            hint = f"; it has another in line {first[key]}: give the answers of one model, one per item"
            raise InvalidFile(model, f"item {key!r} has a second label", line=line, hint=hint)
        first.setdefault(key, line)
    both = {key for key, _, _ in given} & predicted.keys()
    if given and predicted and not both:
        one, other = str(next(iter(predicted))), str(given[0][0])
        raise InvalidFile(model, f"has no item of {people.name}: ids here are such as {one!r}, there {other!r}")
    found = check_votes(
        given,
        predicted,
        negative_rmse if numbers else accuracy,
        epsilon=epsilon,
        group_of=groups,
        least_items=least_items,
    )
    otherwise = written_otherwise({str(predicted[key]) for key in both}, {str(label) for _, _, label in given})
    if otherwise is not None and not numbers:
        raise InvalidFile(model, f"has other labels than {people.name}: {otherwise}", hint="; write labels alike")
    return found


def _show(question: Mapping[str, Any]) -> None:
    say(f"{question['question']} ({question['model']}): {question['sentence']}.")
    rows = [_row(person, "all") for person in question["people"]]
    for one in question["slices"]:
        rows += [_row(person, one["slice"]) for person in one["people"]]
    if rows:
        table(("slice", "person", "items", "model as good", "p", "p adjusted", "model wins"), rows)
    for one in question["slices"]:
        answer = {True: "may replace", False: "may not replace", None: "too few people"}[one["may_replace"]]
        say(f"{one['slice']}: {answer}")
    if question["left_out"]:
        say(f"left out, with too few items that others labelled too: {', '.join(question['left_out'])}")


def _row(person: Mapping[str, Any], where: str) -> Sequence[object]:
    return (
        where,
        person["person"],
        person["n"],
        f"{person['advantage']:.0%}",
        f"{person['p_value']:.4f}",
        f"{person['adjusted']:.4f}",
        "yes" if person["wins"] else "no",
    )
