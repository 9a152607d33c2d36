"""Come in and leave."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from labelwright.domain.annotator import Annotator
from labelwright.server.deps import Asking, AtDesk, json_response, outer_scheme
from labelwright.server.guard import COOKIE
from labelwright.server.wire.people import CurrentSession, InviteRedemption, StartedSession
from labelwright.server.wire.problem import refusals
from labelwright.services.people import manage_people
from labelwright.services.people.entry_card import instant

router = APIRouter(prefix="/api/v1", tags=["sessions"])


@router.post("/sessions", status_code=201, response_model=StartedSession, responses=refusals(422, 503))
async def start_session(body: InviteRedemption, around: AtDesk, request: Request) -> Response:
    """Turn a one-time invite into a session."""
    started = await around.write(lambda tx: manage_people.redeem(tx, body.invite, world=around.world))
    project = around.read(lambda views: views.project(started.session.project))
    who = person(started.session.annotator)
    answer = {"token": started.token, "expires_at": instant(started.expires_at), "annotator": who}
    response = json_response(answer | {"project": project.name if project else "", "project_title": None}, 201)
    set_cookie(response, request, started.token, seconds=int(manage_people.SESSION_SECONDS))
    return response


@router.get("/session", response_model=CurrentSession, responses=refusals())
async def current_session(who: Asking) -> Response:
    """Say who you are, and where."""
    return json_response({"project": who.project.name, "annotator": person(who.annotator), "project_title": None})


@router.delete("/session", status_code=204, responses=refusals(503))
async def end_session(who: Asking, around: AtDesk, request: Request) -> Response:
    """Leave: the token is worth nothing from now on."""
    await around.write(lambda tx: tx.end_session(who.token_hash))
    response = Response(status_code=204)
    set_cookie(response, request, "", seconds=0)
    return response


def person(annotator: Annotator) -> dict[str, str]:
    """Give an annotator as the wire has it."""
    return {"id": annotator.id, "name": annotator.name, "kind": annotator.kind, "role": annotator.role}


def set_cookie(response: Response, request: Request, token: str, *, seconds: int) -> None:
    """Give the token to a browser, out of reach of any script; over https, for https alone."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="strict",
        secure=outer_scheme(request) == "https",
    )
