"""labelwright costs."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, note, say, table
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.services.money.costs import GROUPINGS
from labelwright.workspace import Workspace

_COLUMNS = ("key", "calls", "answers", "people_seconds", "machine_seconds", "cost_pico", "cost")


def command(
    by: Annotated[
        str,
        typer.Option("--by", help="kind, model, prompt, guideline, month, person or purpose.", metavar="WHAT"),
    ] = "kind",
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Write the rows into this file too.", metavar="FILE")
    ] = None,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Say what the project has cost: calls, machines and people's time; per label, per right label, by month.

    Every attempt at a call is in it, batch discounts too. People's time is reckoned by `costs: {wage_per_hour: ...}` of
    project.yaml. What nobody knows the price of is named, and never counted as nothing.
    """
    if by not in GROUPINGS:
        raise InvalidValue("--by", f"costs cannot be told by {by!r}", did_you_mean(by, GROUPINGS))
    with Workspace.open(workspace, via="cli") as opened:
        report = cast("Mapping[str, Any]", opened.project(project).costs(by=by))
    rows = cast("Sequence[Mapping[str, Any]]", report["rows"])
    if csv_file is not None:
        with csv_file.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(_COLUMNS)
            writer.writerows([row[column] for column in _COLUMNS] for row in rows)
        note(f"{len(rows)} rows written to {csv_file}")
    if json:
        emit_json(report)
    else:
        _tell(report, rows)


def _tell(report: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        say("Nothing has been spent yet.")
        return
    total = report["total"]
    table(
        (str(report["by"]), "calls", "answers", "hours of people", "cost"),
        [*(_row(str(row["key"]), row) for row in rows), _row("all", total)],
    )
    per = report["per"]
    facts(
        {
            "per label": _each(per["label"], f"{per['n_labels']:,} labels of record"),
            "per right label": _interval(per["correct"]),
            "per certified label": _each(per["certified"], f"{per['n_certified']:,} accepted by certificate"),
        }
    )
    if report["is_estimate"]:
        say("  The models are recordings: what their calls cost is an estimate.")
    for missing in report["missing"]:
        say(f"  not in these figures: {missing}")
    certificates = [(month["month"], month["cost"], one) for month in report["trend"] for one in month["certificates"]]
    if certificates:
        table(
            ("month", "cost in it", "question", "model, prompt, guideline", "wrong (95%)", "accepted"),
            [
                (
                    month,
                    _dollars(cost),
                    one["question"],
                    f"{one['model']}, {one['prompt']}, {one['guideline']}",
                    f"{_percent(one['error'])} ({_percent(one['low'])} to {_percent(one['high'])})",
                    _percent(one["coverage"]),
                )
                for month, cost, one in certificates
            ],
        )


def _row(key: str, row: Mapping[str, Any]) -> tuple[object, ...]:
    unknown = row["unknown_calls"] + row["unknown_submissions"]
    cost = _dollars(row["cost"]) + (" and more" if unknown else "")
    return key, row["calls"], row["answers"], round(row["people_seconds"] / 3600, 2), cost


def _each(cost: float | None, of: str) -> str:
    return "–" if cost is None else f"{_dollars(cost)}   ({of})"


def _interval(correct: Mapping[str, float] | None) -> str:
    if correct is None:
        return "–   (nothing says yet how many are right)"
    return f"{_dollars(correct['value'])}   (95%: {_dollars(correct['low'])} to {_dollars(correct['high'])})"


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}" if amount >= 1 else f"${amount:,.4f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}%"
