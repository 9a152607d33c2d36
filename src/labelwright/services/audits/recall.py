"""Take accepted labels back to people, and give them back: reversible, chunk by chunk, each chunk safe to lose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.errors import Conflict, InvalidValue, NotFound, NotReady, did_you_mean
from labelwright.events import RunFinished, RunStarted
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.acceptance.certified import Certified, certified
from labelwright.services.acceptance.route import Due, decided, undecided, write_decisions
from labelwright.services.audits.ask_people import DueAudit, due_audit
from labelwright.services.audits.audit import accepted_parts, audit_evidence, audit_report
from labelwright.services.audits.audit_slices import slice_named
from labelwright.services.audits.recalled import (
    RECALL,
    SLOTS,
    UNDO,
    Recalled,
    all_recalls,
    recalls_in_force,
)
from labelwright.services.people.by_themselves import individual
from labelwright.services.projects.project_of import project_of
from labelwright.tasks.registry import bind

NO_REASON = "no reason was given"


@dataclass(frozen=True, slots=True)
class RecallPreview:
    """What a recall would take back.  n_items: accepted labels; n_answered: of them, those that people gave already.

    n_labels: answers that people must give.  n_audited, n_wrong: what the audit has seen of them.
    """

    question: str
    slice: str | None
    n_items: int
    n_answered: int
    n_labels: int
    n_audited: int
    n_wrong: int


@dataclass(frozen=True, slots=True)
class RecallReport:
    """A recall as it stands.  n_items: labels it took back.  n_changed: decisions that this call wrote."""

    recall: str
    question: str
    slice: str | None
    reason: str
    n_items: int
    n_changed: int
    undone: bool


def preview_recall(
    views: Views,
    project_id: ProjectId,
    *,
    question: str | None = None,
    slice: str | None = None,  # noqa: A002
) -> RecallPreview:
    """Say what would be taken back, and what it costs; nothing is written."""
    return _chosen(views, project_of(views, project_id), question, slice).preview


def recall(
    project_id: ProjectId,
    *,
    storage: Storage,
    world: World,
    question: str | None = None,
    slice: str | None = None,  # noqa: A002
    items: Sequence[int] | None = None,
    reason: str = "",
    request: str | None = None,
) -> RecallReport:
    """Take a slice of the accepted labels of a question back to review, or all of them.

    question: may be left out where there is only one.  slice: `field=value`; None = everything accepted.
    items: keys to take back, where the slice is one that is told otherwise; `slice` is then its name.
    request: a name under which this is done once, however often it is asked for.
    Their decision is review, their label of record no longer `auto-accepted`; what is left accepted gets an audit of
    its own.  It holds from its first event on; when it is killed, the next stage, or this call again, writes the rest.
    Appends: RunStarted, AuditReserved, ItemsRouted, RunFinished.
    Raises: NotReady, when nothing is accepted; InvalidValue, when there is no such slice.
    """
    run = None
    while run is None:
        with storage.reading() as views:
            project = project_of(views, project_id)
            known = all_recalls(views, project_id)
            asked = [one.id for one in known if request is not None and one.request == request]
            chosen = None if asked else _chosen(views, project, question, slice, items)
        run = asked[0] if chosen is None else _begin(chosen, known, reason, request, (project_id, storage, world))
    n_changed = settle_recalls(project_id, storage=storage, world=world)
    with storage.reading() as views:
        return _report(_recall_named(views, project_id, run), n_changed)


def _begin(
    chosen: _Chosen,
    known: Sequence[Recalled],
    reason: str,
    request: str | None,
    at: tuple[ProjectId, Storage, World],
) -> str | None:
    """Begin the recall; None when another one, or its undoing, came in between: no item is to be in two."""
    project, storage, world = at
    run = world.new_id()
    started = RunStarted(project, run, RECALL, chosen.parameters(reason.strip() or NO_REASON, request))

    def work(tx: Transaction) -> str | None:
        if [(one.id, one.undone_by) for one in all_recalls(tx, project)] != [(one.id, one.undone_by) for one in known]:
            return None
        tx.append([started], world.provenance(run=run))
        return run

    return storage.write(work)


def preview_undo(views: Views, project_id: ProjectId, named: str) -> RecallReport:
    """Give the recall that `undo_recall` would undo, as it stands; nothing is written.  Raises: as that does."""
    return _report(_undoable(views, project_id, named), 0)


def undo_recall(project_id: ProjectId, named: str, *, storage: Storage, world: World) -> RecallReport:
    """Give back what a recall took: accepted as before, except where people have answered meanwhile.

    Appends: RunStarted, ItemsRouted, RunFinished.  Idempotent.
    Raises: NotFound, when there is no such recall; Conflict, when its certificate is no longer in force.
    """
    with storage.reading() as views:
        project = project_of(views, project_id)
        found = _undoable(views, project_id, named)
    if found.undone_by is None:
        run = world.new_id()

        def work(tx: Transaction) -> None:
            tx.append([RunStarted(project_id, run, UNDO, {"recall": found.id})], world.provenance(run=run))
            tx.close_entries(project.id, "review", slots=(found.number * SLOTS, (found.number + 1) * SLOTS))

        storage.write(work)
    n_changed = settle_recalls(project_id, storage=storage, world=world)
    with storage.reading() as views:
        return _report(_recall_named(views, project_id, found.id), n_changed)


def settle_recalls(project_id: ProjectId, *, storage: Storage, world: World) -> int:
    """Write what recalls, and their undoing, still lack; give the number of decisions written.  Idempotent."""
    with storage.reading() as views:
        project = project_of(views, project_id)
        open_runs = [run for run in views.runs(project_id) if run.kind in {RECALL, UNDO} and not run.finished]
        if not open_runs:
            return 0
        touched = {run.id if run.kind == RECALL else str(run.parameters["recall"]) for run in open_runs}
        told = [one for one in all_recalls(views, project_id) if one.id in touched]
        due = _due(views, project, told, world)
    # The newest run's name is on what is written; for those before it there is nothing left to write.
    newest = open_runs[-1].id
    write_decisions(project, newest, due, storage=storage, world=world)
    for run in open_runs:
        n = len(due.decisions) if run.id == newest else 0
        ended = RunFinished(project_id, run.id, {"changed": n})
        storage.write(lambda tx, ended=ended, run=run: tx.append([ended], world.provenance(run=run.id)))
    return len(due.decisions)


def recall_on_alarm(project_id: ProjectId, *, storage: Storage, world: World) -> list[RecallReport]:
    """Where the project says so and an audit's alarm rings, take back what it speaks against.

    The slices that explain the alarm; everything accepted, when none does.  Idempotent: what was recalled is no longer
    accepted, and what is left has an audit of its own.
    """
    done: list[RecallReport] = []
    with storage.reading() as views:
        project = project_of(views, project_id)
    if project.config.audit.on_alarm != "recall" or not project.config.models:
        return done
    settle_recalls(project_id, storage=storage, world=world)
    for question in project.config.schema.always_asked:
        with storage.reading() as views:
            in_force = certified(views, project, question.name)
            found = None if in_force is None else audit_report(views, project, bind(question), question.name, in_force)
        alarm = None if found is None else cast("Mapping[str, Any] | None", found["alarm"])
        if found is None or alarm is None:
            continue
        proposal = cast("Mapping[str, Any] | None", found["proposal"])
        slices: Sequence[str | None] = [None] if proposal is None or proposal["everything"] else proposal["slices"]
        why = f"the audit's alarm: at least {100 * alarm['lower_bound']:.1f}% of the accepted were wrong"
        for one in slices:
            try:
                done.append(
                    recall(project_id, storage=storage, world=world, question=question.name, slice=one, reason=why)
                )
            except InvalidValue:
                continue  # the slices before it held all of it
    return done


# ---------------------------------------------------------------- what is taken back


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    """plan: of the certificate.  items: keys of the accepted that are taken; last_item: the last of all accepted."""

    plan: str
    items: NDArray[np.int64]
    last_item: int
    is_all: bool
    preview: RecallPreview

    def parameters(self, reason: str, request: str | None) -> dict[str, Json]:
        found = self.preview
        items: list[Json] = [int(item) for item in self.items]
        return {
            "plan": self.plan,
            "question": found.question,
            "slice": found.slice,
            "items": None if self.is_all else items,
            "last_item": self.last_item,
            "n_items": found.n_items,
            "reason": reason,
            "error": found.n_wrong / found.n_audited if found.n_audited else None,
            "request": request,
        }


def _chosen(
    views: Views, project: Project, question: str | None, words: str | None, keys: Sequence[int] | None = None
) -> _Chosen:
    name = _question_named(project, question)
    in_force = certified(views, project, name) if project.config.models else None
    if in_force is None or not in_force.accepted.any():
        why = "no certificate is in force" if in_force is None else "nothing is accepted (any more)"
        raise NotReady(f"nothing of {name!r} can be recalled: {why}; see: labelwright report")
    items = in_force.pool.item[in_force.accepted]
    here = np.ones(len(items), dtype=np.bool_)
    if keys is not None:
        here = np.isin(items, np.array(keys, dtype=np.int64))
        if not here.any():
            raise NotReady(f"nothing that is accepted now is in {words!r}: there is nothing to recall")
    elif words is not None:
        here = slice_named(accepted_parts(views, project, in_force), words)
    if not here.any():
        raise NotReady(f"nothing of {words or 'these items'!r} is accepted now, so there is nothing to take back")
    seen = {int(a.item) for a in individual(views.annotations(project.id, question=name))}
    n_answered = sum(int(item) in seen for item in items[here])
    n_audited, n_wrong = _audited(views, project, in_force, name, here)
    n = int(here.sum())
    preview = RecallPreview(
        name, words, n, n_answered, (n - n_answered) * project.config.policy.review_votes, n_audited, n_wrong
    )
    others = recalls_in_force(views, project.id, str(in_force.plan["plan"]))
    is_all = words is None and keys is None and not any(one.question == name for one in others)
    return _Chosen(str(in_force.plan["plan"]), items[here], int(items[-1]), is_all, preview)


def _question_named(project: Project, name: str | None) -> str:
    names = [str(q.name) for q in project.config.schema.always_asked]
    if name is None:
        if len(names) != 1:
            raise InvalidValue("question", f"which question? {', '.join(names)}; name one")
        return names[0]
    if name not in names:
        raise InvalidValue("question", f"there is no question {name!r}{did_you_mean(name, names)}")
    return name


def _audited(
    views: Views, project: Project, in_force: Certified, question: str, here: NDArray[np.bool_]
) -> tuple[int, int]:
    """Count what the audit has seen of a part of the accepted, and what of it was wrong."""
    asked = project.config.schema.question(question)
    if asked is None:
        return 0, 0
    answers = views.annotations(project.id, question=question, purpose="audit")
    evidence = audit_evidence(bind(asked), in_force, answers, level=project.config.audit.level)
    known = here[evidence.drawn] & evidence.known
    return int(known.sum()), int((known & evidence.wrong).sum())


def _due(views: Views, project: Project, told: Sequence[Recalled], world: World) -> Due:
    """Give the decisions that these recalls have made due, and no others; nothing once their certificate is void."""
    plan = views.plan(project.id)
    recalls = [] if plan is None else recalls_in_force(views, project.id, str(plan["plan"]))
    if plan is None or any(certified(views, project, one.question) is None for one in told):
        return Due({}, (), DueAudit(frozenset(), "", ()), ())
    in_force, computed = decided(views, project)
    audit = due_audit(views, project, in_force, computed, recalls=recalls, new_id=world.new_id)
    fresh = undecided(views, project, computed, audit, recalls)
    items = np.array([int(d.item) for d in fresh], dtype=np.int64)
    mine = np.zeros(len(fresh), dtype=np.bool_)
    for one in told:
        mine |= one.covers(items) & np.array([d.question == one.question for d in fresh], dtype=np.bool_)
    # The audit of what stays accepted is drawn before anything is queued for review, and shows in its decisions.
    drawn = np.array([d.route == "audit" for d in fresh], dtype=np.bool_)
    return Due(in_force, [fresh[i] for i in np.flatnonzero(mine | drawn)], audit, recalls)


def _undoable(views: Views, project_id: ProjectId, named: str) -> Recalled:
    found, plan = _recall_named(views, project_id, named), views.plan(project_id)
    if found.undone_by is None and (plan is None or plan["plan"] != found.plan):
        raise Conflict(
            f"recall {found.id!r} took back what an older certificate had accepted; a newer sample is drawn, and "
            "what is accepted now is up to that"
        )
    return found


def _recall_named(views: Views, project: ProjectId, named: str) -> Recalled:
    every = all_recalls(views, project)
    for one in every:
        if named in {one.id, str(one.number)}:
            return one
    known = [str(one.number) for one in every if one.undone_by is None]
    hint = did_you_mean(named, known) or ("; each one is undone" if every else "; none was ever made")
    raise NotFound(f"there is no recall {named!r}{hint}")


def _report(found: Recalled, n_changed: int) -> RecallReport:
    is_undone = found.undone_by is not None
    return RecallReport(found.id, found.question, found.slice, found.reason, found.n_items, n_changed, is_undone)
