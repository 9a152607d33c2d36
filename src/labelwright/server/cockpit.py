"""The cockpit and the dashboard: made, and applied, in a process of their own; what is made is kept until it is stale.

A child that is killed while it applies leaves decisions that the same request, or `labelwright route`, goes on with.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

import orjson

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.errors import Conflict, NotFound, NotReady, did_you_mean
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World
from labelwright.server.child import Child, main
from labelwright.server.deps import Place
from labelwright.server.report import made_from
from labelwright.services.acceptance.cockpit_sample import Column

DEADLINE_SECONDS = 120
_MADE_BY = {"cockpit": "cockpit", "columns": "cockpit", "dashboard": "dashboard"}


def act(asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World) -> dict[str, Any]:
    """Do what is asked.  The services are imported here, never by the server's own modules."""
    verb = asked["verb"]
    if verb == "apply":
        with storage.reading() as views:
            plan = views.plan(project)
        if (None if plan is None else plan["plan"]) != asked["plan"]:
            raise Conflict("the sample is another than the one you were shown; reload the page and look again")
        return asdict(
            import_module("labelwright.services.acceptance.route").route(project, storage=storage, world=world)
        )
    if verb == "dashboard":
        dashboard = import_module("labelwright.services.projects.dashboard").dashboard
        with storage.reading() as views:
            return dashboard(views, project, now=world.now())
    services = import_module("labelwright.services.acceptance.cockpit")
    with storage.reading() as views:
        return getattr(services, verb)(views, project)


_CHILD = Child(
    "labelwright.server.cockpit",
    act,
    seconds=DEADLINE_SECONDS,
    late="that takes too long for the page; in a terminal: labelwright report, labelwright route",
    failed="that did not work; see what the command says: labelwright report",
)


async def apply(here: Place, plan: str | None) -> dict[str, Any]:
    """Route by the certificates in force, if they are those of this plan."""
    return await _CHILD.ask(here, {"verb": "apply", "plan": plan})


class CockpitShelf:
    """What was made last, by project: pages until something moves, columns until another certificate is in force."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, str], tuple[Json, bytes]] = {}
        self._columns: dict[str, tuple[Json, dict[str, Column]]] = {}
        self._making = asyncio.Lock()

    async def page(self, here: Place, verb: str) -> bytes:
        """Give `cockpit` or `dashboard` of the present state."""
        async with self._making:
            state = made_from(here)
            kept = self._pages.get((here.project.id, verb))
            if kept is None or kept[0] != state:
                kept = (state, await _CHILD.ask_bytes(here, {"verb": verb}))
                self._pages[here.project.id, verb] = kept
            return kept[1]

    async def column(self, here: Place, question: str) -> Column:
        """Give what a question's samples are drawn from.  Raises: NotFound, NotReady."""
        names = [str(one.name) for one in here.project.config.schema.questions]
        if question not in names:
            raise NotFound(f"there is no question {question[:100]!r}{did_you_mean(question[:100], names)}")
        async with self._making:
            stands = here.read(lambda views: _stands(views, here))
            kept = self._columns.get(here.project.id)
            if kept is None or kept[0] != stands:
                made = await _CHILD.ask_bytes(here, {"verb": "columns"})
                kept = (stands, await asyncio.to_thread(_read, made))
                self._columns[here.project.id] = kept
        if question not in kept[1]:
            raise NotReady(f"no certificate of {question!r} is in force; run: labelwright calibrate")
        return kept[1][question]


def _stands(views: Views, here: Place) -> Json:
    """Name what columns depend on: pool and map are frozen, so answers that come in do not matter."""
    plan = views.plan(here.project.id)
    issued = views.certificates(here.project.id)
    return [
        here.project.config.version,
        None if plan is None else plan["plan"],
        {name: one["position"] for name, one in issued.items()},
    ]


def _read(made: bytes) -> dict[str, Column]:
    return {question: Column.read(told) for question, told in orjson.loads(made).items()}


if __name__ == "__main__":
    main(sys.argv[1:], act)
