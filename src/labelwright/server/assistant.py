"""The assistant's model, asked in a process of its own: the server's must not carry what that takes."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelwright.domain.ids import ItemKey, ProjectId
from labelwright.domain.project import Project
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.server.child import Child, main, patience
from labelwright.services.models.desk_wait import assistant_wait

if TYPE_CHECKING:
    from labelwright.server.deps import Place


async def ask(here: Place, *, item: ItemKey, question: str, earlier: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """Ask; give the answer with its model, run and cost.  Raises what the service raised."""
    folder = here.settings.workspace
    asked = {
        "item": int(item),
        "question": question,
        "earlier": [list(turn) for turn in earlier],
        "workspace": None if folder is None else str(folder),
    }
    return await _CHILD.ask(here, asked)


def act(asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World) -> dict[str, Any]:
    """Do what is asked.  The services are imported here, never by the server's own modules."""
    service = import_module("labelwright.services.models.ask_assistant")
    surroundings = import_module("labelwright.bootstrap.models").surroundings
    with storage.reading() as views:
        current = views.project(project)
        (item,) = views.items_by_key(project, [ItemKey(asked["item"])])
    with patience() as stop:
        around = surroundings(current, Path(asked["workspace"] or "."), storage=storage, world=world, stop=stop)
        turns = [import_module("labelwright.prompting.flows.assist").Turn(*turn) for turn in asked["earlier"]]
        return asdict(service.ask_assistant(current, around, item, asked["question"], earlier=turns))


def _wait(project: Project) -> float:
    asked = project.config.assistant
    return assistant_wait(project.config.models, "" if asked is None else asked.model)


_CHILD = Child(
    "labelwright.server.assistant",
    act,
    seconds=_wait,
    late="the model did not answer in time; ask again",
    failed="the assistant could not be asked; tell whoever runs the project",
    asks_models=True,
)

if __name__ == "__main__":
    main(sys.argv[1:], act)
