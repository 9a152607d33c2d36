"""One item: its life, remarks on it, an earlier label put back. An id may hold slashes: the verb stands behind it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from labelwright.server.deps import Here, IdempotencyKey, ManagedHere, json_response, stored_response
from labelwright.server.wire.items import ItemHistory, NewRemark, RemarkMade, Restored, RestoreRequest
from labelwright.server.wire.problem import refusals
from labelwright.services.people import remarks, restore
from labelwright.services.people.item_history import item_history
from labelwright.services.people.sightings import of_history

router = APIRouter(prefix="/api/v1/projects/{project}/items", tags=["items"])


@router.get("/{item:path}/history", response_model=ItemHistory, responses=refusals(404, 503))
async def get_history(item: str, here: Here) -> Response:
    """Give an item's life: all of it to managers, to others what they did themselves."""
    told, seen = here.read(
        lambda views: (
            item_history(views, here.project, here.annotator, item),
            of_history(views, here.project, here.annotator, item),
        )
    )
    await here.show(seen)
    return json_response(told)


@router.post("/{item:path}/remarks", status_code=201, response_model=RemarkMade, responses=refusals(404, 422, 503))
async def remark(item: str, body: NewRemark, key: IdempotencyKey, here: Here) -> Response:
    """Comment on an item that you have had, or flag it; it is no label."""
    stored = await here.write(
        lambda tx: remarks.remark_on(
            tx,
            here.project,
            here.annotator,
            item=item,
            kind=body.kind,
            reason=body.reason,
            text=body.text,
            key=key,
            world=here.world,
        )
    )
    return stored_response(stored)


@router.delete("/{item:path}/remarks/{remark}", response_model=RemarkMade, responses=refusals(403, 404, 409, 422, 503))
async def withdraw_remark(item: str, remark: str, key: IdempotencyKey, here: Here) -> Response:
    """Withdraw your remark; a manager settles anybody's."""
    stored = await here.write(
        lambda tx: remarks.withdraw_remark(
            tx, here.project, here.annotator, item=item, remark=remark, key=key, world=here.world
        )
    )
    return stored_response(stored)


@router.post("/{item:path}/restore", status_code=201, response_model=Restored, responses=refusals(403, 404, 422, 503))
async def restore_label(item: str, body: RestoreRequest, key: IdempotencyKey, here: ManagedHere) -> Response:
    """Put an earlier label back, as your decision, with a reason."""
    stored = await here.write(
        lambda tx: restore.restore(
            tx,
            here.project,
            here.annotator,
            item=item,
            question=body.question,
            position=body.position,
            reason=body.reason,
            key=key,
            world=here.world,
        )
    )
    return stored_response(stored)


@router.delete(
    "/{item:path}/restore/{annotation}", response_model=Restored, responses=refusals(403, 404, 409, 422, 503)
)
async def undo_restore(item: str, annotation: str, key: IdempotencyKey, here: ManagedHere) -> Response:
    """Take a restored label back: the one before counts again."""
    stored = await here.write(
        lambda tx: restore.undo_restore(
            tx, here.project, here.annotator, item=item, annotation=annotation, key=key, world=here.world
        )
    )
    return stored_response(stored)
