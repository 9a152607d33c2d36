"""Who may look at an item, and may say something about it."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.domain.annotator import Annotator
from labelwright.domain.ids import AnnotatorId
from labelwright.domain.item import Item
from labelwright.domain.project import Project
from labelwright.errors import NotFound
from labelwright.ports.item_reads import TrailRow
from labelwright.ports.storage import Views


@dataclass(frozen=True, slots=True)
class ItemAtHand:
    """An item before a person.

    is_manager: sees everything.  has_answered: an answer of theirs stands and no entry of the item is in their hands,
    so what others wrote can no longer sway them (B1).
    """

    item: Item
    trail: list[TrailRow]
    is_manager: bool
    has_answered: bool


def item_at_hand(views: Views, project: Project, viewer: Annotator, id: str) -> ItemAtHand:
    """Give an item to a manager, or to somebody who holds it, or has answered, skipped or remarked on it.

    Raises NotFound, in the same words whether the item does not exist or is not theirs to see.
    """
    item = views.item_by_id(project.id, id)
    if item is not None:
        trail = views.trail(project.id, item.key)
        is_manager = viewer.role == "manager"
        if is_manager or any(concerns(row, viewer.id) for row in trail):
            return ItemAtHand(item, trail, is_manager, _has_answered(trail, viewer.id))
    raise NotFound(f"there is no item {id[:100]!r} that you have had")


def concerns(row: TrailRow, person: AnnotatorId) -> bool:
    """Say whether the person themselves did it, or holds it now."""
    match row.kind:
        case "answered" | "skipped" | "remarked" | "assisted":
            return row.told.get("annotator") == person
        case "queued":
            return row.told.get("holder") == person and row.told.get("state") == "leased"
        case _:
            return False


def _has_answered(trail: list[TrailRow], person: AnnotatorId) -> bool:
    mine = [row for row in trail if concerns(row, person)]
    stands = any(row.kind == "answered" and row.told.get("retraction") is None for row in mine)
    return stands and not any(row.kind == "queued" for row in mine)
