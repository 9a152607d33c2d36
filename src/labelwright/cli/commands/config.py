"""labelwright config."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import typer

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, say
from labelwright.errors import InvalidInput
from labelwright.settings.template import GUIDELINE_FILE
from labelwright.workspace import ProjectHandle, Workspace

Action: TypeAlias = Literal["versions", "show", "diff", "export"]


def command(
    action: Annotated[Action, typer.Argument(help="What to do.", metavar="versions|show|diff|export")],
    versions: Annotated[
        list[int] | None, typer.Argument(help="show: one version; diff: two.", metavar="VERSION")
    ] = None,
    *,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    to: Annotated[Path | None, typer.Option("--to", help="export: the folder.", metavar="FOLDER")] = None,
    json: JsonOption = False,
) -> None:
    """Show the versions of a configuration, compare two, or write the one in force as project.yaml.

    versions: who put which in force, when, and what it changed. show: one as project.yaml (the one in force, if none is
    named). diff: what differs between two. export: write project.yaml and guideline.md over those in the workspace,
    after the page has changed what is in force.
    """
    numbers = versions or []
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        if action == "versions":
            _list(handle.versions(), json=json)
        elif action == "show":
            _show(handle.version(_of(numbers, 1, handle)[0]), json=json)
        elif action == "diff":
            old, new = _of(numbers, 2, handle)
            _diff(handle.version_diff(old, new), json=json)
        else:
            files = handle.export_configuration(to)
            if json:
                emit_json({"files": [str(file) for file in files]})
            for file in () if json else files:
                say(f"{file}: written from version {handle.config.config.version}.")


def _of(numbers: list[int], wanted: int, handle: ProjectHandle) -> list[int]:
    """Take as many versions as are needed; what is left out is the one in force."""
    if len(numbers) > wanted:
        raise InvalidInput(f"{len(numbers)} versions are too many here; name {wanted} at most")
    newest = handle.config.config.version
    return [*numbers, *[newest] * (wanted - len(numbers))]


def _list(listed: list[dict[str, Any]], *, json: bool) -> None:
    if json:
        emit_json({"versions": listed})
        return
    for one in listed:
        who = one["by"] or "whoever runs the machine"
        where = {"server": " on the page", "cli": "", "python": " from Python"}.get(one["via"], f" by {one['via']}")
        force = "  (in force)" if one["in_force"] else ""
        say(f"version {one['version']}, {one['at']}, {who}{where}{force}")
        for line in one["changed"]:
            say(f"  {line}")


def _show(one: dict[str, Any], *, json: bool) -> None:
    if json:
        emit_json(one)
        return
    say(one["yaml"].rstrip())
    if one["guideline"]:
        say(f"\n# {GUIDELINE_FILE}:\n\n{one['guideline'].rstrip()}")


def _diff(found: dict[str, Any], *, json: bool) -> None:
    if json:
        emit_json(found)
        return
    if not found["lines"]:
        say("nothing differs.")
    for line in found["lines"]:
        say(line)
