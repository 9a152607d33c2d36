"""Comments and flags: what people say about an item besides its label. No stage reads them."""

from __future__ import annotations

import orjson

from labelwright.domain.annotation import Remark, RemarkKind
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import commitment
from labelwright.domain.project import Project
from labelwright.domain.provenance import Provenance
from labelwright.errors import Conflict, InvalidValue, NotAllowed, NotFound
from labelwright.events import ItemRemarked, RemarkWithdrawn
from labelwright.events.remarks import remark_words
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Transaction
from labelwright.ports.world import World
from labelwright.services.people.item_at_hand import item_at_hand
from labelwright.services.projects.idempotency import once


def remark_on(
    tx: Transaction,
    project: Project,
    annotator: Annotator,
    *,
    item: str,
    kind: RemarkKind,
    reason: str,
    text: str,
    key: str,
    world: World,
) -> StoredResponse:
    """Comment on an item or flag it, once per idempotency key; it stays to be labelled as before.

    Raises: NotFound, for an item this person has not had; InvalidValue, when nothing is said.
    """

    def act() -> tuple[int, bytes]:
        found = item_at_hand(tx, project, annotator, item)
        said_reason, said_text = reason.strip(), text.strip()
        if not said_text and (kind == "comment" or not said_reason):
            raise InvalidValue("text", "is empty", "; say what is to be noted")
        made = Remark(
            id=world.new_id(),
            item=found.item.key,
            annotator=annotator.id,
            kind=kind,
            reason=said_reason if kind == "flag" else "",
            text=said_text,
            created_at=world.timestamp(),
        )
        committed = commitment(tx.item_salt(made.item), remark_words(made))
        tx.append([ItemRemarked(project.id, made, committed)], by_person(annotator, world))
        return 201, orjson.dumps({"remark": made.id})

    request = ["remark", project.id, item, kind, reason, text]
    return once(tx, key, annotator.id, request=request, now=world.now(), act=act)


def withdraw_remark(
    tx: Transaction, project: Project, annotator: Annotator, *, item: str, remark: str, key: str, world: World
) -> StoredResponse:
    """Take a remark back, or settle a flag: its author may, and any manager. It stays in the history.

    Raises: NotFound; NotAllowed for somebody else's; Conflict, when it is withdrawn already.
    """

    def act() -> tuple[int, bytes]:
        found = item_at_hand(tx, project, annotator, item)
        named = next((one for one in tx.remarks(project.id, found.item.key) if one.id == remark), None)
        may_see = found.is_manager or found.has_answered
        if named is None or not (may_see or named.annotator == annotator.id):
            raise NotFound(f"there is no remark {remark[:100]!r} on this item")
        if named.annotator != annotator.id and not found.is_manager:
            raise NotAllowed("only who wrote a remark, or a manager, may withdraw it")
        if named.withdrawn:
            raise Conflict("this remark is withdrawn already")
        tx.append([RemarkWithdrawn(project.id, remark, found.item.key)], by_person(annotator, world))
        return 200, orjson.dumps({"remark": remark})

    request = ["withdraw", project.id, item, remark]
    return once(tx, key, annotator.id, request=request, now=world.now(), act=act)


def by_person(annotator: Annotator, world: World, *, run: str | None = None) -> Provenance:
    """Say that this person did it, over the API."""
    return Provenance(actor=annotator.id, at=world.timestamp(), via="api", run=run, version=world.version)
