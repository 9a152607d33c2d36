"""labelwright outbound."""

from __future__ import annotations

from typing import Annotated

import typer

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, moment, say, table
from labelwright.services.models.what_left import WhatLeft, what_left
from labelwright.workspace import Workspace

_SHORT = 12
"""Characters of a hash that people are shown; --json gives it whole."""


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    item: Annotated[str | None, typer.Option("--item", help="Only what was sent of this item.", metavar="ID")] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="List at most this many requests, the newest.")] = 20,
    json: JsonOption = False,
) -> None:
    """Show what left this machine: every request to a model, by host, size and hash of its exact bytes.

    The log names the item and the fields that were shown, the privacy mode, and how many pieces of personal data were
    replaced before; it holds no text. A request that was begun and broke off counts as having left. --json gives the
    hashes whole.
    """
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        name = handle.name
        with opened.storage.reading() as views:
            found = what_left(views, handle.id, name, item=item, most=limit)
    if json:
        emit_json(found)
    else:
        _show(found, item)


def _show(found: WhatLeft, item: str | None) -> None:
    if not found.hosts:
        say(f"Nothing of {'item ' + repr(item) if item is not None else 'this project'} has been sent to a model.")
        return
    table(
        ("host", "requests", "items", "bytes", "replaced", "first", "last"),
        [
            (
                host,
                total.requests,
                total.items,
                total.bytes,
                total.replaced,
                moment(total.first_at),
                moment(total.last_at),
            )
            for host, total in found.hosts.items()
        ],
    )
    say(f"Fields shown: {', '.join(found.fields) or 'none'}. Personal data: {', '.join(found.pii)}.")
    if found.requests:
        table(
            ("at", "item", "host", "bytes", "replaced", "sha256"),
            [
                (moment(one.at), one.item or "(a batch)", one.host, one.size, one.replaced, one.sha256[:_SHORT] + "…")
                for one in found.requests
            ],
        )
