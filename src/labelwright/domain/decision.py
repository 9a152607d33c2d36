"""What is decided about an (item, question), and the label of record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, QuestionName

Route: TypeAlias = Literal["accept", "review", "calibration", "audit"]
"""`audit` is an accepted label that is also checked blind; `calibration` is labelled blind before any decision."""
ResolutionStatus: TypeAlias = Literal[
    "auto-accepted", "human-verified", "consensus", "bulk-accepted", "unverified", "unresolved", "not-applicable"
]


@dataclass(frozen=True, slots=True)
class Decision:
    """Where one question of one item goes, and why."""

    item: ItemKey
    question: QuestionName
    route: Route
    reason: str
    score: float | None
    probability: float | None
    """Calibrated, for people's eyes; the threshold never reads it."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The label of record of one question of one item. What export reads.

    `bulk-accepted`: a model's label that somebody took over with many others; nobody looked at the item by itself.
    `unverified`: a model's label nobody checked and no certificate covers. `unresolved`: no label at all (value None).
    `not-applicable`: the item's other labels say that the question does not arise (value None).
    """

    item: ItemKey
    question: QuestionName
    value: Json
    status: ResolutionStatus
    probability: float | None
    method: str
    voters: tuple[str, ...]
    """Annotation ids, or the prediction's number as `prediction:N`."""
    evidence: Mapping[str, Json]
