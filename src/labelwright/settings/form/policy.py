"""The form of what may be accepted unseen, how it is audited, and what work costs."""

from __future__ import annotations

import re
from typing import Self, cast, get_args

from pydantic import Field, field_validator, model_validator

from labelwright.domain.project import (
    AlarmResponse,
    AuditPolicy,
    CalibrationDraw,
    CertifyLoss,
    CertifyMethod,
    CertifyRule,
    Cooperation,
    CostRates,
    Display,
    DrawnPer,
    GroupSplit,
    LossTest,
    Policy,
    SuggestionMode,
)
from labelwright.errors import did_you_mean
from labelwright.settings.form.strict import Strict, micro
from labelwright.settings.secrets import shown

_PERCENT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*%\s*")


class AuditModel(Strict):
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


class CertifyModel(Strict):
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


class PolicyModel(Strict):
    """What may be accepted unseen, and how people are asked."""

    target_error: float = 0.1
    confidence_level: float = 0.95
    calibration_size: int | None = Field(default=None, ge=1)
    calibration_votes: int = Field(default=1, ge=1, le=9)
    calibration_draw: CalibrationDraw = "uniform"
    calibration_coin: bool = False
    review_votes: int = Field(default=1, ge=1, le=9)
    audit_share: float = Field(default=0.05, ge=0, le=1)
    blind_share: float = Field(default=0.1, ge=0, le=1)
    suggestions: SuggestionMode | dict[Display, float] = "shown"
    suggestions_per: DrawnPer = "entry"
    cooperation: Cooperation = "triage"
    lease_seconds: int = Field(default=600, ge=30, le=86_400)
    seed: int = Field(default=1, ge=0)
    certify: CertifyModel = Field(default_factory=CertifyModel)

    @field_validator("certify", mode="before")
    @classmethod
    def _left_empty(cls, value: object) -> object:
        return {} if value is None else value

    @model_validator(mode="before")
    @classmethod
    def _drawn_per(cls, value: object) -> object:
        """Read `per`, which stands among the shares, as what they are drawn for."""
        told = cast("dict[str, object]", value) if isinstance(value, dict) else {}
        shares = told.get("suggestions")
        if not isinstance(shares, dict) or "per" not in shares:
            return cast("object", value)
        rest = {name: one for name, one in cast("dict[str, object]", shares).items() if name != "per"}
        per = cast("dict[str, object]", shares)["per"]
        if per not in get_args(DrawnPer):
            raise ValueError(f"suggestions: per: {shown(per)} is neither entry nor person")
        return {**told, "suggestions": rest, "suggestions_per": per}

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
        if self.suggestions_per == "person" and isinstance(self.suggestions, str):
            raise ValueError(
                "suggestions are drawn per person only where several have shares, such as "
                "{shown: 0.5, hidden: 0.5, per: person}"
            )
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


class CostsModel(Strict):
    """What work costs that no provider bills; USD per hour."""

    wage_per_hour: float | None = Field(default=None, gt=0, le=10_000, allow_inf_nan=False)
    gpu_per_hour: float | None = Field(default=None, gt=0, le=10_000, allow_inf_nan=False)
    overhead: float = Field(default=0.0, ge=0, le=10, allow_inf_nan=False)

    def rates(self) -> CostRates:
        return CostRates(micro(self.wage_per_hour), micro(self.gpu_per_hour), self.overhead)
