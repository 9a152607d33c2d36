"""A slot waiting for a person, and a time-limited claim on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labelwright.domain.annotation import Purpose
from labelwright.domain.canonical import Json
from labelwright.domain.ids import EntryId, ItemKey, QuestionName


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A slot to be filled. `slot` tells apart the votes wanted for one item in one round: 0, 1, 2 for three.

    An item that is asked for again in the same round, by a later draw or a recall, gets slots of its own numbers.
    """

    item: ItemKey
    questions: tuple[QuestionName, ...]
    purpose: Purpose
    slot: int
    priority: float
    blind: bool
    reason: str
    round: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on an entry until `expires_at` (epoch seconds, server's clock). `fence` grows with every claim."""

    entry: EntryId
    fence: int
    item: ItemKey
    questions: tuple[QuestionName, ...]
    purpose: Purpose
    round: int
    blind: bool
    reason: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has begun to answer on an entry, as their page sent it. seconds: time at work on it so far."""

    answers: Mapping[str, Json]
    seconds: float


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many entries of a purpose are open, leased and done, and skipped by everybody so far."""

    purpose: Purpose
    open: int
    leased: int
    done: int
