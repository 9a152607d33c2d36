"""Who labels, for managers."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from labelwright.server.deps import ManagedHere, json_response, outer_scheme
from labelwright.server.routes.sessions import person
from labelwright.server.wire.people import InviteLink, NewPerson, People
from labelwright.server.wire.problem import refusals
from labelwright.services.people.entry_card import instant
from labelwright.services.people.manage_people import invite

router = APIRouter(prefix="/api/v1/projects/{project}/people", tags=["people"])


@router.get("", response_model=People, responses=refusals(403, 404, 503))
async def list_people(here: ManagedHere) -> Response:
    """List who labels here."""
    people = here.read(lambda views: views.annotators(here.project.id))
    return json_response({"people": [person(one) for one in people]})


@router.post("", status_code=201, response_model=InviteLink, responses=refusals(403, 404, 409, 422, 503))
async def invite_person(body: NewPerson, here: ManagedHere, request: Request) -> Response:
    """Make a one-time link for somebody."""
    made = await here.write(lambda tx: invite(tx, here.project, name=body.name, role=body.role, world=here.world))
    url = made.url(f"{outer_scheme(request)}://{request.headers['host']}")
    answer = {"invite_url": url, "expires_at": instant(made.expires_at), "annotator": person(made.annotator)}
    return json_response(answer, 201)
