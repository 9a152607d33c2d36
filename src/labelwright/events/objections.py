"""A model has reviewed a person's answer and objects; the person keeps or changes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.objection import Objection, Settled
from labelwright.events.base import label_stream


def objection_words(objection: Objection) -> list[Json]:
    """Give what the event's commitment covers: both quote the item, so the ledger holds none of them."""
    return [objection.reason, list(objection.evidence)]


@dataclass(frozen=True, slots=True)
class AnswerObjected:
    """A model objects to an answer. Row: the objection; the body commits to its words."""

    type: ClassVar[str] = "answer-objected"
    project: ProjectId
    objection: Objection
    commitment: str

    @property
    def stream(self) -> str:
        return label_stream(self.project, self.objection.item, self.objection.question)

    def body(self) -> dict[str, Json]:
        o = self.objection
        return {
            "project": self.project,
            "objection": o.id,
            "annotation": o.annotation,
            "submission": o.submission,
            "item": o.item,
            "question": o.question,
            "annotator": o.annotator,
            "round": o.round,
            "model": o.model,
            "cost_micro": o.cost_micro,
            "run": o.run,
            "guideline_version": o.guideline_version,
            "created_at": o.created_at,
            "commitment": self.commitment,
        }


@dataclass(frozen=True, slots=True)
class ObjectionSettled:
    """The person has kept their answer, or given another, with the objection before them."""

    type: ClassVar[str] = "objection-settled"
    project: ProjectId
    objection: str
    item: ItemKey
    question: QuestionName
    settled: Settled

    @property
    def stream(self) -> str:
        return label_stream(self.project, self.item, self.question)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "objection": self.objection,
            "item": self.item,
            "question": self.question,
            "settled": self.settled,
        }
