"""Items worded like one, found in a process of its own: comparing all of them would hold up who labels."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from labelwright.domain.ids import ProjectId
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.server.child import Child, main
from labelwright.server.deps import Place

DEADLINE_SECONDS = 120
EMBEDDER = "hashed-256"


async def find_similar(here: Place, item: str) -> bytes:
    """Give the answer as it was written.  Raises what the service raised."""
    return await _CHILD.ask_bytes(here, {"item": item})


def act(asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World) -> dict[str, Any]:  # noqa: ARG001
    """Do what is asked.  The services are imported here, never by the server's own modules."""
    service = import_module("labelwright.services.people.similar_items")
    embedder = import_module("labelwright.adapters.embedders.registry").embedder_of(EMBEDDER)
    with storage.reading() as views:
        return service.similar_items(views, project, asked["item"], embedder=embedder)


_CHILD = Child(
    "labelwright.server.similar",
    act,
    seconds=DEADLINE_SECONDS,
    late="comparing the items takes too long for the page",
    failed="the items could not be compared",
)

if __name__ == "__main__":
    main(sys.argv[1:], act)
