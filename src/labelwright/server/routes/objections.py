"""What a model says against your answers, where models judge at the desk."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from labelwright.domain.sighting import Sighting
from labelwright.ports.storage import Views
from labelwright.server.deps import Here, IdempotencyKey, json_response, stored_response
from labelwright.server.desk_judge import DeskJudge
from labelwright.server.wire.objections import Objections, ObjectionSettled
from labelwright.server.wire.problem import refusals
from labelwright.services.people import objections

router = APIRouter(prefix="/api/v1/projects/{project}/objections", tags=["submissions"])


@router.get("", response_model=Objections, responses=refusals(404, 503))
async def list_objections(here: Here, request: Request) -> Response:
    """Give what a model says against answers of yours that stand, newest first; then you have seen it."""
    judge: DeskJudge = request.app.state.judge

    def look(views: Views) -> tuple[object, list[Sighting]]:
        found = objections.open_objections(views, here.project, here.annotator)
        return objections.as_cards(views, here.project, found), objections.of_objections(found)

    cards, seen = here.read(look)
    await here.show(seen)
    return json_response({"objections": cards, "waiting": judge.waiting(here.annotator.id)})


@router.post("/{objection}/keep", response_model=ObjectionSettled, responses=refusals(404, 409, 422, 503))
async def keep_answer(objection: str, key: IdempotencyKey, here: Here) -> Response:
    """Keep your answer in spite of it. To change it, take the submission back and answer again."""
    stored = await here.write(
        lambda tx: objections.keep_answer(
            tx, here.project, here.annotator, objection=objection, key=key, world=here.world
        )
    )
    return stored_response(stored)
