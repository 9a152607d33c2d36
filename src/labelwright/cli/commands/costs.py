"""labelwright costs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from labelwright.adapters.formats.text_table import write_whole
from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import dollars, emit_json, facts, note, say, table
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.services.money.costs import GROUPINGS
from labelwright.workspace import Workspace

_COLUMNS = (
    *("key", "calls", "answers", "people_seconds", "machine_seconds", "cost_pico", "cost"),
    *("unknown_calls", "unknown_submissions"),
)


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
        written = io.StringIO(newline="")
        writer = csv.writer(written)
        writer.writerow(_COLUMNS)
        writer.writerows([row[column] for column in _COLUMNS] for row in rows)
        write_whole(csv_file, written.getvalue().encode())
        note(f"{len(rows)} rows written to {csv_file}")
    if json:
        emit_json(report)
    else:
        tell_costs(report, rows)


def tell_costs(report: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Tell costs in a terminal."""
    if not rows:
        say("Nothing has been spent yet.")
        return
    total = report["total"]
    table(
        (str(report["by"]), "calls", "answers", "hours of people", "cost"),
        [*(_row(str(row["key"]), row) for row in rows), _row("all", total)],
    )
    per = report["per"]
    least = "at least " if report["missing"] else ""
    facts(
        {
            "per label": _each(least, per["label"], f"{per['n_labels']:,} labels of record"),
            "per right label": _interval(least, per["correct"]),
            "per certified label": _each(least, per["certified"], f"{per['n_certified']:,} accepted by certificate"),
        }
    )
    if report["is_estimate"]:
        say("  The models are recordings: what their calls cost is an estimate.")
    for missing in report["missing"]:
        say(f"  not in these figures: {missing}")
    certificates = [(month["month"], month["cost"], one) for month in report["trend"] for one in month["certificates"]]
    if certificates:
        table(
            ("month", "month's cost", "question", "model, prompt, guideline", "wrong (95%)", "accepted"),
            [
                (
                    month,
                    dollars(cost),
                    one["question"],
                    f"{one['model']}, {one['prompt']}, {one['guideline']}",
                    f"{_percent(one['error'])} ({_percent(one['low'])} to {_percent(one['high'])})",
                    _percent(one["coverage"]),
                )
                for month, cost, one in certificates
            ],
            title="What each certificate found: the model's error in its sample, and what could be accepted",
            whole=("month", "month's cost", "accepted"),
        )


def _row(key: str, row: Mapping[str, Any]) -> tuple[object, ...]:
    unknown = row["unknown_calls"] + row["unknown_submissions"]
    cost = dollars(row["cost"])
    if unknown:
        cost = f"{cost} and more" if row["cost_pico"] else "not known"
    hours = round(row["people_seconds"] / 3600, 2) if row["people_seconds"] or not row["answers"] else "not known"
    return key, row["calls"], row["answers"], hours, cost


def _each(least: str, cost: float | None, of: str) -> str:
    return "–" if cost is None else f"{least}{dollars(cost)}   ({of})"


def _interval(least: str, correct: Mapping[str, float] | None) -> str:
    if correct is None:
        return "–   (nothing says yet how many are right)"
    return f"{least}{dollars(correct['value'])}   (95%: {dollars(correct['low'])} to {dollars(correct['high'])})"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}%"
