"""The cockpit and the dashboard, for managers: what each limit would give, what is in force, how the project goes."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from labelwright.domain.sighting import Sighting
from labelwright.errors import IdempotencyConflict
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Transaction, Views
from labelwright.server.cockpit import CockpitShelf, apply
from labelwright.server.deps import IdempotencyKey, ManagedHere, json_response, stored_response
from labelwright.server.wire.cockpit import Applied, ApplyPlan, Cockpit, CockpitSample, Dashboard
from labelwright.server.wire.problem import refusals
from labelwright.services.acceptance.cockpit_sample import cockpit_sample
from labelwright.services.people.sightings import of_named
from labelwright.services.projects.idempotency import fingerprint, once

router = APIRouter(prefix="/api/v1/projects/{project}", tags=["cockpit"])

_READ = refusals(403, 404, 409, 503)


@router.get("/cockpit", response_model=Cockpit, responses=_READ)
async def get_cockpit(here: ManagedHere, request: Request) -> Response:
    """Say what each limit would give and leave to people, what is certified, and what applying would do."""
    return Response(await _shelf(request).page(here, "cockpit"), media_type="application/json")


@router.get("/cockpit/sample", response_model=CockpitSample, responses=refusals(403, 404, 409, 422, 503))
async def get_cockpit_sample(
    question: Annotated[str, Query(max_length=100)],
    score_at_least: Annotated[float, Query(allow_inf_nan=False)],
    here: ManagedHere,
    request: Request,
) -> Response:
    """Show ten items that a score would accept, and the five just below it; the same ones every time."""
    column = await _shelf(request).column(here, question)

    def look(views: Views) -> tuple[dict[str, Any], list[Sighting]]:
        told: dict[str, Any] = cockpit_sample(views, here.project, column, score_at_least)
        shown = {one["id"]: [question] for one in [*told["accepted"], *told["below"]]}
        return told, of_named(views, here.project, shown, "cockpit")

    told, seen = here.read(look)
    await here.show(seen)
    return json_response(told)


@router.post("/cockpit/apply", response_model=Applied, responses=refusals(403, 404, 409, 422, 503))
async def apply_certificates(body: ApplyPlan, key: IdempotencyKey, here: ManagedHere) -> Response:
    """Accept what the certificates in force cover and send the rest to people, as `labelwright route` does."""
    request = ["apply", here.project.id, body.plan]
    known = here.read(lambda views: views.remembered(key, here.annotator.id))
    if known is not None:
        if known.body_hash != fingerprint(request):
            raise IdempotencyConflict(key)
        return stored_response(known)
    done = await apply(here, body.plan)

    def work(tx: Transaction) -> StoredResponse:
        now = here.world.now()
        return once(tx, key, here.annotator.id, request=request, now=now, act=lambda: (200, orjson.dumps(done)))

    return stored_response(await here.write(work))


@router.get("/dashboard", response_model=Dashboard, responses=_READ)
async def get_dashboard(here: ManagedHere, request: Request) -> Response:
    """Say how the project goes: states, answers by hour, people, cost, calibration, audit."""
    return Response(await _shelf(request).page(here, "dashboard"), media_type="application/json")


def _shelf(request: Request) -> CockpitShelf:
    shelf: CockpitShelf = request.app.state.cockpit
    return shelf
