"""A project in memory, ready to import into; shared by the stories of import and export."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

from labelwright.adapters.storage import open_storage
from labelwright.domain.ids import ProjectId, QuestionName
from labelwright.domain.project import Guideline, LabelSchema, Policy, ProjectConfig, Question
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.services.projects.manage_project import apply_config
from labelwright.tasks.registry import task_type


@dataclass(frozen=True)
class Bench:
    storage: Storage
    world: World
    project: ProjectId


def counting_world() -> World:
    """Time stands still, ids count up, and salts are a counter: the same story gives the same ledger."""
    ids, salts = itertools.count(1), itertools.count(1)

    def random_bytes(n: int) -> bytes:
        return b"".join(next(salts).to_bytes(16, "big") for _ in range(-(-n // 16)))[:n]

    return World(now=lambda: 1_700_000_000.0, new_id=lambda: f"id-{next(ids)}", random_bytes=random_bytes)


def project_config(content_fields: list[str], *, multilabel: bool = False) -> ProjectConfig:
    """One classification question, and a multi-label one on request."""
    questions = [Question(QuestionName("label"), task_type("classification").name, {"labels": ["yes", "no"]})]
    if multilabel:
        questions.append(Question(QuestionName("tags"), task_type("multilabel").name, {"labels": ["a", "b"]}))
    return ProjectConfig(LabelSchema(1, tuple(questions)), Guideline(1, "Say yes."), Policy(), tuple(content_fields))


def bench(config: ProjectConfig, *, at: Path | None = None, name: str = "p") -> Bench:
    """Make a project; in memory unless told where."""
    storage = open_storage("memory:" if at is None else at)
    world = counting_world()
    project = apply_config(name, config, storage=storage, world=world).project
    assert project is not None
    return Bench(storage, world, project)
