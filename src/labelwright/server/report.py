"""The report for the page: made in a process of its own, kept until something moves."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.server.child import Child, main
from labelwright.server.deps import Place
from labelwright.services.models.jobs import shown_budget

DEADLINE_SECONDS = 60


class ReportShelf:
    """Reports by project, each with the state it was made from; one is made at a time."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Json, bytes]] = {}
        self._making = asyncio.Lock()

    async def get(self, here: Place) -> bytes:
        """Give the report of the present state, made now if need be."""
        async with self._making:
            state = made_from(here)
            kept = self._made.get(here.project.id)
            if kept is not None and kept[0] == state:
                return kept[1]
            made = await _CHILD.ask_bytes(here, {})
            self._made[here.project.id] = (state, made)
            return made


def made_from(here: Place) -> Json:
    """Name what a page of figures is made from: the ledger, the calls that were paid, the budget and the queue.

    Neither calls nor leases are events: a run pays many before the ledger hears of them. What a silent run had set
    aside is lost by the clock alone.
    """
    with here.storage.reading() as views:
        budget = shown_budget(views, here.project, now=here.world.now())
        queue = [(one.purpose, one.open, one.leased, one.done) for one in views.queue_counts(here.project.id)]
        return [views.head().hash, views.newest_call(), budget, cast("Json", queue)]


def act(asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World) -> dict[str, Any]:  # noqa: ARG001
    """Make the report.  Its statistics are imported here, never by the server's own modules."""
    build_report = import_module("labelwright.services.projects.report").build_report
    with storage.reading() as views:
        return build_report(views, project, now=world.now())


_CHILD = Child(
    "labelwright.server.report",
    act,
    seconds=DEADLINE_SECONDS,
    late="the report takes too long for the page; make it with: labelwright report",
    failed="the report could not be made; see what the command says: labelwright report",
)

if __name__ == "__main__":
    main(sys.argv[1:], act)
