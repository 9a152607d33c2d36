"""What became of bulk acts: what their spot checks say, and taking a whole act back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import orjson

from labelwright.domain.annotation import Annotation
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.decision import Resolution
from labelwright.domain.project import Project
from labelwright.errors import Conflict, InvalidValue, NotFound
from labelwright.events import AnnotationRetracted, ItemsResolved, RunFinished, RunStarted
from labelwright.events.base import Event
from labelwright.methods.spot_check import wrong_bounds
from labelwright.ports.access import StoredResponse
from labelwright.ports.project_reads import RunRow
from labelwright.ports.storage import Transaction, Views
from labelwright.ports.world import World
from labelwright.services.people.bulk import BULK
from labelwright.services.people.label_reasons import newest
from labelwright.services.people.remarks import by_person
from labelwright.services.people.restore import as_called_today, settled_before
from labelwright.services.projects.idempotency import once
from labelwright.tasks.registry import bind

UNDO_BULK: Final = "undo-bulk"
ROLLED_BACK: Final = "the bulk acceptance was rolled back"
MOST_TOLD: Final = 20


def bulk_acts(views: Views, project: Project) -> list[dict[str, Json]]:
    """Give the newest bulk acts, newest first, each with what its spot check says so far.

    A sampled item is wrong where the blind answer differs from the accepted label in any question.  `low` and `high`:
    of the accepted items, so many at least and at most are wrong; each holds at 95 %, exactly, whatever the labels are,
    and counts those of the sample that nobody has looked at as wrong for `high`.  None once the act is rolled back.
    n_not_blind: answered by somebody who had seen a label of the item; such answers count where nobody else is.
    """
    runs = views.runs(project.id)
    undone = {str(run.parameters["act"]) for run in runs if run.kind == UNDO_BULK}
    acts = [run for run in reversed(runs) if run.kind == BULK][:MOST_TOLD]
    if not acts:
        return []
    names = {str(one.id): one.name for one in views.annotators(project.id)}
    accepted = _by_item(views.annotations(project.id, purpose="bulk"))
    checked = _by_item(views.annotations(project.id, purpose="spot-check"))
    return [
        {
            "act": run.id,
            "at": run.started_at,
            "who": names.get(str(run.parameters["by"])),
            "n_accepted": len(cast("Sequence[int]", run.parameters["items"])),
            "is_rolled_back": run.id in undone,
            "most_wrong": run.parameters["most_wrong"],
            "by_another": run.parameters["by_another"],
            "inclusion_probability": run.parameters["inclusion_probability"],
            "n_sample": len(cast("Sequence[int]", run.parameters["sample"])),
            **_found(project, run, {} if run.id in undone else accepted, checked),
        }
        for run in acts
    ]


def _by_item(answers: Sequence[Annotation]) -> dict[int, list[Annotation]]:
    found: dict[int, list[Annotation]] = defaultdict(list)
    for one in answers:
        found[int(one.item)].append(one)
    return found


def _found(
    project: Project,
    run: RunRow,
    accepted: Mapping[int, Sequence[Annotation]],
    checked: Mapping[int, Sequence[Annotation]],
) -> dict[str, Json]:
    if not accepted:
        return {"n_checked": 0, "n_wrong": 0, "n_not_blind": 0, "low": None, "high": None}
    own = set(cast("Sequence[str]", run.parameters["submissions"]))
    sample = cast("Sequence[int]", run.parameters["sample"])
    n_checked, n_wrong, n_not_blind = 0, 0, 0
    # Who accepted alone checks alone, and has seen every label; of anybody else only blind answers count.
    by_another = bool(run.parameters["by_another"])
    for item in sample:
        said = {one.question: one for one in accepted.get(item, ()) if one.submission in own}
        blind = {one.question: one for one in checked.get(item, ())}
        was_seen = any(not one.is_blind for one in blind.values())
        n_not_blind += was_seen
        if blind and not (was_seen and by_another):
            n_checked += 1
            n_wrong += any(_differs(project, said.get(name), blind.get(name)) for name in {*said, *blind})
    n_items = len(cast("Sequence[int]", run.parameters["items"]))
    low, high = wrong_bounds(n_items, len(sample), n_wrong, len(sample) - n_checked)
    return {"n_checked": n_checked, "n_wrong": n_wrong, "n_not_blind": n_not_blind, "low": low, "high": high}


def _differs(project: Project, said: Annotation | None, blind: Annotation | None) -> bool:
    """Say whether two answers are further apart than the task's tolerance; what cannot be compared is."""
    if said is None or blind is None:
        return True
    question = project.config.schema.question(said.question)
    if question is None:
        return True
    task = bind(question)
    try:
        return task.distance(task.parse(said.value), task.parse(blind.value)) > task.tolerance
    except InvalidValue:
        return True


def roll_back(
    tx: Transaction, project: Project, person: Annotator, *, act: str, key: str, world: World
) -> StoredResponse:
    """Take all answers of a bulk act back: its items wait again, and what was not looked at blind leaves the queue.

    Labels of record that rest on them are again what they were before.  What others answered meanwhile stays.
    Raises: NotFound; Conflict, when it is rolled back already.
    """

    def do() -> tuple[int, bytes]:
        runs = tx.runs(project.id)
        run = next((one for one in runs if one.id == act and one.kind == BULK), None)
        if run is None:
            raise NotFound(f"there is no bulk acceptance {act[:100]!r} here")
        if any(one.kind == UNDO_BULK and one.parameters["act"] == act for one in runs):
            raise Conflict("this bulk acceptance is rolled back already")
        made, submissions = world.new_id(), cast("Sequence[str]", run.parameters["submissions"])
        rows = [one for name in submissions for one in tx.submission(project.id, name) if one.status != "retracted"]
        retracted = [AnnotationRetracted(project.id, one.id, one.item, one.question, ROLLED_BACK) for one in rows]
        labels = tuple(label for one in rows if (label := _label_before(tx, project, one)) is not None)
        events: list[Event] = [
            RunStarted(project.id, made, UNDO_BULK, {"act": act}),
            *retracted,
            *([ItemsResolved(project.id, made, labels)] if labels else []),
            RunFinished(project.id, made, {"retracted": len(rows), "resolved": len(labels)}),
        ]
        tx.append(events, by_person(person, world, run=made))
        for name in submissions:
            tx.put_entries_back(name)
        slot = cast("int", run.parameters["number"])
        n_closed = tx.close_entries(project.id, "spot-check", slots=(slot, slot + 1))
        return 200, orjson.dumps({"act": act, "n_items": len(submissions), "n_checks_closed": n_closed})

    return once(tx, key, person.id, request=["undo-bulk", project.id, act], now=world.now(), act=do)


def _label_before(tx: Transaction, project: Project, one: Annotation) -> Resolution | None:
    """Give the label of record before this answer came; None where the present one does not rest on it."""
    trail = as_called_today(tx, project, tx.trail(project.id, one.item))
    settled = newest(trail, "resolved", one.question)
    if settled is None or one.id not in cast("Sequence[Any]", settled.told["voters"]):
        return None
    return settled_before(trail, one.item, one.question, without={one.id})
