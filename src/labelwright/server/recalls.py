"""Recalls for the page, made in a process of their own: they need statistics, which the server must not carry.

A child that is killed leaves a recall that the next stage, or the same request, finishes.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

from labelwright.domain.ids import ProjectId
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.server.child import Child, main
from labelwright.server.deps import Place

DEADLINE_SECONDS = 120


async def ask(here: Place, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Preview, recall or undo; give the report.  Raises what the service raised."""
    return await _CHILD.ask(here, asked)


def act(asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World) -> dict[str, Any]:
    """Do what is asked.  The services are imported here, never by the server's own modules."""
    services = import_module("labelwright.services.audits.recall")
    if asked["verb"] == "undo":
        done = services.undo_recall(project, asked["recall"], storage=storage, world=world)
    elif asked["verb"] == "preview":
        with storage.reading() as views:
            done = services.preview_recall(views, project, question=asked["question"], slice=asked["slice"])
    else:
        what = {name: asked[name] for name in ("question", "slice", "reason", "request")}
        done = services.recall(project, storage=storage, world=world, **what)
    return asdict(done)


_CHILD = Child(
    "labelwright.server.recalls",
    act,
    seconds=DEADLINE_SECONDS,
    late="the recall takes too long for the page; what it has begun goes on with: labelwright route",
    failed="the recall could not be made; see what the command says: labelwright recall",
)

if __name__ == "__main__":
    main(sys.argv[1:], act)
