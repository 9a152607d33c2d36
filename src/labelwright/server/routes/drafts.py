"""Keep what was begun."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from labelwright.server.deps import Here
from labelwright.server.wire.annotating import DraftRequest
from labelwright.server.wire.problem import refusals
from labelwright.services.people import drafts

router = APIRouter(prefix="/api/v1/projects/{project}/drafts", tags=["leases"])


@router.put("/{lease}", status_code=204, responses=refusals(404, 409, 422, 503))
async def keep_draft(lease: str, body: DraftRequest, here: Here) -> Response:
    """Keep what you have begun on an entry: no label, and gone once you submit or skip. No answers: forget it."""
    await here.write(
        lambda tx: drafts.keep_draft(
            tx,
            here.project,
            here.annotator,
            lease=lease,
            answers=body.answers,
            seconds=body.seconds,
            world=here.world,
        )
    )
    return Response(status_code=204)
