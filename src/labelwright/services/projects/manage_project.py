"""Put a configuration in force: the project is made, or gets a new version where something changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, ProjectConfig, Question
from labelwright.errors import InvalidValue
from labelwright.events import Event, ProjectConfigured, ProjectCreated
from labelwright.history.configuration import changes, config_to_json, schema_hash
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.acceptance.calibration_plan import still_bound
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

_VERSIONS = frozenset({"version", "guideline.version"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what is in force and what is asked for; None = not there."""

    path: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """is_new: the project is made by this.  applied: something was appended (never in a dry run).

    version: of the configuration that is, or would be, in force.  changes: empty when there is nothing to do.
    warnings: what the change voids or touches.
    """

    project: ProjectId | None
    name: str
    is_new: bool
    applied: bool
    version: int
    schema_version: int
    guideline_version: int
    changes: tuple[Change, ...]
    warnings: tuple[str, ...]


def apply_config(
    name: str, config: ProjectConfig, *, storage: Storage, world: World, dry_run: bool = False
) -> ApplyReport:
    """Compare with the ledger and append a new version where something differs.

    The version numbers in `config` are not looked at: schema and guideline get a new one only where they changed.
    Appends: ProjectCreated, ProjectConfigured. Idempotent: an equal configuration appends nothing.
    """
    if dry_run:
        with storage.reading() as views:
            return _compared(views, name, config)[0]

    def work(tx: Transaction) -> ApplyReport:
        report, numbered = _compared(tx, name, config)
        if not report.is_new and not report.changes:
            return report
        project = report.project if report.project is not None else ProjectId(world.new_id())
        events: list[Event] = [ProjectCreated(project, name)] if report.project is None else []
        plain = config_to_json(numbered)
        events.append(
            ProjectConfigured(project, numbered.version, numbered.schema.version, numbered.guideline.version, plain)
        )
        tx.append(events, world.provenance())
        return replace(report, project=project, applied=True)

    return storage.write(work)


def _compared(views: Views, name: str, config: ProjectConfig) -> tuple[ApplyReport, ProjectConfig]:
    current = views.project_by_name(name)
    if current is None or current.config.version == 0:
        numbered = _numbered(config, version=1, schema=1, guideline=1)
        others = [project.name for project in views.projects() if project.name != name]
        warnings = (f"this makes a new project beside {', '.join(others)}",) if others else ()
        found = _differences(None, numbered)
        project = None if current is None else current.id
        report = ApplyReport(
            project=project,
            name=name,
            is_new=True,
            applied=False,
            version=1,
            schema_version=1,
            guideline_version=1,
            changes=found,
            warnings=warnings,
        )
        return report, numbered
    old = current.config
    numbered = _numbered(
        config,
        version=old.version + 1,
        schema=old.schema.version + (schema_hash(config.schema) != schema_hash(old.schema)),
        guideline=old.guideline.version + (config.guideline.hash != old.guideline.hash),
    )
    found = _differences(old, numbered)
    if not found:
        numbered = old
    warnings = _warnings(views, current, numbered) if found else ()
    report = ApplyReport(
        project=current.id,
        name=name,
        is_new=False,
        applied=False,
        version=numbered.version,
        schema_version=numbered.schema.version,
        guideline_version=numbered.guideline.version,
        changes=found,
        warnings=warnings,
    )
    return report, numbered


def _numbered(config: ProjectConfig, *, version: int, schema: int, guideline: int) -> ProjectConfig:
    return replace(
        config,
        version=version,
        schema=replace(config.schema, version=schema),
        guideline=replace(config.guideline, version=guideline),
    )


def _differences(old: ProjectConfig | None, new: ProjectConfig) -> tuple[Change, ...]:
    """List what differs, lists of named things by name, so that one changed label is not a changed project."""
    before = {} if old is None else _by_name(config_to_json(old))
    found = changes(before, _by_name(config_to_json(new)))
    return tuple(Change(*one) for one in found if one[0] not in _VERSIONS)


def _by_name(plain: Mapping[str, Any]) -> dict[str, Json]:
    questions = {
        q["name"]: {**{key: q[key] for key in ("type", "title", "help")}, **q["settings"]}
        for q in plain["schema"]["questions"]
    }
    models = {
        model["model"]: {key: value for key, value in model.items() if key != "model"} for model in plain["models"]
    }
    rest = {key: value for key, value in plain.items() if key not in {"schema", "models"}}
    order: dict[str, Json] = {"questions in order": list(questions), "models in order": list(models)}
    return {**order, "questions": questions, "models": models, **rest}


# ---------------------------------------------------------------- what a change voids and touches


def _warnings(views: Views, current: Project, new: ProjectConfig) -> tuple[str, ...]:
    return (*_voided(views, current, new), *_touched(views, current, new))


def _voided(views: Views, current: Project, new: ProjectConfig) -> list[str]:
    """A certificate is bound to what was frozen with its sample: anything else needs labels of its own."""
    plan = views.plan(current.id)
    if plan is None:
        return []
    frozen = plan["frozen"]
    if not isinstance(frozen, dict) or not still_bound(views, current, frozen):
        return []
    if still_bound(views, replace(current, config=new), frozen):
        return []
    certified = sorted(views.certificates(current.id))
    if certified:
        names = ", ".join(repr(name) for name in certified)
        return [f"the certificates of {names} no longer hold: after prelabel, run `labelwright calibrate` again"]
    return ["the calibration sample that is drawn no longer holds: after prelabel, run `labelwright calibrate` again"]


def _touched(views: Views, current: Project, new: ProjectConfig) -> list[str]:
    """Labels given under the old schema stay, marked with it; those that no longer fit stop counting."""
    old = current.config.schema
    if new.schema.version == old.version:
        return []
    found: list[str] = []
    for question in old.questions:
        labels = views.annotations(current.id, question=question.name)
        successor = new.schema.question(question.name)
        if not labels or successor == question:
            continue
        n_lost = len(labels) if successor is None else _count_misfits(successor, labels)
        said = f"{_labels(len(labels))} of {question.name!r} given under schema version {old.version}"
        version = new.schema.version
        fate = (
            f"{n_lost:,} will no longer count, not fitting version {version}" if n_lost else "all fit and still count"
        )
        found.append(f"{said}: {fate}")
    return found


def _labels(n: int) -> str:
    return "1 label" if n == 1 else f"{n:,} labels"


def _count_misfits(question: Question, labels: list[Annotation]) -> int:
    task = bind(question)
    return sum(not _fits(task, label.value) for label in labels)


def _fits(task: Task[object], value: Json) -> bool:
    try:
        task.parse(value)
    except InvalidValue:
        return False
    return True
