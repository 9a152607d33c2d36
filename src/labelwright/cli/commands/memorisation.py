"""labelwright memorisation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.adapters.report.evaluation_words import dollars
from labelwright.cli.options import HERE, DryRunOption, JsonOption, ProgressOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, note, progress, say, table
from labelwright.cli.spending import ask_before
from labelwright.workspace import Workspace

if TYPE_CHECKING:
    from labelwright.services.soundness.memorisation import MemorisationForecast

STOPPED = 130
_SHOWN = 5


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Probe with so many items.")] = 50,
    model: Annotated[
        str | None, typer.Option("--model", help="A model of project.yaml; the first, if not said.", metavar="NAME")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", help="The name the data is publicly known by. [the project's]")
    ] = None,
    gold: Annotated[
        Path | None,
        typer.Option("--gold", help="Public gold (id and label): its items are probed with.", metavar="FILE"),
    ] = None,
    dry_run: DryRunOption = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, whatever it may cost.")] = False,
    json: JsonOption = False,
    show_progress: ProgressOption = False,
) -> None:
    """Probe whether a model has seen the data: accuracy on gold that it knows by heart says nothing of new items.

    The model is shown the first part of items and asked how they go on; an ending that is known word by word is known
    by heart. Where labels are known, it is also asked for them by an item's name alone. Both are tested against chance.
    What was asked before is found in the call ledger: the same command again costs nothing.
    """
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        config = handle.config.config
        if dry_run or not yes:
            forecast = handle.foresee_memorisation(model=model, limit=limit, dataset=dataset, gold=gold)
            if dry_run and json:
                emit_json(forecast)
            elif dry_run:
                facts(_foreseen(forecast))
            if dry_run:
                return
            ask_before(config, cost_micro=forecast.cost_micro, most_micro=forecast.most_micro)
        with progress("memorisation", wanted=show_progress) as tell:
            report = handle.memorisation(model=model, limit=limit, dataset=dataset, gold=gold, progress=tell)
    if json:
        emit_json(report.as_json())
    else:
        if report.items:
            title = "Likeness of what the model wrote with the item's own ending"
            table(["item", "likeness"], [[item, f"{alike:.0%}"] for item, alike in report.items[:_SHOWN]], title=title)
        say(report.sentence)
    if report.stopped:
        raise typer.Exit(STOPPED)
    if not report.items:
        note("error: no item was continued")
        raise typer.Exit(1)


def _foreseen(forecast: MemorisationForecast) -> dict[str, object]:
    cost, most = forecast.cost_micro, forecast.most_micro
    unknown = cost is None or most is None
    return {
        "model": forecast.model,
        "items": forecast.items,
        "calls": f"{forecast.calls:,}, at most {forecast.most_calls:,}; {forecast.paid:,} are paid for already",
        "cost": "unknown: no price is known" if unknown else f"about {dollars(cost)}, at most {dollars(most)}",
    }
