"""What a run would cost, reckoned in a process of its own: it draws a sample and writes the prompts of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelwright.domain.ids import ProjectId
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.server.child import Child, main

if TYPE_CHECKING:
    from labelwright.server.deps import Place

DEADLINE_SECONDS = 120
_OF_A_MODEL = ("model", "items", "paid", "held_back", "calls", "most_calls", "cost_micro", "most_micro")


async def forecast(here: Place, limit: int | None) -> dict[str, Any]:
    """Say what a run of so many items would ask and cost.  Raises what the service raised."""
    folder = here.settings.workspace
    return await _CHILD.ask(here, {"limit": limit, "workspace": None if folder is None else str(folder)})


def act(asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World) -> dict[str, Any]:
    """Do what is asked.  The services are imported here, never by the server's own modules."""
    bootstrap = import_module("labelwright.bootstrap")
    asks_first = import_module("labelwright.services.models.asks_first").asks_first
    with storage.reading() as views:
        current = import_module("labelwright.services.projects.project_of").project_of(views, project)
    folder = Path(asked["workspace"] or ".")
    found = bootstrap.foresee(current, folder, storage=storage, world=world, limit=asked["limit"])
    return {
        "asks": asks_first(current.config, found.cost_micro),
        "models": [{name: getattr(model, name) for name in _OF_A_MODEL} for model in found.models],
        "cost_micro": found.cost_micro,
        "most_micro": found.most_micro,
        "left_micro": found.left_micro,
    }


_CHILD = Child(
    "labelwright.server.forecast",
    act,
    seconds=DEADLINE_SECONDS,
    late="reckoning what the run would cost takes too long for the page; in a terminal: labelwright prelabel --dry-run",
    failed="what the run would cost could not be reckoned; see what the command says: labelwright prelabel --dry-run",
)

if __name__ == "__main__":
    main(sys.argv[1:], act)
