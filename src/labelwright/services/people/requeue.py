"""Old labels that a changed guideline may change go back to people; what they say then replaces what was said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from labelwright.domain.annotation import Annotation
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.project import Project
from labelwright.domain.queue import NewEntry
from labelwright.errors import NotFound, NotReady
from labelwright.events import ItemsRouted, RunFinished, RunStarted
from labelwright.ports.project_reads import RunRow
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.people.by_themselves import individual
from labelwright.services.people.consensus import Consensus, consensus, of_record
from labelwright.services.projects.project_of import project_of
from labelwright.services.soundness.guideline_change import keys_again, newest_probe
from labelwright.tasks.protocol import Task

REQUEUE: Final = "recheck-requeue"
UNDO: Final = "recheck-undo"
_SLOT = 50
"""The slots of re-checking number k: 50 + k. Recalls have the hundreds."""


@dataclass(frozen=True, slots=True)
class RequeueReport:
    """n_items: asked for again.  n_answers: so many answers of people.  undone: this call took them off the queue."""

    run: str
    n_items: int
    n_answers: int
    undone: bool = False


def requeue(project_id: ProjectId, *, storage: Storage, world: World) -> RequeueReport:
    """Queue what the newest probe says is to be looked at again, blind, most likely to flip first.

    Appends: RunStarted, ItemsRouted, RunFinished. Idempotent: what a probe asks for is queued once.
    Raises: NotReady, when no probe of the guideline in force was made.
    """

    def work(tx: Transaction) -> RequeueReport:
        project = project_of(tx, project_id)
        probe = newest_probe(tx, project)
        if probe is None:
            raise NotReady(
                "this guideline has no probe yet, so nobody knows what it changes; run: labelwright recheck --probe"
            )
        undone = {str(run.parameters["requeue"]) for run in tx.runs(project_id) if run.kind == UNDO}
        earlier = [run for run in tx.runs(project_id) if run.kind == REQUEUE]
        for run in earlier:
            if run.parameters["probe"] == probe["run"] and run.id not in undone:
                report = cast("Mapping[str, Any]", run.report)
                return RequeueReport(run.id, int(report["items"]), int(report["answers"]))
        slot = _SLOT + len(earlier) % _SLOT
        entries = _entries(tx, project, keys_again(probe), slot)
        made = world.new_id()
        parameters = {
            "probe": probe["run"],
            "guideline_version": project.config.guideline.version,
            "slot": slot,
            "items": sorted({int(one.item) for one in entries}),
        }
        started = RunStarted(project_id, made, REQUEUE, parameters)
        routed = ItemsRouted(project_id, made, project.config.version, (), entries)
        finished = RunFinished(project_id, made, {"items": len(entries), "answers": len(entries)})
        tx.append([started, routed, finished], world.provenance(run=made))
        return RequeueReport(made, len(entries), len(entries))

    return storage.write(work)


def undo_requeue(project_id: ProjectId, *, storage: Storage, world: World) -> RequeueReport:
    """Take what the newest re-checking asked for off the queue again; answers that came meanwhile stay.

    Raises: NotFound, when there is nothing to undo.
    """

    def work(tx: Transaction) -> RequeueReport:
        found = _standing(tx, project_id)
        if not found:
            raise NotFound("nothing was sent back by recheck that is not undone already")
        newest = found[-1]
        made = world.new_id()
        slot = cast("int", newest.parameters["slot"])
        closed = tx.close_entries(project_id, "review", slots=(slot, slot + 1))
        events = [
            RunStarted(project_id, made, UNDO, {"requeue": newest.id}),
            RunFinished(project_id, made, {"closed": closed}),
        ]
        tx.append(events, world.provenance(run=made))
        return RequeueReport(newest.id, closed, closed, undone=True)

    return storage.write(work)


def answered_anew(views: Views, project: ProjectId, annotations: Iterable[Annotation]) -> list[Annotation]:
    """Leave out answers under an earlier guideline about items that were re-checked, where a newer one has come.

    All stay in the ledger with their guideline's version; only the label of record follows the newer.
    """
    answers = list(annotations)
    wanted: dict[int, int] = {}
    for run in views.runs(project):
        if run.kind == REQUEUE:
            version = cast("int", run.parameters["guideline_version"])
            for item in cast("list[int]", run.parameters["items"]):
                wanted[item] = max(wanted.get(item, 0), version)
    if not wanted:
        return answers
    newest: dict[int, int] = defaultdict(int)
    for one in answers:
        newest[int(one.item)] = max(newest[int(one.item)], one.guideline_version)
    return [
        one
        for one in answers
        if int(one.item) not in wanted
        or newest[int(one.item)] < wanted[int(one.item)]
        or one.guideline_version >= wanted[int(one.item)]
    ]


def people_of_record(
    views: Views, project: Project, task: Task[object], answers: Iterable[Annotation]
) -> dict[int, Consensus]:
    """Give what people who looked at each item say of it, as the label of record has it.

    answers: all that fit the schema; what was taken over in bulk is left to the model.
    """
    return consensus(task, of_record(answered_anew(views, project.id, individual(answers))))


def _standing(views: Views, project: ProjectId) -> list[RunRow]:
    runs = views.runs(project)
    undone = {str(run.parameters["requeue"]) for run in runs if run.kind == UNDO}
    return [run for run in runs if run.kind == REQUEUE and run.id not in undone]


def _entries(tx: Transaction, project: Project, again: Mapping[str, Iterable[int]], slot: int) -> tuple[NewEntry, ...]:
    """Give one slot per item, in a round of its own: who labelled it before may be asked again."""
    questions: dict[int, list[str]] = {}
    for name, keys in again.items():
        for key in keys:
            questions.setdefault(key, []).append(name)
    rounds = [a.round for a in tx.annotations(project.id)]
    plan = cast("Mapping[str, Any] | None", tx.plan(project.id))
    number = 1 + max([0 if plan is None else int(plan["frozen"]["round"]), *rounds])
    return tuple(
        NewEntry(
            item=ItemKey(key),
            questions=tuple(QuestionName(name) for name in names),
            purpose="review",
            slot=slot,
            priority=1.0 - rank / (2 * len(questions)),
            blind=True,
            reason="the guideline changed",
            round=number,
        )
        for rank, (key, names) in enumerate(questions.items())
    )
