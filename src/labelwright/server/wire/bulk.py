"""Accepting in bulk."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field, JsonValue

from labelwright.server.wire.annotating import ShownMedium
from labelwright.server.wire.explore import FilterQuery


class BulkQuery(FilterQuery):
    """Which items, by how they stand; among: of these ids alone."""

    after: int = Field(default=0, ge=0, le=2**62)
    limit: int = Field(default=100, ge=1, le=200)
    among: list[str] = Field(default_factory=list, max_length=200)


class SeenLabel(BaseModel):
    """A label as it was shown. prediction: the number of the model's answer that it is."""

    value: JsonValue
    prediction: int = Field(ge=0, le=2**62)


class BulkCard(BaseModel):
    """An item that may be accepted in bulk. shown: by question, what the model says. probability: null = not known."""

    id: str
    excerpt: str
    media: dict[str, list[ShownMedium | None]]
    warning: str | None
    probability: float | None
    shown: dict[str, SeenLabel]


class BulkGrid(BaseModel):
    """Cards. version: to be sent with what is accepted. n_left_out: found, but answered at the desk only."""

    version: str
    question: str
    cards: list[BulkCard]
    n_left_out: int
    next: str | None
    most_at_once: int


class SeenItem(BaseModel):
    """An item to accept, with what it was shown with."""

    id: str = Field(max_length=1000)
    shown: dict[str, SeenLabel] = Field(max_length=200)


class BulkRequest(BaseModel):
    """What to accept. most_wrong: the share of wrong ones that a faultless spot check rules out, at 95 %."""

    version: str = Field(max_length=100)
    items: list[SeenItem] = Field(min_length=1, max_length=200)
    most_wrong: float = Field(default=0.05, ge=0.01, le=0.2)
    seconds: float = Field(default=0, ge=0, le=86_400)


class BulkConflict(BaseModel):
    """An item that was left as it is, and why."""

    id: str
    why: Literal["unknown", "answered", "gone", "held", "desk", "changed"]


class SpotCheckDrawn(BaseModel):
    """A random sample that is queued blind. by_another: to somebody else than who accepted."""

    n: int
    most_wrong: float
    inclusion_probability: float
    by_another: bool


class BulkMade(BaseModel):
    """What was accepted. act: null = nothing."""

    act: str | None
    n_accepted: int
    conflicts: list[BulkConflict]
    spot_check: SpotCheckDrawn | None


class BulkAct(BaseModel):
    """An act and its spot check. low, high: so many of the accepted are wrong at least and at most, each at 95 %.

    n_not_blind: items of the sample answered by somebody who had seen a label of theirs.
    """

    act: str
    at: str
    who: str | None
    n_accepted: int
    is_rolled_back: bool
    most_wrong: float
    by_another: bool
    inclusion_probability: float
    n_sample: int
    n_checked: int
    n_wrong: int
    n_not_blind: int
    low: int | None
    high: int | None


class BulkActs(BaseModel):
    """The newest acts, newest first."""

    acts: list[BulkAct]


class RolledBack(BaseModel):
    """An act that was taken back whole."""

    act: str
    n_items: int
    n_checks_closed: int
