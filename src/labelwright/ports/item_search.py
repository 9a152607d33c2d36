"""Looking for items: what may be asked, and what is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.item import Item

Differing: TypeAlias = Literal["people", "model"]
"""`people`: two people's answers differ. `model`: somebody's answer differs from the model's label."""
Noted: TypeAlias = Literal["flag", "comment", "any"]
Waiting: TypeAlias = Literal["open", "leased", "none"]


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What must hold of an item, all of it. None or empty = not asked.  Labels are of `question`.

    status: of the label of record; `none` = there is none.  label, predicted, answer: the label of record, the model's,
    somebody's answer holds this value, which is JSON text (`"spam"`).  annotator: an answer of theirs stands.
    since, until: an answer that stands was given then (RFC 3339, until exclusive).  probability: calibrated, of the
    decision.  text: stands in the id or a shown field, as written or in other case (A–Z).  field, value: metadata.
    keys: one of these items.  unanswered: nobody's answer stands, nothing blind waits for one or was drawn.
    """

    question: QuestionName
    status: str | None = None
    route: str | None = None
    label: str | None = None
    predicted: str | None = None
    answer: str | None = None
    annotator: str | None = None
    since: str | None = None
    until: str | None = None
    least_probability: float | None = None
    most_probability: float | None = None
    noted: Noted | None = None
    differing: Differing | None = None
    waiting: Waiting | None = None
    text: str | None = None
    field: str | None = None
    value: str | None = None
    keys: tuple[int, ...] = ()
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item with how it stands on the question. predicted: the model's label as JSON, None where it has none."""

    item: Item
    label: Json
    status: str | None
    route: str | None
    probability: float | None
    predicted: Json
    is_predicted: bool
    n_answers: int
    n_flags: int
    n_comments: int
    n_waiting: int


class ItemSearch(Protocol):
    """Asking for items by how they stand."""

    def find_items(self, project: ProjectId, asked: ItemFilter, *, after: int = 0, limit: int = 50) -> list[FoundItem]:
        """Give matching items by ascending key, after the key `after`: no page costs more than what it passes over."""
        ...

    def find_keys(self, project: ProjectId, asked: ItemFilter, *, limit: int) -> list[ItemKey]:
        """Give the keys of the first `limit` matching items."""
        ...
