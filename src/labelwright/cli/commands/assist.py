"""labelwright assist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import typer

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, say, table
from labelwright.workspace import Workspace

HARMFUL = 1


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    *,
    ask: Annotated[
        int | None,
        typer.Option("--ask", min=1, help="Queue so many items whose truth is known, to tell anchoring from help."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say what showing the model's suggestions does to people: how much faster, how much more led astray.

    A random share of review is done with the suggestion hidden (blind_share in project.yaml), so that the two can be
    compared. With --ask, items that others have labelled blind are asked again, half with the suggestion in view, right
    and wrong ones alike; tell your people that this is done. Their answers change no label of record.

    With `suggestions: auto` in project.yaml, suggestions are hidden as long as the newest result says that they harm.
    Exit status 1: showing does harm.
    """
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        if ask is not None:
            asked = handle.ask_assist_checks(ask)
            if json:
                emit_json(asked)
            else:
                say(
                    f"{asked.n_asked} items are asked again, {asked.n_wrong} of them with a wrong suggestion; "
                    "when they are answered, run: labelwright assist"
                )
            return
        report = handle.assist()
    if json:
        emit_json(report)
    else:
        for question in cast("list[dict[str, Any]]", report["questions"]):
            _show(question)
    if report["harmful"]:
        raise typer.Exit(HARMFUL)


_EFFECTS = {
    "speed_up": ("times as fast with suggestions", "{:.2f}"),
    "missed_corrections": ("corrections missed when shown", "{:.0%}"),
    "anchoring": ("wrong suggestions taken over because shown", "{:.0%}"),
    "over_correction": ("right suggestions left because shown", "{:+.0%}"),
    "accuracy_change": ("change of the share of right answers", "{:+.1%}"),
}


def _show(question: Mapping[str, Any]) -> None:
    say(f"{question['question']}: {question['verdict']}.")
    rows: list[tuple[object, ...]] = []
    for name, (words, form) in _EFFECTS.items():
        effect = question[name]
        if effect is not None:
            low, high = form.format(effect["low"]), form.format(effect["high"])
            shown, hidden = effect["n_shown"], effect["n_blind"]
            rows.append((words, form.format(effect["value"]), f"{low} to {high}", shown, hidden))
    if rows:
        table(("effect", "estimate", "95% interval", "answers shown", "answers hidden"), rows)
    _show_displays(question.get("by_display", []))


def _show_displays(displays: Sequence[Mapping[str, Any]]) -> None:
    """Show each display of suggestions beside the others, held against hiding."""
    if not displays:
        return
    rows = [
        (
            one["display"],
            "-" if one["probability"] is None else f"{one['probability']:.0%}",
            *(_estimate(one[name], form) for name, (_, form) in _EFFECTS.items()),
            "-" if one["accepted_wrong"] is None else f"{one['accepted_wrong']:.0%} of {one['n_wrong']}",
        )
        for one in displays
    ]
    heads = ("display", "drawn", "faster", "missed", "anchored", "over-corrected", "right", "wrong accepted")
    table(heads, rows)


def _estimate(effect: Mapping[str, Any] | None, form: str) -> str:
    if effect is None:
        return "-"
    return f"{form.format(effect['value'])} ({form.format(effect['low'])} to {form.format(effect['high'])})"
