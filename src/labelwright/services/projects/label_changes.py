"""Rename, merge and split labels: said before, done as one act, taken back as one.

What was given stays in the ledger as it was given; it is read as it is called today. A label that is split says nothing
today: its items go back to people, blind, and what was said of them stays in their history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.project import Project, ProjectConfig, Question
from labelwright.domain.queue import NewEntry
from labelwright.errors import InvalidValue, NotFound, did_you_mean
from labelwright.events import (
    Event,
    ItemsRouted,
    LabelsMigrated,
    ProjectConfigured,
    RunFinished,
    RunStarted,
)
from labelwright.events.labels import LabelChangeKind
from labelwright.history.configuration import config_to_json, schema_hash
from labelwright.history.label_changes import LabelChange
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.projects.label_edit import edited_config, list_named, lists_of, undone_config
from labelwright.services.projects.manage_project import (
    answers_due_again,
    check_expected,
    next_schema_version,
    voided,
)
from labelwright.services.projects.project_of import project_of
from labelwright.tasks.protocol import MAIN_LABELS, Task
from labelwright.tasks.registry import bind, relabels

SPLIT: Final = "labels-split"
"""The kind of run under which the items of a split label are sent to people."""
REASON = "a label was split"
_SLOT = 100_000
"""The slots of split number k: 100,000 + 10 k. Re-checks and recalls have smaller ones."""
_VOTES = 10


@dataclass(frozen=True, slots=True)
class LabelChangeReport:
    """What a change of labels does, or did.  version: of the configuration that is, or would be, in force.

    labels: people's answers that are read under another name, or, of a split, say nothing any more.
    predictions: answers of the model that are.  records: labels of record that are.
    queued: items that go back to people (split), or that are taken off the queue again (undo).
    among: the list of the question whose labels they are.
    """

    change: str
    kind: LabelChangeKind
    question: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    undone: bool
    applied: bool
    version: int
    labels: int
    predictions: int
    records: int
    queued: int
    warnings: tuple[str, ...]
    among: str = MAIN_LABELS


def change_labels(
    project_id: ProjectId,
    kind: LabelChangeKind,
    old: Sequence[str],
    new: Sequence[str],
    *,
    storage: Storage,
    world: World,
    question: str | None = None,
    among: str | None = None,
    dry_run: bool = False,
    expected: int | None = None,
) -> LabelChangeReport:
    """Rename, merge or split labels of a question.

    question: may be left out where one alone has labels.  among: which of its lists; may be left out where one alone
    has such a label.  expected: the version it was decided on.
    Appends: LabelsMigrated, ProjectConfigured; for a split RunStarted, ItemsRouted, RunFinished too.
    Raises: InvalidValue, Conflict, NotReady.
    """

    def planned(views: Views) -> tuple[LabelChangeReport, ProjectConfig, Project, Question, list[int]]:
        project = project_of(views, project_id)
        check_expected(views, project.name, expected)
        asked = _question(project, question)
        listed = list_named(asked, among, old)
        _check_unused(views, project, asked, listed, new)
        config = _numbered(views, project, edited_config(project.config, asked, kind, old, new, among=listed))
        touched = _touched(views, project, asked, listed, frozenset(old) - frozenset(new))
        names = {} if kind == "split" else dict.fromkeys(old, new[0])
        items = touched.items if kind == "split" else []
        report = LabelChangeReport(
            change="",
            kind=kind,
            question=asked.name,
            old=tuple(old),
            new=tuple(new),
            undone=False,
            applied=False,
            version=config.version,
            labels=touched.labels,
            predictions=touched.predictions,
            records=touched.records,
            queued=len(items),
            warnings=(
                *_warnings(views, project, config, old),
                *_misfits(views, project_id, asked, config, names, among=listed),
            ),
            among=listed,
        )
        return report, config, project, asked, items

    if dry_run:
        with storage.reading() as views:
            return planned(views)[0]

    def work(tx: Transaction) -> LabelChangeReport:
        report, config, project, asked, items = planned(tx)
        change = world.new_id()
        migrated = LabelsMigrated(
            project=project_id,
            change=change,
            kind=kind,
            question=asked.name,
            task=bind(asked).name,
            old=tuple(old),
            new=tuple(new),
            before=lists_of(asked)[report.among].written,
            version=config.version,
            among=report.among,
        )
        tx.append([migrated, _configured(project_id, config)], world.provenance())
        if items:
            _send_to_people(tx, project, asked, items, change=change, world=world)
        return replace(report, change=change, applied=True)

    return storage.write(work)


def undo_labels(
    project_id: ProjectId, *, storage: Storage, world: World, dry_run: bool = False, expected: int | None = None
) -> LabelChangeReport:
    """Take the newest change of labels that stands back; the schema gets its former version where nothing else changed.

    What was said under a rename meanwhile is read under the old name; under the others it stays, and counts where the
    label is still there. Was a random sample answered under the others, the schema gets a version of its own: those
    answers say less than the labels that are back, so no certificate may rest on them.
    Appends: LabelsMigrated, ProjectConfigured.  Raises: NotFound, when none stands; Conflict.
    """

    def planned(views: Views) -> tuple[LabelChangeReport, ProjectConfig, LabelChange]:
        project = project_of(views, project_id)
        check_expected(views, project.name, expected)
        standing = [one for one in views.label_changes(project_id) if one.undone is None]
        if not standing:
            raise NotFound("no rename, merge or split of labels stands that could be taken back")
        change = standing[-1]
        n_sampled = _sampled_meanwhile(views, project, change)
        former = None if n_sampled else change.version - 1
        before, made = (views.config(project_id, version) for version in (change.version - 1, change.version))
        back = undone_config(project.config, change, before=before, made=made)
        config = _numbered(views, project, back, back_to=former)
        asked = project.config.schema.question(change.question)
        assert asked is not None  # noqa: S101 - its labels were put back
        touched = _touched(views, project, asked, change.among, frozenset(change.new))
        slots = _slots(views, project_id, change.id)
        waiting = 0 if slots is None else len(touched.items)
        report = LabelChangeReport(
            change=change.id,
            kind=change.kind,
            question=change.question,
            old=change.old,
            new=change.new,
            undone=True,
            applied=False,
            version=config.version,
            labels=touched.labels,
            predictions=touched.predictions,
            records=touched.records,
            queued=waiting,
            warnings=(*_warnings(views, project, config, change.new), *_lost_sample(n_sampled)),
            among=change.among,
        )
        return report, config, change

    if dry_run:
        with storage.reading() as views:
            return planned(views)[0]

    def work(tx: Transaction) -> LabelChangeReport:
        report, config, change = planned(tx)
        back = LabelsMigrated(
            project=project_id,
            change=change.id,
            kind=change.kind,
            question=change.question,
            task=change.task,
            old=change.old,
            new=change.new,
            before=change.before,
            version=config.version,
            undone=True,
            among=change.among,
        )
        tx.append([back, _configured(project_id, config)], world.provenance())
        slots = _slots(tx, project_id, change.id)
        closed = 0 if slots is None else tx.close_entries(project_id, "review", slots=slots)
        return replace(report, applied=True, queued=closed)

    return storage.write(work)


@dataclass(frozen=True, slots=True)
class _Touched:
    labels: int
    predictions: int
    records: int
    items: list[int]


def _touched(views: Views, project: Project, question: Question, among: str, names: frozenset[str]) -> _Touched:
    kind = relabels(bind(question).name)
    assert kind is not None  # noqa: S101 - its labels were read

    def has(value: Json) -> bool:
        return bool(kind.labels_in(value, among) & names)

    said = [one for one in views.annotations(project.id, question=question.name) if has(one.value)]
    who = project.config.labeller
    predicted = [] if who is None else views.predictions(project.id, question.name, who).value
    of_record = sum(
        one.question == question.name and one.value is not None and has(one.value)
        for one in views.resolutions(project.id)
    )
    items = sorted({int(one.item) for one in said})
    return _Touched(len(said), sum(value is not None and has(value) for value in predicted), of_record, items)


def _question(project: Project, name: str | None) -> Question:
    questions = project.config.schema.questions
    if name is not None:
        found = project.config.schema.question(name)
        if found is None:
            known = [one.name for one in questions]
            raise InvalidValue("question", f"there is no question {name!r}", did_you_mean(name, known))
        return found
    able = [one for one in questions if relabels(bind(one).name) is not None]
    if len(able) != 1:
        hint = f"; name one of {', '.join(one.name for one in able)}" if able else ""
        raise InvalidValue("question", "which question's labels?" if able else "no question has such labels", hint)
    return able[0]


def _check_unused(views: Views, project: Project, question: Question, among: str, new: Sequence[str]) -> None:
    """Refuse the name of a label that was split: what was called so then would be read as the new label."""
    for change in views.label_changes(project.id):
        is_here = change.undone is None and (change.question, change.among) == (question.name, among)
        if is_here and change.kind == "split" and change.old[0] in new and change.old[0] not in change.new:
            problem = f"{change.old[0]!r} was split, and answers that name it are still kept"
            raise InvalidValue("labels", problem, "; give the label another name")


def _numbered(views: Views, project: Project, config: ProjectConfig, *, back_to: int | None = None) -> ProjectConfig:
    """Number the next version.  back_to: the version whose schema this may be again, under its own number."""
    former = None if back_to is None else views.config(project.id, back_to)
    same = former is not None and schema_hash(former.schema) == schema_hash(config.schema)
    number = former.schema.version if former is not None and same else next_schema_version(views, project, config)
    return replace(config, version=project.config.version + 1, schema=replace(config.schema, version=number))


def _sampled_meanwhile(views: Views, project: Project, change: LabelChange) -> int:
    """Count the answers to random samples that were given under a merge or a split, and have no way back."""
    made = views.config(project.id, change.version)
    if change.kind == "rename" or made is None:
        return 0
    # A new schema has a number above all before it.
    return sum(
        one.purpose in ("calibration", "audit") and one.schema_version >= made.schema.version
        for one in views.annotations(project.id, question=change.question)
    )


def _lost_sample(n: int) -> tuple[str, ...]:
    if not n:
        return ()
    answers = "1 answer" if n == 1 else f"{n:,} answers"
    return (f"{answers} to a random sample came meanwhile: no certificate comes back, run `labelwright calibrate`",)


def _configured(project: ProjectId, config: ProjectConfig) -> Event:
    plain = config_to_json(config)
    return ProjectConfigured(project, config.version, config.schema.version, config.guideline.version, plain)


def _warnings(views: Views, project: Project, config: ProjectConfig, old: Sequence[str]) -> tuple[str, ...]:
    told = list(voided(views, project, config))
    if n := answers_due_again(views, project, config):
        told.append(
            f"models are asked by the labels' names: {n:,} answers are to another prompt now, and are asked for again "
            "by labelwright prelabel (what it costs: --dry-run)"
        )
    named = [name for name in old if name in config.guideline.text]
    if named:
        told.append(f"the guideline still says {', '.join(repr(name) for name in named)}; see whether it should")
    return tuple(told)


def _misfits(
    views: Views,
    project: ProjectId,
    asked: Question,
    config: ProjectConfig,
    names: Mapping[str, str],
    *,
    among: str,
) -> tuple[str, ...]:
    """Count what cannot be read under the new names: two marks of one place that may not share a label."""
    after, kind = config.schema.question(asked.name), relabels(bind(asked).name)
    if not names or after is None or kind is None:
        return ()
    before, task = bind(asked), bind(after)
    said = [one.value for one in views.annotations(project, question=asked.name)]
    n = sum(_fits(before, value) and not _fits(task, kind.relabel(value, names, among)) for value in said)
    answers = "1 answer" if n == 1 else f"{n:,} answers"
    return (f"{answers} by people cannot be read so, and will no longer count",) if n else ()


def _fits(task: Task[object], value: Json) -> bool:
    try:
        task.parse(value)
    except InvalidValue:
        return False
    return True


# ---------------------------------------------------------------- a split sends items back to people


def _send_to_people(
    tx: Transaction, project: Project, question: Question, items: Sequence[int], *, change: str, world: World
) -> None:
    """Queue the items of a split label, blind and in a round of their own: who labelled one may be asked again."""
    number = len([run for run in tx.runs(project.id) if run.kind == SPLIT])
    first = _SLOT + _VOTES * number
    plan = cast("Mapping[str, Any] | None", tx.plan(project.id))
    rounds = [one.round for one in tx.annotations(project.id)]
    turn = 1 + max([0 if plan is None else int(plan["frozen"]["round"]), *rounds])
    votes = min(project.config.policy.review_votes, _VOTES)
    entries = tuple(
        NewEntry(
            item=ItemKey(item),
            questions=(QuestionName(question.name),),
            purpose="review",
            slot=first + vote,
            priority=1.0 - rank / (2 * len(items)),
            blind=True,
            reason=REASON,
            round=turn,
        )
        for rank, item in enumerate(items)
        for vote in range(votes)
    )
    run = world.new_id()
    started = RunStarted(project.id, run, SPLIT, {"change": change, "slot": first, "items": list(items)})
    routed = ItemsRouted(project.id, run, project.config.version + 1, (), entries)
    finished = RunFinished(project.id, run, {"items": len(items), "answers": len(entries)})
    tx.append([started, routed, finished], world.provenance(run=run))


def _slots(views: Views, project: ProjectId, change: str) -> tuple[int, int] | None:
    for run in views.runs(project):
        if run.kind == SPLIT and run.parameters["change"] == change:
            first = run.parameters["slot"]
            assert isinstance(first, int)  # noqa: S101 - written by `_send_to_people`
            return first, first + _VOTES
    return None
