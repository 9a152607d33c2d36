"""A project's configuration as JSON and back: the form the ledger keeps, and what changed between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from labelwright.domain.canonical import Json, digest
from labelwright.domain.contents import ShownField
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import (
    Assistant,
    AuditPolicy,
    CascadeRule,
    CertifyRule,
    CostRates,
    ExamplePolicy,
    FlowChoice,
    Guideline,
    LabelSchema,
    LongItems,
    ModelSource,
    Policy,
    Privacy,
    ProjectConfig,
    Question,
    ShowWhen,
    Spending,
    Wellbeing,
)


def config_to_json(config: ProjectConfig) -> dict[str, Json]:
    """Write a configuration as plain JSON."""
    plain = cast("dict[str, Json]", asdict(config))
    plain["content_fields"] = list(config.content_fields)
    plain["models"] = [cast("dict[str, Json]", asdict(model)) for model in config.models]
    questions = [_question_to_json(question) for question in config.schema.questions]
    plain["schema"] = {"version": config.schema.version, "questions": questions}
    return cast("dict[str, Json]", _lists(plain))


def config_from_json(plain: Mapping[str, Any]) -> ProjectConfig:
    """Read what `config_to_json` wrote."""
    schema = plain["schema"]
    questions = tuple(_question_from_json(question) for question in schema["questions"])
    return ProjectConfig(
        schema=LabelSchema(schema["version"], questions),
        guideline=Guideline(**plain["guideline"]),
        policy=_policy(plain["policy"]),
        content_fields=tuple(plain["content_fields"]),
        models=tuple(ModelSource(**model) for model in plain["models"]),
        confidence=plain["confidence"],
        instruction=plain["instruction"],
        recorded=plain["recorded"],
        version=plain["version"],
        ensemble=plain.get("ensemble", "first"),
        signals=tuple(plain.get("signals", ())),
        flow=FlowChoice(**plain.get("flow", {})),
        examples=ExamplePolicy(**_tuples(plain.get("examples", {}))),
        long_items=LongItems(**plain.get("long_items", {})),
        privacy=Privacy(**_tuples(plain.get("privacy", {}))),
        spending=Spending(**plain.get("spending", {})),
        costs=CostRates(**plain.get("costs", {})),
        audit=AuditPolicy(**plain.get("audit", {})),
        image_fields=tuple(plain.get("image_fields", ())),
        wellbeing=Wellbeing(**plain.get("wellbeing", {})),
        contents=tuple(ShownField(**one) for one in plain.get("contents", ())),
        assistant=None if plain.get("assistant") is None else Assistant(**plain["assistant"]),
        cascade=CascadeRule(**plain.get("cascade", {})),
    )


def _question_to_json(question: Question) -> dict[str, Json]:
    """Leave out what is not set: the names that schemas had before these keys existed stand."""
    plain: dict[str, Json] = {
        "name": question.name,
        "type": question.type,
        "settings": question.settings,
        "title": question.title,
        "help": question.help,
    }
    if question.show_when is not None:
        plain["show_when"] = {"question": question.show_when.question, "is": list(question.show_when.values)}
    return plain if question.required else {**plain, "required": False}


def _question_from_json(plain: Mapping[str, Any]) -> Question:
    when = plain.get("show_when")
    return Question(
        QuestionName(plain["name"]),
        plain["type"],
        plain["settings"],
        plain.get("title", ""),
        plain.get("help", ""),
        None if when is None else ShowWhen(QuestionName(when["question"]), tuple(when["is"])),
        plain.get("required", True),
    )


def _policy(plain: Mapping[str, Any]) -> Policy:
    told = {name: value for name, value in plain.items() if name != "certify"}
    return Policy(**told, certify=CertifyRule(**plain.get("certify", {})))


def _lists(value: object) -> object:
    """Write tuples as JSON does, so that what was written and what is read back are equal."""
    if isinstance(value, Mapping):
        return {name: _lists(one) for name, one in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_lists(one) for one in cast("list[object]", value)]
    return value


def _tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(cast("list[Any]", one)) if isinstance(one, list) else one for name, one in plain.items()}


def schema_hash(schema: LabelSchema) -> str:
    """Name a schema by its questions, whatever its version number."""
    return digest([_question_to_json(question) for question in schema.questions])


def changes(old: Mapping[str, Json], new: Mapping[str, Json], path: str = "") -> list[tuple[str, Json, Json]]:
    """List what differs between two JSON objects as (path, old, new); None for what is absent.

    >>> changes({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}})
    [('a.b', 1, 3), ('c', 2, None)]
    """
    found: list[tuple[str, Json, Json]] = []
    for key in dict.fromkeys([*old, *new]):
        a, b = old.get(key), new.get(key)
        here = f"{path}.{key}" if path else key
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            found += changes(a, b, here)
        elif a != b:
            found.append((here, a, b))
    return found
