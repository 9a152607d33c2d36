"""The files of an item that somebody has on their desk, or may look at."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from labelwright.server import media
from labelwright.server.deps import Here
from labelwright.server.wire.problem import refusals
from labelwright.services.people.item_media import MOST_PER_FIELD, file_of_item, file_of_lease

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["items"])

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {}}},
    206: {"description": "The part of it that `Range` asks for"},
    **refusals(404, 415, 416, 503),
}
FieldName = Annotated[str, Query(max_length=1_000)]
FilePlace = Annotated[int, Query(ge=0, lt=MOST_PER_FIELD)]


@router.get("/media/{lease}", response_class=Response, responses=_FILE)
async def get_medium(lease: str, field: FieldName, here: Here, request: Request, place: FilePlace = 0) -> Response:
    """Give a file that an entry of yours shows you. `place`: which one, where the field is a list."""
    who = here.annotator
    path = here.read(lambda views: file_of_lease(views, here.project, who, lease, field=field, place=place))
    return await media.answer_with(path, request, workspace=here.settings.workspace, secret=here.project.id)


@router.get("/items/{item:path}/media", response_class=Response, responses=_FILE)
async def get_item_medium(item: str, field: FieldName, here: Here, request: Request, place: FilePlace = 0) -> Response:
    """Give a file of an item: to managers, and to those who have it or have answered it."""
    who = here.annotator
    path = here.read(lambda views: file_of_item(views, here.project, who, item, field=field, place=place))
    return await media.answer_with(path, request, workspace=here.settings.workspace, secret=here.project.id)
