"""Answer, take back, pass on."""

from __future__ import annotations

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from labelwright.server.deps import Here, IdempotencyKey, json_response, stored_response
from labelwright.server.desk_judge import DeskJudge
from labelwright.server.wire.annotating import (
    OwnSubmissions,
    Skipped,
    SkipRequest,
    SubmissionRequest,
    Submitted,
    Undone,
)
from labelwright.server.wire.problem import refusals
from labelwright.services.people import annotate
from labelwright.services.people.objections import is_judged

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["submissions"])


@router.post("/submissions", status_code=201, response_model=Submitted, responses=refusals(404, 409, 422, 503))
async def submit(body: SubmissionRequest, key: IdempotencyKey, here: Here, request: Request) -> Response:
    """Store your answers to an entry; acknowledged when on disk."""
    stored = await here.write(
        lambda tx: annotate.submit(
            tx,
            here.project,
            here.annotator,
            lease=body.lease,
            answers=body.answers,
            seconds=body.seconds,
            reason=body.reason,
            key=key,
            world=here.world,
        )
    )
    may_be = here.project.config.policy.cooperation == "judge"  # else nothing need be read
    if may_be and here.read(lambda views: is_judged(views, here.project, here.annotator, body.lease)):
        judge: DeskJudge = request.app.state.judge
        judge.consider(here, orjson.loads(stored.body)["submission"])
    return stored_response(stored)


@router.delete("/submissions/{submission}", response_model=Undone, responses=refusals(404, 409, 422, 503))
async def undo(submission: str, key: IdempotencyKey, here: Here) -> Response:
    """Take your submission back, and get its entry again."""
    stored = await here.write(
        lambda tx: annotate.undo(tx, here.project, here.annotator, submission=submission, key=key, world=here.world)
    )
    return stored_response(stored)


@router.get("/submissions", response_model=OwnSubmissions, responses=refusals(404, 422, 503))
async def list_submissions(
    here: Here,
    *,
    mine: Annotated[Literal["true"], Query(description="Other people's submissions are nobody's to list.")] = "true",  # noqa: ARG001
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[int | None, Query(ge=0, le=2**62)] = None,
) -> Response:
    """List your own submissions, newest first."""
    found = here.read(
        lambda views: annotate.my_submissions(views, here.project, here.annotator, limit=limit, before=cursor)
    )
    return json_response(found)


@router.post("/skips", status_code=201, response_model=Skipped, responses=refusals(404, 409, 422, 503))
async def skip(body: SkipRequest, key: IdempotencyKey, here: Here) -> Response:
    """Pass on an entry: it goes to somebody else."""
    stored = await here.write(
        lambda tx: annotate.skip(
            tx, here.project, here.annotator, lease=body.lease, reason=body.reason, key=key, world=here.world
        )
    )
    return stored_response(stored)
