"""The application: guard, routes, problems, put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from labelwright import __version__
from labelwright.errors import LabelwrightError
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.server import problems
from labelwright.server.cockpit import CockpitShelf
from labelwright.server.deps import Desk
from labelwright.server.desk_judge import DeskJudge
from labelwright.server.guard import Guard
from labelwright.server.report import ReportShelf
from labelwright.server.routes import (
    audits,
    bulk,
    cockpit,
    configuration,
    drafts,
    explore,
    items,
    jobs,
    leases,
    media,
    objections,
    page,
    people,
    projects,
    sessions,
    submissions,
)
from labelwright.server.settings import ServerSettings
from labelwright.server.standing import StandingChildren
from labelwright.server.wire.document import DescribedApi
from labelwright.server.workers import Workers


def create_app(
    storage: Storage,
    world: World,
    settings: ServerSettings | None = None,
    *,
    children: StandingChildren | None = None,
    talkers: StandingChildren | None = None,
) -> FastAPI:
    """Make the application over an open storage; closing storage, children and talkers stays with the caller."""
    settings = settings or ServerSettings()
    app = DescribedApi(
        title="Labelwright",
        version=__version__,
        summary="Take entries, answer them, see how far a project is.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=_operation,
        redirect_slashes=False,
    )
    app.state.desk = Desk(storage, world, settings, children=children, talkers=talkers)
    app.state.reports = ReportShelf()
    app.state.cockpit = CockpitShelf()
    app.state.workers = Workers()
    app.state.judge = DeskJudge()
    for module in (
        leases,
        submissions,
        objections,
        drafts,
        media,
        items,
        explore,
        bulk,
        sessions,
        projects,
        people,
        jobs,
        audits,
        cockpit,
        configuration,
        page,
    ):  # the busiest are looked at first
        app.include_router(module.router)
    app.add_exception_handler(LabelwrightError, problems.on_labelwright_error)
    app.add_exception_handler(HTTPException, problems.on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_middleware(Guard, storage=storage, world=world, settings=settings)
    return app


async def _on_validation_error(_request: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error).errors()
    return problems.of_validation(cast("Sequence[dict[str, Any]]", found))


def _operation(route: APIRoute) -> str:
    return route.name
