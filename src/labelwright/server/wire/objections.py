"""What a model says against answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, JsonValue

from labelwright.server.wire.annotating import ItemPreview


class Objection(BaseModel):
    """A model holds your answer to be against the guideline. reason, evidence: its words, not to be trusted."""

    id: str
    submission: str
    item: ItemPreview
    question: str
    answer: JsonValue
    reason: str
    evidence: list[str]
    model: str
    at: str


class Objections(BaseModel):
    """Newest first. waiting: submissions of yours that are being reviewed."""

    objections: list[Objection]
    waiting: int


class ObjectionSettled(BaseModel):
    """What you did about it."""

    objection: str
    settled: Literal["kept"]
