"""Send each (item, question) to acceptance or to people, by the certificate in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from labelwright.domain.decision import Decision, Route
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.project import Project
from labelwright.errors import NotCalibrated
from labelwright.events import ItemsRouted, RunFinished, RunStarted
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.acceptance.asked_along import asked_along, without_lone_options
from labelwright.services.acceptance.certified import certified
from labelwright.services.acceptance.shown_probability import shown_probability
from labelwright.services.acceptance.void_because import void_because
from labelwright.services.audits.ask_people import DueAudit, due_audit, marked_for_audit, review_entries
from labelwright.services.audits.recalled import Recalled, recalls_in_force, taken_back
from labelwright.services.models.score import scored_pool
from labelwright.services.projects.project_of import project_of

CHUNK = 500

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RouteReport:
    """Counts of (item, question) pairs per question and route; `n_routed` is what this call decided.

    answered: of the pairs that go to people (`review`), how many people have answered already: as in an earlier round,
    where models were taught by their labels, or since they were sent there. The others nobody has answered yet.
    """

    run: str
    n_routed: int
    routes: Mapping[str, Mapping[str, int]]
    answered: Mapping[str, int]


def route(project: ProjectId, *, storage: Storage, world: World) -> RouteReport:
    """Accept what the certificates cover, reserve the audit, queue the rest, least sure first.

    Whole tie groups at or above the certified threshold are accepted, calibration items excepted (people have labelled
    those).  A random share of the accepted is reserved for a blind audit *before* anything is queued for review.
    What is recalled goes to people, whatever the certificate covers.
    Appends: RunStarted, AuditReserved, ItemsRouted, RunFinished.  Idempotent: a pair routed under the present
    certificate is left alone, so that a killed run goes on, and new items are routed when they come.
    A project without a model sends everything to people.  Questions that are not asked of every item (`show_when`,
    `required: false`) have no certificate and are never accepted: they go to people as `asked_along` says.
    Raises: NotCalibrated, when certificates are missing or void.
    """
    with storage.reading() as views:
        current = project_of(views, project)
        plan, computed = decided(views, current)
        recalls = recalls_in_force(views, project, plan["plan"])
        audit = due_audit(views, current, plan, computed, recalls=recalls, new_id=world.new_id)
        due = Due(plan, undecided(views, current, computed, audit, recalls), audit, recalls)
        run = _open_run(views, project, plan["plan"])
        if not due.decisions and not due.audit.events:
            return _report(views, project, run or "", 0)
    run_id = run or world.new_id()
    provenance = world.provenance(run=run_id)
    if run is None:
        started = RunStarted(project, run_id, "route", {"plan": plan["plan"]})
        storage.write(lambda tx: tx.append([started], provenance))
    write_decisions(current, run_id, due, storage=storage, world=world)
    finished = RunFinished(project, run_id, {"routed": len(due.decisions)})
    storage.write(lambda tx: tx.append([finished], provenance))
    with storage.reading() as views:
        return _report(views, project, run_id, len(due.decisions))


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be written: decisions that are not in force yet, and the audit that comes first."""

    plan: Mapping[str, Any]
    decisions: Sequence[Decision]
    audit: DueAudit
    recalls: Sequence[Recalled]


def decided(views: Views, project: Project) -> tuple[Mapping[str, Any], dict[str, list[Decision]]]:
    """Give the plan in force, and per question what its certificate says of every pair, recalls aside.

    Raises: NotCalibrated, when certificates are missing or void.
    """
    questions = project.config.schema.always_asked
    if not project.config.models:
        return _NO_MODEL, {q.name: _all_to_people(views, project.id, q.name).decisions for q in questions}
    plan = _plan_in_force(views, project)
    return plan, {q.name: _decide(views, project, q.name).decisions for q in questions}


def undecided(
    views: Views,
    project: Project,
    computed: Mapping[str, Sequence[Decision]],
    audit: DueAudit,
    recalls: Sequence[Recalled],
) -> list[Decision]:
    """Give the decisions that are not in force yet."""
    in_force = {(d.item, d.question): d for d in views.decisions(project.id)}
    certifiable = [
        decision
        for decisions in computed.values()
        for decision in taken_back(list(marked_for_audit(decisions, audit.pairs)), recalls)
    ]
    every = [*certifiable, *asked_along(views, project, certifiable)]
    return [decision for decision in every if in_force.get((decision.item, decision.question)) != decision]


def write_decisions(project: Project, run: str, due: Due, *, storage: Storage, world: World) -> None:
    """Put decisions in force, chunk by chunk: first the audit, before review spends anything (A4P 11)."""
    if due.audit.events:
        draw = world.provenance(run=due.audit.run)
        storage.write(lambda tx: tx.append(due.audit.events, draw))
    with storage.reading() as views:
        asked = {(int(a.item), str(a.question)) for a in views.annotations(project.id)}
        asked |= views.queued(project.id, "audit")
    unseen = [d for d in due.decisions if (int(d.item), str(d.question)) not in asked]
    unseen = without_lone_options(project, unseen)
    entries = review_entries(project, unseen, int(due.plan["frozen"]["round"]), recalls=due.recalls)
    provenance = world.provenance(run=run)
    for chunk in _chunks(_by_item(due.decisions), CHUNK):
        decisions = tuple(d for _, group in chunk for d in group)
        queued = tuple(entry for item, _ in chunk for entry in entries.get(item, ()))
        routed_now = ItemsRouted(project.id, run, project.config.version, decisions, queued)
        storage.write(lambda tx, event=routed_now: tx.append([event], provenance))


_NO_MODEL: Mapping[str, Any] = {"plan": "no model", "frozen": {"round": 0}}


@dataclass(frozen=True, slots=True)
class _Decided:
    question: str
    decisions: list[Decision]


def _plan_in_force(views: Views, project: Project) -> Mapping[str, Any]:
    plan = views.plan(project.id)
    if plan is None:
        raise NotCalibrated("nothing has been calibrated yet; run: labelwright calibrate")
    if changed := void_because(views, project):
        raise NotCalibrated(f"the certificate is void: {'; '.join(changed)}; run: labelwright calibrate")
    issued = views.certificates(project.id)
    for question in project.config.schema.always_asked:
        if question.name not in issued or issued[question.name]["plan"] != plan["plan"]:
            raise NotCalibrated(
                f"{question.name!r} has no certificate yet: the blind sample must be labelled (labelwright serve), "
                "then run: labelwright calibrate"
            )
    return plan


def _all_to_people(views: Views, project: ProjectId, question: str) -> _Decided:
    name, reason = QuestionName(question), "the project names no model"
    keys = views.item_keys(project).tolist()
    return _Decided(question, [Decision(ItemKey(key), name, "review", reason, None, None) for key in keys])


def _decide(views: Views, project: Project, question: str) -> _Decided:
    in_force = certified(views, project, question)
    if in_force is None:
        why = "; ".join(void_because(views, project, question)) or "its predictions changed since"
        raise NotCalibrated(f"the certificate for {question!r} is void: {why}; run: labelwright calibrate")
    pool, frozen = scored_pool(views, project.id, project.config, question), in_force.pool
    place = np.searchsorted(pool.item, frozen.item)
    # The frozen label and score decide, not what came since: a failed prediction that was tried again, another vote.
    frozen_score, threshold = np.full(len(pool.item), np.nan), np.full(len(pool.item), np.nan)
    frozen_score[place], threshold[place] = frozen.score, in_force.threshold
    accepted, in_pool, sample = (np.zeros(len(pool.item), dtype=np.bool_) for _ in range(3))
    accepted[place], in_pool[place], sample[place[in_force.sample]] = in_force.above, True, True
    score = np.where(np.isnan(frozen_score), pool.score, frozen_score)
    probability = shown_probability(in_force.calibration, score, pool.value)
    focus = in_force.plan["frozen"].get("focus")
    in_part = in_pool | (np.nan_to_num(score, nan=-np.inf) >= (-np.inf if focus is None else focus["lowest"]))
    decisions: list[Decision] = []
    for i in range(len(pool.item)):
        way, reason = _route_of(
            is_valid=bool(pool.is_valid[i]),
            score=float(frozen_score[i]),
            in_pool=bool(in_pool[i]),
            in_part=bool(in_part[i]),
            in_sample=bool(sample[i]),
            is_accepted=bool(accepted[i]),
            threshold=float(threshold[i]),
            anything=in_force.certificate["is_certified"] is True,
            unseen=project.config.policy.cooperation == "triage",
        )
        decisions.append(
            Decision(
                item=ItemKey(int(pool.item[i])),
                question=QuestionName(question),
                route=way,
                reason=reason,
                score=None if np.isnan(score[i]) else float(score[i]),
                probability=None if np.isnan(probability[i]) else round(float(probability[i]), 6),
            )
        )
    return _Decided(question, decisions)


def _route_of(
    *,
    is_valid: bool,
    score: float,
    in_pool: bool,
    in_part: bool,
    in_sample: bool,
    is_accepted: bool,
    threshold: float,
    anything: bool,
    unseen: bool,
) -> tuple[Route, str]:
    if in_sample:
        return "calibration", "drawn at random for calibration"
    if not unseen and is_valid and is_accepted:
        return "review", "a person decides on every item"
    if not is_valid:
        return "review", "the model gave no valid label"
    if not in_part:
        return "review", "scores below the part that the sample was drawn from"
    if not in_pool:
        return "review", "came after the pool was frozen, or people had it in an earlier round"
    if np.isnan(score):
        return "review", "the model's confidence is unknown, or came after the pool was frozen"
    if is_accepted:
        return "accept", f"score at or above the certified threshold {threshold:.6g}"
    if not anything:
        return "review", "nothing could be certified"
    if np.isnan(threshold):
        return "review", "nothing could be certified for its group"
    return "review", f"score below the certified threshold {threshold:.6g}"


def _open_run(views: Views, project: ProjectId, plan: str) -> str | None:
    open_runs = [r.id for r in views.runs(project) if r.kind == "route" and not r.finished]
    matching = [r for r in views.runs(project) if r.id in open_runs and r.parameters.get("plan") == plan]
    return matching[-1].id if matching else None


def _by_item(decisions: Iterable[Decision]) -> list[tuple[int, list[Decision]]]:
    grouped: dict[int, list[Decision]] = defaultdict(list)
    for decision in decisions:
        grouped[int(decision.item)].append(decision)
    return list(grouped.items())


def _chunks(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


def _report(views: Views | Transaction, project: ProjectId, run: str, n_routed: int) -> RouteReport:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    answered: dict[str, int] = defaultdict(int)
    by_people = {(a.item, a.question) for a in views.annotations(project)}
    for decision in views.decisions(project):
        counts[decision.question][decision.route] += 1
        is_answered = decision.route == "review" and (decision.item, decision.question) in by_people
        answered[decision.question] += is_answered
    routes = {question: dict(found) for question, found in counts.items()}
    return RouteReport(run, n_routed, routes, dict(answered))
