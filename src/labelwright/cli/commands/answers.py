"""labelwright answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelwright.cli.options import HERE, DryRunOption, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, note, say
from labelwright.workspace import Workspace


def command(
    file: Annotated[Path, typer.Argument(help="COCO's results: a list of {image_id, category_id, bbox, score}.")],
    *,
    of: Annotated[
        Path, typer.Option("--of", help="COCO's JSON with the images and categories they speak of.", metavar="FILE")
    ],
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    model: Annotated[
        str | None, typer.Option(help="Whose answers they are.", show_default="the first of project.yaml")
    ] = None,
    question: Annotated[
        str | None,
        typer.Option("--question", "-q", help="Which question; not needed where one is about images.", metavar="NAME"),
    ] = None,
    least: Annotated[float, typer.Option(help="Regions with a lower score are left out.", min=0, max=1)] = 0.5,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Bring in what a detector found, as a model's answers with its confidence.

    Under the name of a model of project.yaml they are calibrated, routed and suggested as if it had been asked;
    under another name they stand beside as suggestions. All or nothing is recorded; the same file twice does nothing.
    """
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        report = handle.bring_coco_results(file, of, model=model, question=question, least=least, dry_run=dry_run)
    if json:
        emit_json(report)
        return
    if report.was_complete:
        say(f"{file.name}: nothing to do; it was recorded before.")
    facts(
        {
            "answers": report.recorded,
            "of items not here": report.unknown,
            "without confidence": report.without_confidence,
        }
    )
    if not report.is_labeller:
        note(f"note: {report.model!r} is not the model that is routed; people see its answers beside the others")
    if report.applied:
        say("Next: labelwright status")
    elif not report.was_complete:
        say("not recorded (dry run).")
