"""Accepted labels that are taken back, and given back."""

from __future__ import annotations

from pydantic import BaseModel, Field


class NewRecall(BaseModel):
    """What to take back. slice: `field=value` as the report's audit names it; null = everything accepted.

    question: may be null where the project has one.
    """

    question: str | None = Field(default=None, max_length=100)
    slice: str | None = Field(default=None, max_length=200)
    reason: str = Field(default="", max_length=500)


class RecallPreviewed(BaseModel):
    """What a recall would take back: accepted labels, of which people have answered some, and the answers it takes.

    n_audited, n_wrong: what the audit has seen of them.
    """

    question: str
    slice: str | None
    n_items: int
    n_answered: int
    n_labels: int
    n_audited: int
    n_wrong: int


class RecallMade(BaseModel):
    """A recall as it stands. n_changed: decisions that this request wrote."""

    recall: str
    question: str
    slice: str | None
    reason: str
    n_items: int
    n_changed: int
    undone: bool


class ShownRecall(BaseModel):
    """A recall there was. in_force: it holds, and its certificate does."""

    recall: str
    number: int
    question: str
    slice: str | None
    n_items: int
    reason: str
    at: str
    undone_at: str | None
    in_force: bool


class Recalls(BaseModel):
    """All recalls, oldest first."""

    recalls: list[ShownRecall]
