"""A project: label schema, guideline and policy under one name, each version kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from labelwright.domain.canonical import Json, digest
from labelwright.domain.ids import ProjectId, QuestionName

ConfidenceSource: TypeAlias = Literal["verbalised", "logprob", "decisions", "agreement", "none"]
SuggestionMode: TypeAlias = Literal["shown", "hidden"]


@dataclass(frozen=True, slots=True)
class Question:
    """One named question about an item: a task type and its settings."""

    name: QuestionName
    type: str
    settings: Mapping[str, Json]
    title: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class LabelSchema:
    """The questions of a project, under a version."""

    version: int
    questions: tuple[Question, ...]

    def question(self, name: str) -> Question | None:
        """Give the question of that name, if there is one."""
        return next((q for q in self.questions if q.name == name), None)


@dataclass(frozen=True, slots=True)
class Guideline:
    """The instructions people and models read, as Markdown, under a version."""

    version: int
    text: str

    @property
    def hash(self) -> str:
        """Name the text by its content."""
        return digest(self.text)


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where and by which protocol a model is called. Prices are micro-USD per million tokens."""

    model: str
    base_url: str
    api_key_env: str | None = None
    temperature: float = 0.0
    max_tokens: int = 512
    concurrency: int = 32
    price_input: int | None = None
    price_output: int | None = None
    provider: str = "openai"


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be accepted unseen, and how people are asked."""

    target_error: float = 0.1
    confidence_level: float = 0.95
    calibration_size: int | None = None
    """Items labelled blind for calibration; None = planned: min(300, N/3)."""
    calibration_votes: int = 1
    review_votes: int = 1
    audit_share: float = 0.05
    """Share of the accepted items reserved for a blind random audit."""
    blind_share: float = 0.1
    """Share of the review queue in which the suggestion is hidden, at random."""
    suggestions: SuggestionMode = "shown"
    lease_seconds: int = 600
    seed: int = 1


@dataclass(frozen=True, slots=True)
class ProjectConfig:
    """All that `project.yaml` says, as one immutable version."""

    schema: LabelSchema
    guideline: Guideline
    policy: Policy
    content_fields: tuple[str, ...]
    """What an item shows, in this order."""
    models: tuple[ModelSource, ...] = ()
    """The first labels; the others only vote on how sure the first may be (confidence "agreement")."""
    confidence: ConfidenceSource = "verbalised"
    instruction: str = ""
    recorded: bool = False
    """The models are recordings: their answers were given to another prompt, their cost is an estimate."""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Project:
    """A project and its configuration in force."""

    id: ProjectId
    name: str
    config: ProjectConfig
    created_at: str = ""
    tags: Mapping[str, Json] = field(default_factory=dict[str, Json])
