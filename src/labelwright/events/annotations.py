"""A person has spoken, taken it back, or passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labelwright.domain.annotation import Annotation, FirstAnswer
from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotationId, AnnotatorId, EntryId, ItemKey, ProjectId, QuestionName
from labelwright.events.base import label_stream


@dataclass(frozen=True, slots=True)
class AnnotationSubmitted:
    """One answer to one question of one item. Row: the annotation; the body commits to its value."""

    type: ClassVar[str] = "annotation-submitted"
    project: ProjectId
    annotation: Annotation
    commitment: str

    @property
    def stream(self) -> str:
        return label_stream(self.project, self.annotation.item, self.annotation.question)

    def body(self) -> dict[str, Json]:
        a = self.annotation
        return {
            "project": self.project,
            "annotation": a.id,
            "item": a.item,
            "question": a.question,
            "annotator": a.annotator,
            "round": a.round,
            "purpose": a.purpose,
            "status": a.status,
            "schema_version": a.schema_version,
            "guideline_version": a.guideline_version,
            "seconds": a.seconds,
            "suggestion_shown": a.suggestion_shown,
            "submission": a.submission,
            "created_at": a.created_at,
            "commitment": self.commitment,
            # Absent where there is none, as in all that was written before it existed.
            **({} if a.assistance is None else {"assistance": a.assistance.body()}),
        }


@dataclass(frozen=True, slots=True)
class SuggestionRevealed:
    """A person has answered and was then told what the model says. Rows: their first answers; the body commits to them.

    commitments: by question, in the order of `answers`, all of one entry.
    """

    type: ClassVar[str] = "suggestion-revealed"
    project: ProjectId
    entry: EntryId
    answers: tuple[FirstAnswer, ...]
    commitments: tuple[str, ...]

    @property
    def stream(self) -> str:
        return label_stream(self.project, self.answers[0].item, "*")

    def body(self) -> dict[str, Json]:
        first = self.answers[0]
        return {
            "project": self.project,
            "entry": self.entry,
            "item": first.item,
            "annotator": first.annotator,
            "round": first.round,
            "seconds": first.seconds,
            "created_at": first.created_at,
            "commitments": {one.question: kept for one, kept in zip(self.answers, self.commitments, strict=True)},
        }


@dataclass(frozen=True, slots=True)
class AnnotationRetracted:
    """An answer no longer counts; it stays in the history."""

    type: ClassVar[str] = "annotation-retracted"
    project: ProjectId
    annotation: AnnotationId
    item: ItemKey
    question: QuestionName
    reason: str

    @property
    def stream(self) -> str:
        return label_stream(self.project, self.item, self.question)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "annotation": self.annotation,
            "item": self.item,
            "question": self.question,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class ItemSkipped:
    """A person passed on an item, and said why. It goes to somebody else."""

    type: ClassVar[str] = "item-skipped"
    project: ProjectId
    entry: EntryId
    item: ItemKey
    annotator: AnnotatorId
    reason: str

    @property
    def stream(self) -> str:
        return label_stream(self.project, self.item, "*")

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "entry": self.entry,
            "item": self.item,
            "annotator": self.annotator,
            "reason": self.reason,
        }
