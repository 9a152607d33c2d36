"""labelwright judge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelwright.cli.commands.judge_words import as_json, forecast_facts, say_report
from labelwright.cli.options import HERE, JsonOption, ProgressOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, note, progress
from labelwright.cli.spending import ask_before
from labelwright.services.comparing.judge_cases import What
from labelwright.workspace import ProjectHandle, Workspace

STOPPED = 130


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    *,
    model: Annotated[
        str | None, typer.Option("--model", help="A model of project.yaml; the first, if not said.", metavar="NAME")
    ] = None,
    predictions: Annotated[
        bool, typer.Option("--predictions", help="Review the model's labels of items that people have not seen.")
    ] = False,
    pairs: Annotated[
        bool,
        typer.Option("--pairs", help="Compare two labels that compete, the person's and the model's, in both orders."),
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Judge so many items, drawn at random (by the project's seed).")
    ] = None,
    ids: Annotated[
        list[str] | None, typer.Option("--ids", help="Judge this item; may be repeated.", metavar="ID")
    ] = None,
    gold: Annotated[
        Path | None,
        typer.Option("--gold", help="Right answers (id and label, CSV or JSONL): the judge is measured by them."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked and cost; send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, whatever it may cost.")] = False,
    json: JsonOption = False,
    show_progress: ProgressOption = False,
) -> None:
    """Have a model review people's labels against the guideline: agree, disagree or unsure, with a reason and quotes.

    A judge is a second opinion. It casts no vote, and changes no label: look at what it disagrees with. How far it can
    be believed is said with it, where gold is given or several people labelled an item. With --pairs a verdict counts
    only when it is the same in both orders; how often it is, is reported.

    What was asked before is found in the call ledger: the same command again costs nothing.
    """
    if predictions and pairs:
        raise typer.BadParameter("--predictions and --pairs are two different things: say one of them")
    what: What = "predictions" if predictions else "pairs" if pairs else "annotations"
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        if dry_run:
            forecast = handle.foresee_judging(what, model=model, limit=limit, ids=ids)
            if json:
                emit_json(forecast)
            else:
                facts(forecast_facts(forecast))
            return
        if not yes:
            _confirm(handle, what, model=model, limit=limit, ids=ids)
        with progress("judge", wanted=show_progress) as tell:
            report = handle.judge(what, model=model, limit=limit, ids=ids, gold=gold, progress=tell)
    if json:
        emit_json(as_json(report))
    else:
        say_report(report)
    if report.stopped:
        raise typer.Exit(STOPPED)
    if report.findings and all(one.ruling is None and one.is_consistent is None for one in report.findings):
        note(f"error: no label got a verdict; for example {report.problem}")
        raise typer.Exit(1)


def _confirm(handle: ProjectHandle, what: What, *, model: str | None, limit: int | None, ids: list[str] | None) -> None:
    """Ask before it costs much. Raises Exit, when the answer is no or nobody is there to give one."""
    config = handle.config.config
    if config.recorded:
        return
    forecast = handle.foresee_judging(what, model=model, limit=limit, ids=ids)
    ask_before(config, cost_micro=forecast.cost_micro, most_micro=forecast.most_micro)
