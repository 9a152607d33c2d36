"""The form of what is asked, and of the fields that are shown."""

from __future__ import annotations

import difflib
import re
from typing import Annotated, Self, TypeAlias, cast

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from labelwright.domain.canonical import Json
from labelwright.domain.contents import CONTENTS, ShownField
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import PATH_SEPARATOR, ShowWhen
from labelwright.errors import did_you_mean
from labelwright.settings.form.strict import Strict
from labelwright.settings.secrets import looks_like_key, shown

RESERVED_QUESTION = "confidence"

_QUESTION = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_TYPE_NAMES: dict[type, str] = {
    bool: "true or false",
    float: "a number above 0",
    list: "a list, such as [one, two]",
    str: "text",
}


def _is_a(kind: type, given: object) -> bool:
    """Whether a setting is of its kind; a whole number is a number, and true is none."""
    if kind is float:
        return isinstance(given, int | float) and not isinstance(given, bool) and given > 0
    return isinstance(given, kind)


_AS_WRITTEN = "write one, such as is: negative, or several, such as is: [negative, mixed]"
_MOST_QUOTED = 60


def _one_answer(value: object) -> object:
    """Refuse what is no answer to a question by itself, and say what to write.  Raises: ValueError."""
    problem = _why_no_answer(value)
    if problem is not None:
        raise ValueError(problem)
    return value


def _why_no_answer(value: object) -> str | None:
    if isinstance(value, list):
        inner = cast("list[object]", value)
        return f"{shown(inner)} is a list inside the list; {_unfolded(inner)}"
    if isinstance(value, dict):
        return f"{shown(cast('dict[object, object]', value))} is no answer; {_AS_WRITTEN}"
    return f"no answer is written here; {_AS_WRITTEN}" if value is None else None


def _unfolded(inner: list[object]) -> str:
    """Say what may be meant by a list inside the list."""
    names = [str(one) for one in inner]
    several, path = ", ".join(names), PATH_SEPARATOR.join(names)
    is_plain = not any(isinstance(one, list | dict) or one is None or looks_like_key(str(one)) for one in inner)
    if not inner or not is_plain or len(path) > _MOST_QUOTED:
        return f"write all answers side by side in one list; {_AS_WRITTEN}"
    if len(inner) == 1:
        return f"write it without brackets of its own: {several}"
    return (
        f"where any of these answers is meant, write them side by side in the one list: {several}; where a place of a "
        f"taxonomy is meant, write its path as one text: {path}"
    )


_Answer: TypeAlias = Annotated[bool | int | float | str, BeforeValidator(_one_answer)]


class ShowWhenModel(Strict):
    """When a question is asked: another one's answer, or one of several."""

    question: str
    answers: list[_Answer] = Field(alias="is")

    @field_validator("answers", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return cast("list[object]", value) if isinstance(value, list) else [_one_answer(value)]

    def condition(self) -> ShowWhen:
        return ShowWhen(QuestionName(self.question), tuple(self.answers))


class QuestionModel(Strict):
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


class ContentModel(Strict):
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
            if not _is_a(known[name], given):
                raise ValueError(f"{name}: {shown(given)} does not fit; it must be {_TYPE_NAMES[known[name]]}")
        return self

    def shown(self) -> ShownField:
        return ShownField(
            self.field, self.kind, self.beside, self.title, cast("dict[str, Json]", self.model_extra or {})
        )
