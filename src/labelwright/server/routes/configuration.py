"""Versions of the configuration, for managers: look, compare, try, put in force."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from labelwright.errors import IdempotencyConflict
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Transaction
from labelwright.server.configuration import ask, check
from labelwright.server.deps import IdempotencyKey, ManagedHere, Place, json_response, stored_response
from labelwright.server.wire.configuration import (
    AppliedDraft,
    CheckedDraft,
    ConfigurationDiff,
    ConfigurationVersions,
    Draft,
    DraftFrom,
    ExampleItems,
    LabelChangeAsked,
    LabelChangeTold,
    LabelUndoAsked,
    PastLabelChanges,
    PreviewedDraft,
    WrittenConfiguration,
)
from labelwright.server.wire.problem import refusals
from labelwright.services.people.sightings import of_named
from labelwright.services.projects.idempotency import fingerprint, once
from labelwright.services.projects.versions import (
    compared_versions,
    listed_label_changes,
    listed_labels,
    listed_versions,
    shown_version,
)

router = APIRouter(prefix="/api/v1/projects/{project}/configuration", tags=["configuration"])

_READ = refusals(403, 404, 422, 503)
_ACTED = refusals(403, 404, 409, 422, 503)


@router.get("/versions", response_model=ConfigurationVersions, responses=_READ)
async def list_versions(here: ManagedHere) -> Response:
    """List all versions, newest first, each with what it changed."""
    return json_response({"versions": here.read(lambda views: listed_versions(views, here.project))})


@router.get("/versions/{version}", response_model=WrittenConfiguration, responses=_READ)
async def get_version(version: int, here: ManagedHere) -> Response:
    """Give one version as project.yaml and guideline."""
    return json_response(here.read(lambda views: shown_version(views, here.project, version)))


@router.get("/diff", response_model=ConfigurationDiff, responses=_READ)
async def get_diff(old: int, new: int, here: ManagedHere) -> Response:
    """Say what differs between two versions."""
    return json_response(here.read(lambda views: compared_versions(views, here.project, old, new)))


@router.post("/check", response_model=CheckedDraft, responses=_READ)
async def check_draft(body: Draft, here: ManagedHere) -> Response:
    """Say what is wrong with a configuration, and on which line, or what it would show. Nothing is written."""
    return json_response(check(here.project, body.yaml, body.guideline))


@router.post("/preview", response_model=PreviewedDraft, responses=_ACTED)
async def preview_draft(body: DraftFrom, here: ManagedHere) -> Response:
    """Say what putting a configuration in force would change and touch. Nothing is written."""
    return json_response(await ask(here, {"verb": "preview", **body.model_dump()}))


@router.post("/apply", response_model=AppliedDraft, responses=_ACTED)
async def apply_draft(body: DraftFrom, key: IdempotencyKey, here: ManagedHere) -> Response:
    """Put a configuration in force, if the version it was made from still is."""
    return await _change(here, key, {"verb": "apply", **body.model_dump()})


@router.get("/items", response_model=ExampleItems, responses=_ACTED)
async def list_example_items(
    here: ManagedHere,
    search: Annotated[str, Query(max_length=200)] = "",
    label: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> Response:
    """Find items to look at and to take as examples; those of certifying samples say why they may not be one."""
    told = await ask(here, {"verb": "items", "search": search, "label": label, "limit": limit})
    shown = {one["id"]: list(one["labels"]) for one in told["items"]}
    await here.show(here.read(lambda views: of_named(views, here.project, shown, "examples")))
    return json_response(told)


@router.get("/labels", response_model=PastLabelChanges, responses=_READ)
async def list_label_changes(here: ManagedHere) -> Response:
    """List renames, merges and splits of labels, newest first, and the labels that can be changed."""
    changes = here.read(lambda views: listed_label_changes(views, here.project))
    return json_response({"changes": changes, "lists": listed_labels(here.project)})


@router.post("/labels", response_model=LabelChangeTold, responses=_ACTED)
async def change_labels(body: LabelChangeAsked, key: IdempotencyKey, here: ManagedHere) -> Response:
    """Rename, merge or split labels and keep what was labelled. With `dry_run`: say what it would do."""
    return await _change(here, key, {"verb": "labels", **body.model_dump()})


@router.post("/labels/undo", response_model=LabelChangeTold, responses=_ACTED)
async def undo_labels(body: LabelUndoAsked, key: IdempotencyKey, here: ManagedHere) -> Response:
    """Take the newest rename, merge or split that stands back. With `dry_run`: say what that would do."""
    return await _change(here, key, {"verb": "labels-undo", **body.model_dump()})


async def _change(here: Place, key: str, asked: dict[str, Any]) -> Response:
    """Do it once, however often it is asked for."""
    request = ["configuration", here.project.id, asked]
    known = here.read(lambda views: views.remembered(key, here.annotator.id))
    if known is not None:
        if known.body_hash != fingerprint(request):
            raise IdempotencyConflict(key)
        return stored_response(known)
    done = await ask(here, asked)

    def work(tx: Transaction) -> StoredResponse:
        now = here.world.now()
        return once(tx, key, here.annotator.id, request=request, now=now, act=lambda: (200, orjson.dumps(done)))

    return stored_response(await here.write(work))
