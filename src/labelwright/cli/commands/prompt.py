"""labelwright prompt."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.commands.forecast_words import prompt_lines
from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, say
from labelwright.workspace import Workspace

if TYPE_CHECKING:
    from labelwright.services.models.prompt_diff import PromptDiff


class Action(StrEnum):
    """What is to be done."""

    SHOW = "show"
    DIFF = "diff"


def command(
    action: Annotated[Action, typer.Argument(help="show: one item as a model would get it.  diff: two prompts.")],
    item: Annotated[str | None, typer.Argument(help="With show: the item's id; the first, if left out.")] = None,
    *,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    model: Annotated[str | None, typer.Option(help="With show: to which of the project's models.")] = None,
    old: Annotated[
        int | None, typer.Option("--from", min=1, help="With diff: the earlier version; the one in force, if left out.")
    ] = None,
    new: Annotated[
        int | None, typer.Option("--to", min=1, help="With diff: the later version; project.yaml, if left out.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="With diff: another project file than the workspace's.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show what a model is asked about an item, byte for byte; or what a change to project.yaml asks differently.

    A prompt is named by the hash of all that is asked: template, guideline, questions, answer schema, flow, examples
    and rules. The hash stands on every prediction; a certificate is void when it changes.
    """
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        if action is Action.SHOW:
            shown = handle.show_prompt(item, model=model)
            if json:
                emit_json(shown)
            else:
                for line in prompt_lines(shown):
                    say(line)
            return
        difference = handle.prompt_diff(old=old, new=new, file=file)
    if json:
        emit_json(difference)
    else:
        _show(difference)


def _show(found: PromptDiff) -> None:
    for line in found.lines:
        say(line)
    if found.is_same:
        say(f"{found.old} and {found.new} ask the same: {found.new_hash}")
        return
    say()
    say(f"{found.old}: {found.old_hash}")
    say(f"{found.new}: {found.new_hash}")
    if found.answered:
        say(f"{found.answered:,} items that are answered under the first are due again under the second.")
    if found.voids:
        say("The certificate, or the sample drawn for it, no longer holds under the second.")
