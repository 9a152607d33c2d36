"""An item's life: its events, its labels with their reasons, remarks, restored labels."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field, JsonValue

from labelwright.ports.item_reads import TrailKind
from labelwright.server.wire.annotating import ShownItem


class HistoryQuestion(BaseModel):
    """A question that is asked of the item now."""

    name: str
    title: str
    type: str


class HistoryEvent(BaseModel):
    """One thing that happened. who: null = no person. told: what it says, by its kind."""

    position: int
    at: str
    who: str | None
    kind: TrailKind
    question: str | None
    told: dict[str, JsonValue]


class Reason(BaseModel):
    """A node of why a label is what it is: it rests on its children."""

    kind: Literal["label", "certificate", "prediction", "route", "votes", "vote", "left out"]
    told: dict[str, JsonValue]
    children: list[Reason]


class LabelOfRecord(BaseModel):
    """A question's label of record. status: null = none yet."""

    question: str
    value: JsonValue
    status: str | None
    why: Reason


class ShownRemark(BaseModel):
    """A comment or a flag that stands. mine: you wrote it."""

    id: str
    kind: Literal["comment", "flag"]
    reason: str
    text: str
    who: str | None
    at: str
    mine: bool


class ItemHistory(BaseModel):
    """An item's life, oldest first. sees_all: false = only what you did yourself, and remarks once you answered."""

    project: str
    item: ShownItem
    sees_all: bool
    questions: list[HistoryQuestion]
    events: list[HistoryEvent]
    labels: list[LabelOfRecord]
    remarks: list[ShownRemark]


class NewRemark(BaseModel):
    """A comment, or a flag with its reason."""

    kind: Literal["comment", "flag"]
    reason: str = Field(default="", max_length=200)
    text: str = Field(default="", max_length=4000)


class RemarkMade(BaseModel):
    """The remark that was written or withdrawn."""

    remark: str


class RestoreRequest(BaseModel):
    """Which earlier label is right after all. position: that of the event that gave it."""

    question: str = Field(max_length=200)
    position: int = Field(ge=1, le=2**62)
    reason: str = Field(min_length=1, max_length=500)


class Restored(BaseModel):
    """The manager's answer that holds the restored label."""

    annotation: str
