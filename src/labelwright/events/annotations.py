"""A person has spoken, taken it back, or passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labelwright.domain.annotation import Annotation
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
