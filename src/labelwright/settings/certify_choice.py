"""What a certificate is to promise, as the command line and files beside it say it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import CertifyRule, Question
from labelwright.errors import InvalidFile, InvalidValue
from labelwright.settings.form import CertifyModel, QuestionModel
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind, task_type
from labelwright.yaml_lines import read_yaml


def rule_of(said: Mapping[str, object], *, costs: Path | None) -> CertifyRule:
    """Give the rule of what was said; keys as under `policy.certify` of project.yaml.

    costs: a YAML or JSON file, {said: {truth: cost}}.  Raises: InvalidValue, InvalidFile.
    """
    told = {name: value for name, value in said.items() if value is not None}
    if costs is not None:
        told |= {"costs": _read(costs), "loss": told.get("loss", "costs")}
    try:
        return CertifyModel.model_validate(told).rule()
    except ValidationError as error:
        first = cast("dict[str, Any]", error.errors(include_url=False)[0])
        where = ".".join(str(part) for part in first["loc"])
        problem = str(first.get("ctx", {}).get("error", first["msg"]))
        if costs is not None and where.startswith("costs"):
            raise InvalidFile(
                costs, f"{where}: {problem}; write it as {{spam: {{ham: 5}}, ham: {{spam: 1}}}}"
            ) from error
        raise InvalidValue(f"--{where}" if where else "", problem) from error


def question_of(file: Path) -> dict[str, Json]:
    """Read a question as project.yaml writes one: its type and that type's settings.  Raises: InvalidFile."""
    found = _read(file)
    try:
        told = QuestionModel.model_validate({"name": "label", **found})
        settings = cast("dict[str, Json]", told.model_extra or {})
        bind(Question(QuestionName("label"), task_type(told.type).name, settings))
    except ValidationError as error:
        raise InvalidFile(file, f"is no question: {error.errors(include_url=False)[0]['msg']}") from error
    except InvalidValue as error:
        raise InvalidFile(file, f"is no question: {error.path}: {error.problem}", hint=error.hint) from error
    return {"type": told.type, **settings}


def task_of(question: Mapping[str, Json]) -> Task[object]:
    """Bind what `question_of` read."""
    settings = {name: value for name, value in question.items() if name != "type"}
    return bind(Question(QuestionName("label"), task_type(str(question["type"])).name, settings))


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise InvalidFile(file, "there is no such file")
    return cast("dict[str, Any]", read_yaml(file.read_bytes(), file).value)
