"""Take entries, keep them, give them back."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import Response

from labelwright.server import assistant
from labelwright.server.deps import Here, IdempotencyKey, json_response, stored_response
from labelwright.server.wire.annotating import (
    AssistantQuestion,
    AssistantThread,
    Entries,
    Entry,
    LeaseRequest,
    Renewed,
    RevealRequest,
)
from labelwright.server.wire.problem import refusals
from labelwright.services.people import annotate, ask_about_item

router = APIRouter(prefix="/api/v1/projects/{project}/leases", tags=["leases"])


@router.post("", response_model=Entries, responses=refusals(404, 422, 503))
async def take_entries(body: LeaseRequest, here: Here) -> Response:
    """Hold the most urgent entries; those you hold already come first. An empty list: nothing for you now."""
    entries = await here.write(
        lambda tx: annotate.lease_next(tx, here.project, here.annotator, count=body.count, world=here.world)
    )
    return json_response({"entries": entries})


@router.post("/reveal", response_model=Entry, responses=refusals(404, 409, 422, 503))
async def reveal_suggestions(body: RevealRequest, here: Here) -> Response:
    """Store your first answers, and see what the model says. Asked again, it gives the same."""
    card = await here.write(
        lambda tx: annotate.reveal(
            tx,
            here.project,
            here.annotator,
            lease=body.lease,
            answers=body.answers,
            seconds=body.seconds,
            world=here.world,
        )
    )
    return json_response(card)


@router.post("/assistant", status_code=201, response_model=AssistantThread, responses=refusals(404, 409, 422, 503))
async def ask_assistant(body: AssistantQuestion, key: IdempotencyKey, here: Here) -> Response:
    """Ask the assistant about your item against the guideline; where suggestions may be seen alone. It is recorded."""
    asked = {"lease": body.lease, "question": body.question, "key": key}
    found = await here.write(lambda tx: ask_about_item.check_question(tx, here.project, here.annotator, **asked))
    if not isinstance(found, ask_about_item.Talk):
        return stored_response(found)
    told = await assistant.ask(here, item=found.item, question=body.question.strip(), earlier=found.earlier)
    world = replace(here.world, actor=here.annotator.id, via="api")
    stored = await here.write(
        lambda tx: ask_about_item.record_use(
            tx, here.project, here.annotator, **asked, told=told.__getitem__, world=world
        )
    )
    return stored_response(stored)


@router.get("/{lease}/assistant", response_model=AssistantThread, responses=refusals(404, 409, 503))
async def read_assistant(lease: str, here: Here) -> Response:
    """Give what you have asked about your item, and how often you may still ask."""
    if here.talkers is not None:
        here.talkers.warm()  # who looks will ask
    found = await here.write(lambda tx: ask_about_item.asked_so_far(tx, here.project, here.annotator, lease=lease))
    return json_response(found)


@router.put("/{lease}", response_model=Renewed, responses=refusals(404, 409, 503))
async def keep_entry(lease: str, here: Here) -> Response:
    """Keep an entry longer."""
    renewed = await here.write(
        lambda tx: annotate.renew(tx, here.project, here.annotator, lease=lease, world=here.world)
    )
    return json_response(renewed)


@router.delete("/{lease}", status_code=204, responses=refusals(404, 503))
async def give_entry_back(lease: str, here: Here) -> Response:
    """Give an entry back unanswered."""
    await here.write(lambda tx: annotate.release(tx, here.project, here.annotator, lease=lease))
    return Response(status_code=204)
