"""Somebody remarks on an item, a remark is withdrawn, an earlier label is put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labelwright.domain.annotation import Remark
from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotationId, ItemKey, ProjectId, QuestionName
from labelwright.events.base import label_stream


def remark_words(remark: Remark) -> list[Json]:
    """Give what the event's commitment covers: words may quote the item, so the ledger holds none of them."""
    return [remark.reason, remark.text]


@dataclass(frozen=True, slots=True)
class ItemRemarked:
    """A comment or a flag. Row: the remark; the body commits to its words."""

    type: ClassVar[str] = "item-remarked"
    project: ProjectId
    remark: Remark
    commitment: str

    @property
    def stream(self) -> str:
        return label_stream(self.project, self.remark.item, "*")

    def body(self) -> dict[str, Json]:
        r = self.remark
        return {
            "project": self.project,
            "remark": r.id,
            "item": r.item,
            "annotator": r.annotator,
            "kind": r.kind,
            "created_at": r.created_at,
            "commitment": self.commitment,
        }


@dataclass(frozen=True, slots=True)
class RemarkWithdrawn:
    """A comment is taken back or a flag settled; it stays in the history."""

    type: ClassVar[str] = "remark-withdrawn"
    project: ProjectId
    remark: str
    item: ItemKey

    @property
    def stream(self) -> str:
        return label_stream(self.project, self.item, "*")

    def body(self) -> dict[str, Json]:
        return {"project": self.project, "remark": self.remark, "item": self.item}


@dataclass(frozen=True, slots=True)
class LabelRestored:
    """A manager put an earlier label back. The label is in their adjudicating answer; this says whence and why.

    source: the position of the event that first said so.
    """

    type: ClassVar[str] = "label-restored"
    project: ProjectId
    item: ItemKey
    question: QuestionName
    annotation: AnnotationId
    source: int
    reason: str

    @property
    def stream(self) -> str:
        return label_stream(self.project, self.item, self.question)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "item": self.item,
            "question": self.question,
            "annotation": self.annotation,
            "source": self.source,
            "reason": self.reason,
        }
