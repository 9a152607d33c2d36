"""Items by how they stand."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from labelwright.domain.ids import QuestionName
from labelwright.ports.item_search import Differing, ItemFilter, Noted, Waiting


class FilterQuery(BaseModel):
    """What must hold of the items, all of it (S4: these and no others). Labels are JSON: `"spam"`."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(default="", max_length=200)
    status: str | None = Field(default=None, max_length=40)
    route: Literal["accept", "review", "calibration", "audit"] | None = None
    label: str | None = Field(default=None, max_length=500)
    predicted: str | None = Field(default=None, max_length=500)
    answer: str | None = Field(default=None, max_length=500)
    annotator: str | None = Field(default=None, max_length=100)
    since: str | None = Field(default=None, max_length=40)
    until: str | None = Field(default=None, max_length=40)
    least: float | None = Field(default=None, ge=0, le=1)
    most: float | None = Field(default=None, ge=0, le=1)
    noted: Noted | None = None
    differing: Differing | None = None
    waiting: Waiting | None = None
    text: str | None = Field(default=None, max_length=500)
    field: str | None = Field(default=None, max_length=200)
    value: str | None = Field(default=None, max_length=500)
    unanswered: bool = False

    def asked(self) -> ItemFilter:
        """Give it as the storage takes it; an empty text asks for nothing."""
        return ItemFilter(
            QuestionName(self.question),
            status=self.status or None,
            route=self.route,
            label=self.label or None,
            predicted=self.predicted or None,
            answer=self.answer or None,
            annotator=self.annotator or None,
            since=self.since or None,
            until=self.until or None,
            least_probability=self.least,
            most_probability=self.most,
            noted=self.noted,
            differing=self.differing,
            waiting=self.waiting,
            text=self.text or None,
            field=self.field or None,
            value=self.value or None,
            unanswered=self.unanswered,
        )


class PageQuery(FilterQuery):
    """A page of them. after: what `next` of the page before said."""

    after: int = Field(default=0, ge=0, le=2**62)
    limit: int = Field(default=50, ge=1, le=200)


class ItemRow(BaseModel):
    """An item and how it stands on the question. probability: calibrated; null = not known."""

    id: str
    excerpt: str
    label: JsonValue
    status: str | None
    route: str | None
    probability: float | None
    predicted: JsonValue
    answers: int
    flags: int
    comments: int
    waiting: int


class ItemPage(BaseModel):
    """next: the `after` of the page behind this one; null = there is none."""

    items: list[ItemRow]
    next: str | None


class SimilarItem(BaseModel):
    """An item that is worded alike. similarity: cosine, at most 1."""

    id: str
    excerpt: str
    similarity: float


class SimilarItems(BaseModel):
    """Nearest first. n_compared: how many were looked at."""

    items: list[SimilarItem]
    n_compared: int
