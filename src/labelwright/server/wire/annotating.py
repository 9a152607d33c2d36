"""Entries, submissions, skips."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

LeaseText = Annotated[str, Field(min_length=1, max_length=200)]


class LeaseRequest(BaseModel):
    """How many entries to hold; those held already count."""

    count: int = Field(default=1, ge=1, le=10)


class ShownMedium(BaseModel):
    """A file of the workspace. type: by its name; null = it does not say."""

    url: str
    type: str | None


class ShownItem(BaseModel):
    """An item as people see it. media: for the fields with files, where each is fetched; null = no file there.

    warning: what it is to be covered for; null = nothing.
    """

    id: str
    content: dict[str, JsonValue]
    metadata: dict[str, JsonValue]
    media: dict[str, list[ShownMedium | None]]
    warning: str | None


class ShownOpinion(BaseModel):
    """What one of several models says. probability: calibrated; null = not known."""

    model: str
    value: JsonValue
    probability: float | None
    reasoning: str | None
    prompt: str


class ShownSuggestion(BaseModel):
    """What a model suggests. probability: calibrated; null = not known.

    source: one `model`, or what is made of several.  prompt: the first letters of its prompt's name.
    opinions: what each of several models says.
    """

    value: JsonValue
    probability: float | None
    model: str
    source: Literal["model", "jury", "cascade", "combined"]
    prompt: str
    guideline_version: int
    reasoning: str | None
    confidence_note: str | None
    opinions: list[ShownOpinion]


class KeptDraft(BaseModel):
    """What you have begun to answer. seconds: your time at work on it so far."""

    answers: dict[str, JsonValue]
    seconds: float


class Entry(BaseModel):
    """Something to answer, leased until `expires_at`. suggestions: null = blind, or not revealed yet.

    display: how suggestions are shown. first_answers: what you said before they were revealed.
    """

    lease: str
    expires_at: str
    item: ShownItem
    questions: list[str]
    suggestions: dict[str, ShownSuggestion] | None
    display: Literal["hidden", "shown", "prefilled", "after_choice", "judge"]
    first_answers: dict[str, JsonValue] | None
    reason: str | None
    round: int
    draft: KeptDraft | None


class Entries(BaseModel):
    """Empty: nothing for you now."""

    entries: list[Entry]


class Renewed(BaseModel):
    """A lease and its new end."""

    lease: str
    expires_at: str


class SubmissionRequest(BaseModel):
    """One answer per question of the entry. seconds: time at work on it. reason: why the model's label is wrong."""

    lease: LeaseText
    answers: dict[str, JsonValue] = Field(max_length=1000)
    seconds: float = Field(ge=0, le=86_400, allow_inf_nan=False)
    reason: str = Field(default="", max_length=500)


class RevealRequest(BaseModel):
    """Your answers before you see what the model says. seconds: time at work on it so far."""

    lease: LeaseText
    answers: dict[str, JsonValue] = Field(max_length=1000)
    seconds: float = Field(ge=0, le=86_400, allow_inf_nan=False)


class AssistantQuestion(BaseModel):
    """What you want to know about your item."""

    lease: LeaseText
    question: str = Field(min_length=1, max_length=500)


class AssistantAnswer(BaseModel):
    """A question of yours and what the model said. answer: Markdown, not to be trusted."""

    question: str
    answer: str
    model: str


class AssistantThread(BaseModel):
    """All you asked about the item, oldest first. left: how often you may still ask."""

    thread: list[AssistantAnswer]
    left: int


class DraftRequest(BaseModel):
    """What you have begun: values as the page has them, unfinished ones too. seconds: time at work on it so far."""

    answers: dict[str, JsonValue] = Field(max_length=1000)
    seconds: float = Field(ge=0, le=86_400, allow_inf_nan=False)


class OwnProgress(BaseModel):
    """What you have done, and how many entries still wait for somebody."""

    done_by_you: int
    remaining: int


class Submitted(BaseModel):
    """The acknowledgement: it is on disk. surplus: kept as an extra vote, since the lease was taken over."""

    submission: str
    status: Literal["accepted", "surplus"]
    message: str | None
    progress: OwnProgress


class Undone(BaseModel):
    """What was taken back; entry: leased to you again, null when it had filled no slot."""

    entry: Entry | None
    answers: dict[str, JsonValue]


class ItemPreview(BaseModel):
    """Which item it was."""

    id: str
    preview: str


class OwnSubmission(BaseModel):
    """One of your submissions."""

    submission: str
    item: ItemPreview
    answers: dict[str, JsonValue]
    created_at: str


class OwnSubmissions(BaseModel):
    """Newest first. next: the cursor of the next page."""

    submissions: list[OwnSubmission]
    next: str | None


class SkipRequest(BaseModel):
    """Why you pass."""

    lease: LeaseText
    reason: str = Field(default="", max_length=500)


class Skipped(BaseModel):
    """It goes to somebody else."""
