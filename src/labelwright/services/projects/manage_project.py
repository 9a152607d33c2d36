"""Put a configuration in force: the project is made, or gets a new version where something changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, ProjectConfig, Question
from labelwright.errors import Conflict, InvalidValue, did_you_mean
from labelwright.events import Event, ProjectConfigured, ProjectCreated
from labelwright.history.configuration import config_to_json, schema_hash
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.acceptance.calibration_plan import still_bound
from labelwright.services.models.labeller import may_focus
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.projects.config_changes import Change, differences
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

_LOOKED_AT = 200
"""Items whose fields say what items hold."""


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
    name: str,
    config: ProjectConfig,
    *,
    storage: Storage,
    world: World,
    dry_run: bool = False,
    expected: int | None = None,
) -> ApplyReport:
    """Compare with the ledger and append a new version where something differs.

    The version numbers in `config` are not looked at: schema and guideline get a new one only where they changed.
    expected: the version the change was made from; None = whichever is in force.
    Appends: ProjectCreated, ProjectConfigured. Idempotent: an equal configuration appends nothing.
    Raises: Conflict, when another version than the expected one is in force.
    """
    if dry_run:
        with storage.reading() as views:
            check_expected(views, name, expected)
            return _compared(views, name, config)[0]

    def work(tx: Transaction) -> ApplyReport:
        check_expected(tx, name, expected)
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


def check_expected(views: Views, name: str, expected: int | None) -> None:
    """Let nobody overwrite what somebody else has put in force meanwhile."""
    current = views.project_by_name(name)
    if expected is None or current is None or current.config.version == expected:
        return
    newest = views.config_versions(current.id)[-1]
    who = next((one.name for one in views.annotators(current.id) if one.id == newest.actor), None)
    by = f" by {who}" if who else ""
    raise Conflict(
        f"version {newest.version} came into force at {newest.at}{by}, after version {expected} that this change was "
        "made from; compare the two, then apply again"
    )


def _compared(views: Views, name: str, config: ProjectConfig) -> tuple[ApplyReport, ProjectConfig]:
    current = views.project_by_name(name)
    if current is None or current.config.version == 0:
        numbered = _numbered(config, version=1, schema=1, guideline=1)
        others = [project.name for project in views.projects() if project.name != name]
        warnings = (f"this makes a new project beside {', '.join(others)}",) if others else ()
        found = differences(None, numbered)
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
            warnings=(*warnings, *_without_effect(numbered)),
        )
        return report, numbered
    old = current.config
    numbered = _numbered(
        config,
        version=old.version + 1,
        schema=next_schema_version(views, current, config),
        guideline=old.guideline.version + (config.guideline.hash != old.guideline.hash),
    )
    found = differences(old, numbered)
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


def next_schema_version(views: Views, current: Project, config: ProjectConfig) -> int:
    """Give the number of a schema: the one in force while nothing changed, else one that none has had."""
    old = current.config.schema
    if schema_hash(config.schema) == schema_hash(old):
        return old.version
    kept = [views.config(current.id, number) for number in range(1, current.config.version + 1)]
    return 1 + max(one.schema.version for one in kept if one is not None)


def _numbered(config: ProjectConfig, *, version: int, schema: int, guideline: int) -> ProjectConfig:
    return replace(
        config,
        version=version,
        schema=replace(config.schema, version=schema),
        guideline=replace(config.guideline, version=guideline),
    )


# ---------------------------------------------------------------- what a change voids and touches


def _warnings(views: Views, current: Project, new: ProjectConfig) -> tuple[str, ...]:
    return (
        *voided(views, current, new),
        *_touched(views, current, new),
        *_unknown_fields(views, current, new),
        *_asked_again(views, current, new),
        *_without_effect(new),
    )


def _without_effect(config: ProjectConfig) -> list[str]:
    """Name what was asked of the calibration and does nothing beside the other settings."""
    policy, found = config.policy, list[str]()
    if policy.calibration_draw == "focused" and not may_focus(config):
        found.append(
            "policy.calibration_draw: focused does nothing here: it needs confidence: combined, one question that "
            "every item is asked, and one threshold for all"
        )
    if policy.calibration_coin and (config.certifies_links or not policy.certify.is_plain):
        found.append(
            "policy.calibration_coin does nothing here: a coin is tossed only where one threshold is certified by "
            "right and wrong"
        )
    return found


def voided(views: Views, current: Project, new: ProjectConfig) -> list[str]:
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


def certificates_voided(views: Views, current: Project, new: ProjectConfig) -> list[str]:
    """Give the questions whose certificates hold now and would not under another configuration."""
    return sorted(views.certificates(current.id)) if voided(views, current, new) else []


def answers_due_again(views: Views, current: Project, new: ProjectConfig) -> int:
    """Count the items whose answer by the first model is to what it is asked now, and not to what it would be asked."""
    old = current.config
    if not old.models or not new.models or project_prompt(old).hash == project_prompt(new).hash:
        return 0
    question = old.schema.questions[0].name
    return len(views.predicted_items(current.id, old.models[0].model, project_prompt(old).hash, question))


def _asked_again(views: Views, current: Project, new: ProjectConfig) -> list[str]:
    n = answers_due_again(views, current, new)
    if not n:
        return []
    answers = "1 answer of the model is" if n == 1 else f"{n:,} answers of the model are"
    return [f"{answers} to another prompt, and asked for again by: labelwright prelabel (what it costs: --dry-run)"]


def _unknown_fields(views: Views, current: Project, new: ProjectConfig) -> list[str]:
    """Name the content fields that came with this change and that no item shows: nobody could see anything there."""
    added = [name for name in new.content_fields if name not in current.config.content_fields]
    seen = views.items(current.id, limit=_LOOKED_AT) if added else []
    shown = {name for item in seen for name in item.content}
    return [
        f"no item has {name!r} of content_fields{did_you_mean(name, sorted(shown))} (items hold what was in "
        "content_fields when they were imported)"
        for name in added
        if seen and name not in shown
    ]


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
        if n_lost and successor is not None:
            fate += " (`labelwright labels` renames, merges and splits labels, and keeps what was labelled)"
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
