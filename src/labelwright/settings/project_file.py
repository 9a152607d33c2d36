"""Read project.yaml and the guideline it names; say what is wrong, on which line, and what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Guideline, LabelSchema, ProjectConfig, Question
from labelwright.errors import InvalidConfiguration, InvalidValue, did_you_mean
from labelwright.settings.conditions import check_conditions
from labelwright.settings.form import FORMS, CertifyModel, ProjectModel, QuestionModel
from labelwright.settings.secrets import shown
from labelwright.tasks.registry import bind, task_type
from labelwright.yaml_lines import YamlDocument, YamlPath, read_yaml

PROJECT_FILE = "project.yaml"

_MOST_GUIDELINE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What a project.yaml says. The versions in `config` are all 1: `apply` gives the true ones."""

    path: Path
    name: str
    config: ProjectConfig


def read_project_file(path: Path, *, check: Callable[[ProjectConfig], None] | None = None) -> ProjectFile:
    """Read project.yaml and the guideline it names.

    check: looks at what this layer knows nothing of; raises InvalidValue with the path of the wrong value.
    Raises: InvalidConfiguration, with the line and what to write instead.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        near = did_you_mean(path.name, (p.name for p in path.parent.glob("*.y*ml"))) if path.parent.is_dir() else ""
        hint = near or "; `labelwright init` writes one"
        raise InvalidConfiguration(path, "there is no such file", hint=hint) from None
    return read_project(content, path, check=check)


def read_project(
    content: bytes,
    file: Path,
    *,
    guideline: str | None = None,
    check: Callable[[ProjectConfig], None] | None = None,
) -> ProjectFile:
    """Read the text of a project.yaml.  guideline: its words, where they do not stand in a file beside it.

    Raises: InvalidConfiguration, with the line and what to write instead.
    """
    document = read_yaml(content, file)
    try:
        told = ProjectModel.model_validate(document.value)
    except ValidationError as error:
        raise _explained(error, document) from None
    config = ProjectConfig(
        schema=LabelSchema(1, _questions(told, document)),
        guideline=Guideline(1, _guideline(told.guideline, document) if guideline is None else guideline),
        policy=told.policy.policy(),
        content_fields=tuple(told.field_names),
        models=tuple(model.source() for model in told.models),
        confidence=told.confidence,
        instruction=told.instruction.strip(),
        recorded=told.recorded,
        ensemble=told.ensemble,
        cascade=told.cascade.rule(),
        signals=tuple(told.signals),
        flow=told.flow.choice(),
        examples=told.examples.policy(),
        long_items=told.long_items.rules(),
        privacy=told.privacy.privacy(),
        spending=told.spending(),
        costs=told.costs.rates(),
        audit=told.audit.audit(),
        image_fields=tuple(told.all_image_fields),
        wellbeing=told.wellbeing.wellbeing(),
        contents=told.contents(),
        assistant=None if told.assistant is None else told.assistant.assistant(),
    )
    _check_costs(config, document)
    if check is not None:
        try:
            check(config)
        except InvalidValue as error:
            raise _located(error, document) from None
    return ProjectFile(file, told.name, config)


def _check_costs(config: ProjectConfig, document: YamlDocument) -> None:
    """Make sure that what costs are about are labels of every question, each of which has one label as its answer."""
    costs = config.policy.certify.costs
    for question in config.schema.always_asked if costs else ():
        labels = bind(question).logprob_labels()
        if labels is None:
            problem = f"costs go by label, and an answer to {question.name!r} is not one label"
            raise InvalidConfiguration(
                document.file, problem, line=document.line(("policy", "certify", "costs")), hint="; take loss: distance"
            )
        for said, row in costs.items():
            for name in (said, *row):
                if name not in labels:
                    path: YamlPath = ("policy", "certify", "costs", said)
                    problem = f"costs: {shown(name)} is no label of {question.name!r}"
                    raise InvalidConfiguration(
                        document.file, problem, line=document.line(path), hint=did_you_mean(name, list(labels))
                    )


def _located(error: InvalidValue, document: YamlDocument) -> InvalidConfiguration:
    line = document.line(_path(error.path))
    return InvalidConfiguration(document.file, f"{error.path}: {error.problem}", line=line, hint=error.hint)


def _questions(told: ProjectModel, document: YamlDocument) -> tuple[Question, ...]:
    _no_twins([question.name for question in told.questions], "questions", document)
    _no_twins(told.field_names, "content_fields", document, places=told.field_places)
    questions = tuple(_question(question, place, document) for place, question in enumerate(told.questions))
    for place, question in enumerate(questions):
        _check_field(question, told, ("questions", place), document)
    check_conditions(questions, told, document)
    return questions


def _check_field(question: Question, told: ProjectModel, here: YamlPath, document: YamlDocument) -> None:
    """Make sure that a question whose answers point into a field (its type has a setting `field`) knows which."""
    schema = cast("dict[str, Any]", task_type(question.type).settings_schema())
    if "field" not in schema.get("properties", {}):
        return
    given = question.settings.get("field")
    if isinstance(given, str) and given:
        if given not in told.field_names:
            problem = f"question {question.name!r}: {shown(given)} is not among content_fields"
            hint = did_you_mean(given, told.field_names)
            raise InvalidConfiguration(document.file, problem, line=document.line((*here, "field")), hint=hint)
        return
    texts = [name for name in told.field_names if name not in told.all_image_fields]
    if len(texts) > 1 and len(told.all_image_fields) != 1:
        problem = f"question {question.name!r} points into one field, and {', '.join(texts)} are shown"
        raise InvalidConfiguration(
            document.file, problem, line=document.line(here), hint=f"; say which, such as field: {texts[0]}"
        )


def _question(told: QuestionModel, place: int, document: YamlDocument) -> Question:
    here: YamlPath = ("questions", place)
    settings = cast("dict[str, Json]", told.model_extra or {})
    try:
        kind = task_type(told.type)
    except InvalidValue as error:
        problem = f"there is no task type {shown(told.type)}"
        line = document.line((*here, "type"))
        raise InvalidConfiguration(document.file, problem, line=line, hint=error.hint) from None
    schema = cast("dict[str, Any]", kind.settings_schema())
    known = [*QuestionModel.model_fields, *schema.get("properties", {})]
    for key in settings:
        if key not in known:
            problem = f"a question has no {shown(key)}"
            raise InvalidConfiguration(
                document.file, problem, line=document.line((*here, key)), hint=did_you_mean(key, known)
            )
    when = None if told.show_when is None else told.show_when.condition()
    question = Question(QuestionName(told.name), kind.name, settings, told.title, told.help, when, told.required)
    try:
        bind(question)
    except InvalidValue as error:
        line = document.line((*here, *_path(error.path)))
        raise InvalidConfiguration(
            document.file, f"question {told.name!r}: {error.problem}", line=line, hint=error.hint
        ) from None
    return question


def _guideline(name: str | None, document: YamlDocument) -> str:
    if name is None:
        return ""
    folder = document.file.parent.resolve()
    line = document.line(("guideline",))
    path = (folder / name.replace("\0", "")).resolve()
    if not path.is_relative_to(folder):
        problem = f"guideline {shown(name)} lies outside the project's folder"
        raise InvalidConfiguration(document.file, problem, line=line, hint="; copy it there")
    if not path.is_file():
        near = did_you_mean(name, (p.name for p in folder.glob("*.md")))
        hint = near or f"; write it at {path}, or remove this line"
        raise InvalidConfiguration(document.file, f"guideline file {shown(name)} is not there", line=line, hint=hint)
    if path.stat().st_size > _MOST_GUIDELINE_BYTES:
        raise InvalidConfiguration(document.file, f"guideline file {shown(name)} is over 1 MB", line=line)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidConfiguration(path, "is not UTF-8", hint=f" (byte {error.start}); save it as UTF-8") from None


def _no_twins(names: list[str], key: str, document: YamlDocument, *, places: list[int] | None = None) -> None:
    first: dict[str, int] = {}
    for place, name in zip(places or range(len(names)), names, strict=True):
        line = document.line((key, place))
        if not name.strip():
            raise InvalidConfiguration(document.file, f"{key}: a name is empty", line=line)
        if name in first:
            problem = f"{key}: {shown(name)} is there twice"
            raise InvalidConfiguration(document.file, problem, line=line, hint=f" (first on line {first[name]})")
        first[name] = line


def _explained(error: ValidationError, document: YamlDocument) -> InvalidConfiguration:
    found = [(document.line(one["loc"]), one) for one in error.errors(include_url=False)]
    # A key that is misspelt is the cause of one that is missing: it comes first.
    line, first = min(found, key=lambda pair: (pair[1]["type"] != "extra_forbidden", pair[0]))
    problem, hint = _told(cast("dict[str, Any]", first), document)
    more = f" (and {len(found) - 1} more after it)" if len(found) > 1 else ""
    return InvalidConfiguration(document.file, problem, line=line, hint=hint + more)


def _told(one: dict[str, Any], document: YamlDocument) -> tuple[str, str]:
    path = cast("YamlPath", one["loc"])
    name = _named(path)
    last = str(path[len(path) - 1]) if path else ""
    value = _value_at(document.value, path)
    match one["type"]:
        case "extra_forbidden":
            form = FORMS.get(str(path[0]), ProjectModel) if len(path) > 1 else ProjectModel
            if path[:2] == ("policy", "certify"):
                form = CertifyModel
            if last.lower() in {"api_key", "apikey", "key", "token", "secret"}:
                return (
                    f"there is no {last!r} here",
                    "; put the key in an environment variable and name it in api_key_env",
                )
            return f"there is no {shown(last)} here", did_you_mean(last, form.model_fields)
        case "missing":
            written = _value_at(document.value, path[:-1])
            keys = [str(key) for key in cast("dict[object, object]", written)] if isinstance(written, dict) else []
            near = difflib.get_close_matches(last, [key for key in keys if key not in QuestionModel.model_fields], n=1)
            if near:
                return f"there is no {shown(near[0])} here", f"; did you mean {last!r}?"
            return f"{name!r} is missing", _EXAMPLES.get(last, "")
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            return f"{name}: {shown(value)} does not fit", f"; it must be {_range(one)}"
        case "literal_error":
            choices = re.findall(r"'([^']*)'", str(one["ctx"]["expected"]))
            return f"{name}: {shown(value)} is not one of its values", did_you_mean(value, choices)
        case "value_error":
            return f"{name}: {one['ctx']['error']}", ""
        case "too_short":
            return f"{name}: the list is empty", _EXAMPLES.get(last, "; at least one is needed")
        case _:
            wanted = str(one["msg"]).removeprefix("Input should be ").removeprefix("a ").removeprefix("valid ")
            hint = _EXAMPLES.get(last, f"; it must be {_in_words(wanted)}")
            if value is None:
                return f"{name}: nothing is written here", hint
            return f"{name}: {shown(value)} does not fit", hint


def _in_words(wanted: str) -> str:
    """Say a type as a person would."""
    known = {
        "string": "text (in quotes, if it looks like something else)",
        "number": "a number",
        "integer": "a whole number",
        "boolean": "true or false",
        "list": "a list, such as [one, two]",
    }
    return "keys with values, indented below it" if wanted.startswith("dictionary") else known.get(wanted, wanted)


def _range(one: dict[str, Any]) -> str:
    """Say a limit that a number broke."""
    words = {"ge": "{} or more", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
    limit, value = next((name, value) for name, value in one["ctx"].items() if name in words)
    return words[limit].format(f"{value:,}" if isinstance(value, int) else f"{value:g}")


def _named(path: YamlPath) -> str:
    """Write a path as people do: ("models", 0, "model") -> "models[0].model"."""
    said = ""
    for part in path:
        said += f"[{part}]" if isinstance(part, int) else f".{part}" if said else part
    return said


_EXAMPLES = {
    "name": "; add: name: reviews",
    "questions": "; add a list, each with a name, a type and its labels",
    "content_fields": "; add the fields an item shows, such as: content_fields: [text]",
    "models": "; write a list, each with its model and base_url, or leave it out",
    "base_url": "; add the endpoint, such as: base_url: https://host/v1",
    "model": "; add the name the provider knows it by",
    "budget": "; write US dollars as a number, such as: budget: 25",
    "confirm_above": "; write US dollars as a number, such as: confirm_above: 5",
    "timeout_seconds": "; write seconds as a number from above 0 to 3600, such as: timeout_seconds: 300",
    "flow": "; write a flow's name, such as: flow: repair, or: flow: {name: self_consistency, samples: 5}",
    "examples": "; write keys with values, such as: examples: {choose: nearest, k: 5}",
    "long_items": "; write keys with values, such as: long_items: {most_tokens: 4000, rule: truncate}",
    "privacy": "; write keys with values, such as: privacy: {pii: redact}",
    "items": '; write the items\' ids as texts, such as: items: ["0001", "0002"]',
}


def _value_at(value: object, path: YamlPath) -> object:
    for part in path:
        try:
            value = cast("Any", value)[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _path(text: str) -> YamlPath:
    """Take a task type's path apart: "labels[2].value" -> ("labels", 2, "value")."""
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)", text)
    found: list[str | int] = [int(number) if number else name for number, name in parts]
    return tuple(found[1:] if found[:1] == ["settings"] else found)
