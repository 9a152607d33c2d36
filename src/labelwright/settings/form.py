"""The form of project.yaml: its keys, their types and ranges."""

from __future__ import annotations

import difflib
import re
from typing import Self, cast, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from labelwright.domain.canonical import Json
from labelwright.domain.contents import CONTENTS, ShownField
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import (
    AlarmResponse,
    AuditPolicy,
    CertifyLoss,
    CertifyMethod,
    CertifyRule,
    ConfidenceSource,
    Cooperation,
    CostRates,
    Delivery,
    Display,
    Ensemble,
    ExampleChoice,
    ExamplePolicy,
    FlowChoice,
    GroupSplit,
    LongItemRule,
    LongItems,
    LossTest,
    ModelSource,
    PiiMode,
    Policy,
    Privacy,
    ShowWhen,
    Spending,
    SuggestionMode,
)
from labelwright.errors import did_you_mean
from labelwright.settings.form_of_people import AssistantModel, WellbeingModel
from labelwright.settings.secrets import looks_like_key, shown

RESERVED_QUESTION = "confidence"
RESERVED_MODELS = frozenset({"combined", "jury", "cascade"})

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_QUESTION = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_PERCENT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*%\s*")
_ROUTE = "/chat/completions"
_MICRO = 1_000_000
_TYPE_NAMES: dict[type, str] = {bool: "true or false", list: "a list, such as [one, two]", str: "text"}


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


class ShowWhenModel(_Strict):
    """When a question is asked: another one's answer, or one of several."""

    question: str
    answer: bool | int | float | str | list[bool | int | float | str] = Field(alias="is")

    def condition(self) -> ShowWhen:
        values = self.answer if isinstance(self.answer, list) else [self.answer]
        return ShowWhen(QuestionName(self.question), tuple(values))


class QuestionModel(_Strict):
    """A question; what is left over are its task type's settings."""

    model_config = ConfigDict(extra="allow")

    name: str
    type: str = "classification"
    title: str = ""
    help: str = ""
    show_when: ShowWhenModel | None = None
    required: bool = True

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not _QUESTION.fullmatch(value):
            raise ValueError(
                f"{shown(value)} is no name of a question; use letters, digits, _ and -, such as sentiment"
            )
        if value == RESERVED_QUESTION:
            raise ValueError(f"{value!r} is kept for the model's confidence; give the question another name")
        return value


class ContentModel(_Strict):
    """A field and how people see it; what is left over are the settings of its content."""

    model_config = ConfigDict(extra="allow", validate_by_alias=True, validate_by_name=False)

    field: str
    kind: str | None = Field(default=None, alias="as")
    beside: str | None = None
    title: str = ""

    @field_validator("kind")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        if value is not None and value not in CONTENTS:
            near = difflib.get_close_matches(value, CONTENTS, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ValueError(f"{shown(value)} is no content; {hint}The contents are {', '.join(CONTENTS)}")
        return value

    @model_validator(mode="after")
    def _has_only_its_own(self) -> Self:
        if self.beside is not None and self.kind not in {None, "pair", "text", "markdown"}:
            raise ValueError(f"{self.kind!r} cannot stand beside another field; only texts can (text, markdown)")
        plain = "pair" if self.beside else "text"
        known = CONTENTS[self.kind or plain]
        for name, given in (self.model_extra or {}).items():
            if name not in known:
                near = did_you_mean(name, ["field", "as", "beside", "title", *known])
                raise ValueError(f"there is no {shown(name)} here{near}")
            if not isinstance(given, known[name]):
                raise ValueError(f"{name}: {shown(given)} does not fit; it must be {_TYPE_NAMES[known[name]]}")  # noqa: TRY004 - pydantic reports it with its line
        return self

    def shown(self) -> ShownField:
        return ShownField(
            self.field, self.kind, self.beside, self.title, cast("dict[str, Json]", self.model_extra or {})
        )


class ModelModel(_Strict):
    """A model; prices are USD per million tokens."""

    model: str = Field(min_length=1)
    base_url: str
    provider: str = "openai"
    api_key_env: str | None = None
    temperature: float = Field(default=0.0, ge=0, le=2, allow_inf_nan=False)
    max_tokens: int = Field(default=512, ge=1, le=1_000_000)
    concurrency: int = Field(default=32, ge=1, le=1024)
    price_input: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    price_output: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    delivery: Delivery = "live"
    requests_per_minute: int | None = Field(default=None, ge=1)
    tokens_per_minute: int | None = Field(default=None, ge=1)

    @field_validator("base_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            has_secret = bool(parts.username or parts.password or parts.query or parts.fragment)
            is_http = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            raise ValueError("this is no URL; write it as https://host/v1") from None
        if has_secret:
            raise ValueError("a URL here holds no password, query or fragment; name the key's variable in api_key_env")
        if not is_http:
            raise ValueError(f"{shown(value)} is no http(s) URL; write it as https://host/v1")
        if parts.path.rstrip("/").endswith(_ROUTE):
            raise ValueError(f"leave {_ROUTE} off: {value.rstrip('/').removesuffix(_ROUTE)} is the base")
        return value.rstrip("/")

    @field_validator("api_key_env")
    @classmethod
    def _is_variable(cls, value: str | None) -> str | None:
        if value is not None and (looks_like_key(value) or not _VARIABLE.fullmatch(value)):
            # Whatever it is, it is not shown: people paste keys here.
            raise ValueError(
                "this is not the name of an environment variable (not shown, in case it is a key); "
                "write api_key_env: OPENAI_API_KEY and put the key into that variable, not into this file"
            )
        return value

    def source(self) -> ModelSource:
        return ModelSource(
            model=self.model,
            base_url=self.base_url,
            api_key_env=self.api_key_env,
            temperature=self.temperature,
            max_tokens=self.max_tokens,
            concurrency=self.concurrency,
            price_input=_micro(self.price_input),
            price_output=_micro(self.price_output),
            provider=self.provider,
            delivery=self.delivery,
            requests_per_minute=self.requests_per_minute,
            tokens_per_minute=self.tokens_per_minute,
        )


class FlowModel(_Strict):
    """The conversation; what is left over are its flow's settings."""

    model_config = ConfigDict(extra="allow")

    name: str = "repair"

    def choice(self) -> FlowChoice:
        return FlowChoice(self.name, cast("dict[str, Json]", self.model_extra or {}))


class ExamplesModel(_Strict):
    """Which reviewed items stand in the prompt."""

    choose: ExampleChoice = "none"
    k: int = Field(default=5, ge=1, le=100)
    items: list[str] = Field(default_factory=list[str], max_length=100)
    explain: bool = False

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.choose == "fixed" and not self.items:
            raise ValueError('choose: fixed takes the ids of the items to show, such as: items: ["0001", "0002"]')
        if self.choose != "fixed" and self.items:
            raise ValueError(f"items are named, and choose: {self.choose} does not show them; write choose: fixed")
        return self

    def policy(self) -> ExamplePolicy:
        return ExamplePolicy(self.choose, self.k, tuple(self.items), self.explain)


class LongItemsModel(_Strict):
    """What is done with an item that is too long."""

    most_tokens: int | None = Field(default=None, ge=16)
    rule: LongItemRule = "refuse"

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.rule != "refuse" and self.most_tokens is None:
            raise ValueError(
                f"rule: {self.rule} needs a length from which on an item is long; add most_tokens: 4000, say"
            )
        return self

    def rules(self) -> LongItems:
        return LongItems(self.most_tokens, self.rule)


class PrivacyModel(_Strict):
    """What may leave this machine."""

    pii: PiiMode = "off"
    never_leaves: list[str] = Field(default_factory=list[str])
    local_only: bool = False
    allowed_hosts: list[str] = Field(default_factory=list[str])

    @field_validator("pii", mode="before")
    @classmethod
    def _off(cls, value: object) -> object:
        """YAML reads `off` as false."""
        return "off" if value is False else value

    def privacy(self) -> Privacy:
        hosts = tuple(host.strip().lower().rstrip(".") for host in self.allowed_hosts)
        return Privacy(self.pii, tuple(self.never_leaves), self.local_only, hosts)


class AuditModel(_Strict):
    """What the audit of the accepted states, and what follows when it speaks against the certificate."""

    level: float = 0.95
    on_alarm: AlarmResponse = "tell"

    @field_validator("level", mode="before")
    @classmethod
    def _level(cls, value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if 1 < value <= 100:
                raise ValueError(f"{value:g} is no share between 0 and 1; did you mean {value / 100:g}?")
            if not 0.5 <= value < 1:
                raise ValueError(f"{value:g} is not between 0.5 and 1; 0.95 is usual")
        return value

    def audit(self) -> AuditPolicy:
        return AuditPolicy(self.level, self.on_alarm)


class CertifyModel(_Strict):
    """What a certificate promises, and by which test."""

    method: CertifyMethod = "fixed_sequence"
    by: str | None = Field(default=None, min_length=1)
    split: GroupSplit = "together"
    loss: CertifyLoss = "exact"
    tolerance: float = Field(default=0.0, ge=0, lt=1)
    costs: dict[str, dict[str, float]] = Field(default_factory=dict[str, dict[str, float]])
    test: LossTest = "betting"

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if (self.loss == "costs") != bool(self.costs):
            raise ValueError(
                "loss: costs and a table of costs belong together, such as costs: {spam: {ham: 5}, ham: {spam: 1}}: "
                "5 for saying spam where ham is right"
            )
        prices = [price for row in self.costs.values() for price in row.values()]
        if any(not 0 <= price < float("inf") for price in prices) or (prices and max(prices) == 0):
            raise ValueError("costs are numbers of 0 or more, and one at least is above 0")
        if self.tolerance and self.loss != "distance":
            raise ValueError("tolerance belongs to loss: distance; a question's own tolerance serves loss: exact")
        if self.method != "fixed_sequence" and self.by is not None:
            raise ValueError(f"by: {shown(self.by)} needs method: fixed_sequence, which has a threshold for each group")
        if self.method == "sgr" and self.loss != "exact":
            raise ValueError(f"method: sgr knows right and wrong alone; loss: {self.loss} needs fixed_sequence")
        return self

    def rule(self) -> CertifyRule:
        return CertifyRule(**self.model_dump())


def _display(name: object) -> Display:
    plain = "shown" if name == "beside" else name
    if plain not in get_args(Display):
        raise ValueError(f"{shown(name)} is no way to show a suggestion{did_you_mean(str(name), get_args(Display))}")
    return cast("Display", plain)


class PolicyModel(_Strict):
    """What may be accepted unseen, and how people are asked."""

    target_error: float = 0.1
    confidence_level: float = 0.95
    calibration_size: int | None = Field(default=None, ge=1)
    calibration_votes: int = Field(default=1, ge=1, le=9)
    review_votes: int = Field(default=1, ge=1, le=9)
    audit_share: float = Field(default=0.05, ge=0, le=1)
    blind_share: float = Field(default=0.1, ge=0, le=1)
    suggestions: SuggestionMode | dict[Display, float] = "shown"
    cooperation: Cooperation = "triage"
    lease_seconds: int = Field(default=600, ge=30, le=86_400)
    seed: int = Field(default=1, ge=0)
    certify: CertifyModel = Field(default_factory=CertifyModel)

    @field_validator("certify", mode="before")
    @classmethod
    def _left_empty(cls, value: object) -> object:
        return {} if value is None else value

    @field_validator("suggestions", mode="before")
    @classmethod
    def _arms(cls, value: object) -> object:
        """Read `beside` as `shown`; say what is wrong with shares in a sentence."""
        if isinstance(value, dict):
            shares = {_display(name): share for name, share in cast("dict[object, object]", value).items()}
            real = [one for one in shares.values() if isinstance(one, int | float) and not isinstance(one, bool)]
            if len(real) < len(shares) or not all(0 < one <= 1 for one in real) or abs(sum(real) - 1) > 1e-6:
                raise ValueError("shares are numbers above 0 that sum to 1, such as {shown: 0.5, after_choice: 0.5}")
            return shares
        if value == "beside":
            return "shown"
        if isinstance(value, str) and value not in get_args(SuggestionMode):
            raise ValueError(f"{shown(value)} is not one of its values{did_you_mean(value, get_args(SuggestionMode))}")
        return value

    @model_validator(mode="after")
    def _independent(self) -> Self:
        if self.cooperation == "joint" and self.suggestions not in ("shown", "hidden"):
            raise ValueError("cooperation: joint shows nobody what the model says; leave suggestions out")
        return self

    @field_validator("target_error", "confidence_level", "audit_share", "blind_share", mode="before")
    @classmethod
    def _share(cls, value: object) -> object:
        percent = _PERCENT.fullmatch(value) if isinstance(value, str) else None
        if percent:
            raise ValueError(f"{value!r} is a percentage; did you mean {float(percent[1]) / 100:g}?")
        if isinstance(value, int | float) and not isinstance(value, bool) and 1 < value <= 100:
            raise ValueError(f"{value:g} is no share between 0 and 1; did you mean {value / 100:g}?")
        return value

    @field_validator("target_error")
    @classmethod
    def _error(cls, value: float) -> float:
        if not 0 < value < 1:
            raise ValueError(f"{value:g} is not between 0 and 1; 0.1 stands for one wrong label in ten")
        return value

    @field_validator("confidence_level")
    @classmethod
    def _level(cls, value: float) -> float:
        if not 0.5 <= value < 1:
            raise ValueError(f"{value:g} is not between 0.5 and 1; 0.95 is usual")
        return value

    def policy(self) -> Policy:
        return Policy(**self.model_dump(exclude={"certify"}), certify=self.certify.rule())


class CostsModel(_Strict):
    """What work costs that no provider bills; USD per hour."""

    wage_per_hour: float | None = Field(default=None, gt=0, le=10_000, allow_inf_nan=False)
    gpu_per_hour: float | None = Field(default=None, gt=0, le=10_000, allow_inf_nan=False)
    overhead: float = Field(default=0.0, ge=0, le=10, allow_inf_nan=False)

    def rates(self) -> CostRates:
        return CostRates(_micro(self.wage_per_hour), _micro(self.gpu_per_hour), self.overhead)


class ProjectModel(_Strict):
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

    @field_validator("signals")
    @classmethod
    def _have_voters(cls, value: list[ConfidenceSource], info: ValidationInfo) -> list[ConfidenceSource]:
        if "agreement" in value and len(info.data.get("models", ())) == 1:
            raise ValueError("agreement takes two models or more; add one under models:, or leave it out")
        return value

    def spending(self) -> Spending:
        return Spending(_micro(self.budget), _micro(self.confirm_above))

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
}


def _names(contents: list[ContentModel]) -> list[str]:
    return [name for one in contents for name in one.shown().fields]


def _micro(dollars: float | None) -> int | None:
    return None if dollars is None else round(dollars * _MICRO)
