"""Reading items: which there are, how they came in, what happened to one, what was remarked on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np

from labelwright.domain.annotation import AssistantUse, Remark
from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotatorId, ItemId, ItemKey, ProjectId
from labelwright.domain.item import Item
from labelwright.domain.objection import Objection
from labelwright.domain.sighting import Sighting

TrailKind: TypeAlias = Literal[
    "imported",
    "predicted",
    "sampled",
    "routed",
    "queued",
    "answered",
    "retracted",
    "skipped",
    "resolved",
    "restored",
    "remarked",
    "withdrawn",
    "assisted",
    "objected",
    "settled",
    "seen",
    "exported",
]


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One thing that happened to an item: the event's place, time and actor, and what it wrote about this item.

    actor: an annotator id or `system`.  told: columns of its row, or the event's body.
    `seen` rows name who was shown labels in `told`, and every question of which; `question` is the only one of them.
    """

    position: int
    at: str
    actor: str
    kind: TrailKind
    question: str | None
    told: Mapping[str, Json]


class ItemLists(Protocol):
    """Which items there are."""

    def item_count(self, project: ProjectId) -> int: ...
    def items(self, project: ProjectId, *, after: int = 0, limit: int = 1000) -> list[Item]:
        """Give items by ascending key, after the key `after`."""
        ...

    def items_by_key(self, project: ProjectId, keys: Sequence[int]) -> list[Item]: ...
    def item_keys(self, project: ProjectId) -> np.ndarray[tuple[int], np.dtype[np.int64]]: ...
    def item_ids(self, project: ProjectId) -> dict[int, ItemId]: ...
    def known_ids(self, project: ProjectId, ids: Sequence[str]) -> dict[str, str]:
        """Give, of these item ids, those that are taken, each with the content hash it is taken by."""
        ...

    def import_progress(self, project: ProjectId, source_hash: str) -> tuple[int, int, int]:
        """Give (last line covered, accepted, rejected) of imports of this very file so far; zeros when none."""
        ...

    def import_parts(self, project: ProjectId) -> list[tuple[str, int]]:
        """Give (run, items it brought) of every chunk of every import, in the order in which the items came in.

        Laid end to end they cover `item_keys`, which come in that order too.
        """
        ...

    def item_salt(self, item: ItemKey) -> bytes: ...


class ItemReads(Protocol):
    """What a person at one item asks."""

    def item_by_id(self, project: ProjectId, id: str) -> Item | None: ...
    def trail(self, project: ProjectId, item: ItemKey) -> list[TrailRow]:
        """Give all that happened to the item, oldest first; `queued` rows say how their entry stands now."""
        ...

    def remarks(self, project: ProjectId, item: ItemKey | None = None) -> list[Remark]:
        """Give an item's remarks, oldest first, withdrawn ones included; None = of all items, by item."""
        ...

    def assistant_uses(
        self, project: ProjectId, annotator: AnnotatorId, item: ItemKey, in_round: int
    ) -> list[AssistantUse]:
        """Give what one person asked the assistant about one item in one round, oldest first."""
        ...

    def seen_by(self, annotator: AnnotatorId, items: Sequence[ItemKey]) -> list[Sighting]:
        """Give what that person was shown of labels of these items that are not their own, first things first."""
        ...

    def objections(
        self, project: ProjectId, annotator: AnnotatorId | None = None, *, item: ItemKey | None = None
    ) -> list[Objection]:
        """Give what models said against people's answers, or one person's, oldest first.  item: only about that one."""
        ...

    def seen_by_each(self, project: ProjectId) -> dict[int, frozenset[AnnotatorId]]:
        """Give who was shown any label, of every item of which somebody was."""
        ...

    def people_here(self, project: ProjectId, *, now: float) -> frozenset[AnnotatorId]:
        """Give who is signed in, and so can be handed an item."""
        ...
