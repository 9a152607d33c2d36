"""What a handler is given: who asks, about which project, and the storage to ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

import orjson
from fastapi import Depends, Header, Request
from starlette.responses import Response

from labelwright.domain.annotator import Annotator
from labelwright.domain.project import Project
from labelwright.domain.sighting import Sighting
from labelwright.errors import NotAllowed, NotFound
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.server.guard import Caller
from labelwright.server.settings import ServerSettings
from labelwright.server.standing import StandingChildren
from labelwright.services.people.sightings import not_noted, note_seen

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """One request's surroundings.

    children, talkers: processes that stand by for statistics, and for asking models; None = started when asked.
    """

    storage: Storage
    world: World
    settings: ServerSettings
    children: StandingChildren | None = field(default=None, kw_only=True)
    talkers: StandingChildren | None = field(default=None, kw_only=True)

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Do the work in the next group commit; what it gives is on disk."""
        return await asyncio.wrap_future(self.storage.submit(work))

    def read(self, look: Callable[[Views], T]) -> T:
        """Look at one snapshot, here and now: less than a millisecond, so the loop does not mind."""
        with self.storage.reading() as views:
            return look(views)


@dataclass(frozen=True, slots=True)
class Place(Desk):
    """A request by somebody, within their project."""

    annotator: Annotator
    project: Project

    async def show(self, sightings: Sequence[Sighting]) -> None:
        """Write down which labels the person is about to be shown, before they are sent."""
        if sightings and self.read(lambda views: not_noted(views, self.annotator.id, sightings)):
            who, project, world = self.annotator.id, self.project.id, self.world
            await self.write(lambda tx: note_seen(tx, project, who, sightings, world=world))


# All of these are `async`: FastAPI would call a plain function in a thread, which costs more than the function.


async def desk(request: Request) -> Desk:
    """Give what the application was made with."""
    found: Desk = request.app.state.desk
    return found


async def caller(request: Request) -> Caller:
    """Give who asks; the guard has made sure there is somebody."""
    found: Caller = request.scope["labelwright.caller"]
    return found


async def place(request: Request) -> Place:
    """Give the caller's own project; any other name, existing or not, is not found (S2)."""
    who, around = await caller(request), await desk(request)
    name = request.path_params["project"]
    if name != who.project.name:
        raise NotFound(f"there is no project {name[:100]!r} here")
    if who.annotator.role == "manager" and around.children is not None:
        around.children.warm()
    return Place(
        around.storage,
        around.world,
        around.settings,
        who.annotator,
        who.project,
        children=around.children,
        talkers=around.talkers,
    )


async def managed_place(request: Request) -> Place:
    """Give the caller's own project, to a manager alone."""
    here = await place(request)
    if here.annotator.role != "manager":
        raise NotAllowed("only a manager of the project may see this; ask for a manager's invite")
    return here


def outer_scheme(request: Request) -> str:
    """Give the scheme the browser sees. Behind a proxy with TLS its Origin, which the guard has checked, tells."""
    origin = request.headers.get("origin", "")
    return "https" if origin.lower().startswith("https://") else request.url.scheme


def json_response(value: object, status: int = 200) -> Response:
    """Write JSON."""
    return Response(orjson.dumps(value), status, media_type="application/json")


def stored_response(stored: StoredResponse) -> Response:
    """Write a remembered answer, byte for byte."""
    return Response(stored.body, stored.status, media_type="application/json")


AtDesk = Annotated[Desk, Depends(desk)]
Asking = Annotated[Caller, Depends(caller)]
Here = Annotated[Place, Depends(place)]
ManagedHere = Annotated[Place, Depends(managed_place)]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=100,
        description="Names this write: sent again with the same body, it gives the same answer and is done once.",
    ),
]
