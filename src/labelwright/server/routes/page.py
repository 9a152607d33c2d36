"""The page, its files, and a sign of life: all that is public besides signing in."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from labelwright import __version__
from labelwright.server import page
from labelwright.server.deps import AtDesk, json_response
from labelwright.server.wire.projects import Health

router = APIRouter()


@router.get("/health", response_model=Health, tags=["server"])
async def health() -> Response:
    """Say that the server answers."""
    return json_response({"status": "ok", "version": __version__})


@router.get("/", include_in_schema=False)
@router.get("/join", include_in_schema=False)
@router.get("/p/{rest:path}", include_in_schema=False)
async def index(around: AtDesk) -> Response:
    """Give the page."""
    return page.index(around.settings)


@router.get("/favicon.svg", include_in_schema=False)
async def favicon(around: AtDesk) -> Response:
    """Give the icon."""
    return page.file(around.settings, "favicon.svg")


@router.get("/assets/{name:path}", include_in_schema=False)
async def asset(name: str, around: AtDesk) -> Response:
    """Give a file of the bundle; its name carries its hash, so it may be kept for ever."""
    return page.file(around.settings, name, folder="assets", forever=True)
