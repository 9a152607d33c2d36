"""Versions of a configuration, and one that is being written, on the wire."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from labelwright.server.wire.projects import ShownProject

MOST_CHARACTERS = 1_000_000


class ConfigurationVersion(BaseModel):
    """One version. by: empty = whoever runs the machine. via: `cli`, `server` (the page), `python`."""

    version: int
    at: str
    by: str
    via: str
    schema_version: int
    guideline_version: int
    in_force: bool
    changed: list[str]


class ConfigurationVersions(BaseModel):
    """All versions, newest first."""

    versions: list[ConfigurationVersion]


class WrittenConfiguration(BaseModel):
    """A version as project.yaml and its guideline."""

    version: int
    yaml: str
    guideline: str
    in_force: bool


class TwoTexts(BaseModel):
    """A text before and after."""

    old: str
    new: str


class ConfigurationDiff(BaseModel):
    """What differs: one line per change; texts as a diff. guideline: null where it did not change."""

    changes: list[str]
    guideline: TwoTexts | None


class Draft(BaseModel):
    """A configuration that is being written."""

    model_config = ConfigDict(extra="forbid")

    yaml: Annotated[str, Field(max_length=MOST_CHARACTERS)]
    guideline: Annotated[str, Field(max_length=MOST_CHARACTERS)]


class DraftFrom(Draft):
    """expected: the version it was made from."""

    expected: int


class ProblemInDraft(BaseModel):
    """What is wrong. line: from 1; null where it is the whole text."""

    line: int | None
    text: str


class CheckedDraft(BaseModel):
    """project: as people would see it; null while there is a problem. changes: against what is in force."""

    problem: ProblemInDraft | None
    project: ShownProject | None
    changes: list[str]


class PreviewedDraft(BaseModel):
    """What putting it in force touches. labels: by people, under questions that change. cost: USD; null = not known.

    waiting: entries in the queue.  certificates: questions whose certificate would no longer hold.
    answers: of the model, that would be asked for again.
    """

    applied: bool
    version: int
    changes: list[str]
    warnings: list[str]
    labels: int
    waiting: int
    certificates: list[str]
    answers: int
    cost: float | None


class AppliedDraft(BaseModel):
    """It is in force, or was already (applied: false)."""

    applied: bool
    version: int
    warnings: list[str]


class ExampleItem(BaseModel):
    """An item. labels: what people say of it, by question. why_not: why it may not be an example; null = it may."""

    id: str
    content: dict[str, JsonValue]
    labels: dict[str, JsonValue]
    why_not: str | None


class ExampleItems(BaseModel):
    """Some items."""

    items: list[ExampleItem]


_Name: TypeAlias = Annotated[str, Field(max_length=1000)]


class LabelChangeAsked(BaseModel):
    """Rename one label, merge several into one, or split one. expected: the version it is decided on.

    among: which of the question's lists; null where one alone has such a label.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Literal["rename", "merge", "split"]
    question: Annotated[str, Field(max_length=100)]
    among: Annotated[str | None, Field(max_length=500)] = None
    old: Annotated[list[_Name], Field(min_length=1, max_length=1000)]
    new: Annotated[list[_Name], Field(min_length=1, max_length=1000)]
    expected: int
    dry_run: bool = False


class LabelUndoAsked(BaseModel):
    """Take the newest change of labels back."""

    model_config = ConfigDict(extra="forbid")

    expected: int
    dry_run: bool = False


class LabelChangeTold(BaseModel):
    """What a change of labels does, or did; lines: in words."""

    change: str
    kind: Literal["rename", "merge", "split"]
    question: str
    old: list[str]
    new: list[str]
    undone: bool
    applied: bool
    version: int
    labels: int
    predictions: int
    records: int
    queued: int
    warnings: list[str]
    lines: list[str]
    among: str


class PastLabelChange(BaseModel):
    """A change of labels that was made. undone: it was taken back. by: empty = whoever runs the machine."""

    change: str
    kind: Literal["rename", "merge", "split"]
    question: str
    among: str
    old: list[str]
    new: list[str]
    at: str
    by: str
    undone: bool


class LabelListTold(BaseModel):
    """A list of labels of a question. edits: what may be done with them."""

    question: str
    title: str
    among: str
    labels: list[str]
    edits: list[Literal["rename", "merge", "split"]]


class PastLabelChanges(BaseModel):
    """All of them, newest first, and the lists of labels there are."""

    changes: list[PastLabelChange]
    lists: list[LabelListTold]
