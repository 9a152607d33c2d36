"""Accept many suggestions at once, see what the spot checks say, take an act back. For managers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from labelwright.domain.sighting import Sighting
from labelwright.server.deps import IdempotencyKey, ManagedHere, json_response, stored_response
from labelwright.server.wire.bulk import BulkActs, BulkGrid, BulkMade, BulkQuery, BulkRequest, RolledBack
from labelwright.server.wire.problem import refusals
from labelwright.services.people.bulk import Seen, accept_in_bulk
from labelwright.services.people.bulk_acts import bulk_acts, roll_back
from labelwright.services.people.bulk_offer import grid
from labelwright.services.people.sightings import of_named

router = APIRouter(prefix="/api/v1/projects/{project}/bulk", tags=["bulk"])


@router.get("", response_model=BulkGrid, responses=refusals(403, 404, 422, 503))
async def find_bulk(query: Annotated[BulkQuery, Query()], here: ManagedHere) -> Response:
    """Give those of the found items that may be accepted in bulk, with what the model says of them."""
    now = here.world.now()

    def look() -> tuple[dict[str, Any], list[Sighting]]:
        with here.storage.reading() as views:
            asked = query.asked()
            if query.among:
                found = (views.item_by_id(here.project.id, one) for one in query.among)
                # No item has the key 0: where none of them is known, nothing is found.
                asked = replace(asked, keys=tuple(int(one.key) for one in found if one is not None) or (0,))
            told: dict[str, Any] = grid(
                views, here.project, asked, person=here.annotator.id, after=query.after, limit=query.limit, now=now
            )
            shown = {card["id"]: list(card["shown"]) for card in told["cards"]}
            return told, of_named(views, here.project, shown, "bulk")

    told, seen = await asyncio.to_thread(look)
    await here.show(seen)
    return json_response(told)


@router.post("", status_code=201, response_model=BulkMade, responses=refusals(403, 404, 409, 422, 503))
async def accept_bulk(body: BulkRequest, key: IdempotencyKey, here: ManagedHere) -> Response:
    """Accept these labels as your answers; each item whole or not at all. 200: none could be."""
    seen = [
        Seen(one.id, {name: (label.value, label.prediction) for name, label in one.shown.items()}) for one in body.items
    ]
    stored = await here.write(
        lambda tx: accept_in_bulk(
            tx,
            here.project,
            here.annotator,
            seen=seen,
            version=body.version,
            most_wrong=body.most_wrong,
            seconds=body.seconds,
            key=key,
            world=here.world,
        )
    )
    return stored_response(stored)


@router.get("/acts", response_model=BulkActs, responses=refusals(403, 404, 503))
async def list_bulk_acts(here: ManagedHere) -> Response:
    """Give the newest bulk acts with what their spot checks say."""
    acts = await asyncio.to_thread(here.read, lambda views: bulk_acts(views, here.project))
    return json_response({"acts": acts})


@router.delete("/acts/{act}", response_model=RolledBack, responses=refusals(403, 404, 409, 422, 503))
async def roll_bulk_back(act: str, key: IdempotencyKey, here: ManagedHere) -> Response:
    """Take all answers of an act back; its items wait again."""
    stored = await here.write(
        lambda tx: roll_back(tx, here.project, here.annotator, act=act, key=key, world=here.world)
    )
    return stored_response(stored)
