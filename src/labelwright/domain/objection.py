"""What a model says against a person's answer, after it was given: a second opinion, no vote (M8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from labelwright.domain.ids import AnnotationId, AnnotatorId, ItemKey, QuestionName, RunId

Settled: TypeAlias = Literal["kept", "changed", "withdrawn"]
"""`changed`: they took their answer back and gave another.  `withdrawn`: took it back, and gave none since."""


@dataclass(frozen=True, slots=True)
class Objection:
    """A model holds a person's answer to be against the guideline, for a reason.

    annotation: the answer; it stays in the history, whatever becomes of it.  evidence: words of the item it rests on.
    cost_micro: micro-USD of reviewing the whole submission; None = unknown.  settled: None = the person has not said.
    """

    id: str
    annotation: AnnotationId
    submission: str
    item: ItemKey
    question: QuestionName
    annotator: AnnotatorId
    round: int
    reason: str
    evidence: tuple[str, ...]
    model: str
    cost_micro: int | None
    run: RunId
    guideline_version: int
    created_at: str
    settled: Settled | None = None
