"""The form of the whole of project.yaml."""

from __future__ import annotations

import difflib
import re
from typing import cast

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from labelwright.domain.contents import ShownField
from labelwright.domain.project import (
    ConfidenceSource,
    Ensemble,
    Spending,
)
from labelwright.errors import did_you_mean
from labelwright.settings.form.models import (
    RESERVED_MODELS,
    CascadeModel,
    ExamplesModel,
    FlowModel,
    LongItemsModel,
    ModelModel,
    PrivacyModel,
)
from labelwright.settings.form.people import AssistantModel, WellbeingModel
from labelwright.settings.form.policy import AuditModel, CostsModel, PolicyModel
from labelwright.settings.form.questions import ContentModel, QuestionModel
from labelwright.settings.form.strict import Strict, micro
from labelwright.settings.secrets import shown

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class ProjectModel(Strict):
    """The whole file."""

    name: str
    questions: list[QuestionModel] = Field(min_length=1)
    content_fields: list[ContentModel] = Field(min_length=1)
    instruction: str = ""
    guideline: str | None = None
    policy: PolicyModel = Field(default_factory=PolicyModel)
    models: list[ModelModel] = Field(default_factory=list[ModelModel])
    confidence: ConfidenceSource = "verbalised"
    recorded: bool = False
    ensemble: Ensemble = "first"
    cascade: CascadeModel = Field(default_factory=CascadeModel)
    signals: list[ConfidenceSource] = Field(default_factory=list[ConfidenceSource])
    flow: FlowModel = Field(default_factory=FlowModel)
    examples: ExamplesModel = Field(default_factory=ExamplesModel)
    long_items: LongItemsModel = Field(default_factory=LongItemsModel)
    privacy: PrivacyModel = Field(default_factory=PrivacyModel)
    audit: AuditModel = Field(default_factory=AuditModel)
    budget: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    confirm_above: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    costs: CostsModel = Field(default_factory=CostsModel)
    image_fields: list[str] = Field(default_factory=list[str])
    wellbeing: WellbeingModel = Field(default_factory=WellbeingModel)
    assistant: AssistantModel | None = None

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError(f"{shown(value)} is no name of a project; use letters, digits, _ . and -, such as reviews")
        return value

    @field_validator(
        "policy",
        "models",
        "instruction",
        "flow",
        "examples",
        "long_items",
        "privacy",
        "audit",
        "cascade",
        "costs",
        "wellbeing",
        mode="before",
    )
    @classmethod
    def _left_empty(cls, value: object, info: ValidationInfo) -> object:
        """A key whose lines are all commented out is a key left out; `flow: once` is short for `flow: {name: once}`."""
        if info.field_name == "flow" and isinstance(value, str):
            return {"name": value}
        empty: dict[str, object] = {"models": [], "instruction": ""}
        return empty.get(str(info.field_name), {}) if value is None else value

    @field_validator("content_fields", mode="before")
    @classmethod
    def _names_alone(cls, value: object) -> object:
        """`text` is short for `{field: text}`."""
        if not isinstance(value, list):
            return value
        return [{"field": one} if isinstance(one, str) else one for one in cast("list[object]", value)]

    @property
    def field_names(self) -> list[str]:
        """Every field that is shown, in order."""
        return _names(self.content_fields)

    @property
    def field_places(self) -> list[int]:
        """For each of `field_names`, at which place of the list it stands."""
        return [place for place, one in enumerate(self.content_fields) for _ in one.shown().fields]

    @property
    def all_image_fields(self) -> list[str]:
        """What is shown as an image is one for models too: as a text it would be a path."""
        images = [name for one in self.content_fields if one.kind == "image" for name in one.shown().fields]
        return list(dict.fromkeys([*self.image_fields, *images]))

    def contents(self) -> tuple[ShownField, ...]:
        return tuple(one.shown() for one in self.content_fields if not one.shown().is_plain)

    @field_validator("assistant")
    @classmethod
    def _can_talk(cls, value: AssistantModel | None, info: ValidationInfo) -> AssistantModel | None:
        if value is None or "models" not in info.data:
            return value
        names = [one.model for one in info.data["models"]]
        if not names:
            raise ValueError(f"model: {shown(value.model)} is not among models; add it there too")
        if value.model not in names:
            raise ValueError(f"model: {shown(value.model)} is not among models{did_you_mean(value.model, names)}")
        if info.data.get("confidence") == "decisions":
            raise ValueError("decisions weigh labels and say nothing else; write another confidence, or leave it out")
        return value

    @field_validator("image_fields")
    @classmethod
    def _are_shown(cls, value: list[str], info: ValidationInfo) -> list[str]:
        shown_fields = _names(info.data.get("content_fields", []))
        for name in value:
            if name not in shown_fields:
                raise ValueError(f"{shown(name)} is not among content_fields; add it there too")
        return value

    @field_validator("privacy")
    @classmethod
    def _hides_what_it_means(cls, value: PrivacyModel, info: ValidationInfo) -> PrivacyModel:
        """A misspelt field would leave after all. What is not shown never leaves, so that nothing true is refused."""
        shown_fields = _names(info.data.get("content_fields", []))
        for name in value.never_leaves:
            near = difflib.get_close_matches(name, shown_fields, n=1)
            if name not in shown_fields and near:
                raise ValueError(
                    f"never_leaves: {shown(name)} is not among content_fields; did you mean {near[0]!r}? "
                    "(what is not among them never leaves)"
                )
        return value

    @field_validator("models")
    @classmethod
    def _have_names_of_their_own(cls, value: list[ModelModel]) -> list[ModelModel]:
        for place, one in enumerate(value):
            if any(one.model == other.model for other in value[:place]):
                raise ValueError(f"{shown(one.model)} is there twice; answers are kept by the model's name")
            if one.model in RESERVED_MODELS:
                raise ValueError(f"a model cannot be called {one.model!r}: what several models make is kept under it")
        return value

    @field_validator("ensemble")
    @classmethod
    def _has_several(cls, value: Ensemble, info: ValidationInfo) -> Ensemble:
        """A jury is weighed by people's labels: independent voting trusts models that err together."""
        if value != "first" and len(info.data.get("models", ())) < 2:
            raise ValueError(f"a {value} takes two models or more; add one under models:")
        if value == "jury" and info.data.get("confidence") != "combined":
            raise ValueError("a jury is put together by people's labels; write confidence: combined")
        if value == "cascade" and info.data.get("confidence") in {"agreement", "combined", "none"}:
            raise ValueError("a cascade passes on what a model is unsure of; write confidence: verbalised, say")
        return value

    @field_validator("cascade")
    @classmethod
    def _can_be_certified(cls, value: CascadeModel, info: ValidationInfo) -> CascadeModel:
        if value.keep == "ranks" or "ensemble" not in info.data:
            return value
        if info.data["ensemble"] != "cascade":
            raise ValueError("keep: certified is about the models of a cascade; write ensemble: cascade")
        policy = info.data.get("policy")
        if policy is not None and not policy.certify.rule().is_plain:
            raise ValueError("keep: certified has a threshold for each model; leave policy.certify out")
        return value

    @field_validator("signals")
    @classmethod
    def _have_voters(cls, value: list[ConfidenceSource], info: ValidationInfo) -> list[ConfidenceSource]:
        if "agreement" in value and len(info.data.get("models", ())) == 1:
            raise ValueError("agreement takes two models or more; add one under models:, or leave it out")
        return value

    def spending(self) -> Spending:
        return Spending(micro(self.budget), micro(self.confirm_above))

    @field_validator("confidence")
    @classmethod
    def _has_voters(cls, value: ConfidenceSource, info: ValidationInfo) -> ConfidenceSource:
        if value == "neighbours":
            raise ValueError("what the nearest reviewed items say is one signal among others; write: combined")
        if value == "agreement" and len(info.data.get("models", ())) == 1:
            raise ValueError(
                "agreement takes two models or more: the first labels, the others say how sure it may be; add one "
                "under models:, or write confidence: verbalised"
            )
        return value


FORMS: dict[str, type[BaseModel]] = {
    "policy": PolicyModel,
    "models": ModelModel,
    "questions": QuestionModel,
    "flow": FlowModel,
    "examples": ExamplesModel,
    "long_items": LongItemsModel,
    "privacy": PrivacyModel,
    "audit": AuditModel,
    "costs": CostsModel,
    "assistant": AssistantModel,
    "wellbeing": WellbeingModel,
}


def _names(contents: list[ContentModel]) -> list[str]:
    return [name for one in contents for name in one.shown().fields]
