"""The form of who labels: models, the conversation, examples, long items, privacy."""

from __future__ import annotations

import re
from typing import Self, cast
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, field_validator, model_validator

from labelwright.domain.canonical import Json
from labelwright.domain.project import (
    DEFAULT_TIMEOUT_SECONDS,
    CascadeKeep,
    CascadeRule,
    Delivery,
    ExampleChoice,
    ExamplePolicy,
    FlowChoice,
    LongItemRule,
    LongItems,
    ModelSource,
    PiiMode,
    Privacy,
)
from labelwright.settings.form.strict import Strict, micro
from labelwright.settings.secrets import looks_like_key, shown

RESERVED_MODELS = frozenset({"combined", "jury", "cascade"})

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_ROUTE = "/chat/completions"


class ModelModel(Strict):
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
    timeout_seconds: float = Field(default=DEFAULT_TIMEOUT_SECONDS, gt=0, le=3600, allow_inf_nan=False)

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
            price_input=micro(self.price_input),
            price_output=micro(self.price_output),
            provider=self.provider,
            delivery=self.delivery,
            requests_per_minute=self.requests_per_minute,
            tokens_per_minute=self.tokens_per_minute,
            timeout_seconds=self.timeout_seconds,
        )


class CascadeModel(Strict):
    """How the links of a cascade share the items."""

    keep: CascadeKeep = "ranks"

    def rule(self) -> CascadeRule:
        return CascadeRule(self.keep)


class FlowModel(Strict):
    """The conversation; what is left over are its flow's settings."""

    model_config = ConfigDict(extra="allow")

    name: str = "repair"

    def choice(self) -> FlowChoice:
        return FlowChoice(self.name, cast("dict[str, Json]", self.model_extra or {}))


class ExamplesModel(Strict):
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


class LongItemsModel(Strict):
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


class PrivacyModel(Strict):
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
