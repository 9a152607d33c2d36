"""What there is to do, and how far it is."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from labelwright.server.deps import Asking, AtDesk, Here, ManagedHere, json_response
from labelwright.server.report import ReportShelf
from labelwright.server.wire.problem import refusals
from labelwright.server.wire.projects import Progress, Projects, ShownProject
from labelwright.services.projects.progress import progress
from labelwright.services.projects.shown_project import shown_project

router = APIRouter(prefix="/api/v1/projects", tags=["projects"])


@router.get("", response_model=Projects, responses=refusals(503))
async def list_projects(who: Asking, around: AtDesk) -> Response:
    """List your projects."""
    n_items = around.read(lambda views: views.item_count(who.project.id))
    return json_response({"projects": [{"name": who.project.name, "n_items": n_items}]})


@router.get("/{project}", response_model=ShownProject, responses=refusals(404, 503))
async def get_project(here: Here) -> Response:
    """Give questions, guideline and policy in force."""
    return json_response(shown_project(here.project))


@router.get("/{project}/progress", response_model=Progress, responses=refusals(404, 503))
async def get_progress(here: Here) -> Response:
    """Say how far the project is; managers see where."""
    return json_response(here.read(lambda views: progress(views, here.project, here.annotator)))


@router.get("/{project}/report", responses=refusals(403, 404, 409, 503))
async def get_report(here: ManagedHere, request: Request) -> Response:
    """Give the report of the newest state, for managers."""
    shelf: ReportShelf = request.app.state.reports
    return Response(await shelf.get(here), media_type="application/json")
