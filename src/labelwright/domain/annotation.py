"""What an annotator said, and what a model said with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotationId, AnnotatorId, ItemKey, QuestionName, RunId
from labelwright.domain.project import Display, DrawnPer
from labelwright.domain.sighting import Way

Purpose: TypeAlias = Literal["calibration", "audit", "review", "bulk", "spot-check", "adjudication"]
"""`bulk`: one of many suggestions taken over at once. `spot-check`: a blind look at some of those.
`adjudication`: a manager's decision, which outweighs what was said before. None of the three is evidence about a model:
only blind answers to randomly drawn `calibration` and `audit` entries are."""
RemarkKind: TypeAlias = Literal["comment", "flag"]
AnnotationStatus: TypeAlias = Literal["active", "surplus", "retracted"]
PredictionStatus: TypeAlias = Literal["valid", "invalid", "failed"]


Verdict: TypeAlias = Literal["accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Assistance:
    """How a model's help stood by an answer; noted where there is more to say than that a suggestion was shown.

    probability: with which the display was drawn; None = the policy said so.  verdict, reason: where the person judged
    the model's label.  asked: how often the assistant was asked about the item.  seen: where else than with this entry
    the person had seen a label of it before they answered.  per: what the display was drawn for.
    """

    display: Display
    probability: float | None = None
    verdict: Verdict | None = None
    reason: str = ""
    asked: int = 0
    seen: tuple[Way, ...] = ()
    per: DrawnPer = "entry"

    def body(self) -> dict[str, Json]:
        """Give the JSON that ledger, tables and exports keep."""
        return {
            "display": self.display,
            "probability": self.probability,
            "verdict": self.verdict,
            "reason": self.reason,
            "asked": self.asked,
            # Absent where there is none, as in all that was written before it existed.
            **({"seen": list(self.seen)} if self.seen else {}),
            **({"per": self.per} if self.per != "entry" else {}),
        }


def assistance_of(body: Mapping[str, Any]) -> Assistance:
    """Read what `Assistance.body` wrote."""
    told = {name: value for name, value in body.items() if name != "seen"}
    return Assistance(**told, seen=tuple(body.get("seen", ())))


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What a person said before the suggestion was revealed to them. It stays, whatever they submit in the end."""

    item: ItemKey
    question: QuestionName
    annotator: AnnotatorId
    round: int
    value: Json
    seconds: float
    created_at: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotator's value for one question of one item. Immutable: retracted, never edited.

    `surplus` marks a vote that came after its slot was taken: kept, counted as an extra vote.
    `suggestion_shown`: a label of a model or of somebody else was seen before, here or anywhere; see `is_blind`. Blind
    votes alone calibrate and audit.
    """

    id: AnnotationId
    item: ItemKey
    question: QuestionName
    annotator: AnnotatorId
    round: int
    purpose: Purpose
    value: Json
    schema_version: int
    guideline_version: int
    seconds: float
    suggestion_shown: bool
    status: AnnotationStatus
    created_at: str
    submission: str
    """The submission (one item, all its questions) it came with."""
    assistance: Assistance | None = None

    @property
    def is_blind(self) -> bool:
        """Whether no label of the question that was not their own had been shown to the person, in whatever way.

        The server writes it down with the answer, from all that was ever sent to that person about the item. Whatever
        rests on blind answers asks here.
        """
        return not self.suggestion_shown


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote about an item, or that they flagged it. It is no label.

    reason: why it is flagged, in a few words; empty for a comment.  withdrawn: taken back, or the flag is settled.
    """

    id: str
    item: ItemKey
    annotator: AnnotatorId
    kind: RemarkKind
    reason: str
    text: str
    created_at: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class AssistantUse:
    """What a person asked the assistant about an item, and what it said.

    cost_micro: micro-USD of what was sent for it; None = unknown.  run: of its calls.
    """

    id: str
    item: ItemKey
    annotator: AnnotatorId
    round: int
    asked: str
    answer: str
    model: str
    cost_micro: int | None
    run: RunId
    guideline_version: int
    created_at: str


@dataclass(frozen=True, slots=True)
class NewPrediction:
    """A model's annotation with its evidence, before it has a number."""

    item: ItemKey
    question: QuestionName
    model: str
    status: PredictionStatus
    value: Json
    """None unless valid."""
    confidence: float | None
    """Raw, not a probability until calibrated; None = unknown, never accepted."""
    confidence_kind: str | None
    signals: Mapping[str, Json]
    """Every signal and mark: off-label mass, recorded prompt id, reasoning."""
    problem: str | None
    """Why it is invalid or failed."""
    raw: str | None
    """The answer's text where it is invalid."""
    call_key: str | None
    run: RunId
    schema_version: int
    guideline_version: int
    prompt_hash: str
