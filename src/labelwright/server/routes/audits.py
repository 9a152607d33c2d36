"""Recalls, for managers: accepted labels that go back to people, and come back when it is undone."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from labelwright.domain.canonical import digest
from labelwright.errors import IdempotencyConflict
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Transaction
from labelwright.server.deps import IdempotencyKey, ManagedHere, Place, json_response, stored_response
from labelwright.server.recalls import ask
from labelwright.server.wire.audits import NewRecall, RecallMade, RecallPreviewed, Recalls
from labelwright.server.wire.problem import refusals
from labelwright.services.audits.recalled import listed_recalls
from labelwright.services.projects.idempotency import fingerprint, once

router = APIRouter(prefix="/api/v1/projects/{project}/recalls", tags=["audits"])

_ACTED = refusals(403, 404, 409, 422, 503)


@router.get("", response_model=Recalls, responses=refusals(403, 404, 503))
async def list_recalls(here: ManagedHere) -> Response:
    """List all recalls, oldest first, undone ones included."""
    return json_response({"recalls": here.read(lambda views: listed_recalls(views, here.project.id))})


@router.post("/preview", response_model=RecallPreviewed, responses=_ACTED)
async def preview_recall(body: NewRecall, here: ManagedHere) -> Response:
    """Say what a recall would take back and what it costs; nothing is written."""
    return json_response(await ask(here, {"verb": "preview", "question": body.question, "slice": body.slice}))


@router.post("", status_code=201, response_model=RecallMade, responses=_ACTED)
async def make_recall(body: NewRecall, key: IdempotencyKey, here: ManagedHere) -> Response:
    """Take a slice of the accepted labels back to people, or all of them."""
    return await _change(here, key, {"verb": "recall", **body.model_dump()}, status=201)


@router.post("/{recall}/undo", response_model=RecallMade, responses=_ACTED)
async def undo_recall(recall: str, key: IdempotencyKey, here: ManagedHere) -> Response:
    """Give back what a recall took, except where people have answered meanwhile."""
    return await _change(here, key, {"verb": "undo", "recall": recall[:100]}, status=200)


async def _change(here: Place, key: str, asked: dict[str, Any], *, status: int) -> Response:
    """Do it once, however often it is asked for: under the same key it is the same recall, even after a crash."""
    request = ["recalls", here.project.id, asked]
    known = here.read(lambda views: views.remembered(key, here.annotator.id))
    if known is not None:
        if known.body_hash != fingerprint(request):
            raise IdempotencyConflict(key)
        return stored_response(known)
    done = await ask(here, {**asked, "request": digest([here.annotator.id, key, request])})

    def work(tx: Transaction) -> StoredResponse:
        now = here.world.now()
        return once(tx, key, here.annotator.id, request=request, now=now, act=lambda: (status, orjson.dumps(done)))

    return stored_response(await here.write(work))
