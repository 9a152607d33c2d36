"""labelwright simulate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast

import typer

from labelwright.cli.commands import world_options as of
from labelwright.cli.options import JsonOption, ProgressOption, ProjectOption
from labelwright.cli.output import emit_json, facts, note, progress, say


def command(
    world: of.WorldFile = None,
    *,
    items: of.Items = None,
    budget: of.Budget = None,
    target_error: of.TargetError = None,
    confidence_level: of.ConfidenceLevel = None,
    model_price: of.ModelPrice = None,
    model_accuracy: of.ModelAccuracy = None,
    auroc: of.Auroc = None,
    human_accuracy: of.HumanAccuracy = None,
    human_price: of.HumanPrice = None,
    adopt: of.Adopt = None,
    overcorrect: of.Overcorrect = None,
    gold: of.Gold = None,
    audit_share: of.AuditShare = None,
    people: Annotated[int | None, typer.Option("--people", help="How many label. Default: 3.", min=1)] = None,
    seconds_per_label: Annotated[
        str | None, typer.Option("--seconds-per-label", help="Of an answer from scratch. Default: 20.", metavar="S")
    ] = None,
    review_seconds: Annotated[
        str | None, typer.Option("--review-seconds", help="Of one with a suggestion; else the same.", metavar="S")
    ] = None,
    wage_per_hour: Annotated[
        str | None, typer.Option("--wage-per-hour", help="USD; instead of --human-price. Default: 18.", metavar="USD")
    ] = None,
    hours_per_week: Annotated[
        str | None, typer.Option("--hours-per-week", help="That each of them labels. Default: 30.", metavar="H")
    ] = None,
    items_per_minute: Annotated[
        str | None, typer.Option("--items-per-minute", help="Of the model. Default: 500.", metavar="N")
    ] = None,
    labels: Annotated[str | None, typer.Option("--labels", help="Separated by commas.", metavar="A,B,C")] = None,
    seeds: Annotated[int, typer.Option("--seeds", help="How many rehearsals.", min=1, max=1000)] = 3,
    workspace: of.MaybeWorkspace = None,
    project: ProjectOption = None,
    show_progress: ProgressOption = False,
    json: JsonOption = False,
) -> None:
    """Rehearse a whole project before a cent is spent: made-up items, a simulated model and simulated people.

    The stages are the real ones, on a real database in a temporary folder: the blind sample, the certificate, routing,
    review, audit. Since the truth is known, it says how right the labels would be, how often the promise was broken,
    what it all costs, how long it takes, and whether `plan` had said so.
    """
    options = {
        "items": items,
        "budget": budget,
        "target_error": target_error,
        "confidence_level": confidence_level,
        "model_price": model_price,
        "model_accuracy": model_accuracy,
        "auroc": auroc,
        "human_accuracy": human_accuracy,
        "human_price": human_price,
        "adopt": adopt,
        "overcorrect": overcorrect,
        "gold": gold,
        "audit_share": audit_share,
        "people": people,
        "seconds_per_label": seconds_per_label,
        "review_seconds": review_seconds,
        "wage_per_hour": wage_per_hour,
        "hours_per_week": hours_per_week,
        "items_per_minute": items_per_minute,
        "labels": labels,
    }
    written = of.world_of(world, options)
    folder = of.workspace_of(workspace, written, project)
    numbers = range(1, seeds + 1)
    with of.errors_by_option(options), progress("simulate", wanted=show_progress) as tell:
        if folder is None:
            from labelwright.bootstrap.rehearsal import rehearse

            report = rehearse(written, seeds=numbers, progress=tell)
        else:
            with of.open_workspace(folder) as opened:
                report = opened.project(project).simulate(written, seeds=numbers, progress=tell)
    if json:
        emit_json(report)
    else:
        _tell(cast("Mapping[str, Any]", report))


def _tell(report: Mapping[str, Any]) -> None:
    expected, planner, policy = report["expected"], report["planner"], report["policy"]
    n, runs = report["world"]["n_items"], report["n_rehearsals"]
    say(f"{n:,} items, rehearsed {runs} times on made-up items; nothing was sent")
    facts(
        {
            "accepted unseen": _range(expected["certified_share"], _share),
            "labels right": _range(expected["accuracy"], _share),
            "cost": _range(expected["cost"], _dollars),
            "people": _range(expected["people_hours"], _hours),
            "calendar time": _range(expected["weeks"], _calendar),
            "certified": f"in {report['n_certified']} of {runs}, at {_share(policy['target_error'])} error",
            "promise broken": f"in {report['n_broken']} of {runs}",
        }
    )
    before, given = planner["before"], planner["given_counts"]
    if before is not None:
        say(
            f"  The planner expects {_share(before['certified_share'])} unseen, {_share(before['accuracy'])} right "
            f"for {_dollars(before['cost'])}."
        )
    if given is not None:
        say(
            f"  For the numbers of answers that came, it expects {_share(given['accuracy'])}; "
            f"{given['n_inside']} of {runs} lie in its 95% interval."
        )
    for key in report["not_rehearsed"]:
        note(f"! {key} is for `labelwright plan`; it is not rehearsed")


def _range(one: Mapping[str, float], written: Callable[[float], str]) -> str:
    return f"{written(one['mean'])}   ({written(one['low'])} to {written(one['high'])})"


def _share(value: float) -> str:
    return f"{100 * value:.1f}%"


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}"


def _hours(value: float) -> str:
    return f"{value:,.1f} h"


def _calendar(weeks: float) -> str:
    """Say a time on the calendar as people do.

    >>> _calendar(0.06), _calendar(0.6), _calendar(12.34)
    ('10 h', '4.2 days', '12.3 weeks')
    """
    if weeks * 7 < 1:
        return f"{weeks * 7 * 24:,.0f} h"
    return f"{weeks * 7:,.1f} days" if weeks < 2 else f"{weeks:,.1f} weeks"
