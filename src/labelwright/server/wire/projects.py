"""A project, its progress, the server's health."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class ProjectLine(BaseModel):
    """A project in a list."""

    name: str
    n_items: int


class Projects(BaseModel):
    """Yours."""

    projects: list[ProjectLine]


class ShownCondition(BaseModel):
    """The answers to another question with which a question is asked: one of them, or a list that holds one."""

    model_config = ConfigDict(populate_by_name=True)

    question: str
    answers: list[JsonValue] = Field(alias="is")


class ShownQuestion(BaseModel):
    """A question; `type` names its widget. show_when: null = always. required: false = it may be left open."""

    name: str
    type: str
    title: str
    help: str
    settings: dict[str, JsonValue]
    required: bool = True
    show_when: ShownCondition | None = None


class ShownGuideline(BaseModel):
    """Markdown."""

    version: int
    text: str


class ShownPolicy(BaseModel):
    """How people are asked. judged: a model reviews answers after they are given."""

    suggestions: str
    judged: bool
    lease_seconds: int


class ShownField(BaseModel):
    """How a field is shown. kind: by which content; null = as its value looks. beside: what stands next to it."""

    field: str
    kind: str | None
    beside: str | None
    title: str
    settings: dict[str, JsonValue]


class ShownBreaks(BaseModel):
    """After how much active work the page suggests a break; null = it does not."""

    minutes: int | None
    items: int | None


class ShownAssistant(BaseModel):
    """questions: how many you may ask about one item.  seconds: how long an answer is waited for at most."""

    questions: int
    seconds: float


class ShownProject(BaseModel):
    """All the page needs to know of a project."""

    name: str
    version: int
    schema_version: int
    guideline_version: int
    instruction: str
    content_fields: list[str]
    contents: list[ShownField]
    questions: list[ShownQuestion]
    guideline: ShownGuideline
    policy: ShownPolicy
    recorded: bool
    breaks: ShownBreaks
    assistant: ShownAssistant | None


class QueueLine(BaseModel):
    """purpose: for managers; null = all together."""

    purpose: str | None
    open: int
    leased: int
    done: int


class Progress(BaseModel):
    """How far the project is. resolved: for managers."""

    n_items: int
    labels: int
    done_by_you: int
    remaining: int
    queue: list[QueueLine]
    resolved: dict[str, dict[str, int]] | None


class Health(BaseModel):
    """The server answers."""

    status: str
    version: str
