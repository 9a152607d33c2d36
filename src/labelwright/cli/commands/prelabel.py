"""labelwright prelabel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.commands.forecast_words import forecast_lines, prompt_lines
from labelwright.cli.options import HERE, JsonOption, ProgressOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, note, run_progress, say
from labelwright.cli.spending import ask_before
from labelwright.workspace import ProjectHandle, Workspace

if TYPE_CHECKING:
    from labelwright.services.models.foresee import Forecast

STOPPED = 130


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    *,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Label at most this many items, to try the prompt out.")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would be asked and cost, show one request; send nothing."),
    ] = False,
    item: Annotated[
        str | None, typer.Option("--item", help="With --dry-run: the item whose request is shown.", metavar="ID")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, whatever it may cost.")] = False,
    json: JsonOption = False,
    show_progress: ProgressOption = False,
) -> None:
    """Have the project's models label every item that is due.

    Answers outside the schema are shown to the model once more and else kept aside, with their text, for people. Every
    call is in the ledger before anything else happens: stop it or kill it, and no answer is paid for twice.

    A run that may cost more than `confirm_above` (5 USD when project.yaml does not say) asks before it begins; where
    `confirm_above` is set, so does one whose cost nobody knows.

    Exit status 1 when no item got an answer that fits, 3 when the budget is spent, 130 when it was stopped.
    """
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        if dry_run:
            _show(handle.foresee(limit=limit, item=item), json=json)
            return
        if not yes:
            confirm(handle, limit=limit)
        with run_progress("prelabel", wanted=show_progress) as watch:
            report = handle.prelabel(limit=limit, watch=watch, tell=note)
        due = handle.status().next
    if json:
        emit_json(report)
    else:
        facts(report.facts())
        say(f"Next: {due.command}   ({due.why})")
    if report.stopped:
        raise typer.Exit(STOPPED)
    if any(one.due for one in report.models) and not any(one.valid for one in report.models):
        note(f"error: no item got an answer that fits; for example {report.problem}")
        raise typer.Exit(1)


def confirm(handle: ProjectHandle, *, limit: int | None = None) -> None:
    """Ask before a run that costs much. Raises Exit, when the answer is no or nobody is there to give one."""
    config = handle.config.config
    if config.recorded or not config.models:
        return
    forecast = handle.foresee(limit=limit)
    ask_before(config, cost_micro=forecast.cost_micro, most_micro=forecast.most_micro, lines=forecast_lines(forecast))


def _show(forecast: Forecast, *, json: bool) -> None:
    if json:
        emit_json(forecast)
        return
    for line in forecast_lines(forecast):
        say(line)
    if forecast.preview is not None:
        say()
        for line in prompt_lines(forecast.preview):
            say(line)
