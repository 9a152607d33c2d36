"""Items by how they stand, for managers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from labelwright.server.deps import ManagedHere, json_response
from labelwright.server.similar import find_similar
from labelwright.server.wire.explore import FilterQuery, ItemPage, PageQuery, SimilarItems
from labelwright.server.wire.problem import refusals
from labelwright.services.people.explore_items import CSV_HEAD, checked_filter, csv_lines, page_of
from labelwright.services.people.sightings import of_rows

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["items"])
_CHUNK = 1000


# A condition that nothing meets is looked for in all items: in a thread, so that nobody else waits for it.
@router.get("/items", response_model=ItemPage, responses=refusals(403, 404, 422, 503))
async def find_items(query: Annotated[PageQuery, Query()], here: ManagedHere) -> Response:
    """Give a page of the items that meet all conditions, in the order in which they came in."""
    asked = checked_filter(here.project, query.asked())
    found = await asyncio.to_thread(
        here.read,
        lambda views: views.find_items(here.project.id, asked, after=query.after, limit=query.limit),
    )
    await here.show(of_rows(found, str(asked.question)))
    return json_response(page_of(here.project, found, limit=query.limit))


@router.get(
    "/items.csv",
    response_class=Response,
    responses={200: {"description": "The table", "content": {"text/csv": {}}}, **refusals(403, 404, 422, 503)},
)
async def find_items_as_csv(query: Annotated[FilterQuery, Query()], here: ManagedHere) -> Response:
    """Give all items that meet the conditions as CSV, with how they stand."""
    asked = checked_filter(here.project, query.asked())

    async def lines() -> AsyncIterator[str]:
        yield ",".join(CSV_HEAD) + "\n"
        after = 0
        while True:
            found = await asyncio.to_thread(
                here.read,
                lambda views, after=after: views.find_items(here.project.id, asked, after=after, limit=_CHUNK),
            )
            await here.show(of_rows(found, str(asked.question)))
            yield csv_lines(found)
            if len(found) < _CHUNK:
                return
            after = int(found[-1].item.key)

    headers = {"Content-Disposition": 'attachment; filename="items.csv"'}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/items/{item:path}/similar", response_model=SimilarItems, responses=refusals(403, 404, 409, 503))
async def find_similar_items(item: str, here: ManagedHere) -> Response:
    """Give the items that are worded most like this one."""
    return Response(await find_similar(here, item), media_type="application/json")
