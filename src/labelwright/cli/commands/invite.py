"""labelwright invite."""

from __future__ import annotations

from typing import Annotated

import typer

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, say
from labelwright.domain.annotator import Role
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.services.people.entry_card import instant
from labelwright.services.people.manage_people import DAY, invite
from labelwright.services.projects.project_of import project_of
from labelwright.workspace import Workspace

DEFAULT_URL = "http://127.0.0.1:8000"
ROLES: tuple[Role, ...] = ("annotator", "manager")


def command(
    name: Annotated[str, typer.Argument(help="Who is invited; a known name gets another link to the same person.")],
    *,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    role: Annotated[str, typer.Option(help="annotator: labels. manager: also report and people.")] = "annotator",
    url: Annotated[str, typer.Option(help="Where `labelwright serve` is reached.", metavar="URL")] = DEFAULT_URL,
    days: Annotated[float, typer.Option(help="How long the link works, unused.", min=0.001, max=365)] = 7.0,
    json: JsonOption = False,
) -> None:
    """Make a one-time link for somebody who labels. It works once, and is shown only now."""
    if role not in ROLES:
        raise InvalidValue("--role", f"there is no role {role!r}", did_you_mean(role, ROLES))
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        world = opened.world
        made = opened.storage.write(
            lambda tx: invite(
                tx,
                project_of(tx, handle.id),
                name=name,
                role=role,
                seconds=days * DAY,
                world=world,
            )
        )
    link, until = made.url(url), instant(made.expires_at)
    if json:
        emit_json({"name": name, "role": role, "invite_url": link, "expires_at": until})
        return
    say(link)
    say(f"For {name} ({role}); works once, until {until}.")
