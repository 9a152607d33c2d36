"""What differs between two configurations, lists of named things by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labelwright.domain.canonical import Json
from labelwright.domain.project import ProjectConfig
from labelwright.history.configuration import changes, config_to_json

_VERSIONS = frozenset({"version", "guideline.version"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two configurations; None = not there."""

    path: str
    old: Json
    new: Json


def differences(old: ProjectConfig | None, new: ProjectConfig) -> tuple[Change, ...]:
    """List what differs, lists of named things by name, so that one changed label is not a changed project."""
    before = {} if old is None else _by_name(config_to_json(old))
    found = changes(before, _by_name(config_to_json(new)))
    return tuple(Change(*one) for one in found if one[0] not in _VERSIONS)


def _by_name(plain: Mapping[str, Any]) -> dict[str, Json]:
    questions = {
        q["name"]: {**{key: q[key] for key in q if key not in ("name", "settings")}, **q["settings"]}
        for q in plain["schema"]["questions"]
    }
    models = {
        model["model"]: {key: value for key, value in model.items() if key != "model"} for model in plain["models"]
    }
    rest = {key: value for key, value in plain.items() if key not in {"schema", "models"}}
    order: dict[str, Json] = {"questions in order": list(questions), "models in order": list(models)}
    return {**order, "questions": questions, "models": models, **rest}
