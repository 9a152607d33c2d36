"""What two configurations ask models, side by side: what differs, and what a change voids and makes due again."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import orjson

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, ProjectConfig
from labelwright.errors import NotFound
from labelwright.ports.storage import Views
from labelwright.services.acceptance.calibration_plan import still_bound
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.projects.project_of import project_of


@dataclass(frozen=True, slots=True)
class PromptDiff:
    """Two prompts. lines: a unified diff of all that is asked; empty when they are the same.

    old, new: what each is called.  answered: items answered under the old one by the first model, and so due again.
    voids: whether a certificate, or a sample already drawn, no longer holds under the new one.
    """

    old: str
    new: str
    old_hash: str
    new_hash: str
    lines: tuple[str, ...]
    answered: int
    voids: bool

    @property
    def is_same(self) -> bool:
        """Whether both ask the same."""
        return self.old_hash == self.new_hash


def prompt_diff(
    views: Views,
    project: ProjectId,
    *,
    old: int | None = None,
    new: int | None = None,
    candidate: ProjectConfig | None = None,
) -> PromptDiff:
    """Compare the prompts of two versions of a configuration.

    old, new: version numbers; None = the one in force.  candidate: compared instead of `new`: a project.yaml that is
    not in force yet.
    Raises: NotFound, when there is no such version.
    """
    current = project_of(views, project)
    before = current.config if old is None else _version(views, current, old)
    after = candidate or (current.config if new is None else _version(views, current, new))
    first, second = project_prompt(before), project_prompt(after)
    names = (_name(before), "project.yaml" if candidate is not None else _name(after))
    lines = difflib.unified_diff(_written(before), _written(after), *names, lineterm="")
    answered, voids = 0, False
    if first.hash != second.hash and before.models:
        question = before.schema.questions[0].name
        answered = len(views.predicted_items(project, before.models[0].model, first.hash, question))
        plan = views.plan(project)
        voids = plan is not None and still_bound(views, current, cast("Mapping[str, Json]", plan["frozen"]))
    return PromptDiff(names[0], names[1], first.hash, second.hash, tuple(lines), answered, voids)


def _version(views: Views, project: Project, version: int) -> ProjectConfig:
    found = views.config(project.id, version)
    if found is None:
        raise NotFound(f"there is no version {version} of this project; the newest is {project.config.version}")
    return found


def _name(config: ProjectConfig) -> str:
    return f"version {config.version}"


def _written(config: ProjectConfig) -> list[str]:
    """Write all that belongs to a prompt's name as lines."""
    prompt = project_prompt(config)
    settings: dict[str, Json] = {
        "template": prompt.id,
        "fields": list(prompt.content_fields),
        "images": list(prompt.image_fields),
        "confidence": config.confidence,
        "signals": list(config.kept_signals),
        "flow": {"name": config.flow.name, **config.flow.settings},
        "examples": {
            "choose": config.examples.choose,
            "k": config.examples.k,
            "items": list(config.examples.items),
        },
        "long_items": {"most_tokens": config.long_items.most_tokens, "rule": config.long_items.rule},
        "personal data": config.privacy.pii,
    }
    lines = [f"{name}: {_json(value)}" for name, value in settings.items()]
    lines += ["", *prompt.static.content.splitlines(), "", "answer schema:"]
    return lines + orjson.dumps(prompt.answer_schema, option=orjson.OPT_INDENT_2).decode().splitlines()


def _json(value: Json) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
