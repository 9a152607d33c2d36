"""labelwright evaluate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.adapters.formats.text_table import write_whole
from labelwright.adapters.report.evaluation_words import dollars
from labelwright.cli.options import HERE, DryRunOption, JsonOption, ProgressOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, note, progress, say, table
from labelwright.cli.spending import ask_before
from labelwright.errors import InvalidValue
from labelwright.services.comparing.evaluate_variants import Comparing
from labelwright.workspace import ProjectHandle, Workspace

if TYPE_CHECKING:
    from labelwright.services.comparing.evaluate_forecast import EvaluationForecast

STOPPED = 130


def command(
    gold: Annotated[
        Path | None,
        typer.Argument(help="JSONL or CSV of id and label. Without it: people's blind labels.", metavar="GOLD"),
    ] = None,
    *,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    models: Annotated[
        str | None, typer.Option("--models", help="Of the project's models, these. [all]", metavar="A,B")
    ] = None,
    flows: Annotated[
        str | None, typer.Option("--flows", help="once, repair, reason, ... [the project's]", metavar="A,B")
    ] = None,
    prompt: Annotated[
        list[Path] | None,
        typer.Option("--prompt", help="Another project.yaml of the same questions; repeatable.", metavar="FILE"),
    ] = None,
    examples: Annotated[
        str | None, typer.Option("--examples", help="none, nearest, balanced, fixed. [the project's]", metavar="A,B")
    ] = None,
    k: Annotated[str | None, typer.Option("--k", help="Numbers of examples; 0 = none.", metavar="N,N")] = None,
    embedders: Annotated[
        str | None, typer.Option("--embedders", help="By which likeness examples are chosen. [hashed]", metavar="A,B")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Compare on at most this many items, drawn at random.")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option("--baseline", help="Compare with this variant. [the best]", metavar="VARIANT")
    ] = None,
    spend_calibration: Annotated[
        bool,
        typer.Option("--spend-calibration", help="Look at the labels that certify, too. It is recorded."),
    ] = False,
    dry_run: DryRunOption = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, whatever it may cost.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="Draw it into this file, which needs nothing else.", metavar="FILE")
    ] = None,
    json: JsonOption = False,
    show_progress: ProgressOption = False,
) -> None:
    """Compare models, prompts, flows and examples by gold: accuracy, calibration, cost, latency; a paired test.

    Everything that is named is crossed with everything else. No prediction is recorded; the figures are. An answer that
    was paid for here is found again by prelabel, and the other way round.

    Exit status 130 when it was stopped.
    """
    comparing = Comparing(
        models=_words(models),
        flows=_words(flows),
        prompts=prompt or [],
        examples=_words(examples),
        k=_numbers(k),
        embedders=_words(embedders),
        limit=limit,
        spends_calibration=spend_calibration,
        baseline=baseline,
    )
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        if dry_run:
            _foreseen(handle.foresee_evaluation(gold, **comparing), json=json)
            return
        if not yes:
            _confirm(handle, gold, comparing)
        with progress("evaluate", wanted=show_progress) as tell:
            report = handle.evaluate(gold, progress=tell, **comparing)
        if report.stopped:
            raise typer.Exit(STOPPED)
        plain = report.as_json()
        if gold is not None and not handle.config.config.recorded:
            for sentence in handle.known_by_heart():
                note(f"warning: a probe said: {sentence}")
            if not handle.was_probed():
                note("note: if this gold is public, models may know it by heart: labelwright memorisation --gold FILE")
        if html is not None:
            from labelwright.adapters.report.evaluation_page import evaluation_page

            write_whole(html, evaluation_page(plain, at=opened.world.timestamp()).encode())
            note(f"drawn into {html}")
    if json:
        emit_json(plain)
    else:
        _tell(plain)


def _words(stated: str | None) -> list[str]:
    return [] if stated is None else [word.strip() for word in stated.split(",") if word.strip()]


def _numbers(stated: str | None) -> list[int]:
    found: list[int] = []
    for word in _words(stated):
        if not word.isdigit() or int(word) > 50:
            raise InvalidValue("--k", f"{word!r} is no number of examples", "; write some from 0 to 50, such as 0,3,5")
        found.append(int(word))
    return found


def _confirm(handle: ProjectHandle, gold: Path | None, comparing: Comparing) -> None:
    """Ask before a comparison that costs much. Raises Exit, when the answer is no or nobody is there to give one."""
    config = handle.config.config
    if config.recorded:
        return
    forecast = handle.foresee_evaluation(gold, **comparing)
    ask_before(config, cost_micro=forecast.cost_micro, most_micro=forecast.most_micro, lines=_forecast_lines(forecast))


def _foreseen(forecast: EvaluationForecast, *, json: bool) -> None:
    if json:
        emit_json(forecast)
        return
    for line in _forecast_lines(forecast):
        say(line)


def _forecast_lines(forecast: EvaluationForecast) -> list[str]:
    lines = [f"{forecast.n_items:,} items of {forecast.gold}, {len(forecast.variants)} variants"]
    for one in forecast.variants:
        paid = f"; {one.paid:,} items are paid for already" if one.paid else ""
        cost = _between(one.cost_micro, one.most_micro)
        lines.append(f"{one.name}: about {one.calls:,} calls, at most {one.most_calls:,}; {cost}{paid}")
    recorded = " (the answers are recordings: nothing is billed)" if forecast.cost_is_estimated else ""
    lines.append(f"Cost: {_between(forecast.cost_micro, forecast.most_micro)}{recorded}")
    return [*lines, *forecast.remarks]


def _between(cost: int | None, most: int | None) -> str:
    if cost is None or most is None:
        return "unknown, since no price is known (price_input and price_output in project.yaml name one)"
    return f"about {dollars(cost)}, at most {dollars(most)}"


def _tell(report: Mapping[str, Any]) -> None:
    from labelwright.adapters.report import evaluation_words as words

    variants: Sequence[Mapping[str, Any]] = report["variants"]
    say(f"{report['n_items']:,} items of {report['gold']}")
    for place, first in enumerate(variants[0]["scores"]):
        told = [(result["name"], result["scores"][place]) for result in variants]
        title = first["question"] if len(variants[0]["scores"]) > 1 else ""
        table(words.RIGHT_COLUMNS, [words.right_row(*one) for one in told], title=title)
        if any(scores["calibration"] is not None for _, scores in told):
            table(words.SURE_COLUMNS, [words.sure_row(*one) for one in told])
        else:
            say("No answer came with a confidence.")
        if words.no_classes_words(first):
            say(words.no_classes_words(first))
    estimated = bool(report["cost_is_estimated"])
    table(words.EFFORT_COLUMNS, [words.effort_row(result, estimated=estimated) for result in variants])
    for one in report["comparisons"]:
        about = f"{one['question']}: " if len(variants[0]["scores"]) > 1 else ""
        say(f"{about}{one['sentence']}")
    if report["comparisons"]:
        say(words.corrected_words(report))
    for result in variants:
        if result["problem"] is not None:
            say(f"For example, {result['name']}: {result['problem']}")
    for remark in report["remarks"]:
        say(f"Note: {remark}")
