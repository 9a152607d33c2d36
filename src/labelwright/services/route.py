"""Send each (item, question) to acceptance or to people, by the certificate in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.decision import Decision, Route
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.project import Project
from labelwright.errors import NotCalibrated
from labelwright.events import ItemsRouted, RunFinished, RunStarted
from labelwright.methods.calibration import LogitMap
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.ask_people import draw_audits, marked_for_audit, reserve_audits, review_entries
from labelwright.services.calibration_plan import pool_of_plan, still_bound
from labelwright.services.project_of import project_of
from labelwright.services.score import scored_pool

CHUNK = 500

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RouteReport:
    """Counts of (item, question) pairs per question and route; `n_routed` is what this call decided."""

    run: str
    n_routed: int
    routes: Mapping[str, Mapping[str, int]]


def route(project: ProjectId, *, storage: Storage, world: World) -> RouteReport:
    """Accept what the certificates cover, reserve the audit, queue the rest, least sure first.

    Whole tie groups at or above the certified threshold are accepted, calibration items excepted (people have labelled
    those).  A random share of the accepted is reserved for a blind audit *before* anything is queued for review.
    Appends: RunStarted, AuditReserved, ItemsRouted, RunFinished.  Idempotent: a pair routed under the present
    certificate is left alone, so that a killed run goes on, and new items are routed when they come.
    A project without a model sends everything to people.
    Raises: NotCalibrated, when certificates are missing or void.
    """
    with storage.reading() as views:
        current = project_of(views, project)
        questions = current.config.schema.questions
        routed = {(d.item, d.question): d for d in views.decisions(project)}
        if current.config.models:
            plan, certificates = _in_force(views, current)
            computed = [_decide(views, current, plan, certificates[q.name], q.name) for q in questions]
        else:
            plan = _NO_MODEL
            computed = [_all_to_people(views, project, q.name) for q in questions]
        run = _open_run(views, project, plan["plan"])
        audits_reserved = views.queued(project, "audit")
        labelled = {(int(a.item), str(a.question)) for a in views.annotations(project)}
    number = int(plan["frozen"]["round"])
    audits = draw_audits(current, {one.question: one.decisions for one in computed}, number, reserved=audits_reserved)
    fresh = [
        decision
        for question in computed
        for decision in marked_for_audit(question.decisions, audits)
        if routed.get((decision.item, decision.question)) != decision
    ]
    if not fresh:
        with storage.reading() as views:
            return _report(views, project, run or "", 0)
    run_id = run or world.new_id()
    provenance = world.provenance(run=run_id)
    if run is None:
        started = RunStarted(project, run_id, "route", {"plan": plan["plan"]})
        storage.write(lambda tx: tx.append([started], provenance))
    n_accepted = sum(d.route == "accept" for question in computed for d in question.decisions)
    if (
        reservation := reserve_audits(
            current, run_id, number, audits=audits, reserved=audits_reserved, n_accepted=n_accepted
        )
    ) is not None:
        storage.write(lambda tx: tx.append([reservation], provenance))
    unseen = [d for d in fresh if (int(d.item), str(d.question)) not in labelled]
    entries = review_entries(current, unseen, number)
    for chunk in _chunks(_by_item(fresh), CHUNK):
        decisions = tuple(d for _, group in chunk for d in group)
        queued = tuple(entry for item, _ in chunk for entry in entries.get(item, ()))
        routed_now = ItemsRouted(project, run_id, current.config.version, decisions, queued)
        storage.write(lambda tx, event=routed_now: tx.append([event], provenance))
    finished = RunFinished(project, run_id, {"routed": len(fresh)})
    storage.write(lambda tx: tx.append([finished], provenance))
    with storage.reading() as views:
        return _report(views, project, run_id, len(fresh))


_NO_MODEL: Mapping[str, Any] = {"plan": "no model", "frozen": {"round": 0}}


@dataclass(frozen=True, slots=True)
class _Decided:
    question: str
    decisions: list[Decision]


def _in_force(views: Views, project: Project) -> tuple[Mapping[str, Any], Mapping[str, Mapping[str, Any]]]:
    plan = views.plan(project.id)
    if plan is None:
        raise NotCalibrated("nothing has been calibrated yet; run: labelwright calibrate")
    if not still_bound(views, project, cast("Mapping[str, Json]", plan["frozen"])):
        raise NotCalibrated(
            "the certificate is void: model, prompt, schema, guideline or target changed since its sample was drawn; "
            "run: labelwright calibrate"
        )
    issued = views.certificates(project.id)
    for question in project.config.schema.questions:
        if question.name not in issued or issued[question.name]["plan"] != plan["plan"]:
            raise NotCalibrated(
                f"{question.name!r} has no certificate yet: the blind sample must be labelled (labelwright serve), "
                "then run: labelwright calibrate"
            )
    return plan, issued


def _all_to_people(views: Views, project: ProjectId, question: str) -> _Decided:
    name, reason = QuestionName(question), "the project names no model"
    keys = views.item_keys(project).tolist()
    return _Decided(question, [Decision(ItemKey(key), name, "review", reason, None, None) for key in keys])


def _decide(
    views: Views, project: Project, plan: Mapping[str, Any], issued: Mapping[str, Any], question: str
) -> _Decided:
    frozen, certificate = plan["frozen"], issued["certificate"]
    pool = scored_pool(views, project.id, project.config, question)
    certified = pool_of_plan(views, project, question, frozen)
    if certified.fingerprint() != certificate["bound_to"]["pool"]:
        raise NotCalibrated(
            f"the certificate for {question!r} is void: its predictions changed since; run: labelwright calibrate"
        )
    # The frozen label and score decide, not what came since: a failed prediction that was tried again, another vote.
    frozen_score = np.full(len(pool.item), np.nan)
    frozen_score[np.searchsorted(pool.item, certified.item)] = certified.score
    score = np.where(np.isnan(frozen_score), pool.score, frozen_score)
    in_pool = np.isin(pool.item, certified.item)
    sample = np.isin(pool.item, np.array(plan["items"], dtype=np.int64))
    shown = LogitMap(**issued["calibration"])
    probability = shown(score) if shown.method != "none" else np.full(len(pool.item), np.nan)
    threshold = certificate["threshold"]
    decisions = [
        Decision(
            item=ItemKey(int(pool.item[i])),
            question=QuestionName(question),
            route=(
                verdict := _route_of(
                    is_valid=bool(pool.is_valid[i]),
                    score=float(frozen_score[i]),
                    in_pool=bool(in_pool[i]),
                    in_sample=bool(sample[i]),
                    threshold=threshold,
                )
            )[0],
            reason=verdict[1],
            score=None if np.isnan(score[i]) else float(score[i]),
            probability=None if np.isnan(probability[i]) else round(float(probability[i]), 6),
        )
        for i in range(len(pool.item))
    ]
    return _Decided(question, decisions)


def _route_of(
    *, is_valid: bool, score: float, in_pool: bool, in_sample: bool, threshold: float | None
) -> tuple[Route, str]:
    if in_sample:
        return "calibration", "drawn at random for calibration"
    if not is_valid:
        return "review", "the model gave no valid label"
    if not in_pool:
        return "review", "came after the pool was frozen, or people had it in an earlier round"
    if np.isnan(score):
        return "review", "the model's confidence is unknown, or came after the pool was frozen"
    if threshold is None:
        return "review", "nothing could be certified"
    if score >= threshold:
        return "accept", f"score at or above the certified threshold {threshold:.6g}"
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
    for decision in views.decisions(project):
        counts[decision.question][decision.route] += 1
    return RouteReport(run, n_routed, {question: dict(routes) for question, routes in counts.items()})
