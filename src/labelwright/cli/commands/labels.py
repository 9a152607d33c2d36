"""labelwright labels."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from labelwright.cli.options import HERE, DryRunOption, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, note, say
from labelwright.errors import InvalidInput
from labelwright.services.projects.label_changes import LabelChangeReport
from labelwright.services.projects.label_words import label_change_lines
from labelwright.workspace import ProjectHandle, Workspace

Action: TypeAlias = Literal["rename", "merge", "split", "undo"]


def command(
    action: Annotated[Action, typer.Argument(help="What to do.", metavar="rename|merge|split|undo")],
    labels: Annotated[
        list[str] | None,
        typer.Argument(help="rename: old and new name; merge: those that become one; split: one.", metavar="LABEL"),
    ] = None,
    *,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    question: Annotated[
        str | None,
        typer.Option("--question", "-q", help="Whose labels; not needed where one question has some.", metavar="NAME"),
    ] = None,
    among: Annotated[
        str | None,
        typer.Option("--list", help="Which of its lists, where a label stands in several: types, fields.colour, ..."),
    ] = None,
    into: Annotated[
        list[str] | None,
        typer.Option("--into", help="merge: what they become; split: each part, once for each.", metavar="LABEL"),
    ] = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Rename, merge or split labels, and keep what was labelled; take that back.

    What was given stays in the ledger and is read under the name in force. The items of a split label go back to
    people, blind. A place of a taxonomy is named by its path ("animal > dog"); what is below it goes along. Every
    change of labels changes what models are asked: certificates stop holding until it is undone, or until the next
    calibration.
    """
    named, parts = labels or [], into or []
    with Workspace.open(workspace, via="cli") as opened:
        report = _done(opened.project(project), action, named, parts, question=question, among=among, dry_run=dry_run)
    for warning in report.warnings:
        note(f"warning: {warning}")
    if json:
        emit_json(report)
        return
    for line in label_change_lines(report):
        say(f"{line}.")
    if report.applied:
        say(f"version {report.version} is in force. To write it into project.yaml: labelwright config export")
    else:
        say(f"not written (dry run); it would be version {report.version}.")


def _done(
    handle: ProjectHandle,
    action: Action,
    labels: list[str],
    into: list[str],
    *,
    question: str | None,
    among: str | None,
    dry_run: bool,
) -> LabelChangeReport:
    if action == "undo":
        if labels or into:
            raise InvalidInput("undo takes no labels: it takes the newest change that stands back")
        return handle.undo_labels(dry_run=dry_run)
    if action == "rename":
        if len(labels) != 2 or into:
            raise InvalidInput(
                "a rename takes the old name and the new one, such as: labelwright labels rename spam junk"
            )
        return handle.change_labels("rename", labels[:1], labels[1:], question=question, among=among, dry_run=dry_run)
    if not labels or not into:
        example = "merge good great --into good" if action == "merge" else "split other --into price --into service"
        raise InvalidInput(f"a {action} takes labels and --into, such as: labelwright labels {example}")
    return handle.change_labels(action, labels, into, question=question, among=among, dry_run=dry_run)
