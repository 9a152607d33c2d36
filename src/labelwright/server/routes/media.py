"""The files of an item that somebody has on their desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from labelwright.server import media
from labelwright.server.deps import Here
from labelwright.server.wire.problem import refusals
from labelwright.services.people.item_media import MOST_PER_FIELD, media_file

router = APIRouter(prefix="/api/v1/projects/{project}/media", tags=["leases"])


@router.get(
    "/{lease}",
    response_class=Response,
    responses={
        200: {"description": "The file", "content": {"application/octet-stream": {}}},
        206: {"description": "The part of it that `Range` asks for"},
        **refusals(404, 415, 416, 503),
    },
)
async def get_medium(
    lease: str,
    field: Annotated[str, Query(max_length=1_000)],
    here: Here,
    request: Request,
    place: Annotated[int, Query(ge=0, lt=MOST_PER_FIELD)] = 0,
) -> Response:
    """Give a file that an entry of yours shows you. `place`: which one, where the field is a list."""
    path = here.read(
        lambda views: media_file(views, here.project, here.annotator, lease=lease, field=field, place=place)
    )
    return await media.answer_with(path, request, workspace=here.settings.workspace, secret=here.project.id)
