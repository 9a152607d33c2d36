"""Runs of models, for managers: start, watch, pause, resume, cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from labelwright.domain.canonical import Json
from labelwright.ports.access import StoredResponse
from labelwright.ports.jobs import Job
from labelwright.ports.storage import Transaction
from labelwright.server.deps import IdempotencyKey, ManagedHere, Place, json_response, stored_response
from labelwright.server.forecast import forecast
from labelwright.server.wire.jobs import Jobs, NewJob, RunForecast, ShownJob
from labelwright.server.wire.problem import refusals
from labelwright.server.workers import Workers
from labelwright.services.models import jobs
from labelwright.services.projects.idempotency import once

router = APIRouter(prefix="/api/v1/projects/{project}/jobs", tags=["jobs"])

_ACTED = refusals(403, 404, 409, 422, 503)


@router.post("", status_code=201, response_model=ShownJob, responses=_ACTED)
async def start_job(body: NewJob, key: IdempotencyKey, here: ManagedHere, request: Request) -> Response:
    """Have the models label what is due; a worker is started where none works."""

    def ask(tx: Transaction) -> Job:
        return jobs.ask(tx, here.project, limit=body.limit, asked_by=here.annotator.id, world=here.world)

    return await _change(here, request, key, ["start", body.model_dump()], ask, status=201)


@router.get("", response_model=Jobs, responses=refusals(403, 404, 503))
async def list_jobs(here: ManagedHere) -> Response:
    """List the newest runs, how far each is, and the budget."""
    return json_response(here.read(lambda views: jobs.shown_jobs(views, here.project, now=here.world.now())))


@router.get("/forecast", response_model=RunForecast, responses=refusals(403, 404, 409, 422, 503))
async def forecast_job(here: ManagedHere, limit: Annotated[int | None, Query(ge=1, le=2**31)] = None) -> Response:
    """Say what a run would ask and cost, before it is started. Nothing is sent."""
    return json_response(await forecast(here, limit))


@router.get("/{job}", response_model=ShownJob, responses=refusals(403, 404, 503))
async def get_job(job: str, here: ManagedHere) -> Response:
    """Say how far a run is."""
    now = here.world.now()
    shown = here.read(lambda views: jobs.shown_job(views, here.project, jobs.job_of(views, here.project, job), now=now))
    return json_response(shown)


@router.post("/{job}/pause", response_model=ShownJob, responses=_ACTED)
async def pause_job(job: str, key: IdempotencyKey, here: ManagedHere, request: Request) -> Response:
    """Let the calls in flight finish and be kept, and wait."""
    return await _act(here, request, key, job, "pause")


@router.post("/{job}/resume", response_model=ShownJob, responses=_ACTED)
async def resume_job(job: str, key: IdempotencyKey, here: ManagedHere, request: Request) -> Response:
    """Go on with a run that is paused, stalled or failed; what was paid for is not asked for again."""
    return await _act(here, request, key, job, "resume")


@router.post("/{job}/cancel", response_model=ShownJob, responses=_ACTED)
async def cancel_job(job: str, key: IdempotencyKey, here: ManagedHere, request: Request) -> Response:
    """Let the calls in flight finish and be kept, and end; what was labelled stays."""
    return await _act(here, request, key, job, "cancel")


async def _act(here: Place, request: Request, key: str, job: str, action: jobs.Action) -> Response:
    def act(tx: Transaction) -> Job:
        return jobs.act(tx, here.project, job, action, now=here.world.now())

    return await _change(here, request, key, [action, job], act, status=200)


async def _change(
    here: Place, request: Request, key: str, asked: Json, change: Callable[[Transaction], Job], *, status: int
) -> Response:
    """Change a job once, however often it is asked for; then see to it that somebody works on what waits."""
    now = here.world.now()

    def work(tx: Transaction) -> StoredResponse:
        def answer() -> tuple[int, bytes]:
            return status, orjson.dumps(jobs.shown_job(tx, here.project, change(tx), now=now))

        return once(tx, key, here.annotator.id, request=["jobs", here.project.id, asked], now=now, act=answer)

    stored = await here.write(work)
    workers: Workers = request.app.state.workers
    await workers.see_to(here)
    return stored_response(stored)
