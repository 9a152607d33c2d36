"""What a manager weighs before accepting unseen: what each limit gives and leaves to people, and what applies now.

The frozen target's rung is a certificate; the others are planning figures, since only it was fixed before the labels.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

import numpy as np

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import CostRates, Project, Question
from labelwright.errors import NotCalibrated, NotReady
from labelwright.methods.routing import start_size
from labelwright.ports.storage import Views
from labelwright.services.acceptance.calibration_plan import frozen_rule
from labelwright.services.acceptance.certificate import calibration_votes
from labelwright.services.acceptance.certified import Certified, certified
from labelwright.services.acceptance.groups import groups_of
from labelwright.services.acceptance.ladder import LADDER, climb
from labelwright.services.acceptance.losses import Said, losses_against
from labelwright.services.acceptance.route import decided, undecided
from labelwright.services.acceptance.shown_probability import shown_probability
from labelwright.services.acceptance.uncovered import n_uncovered
from labelwright.services.acceptance.void_because import superseded, void_because
from labelwright.services.audits.ask_people import due_audit
from labelwright.services.audits.recalled import recalls_in_force
from labelwright.services.people.by_themselves import individual
from labelwright.services.people.consensus import consensus, wrong_against
from labelwright.services.projects.project_of import project_of
from labelwright.services.projects.report import risk_coverage_section
from labelwright.tasks.registry import bind

LIMITS = tuple(round(0.005 * step, 3) for step in range(1, 61))
"""The stops of the slider: 0.5% to 30%."""
_MANY = 200_000
"""Of a larger pool only the report's ladder is climbed: each rung takes a sort of the pool."""
_ACCEPTED = ("accept", "audit")
_COUNTED_AS = {"review": "n_people", "calibration": "n_sample"}
_MICRO = 1_000_000


def cockpit(views: Views, project_id: ProjectId) -> dict[str, Json]:
    """Give all the page weighs: per question the rungs, the curve and what is accepted now; and what applying would do.

    Reads one snapshot and writes nothing.
    """
    project = project_of(views, project_id)
    config, plan = project.config, views.plan(project_id)
    answers = views.annotations(project_id)
    return {
        "project": project.name,
        "n_items": views.item_count(project_id),
        "model": config.models[0].model if config.models else None,
        "recorded": config.recorded,
        "plan": None if plan is None else plan["plan"],
        "target_error": config.policy.target_error,
        "calibration_size": config.policy.calibration_size,
        "review_votes": config.policy.review_votes,
        "audit_share": config.policy.audit_share,
        "seconds_per_answer": seconds_per_answer(answers),
        "wage_per_hour": wage_per_hour(config.costs),
        "n_uncovered": n_uncovered(views, project),
        "due": _due(views, project, answers),
        "questions": [_question(views, project, question, answers) for question in config.schema.always_asked],
    }


def seconds_per_answer(answers: Sequence[Annotation]) -> float | None:
    """Give the mean time of an answer to one question, in s; None where none was measured.

    All answers of a submission carry the seconds of the whole of it.
    """
    seconds, n = dict[str, float](), 0
    for one in individual(answers):
        if one.seconds > 0:
            seconds[one.submission] = one.seconds
            n += 1
    return round(sum(seconds.values()) / n, 3) if n else None


def wage_per_hour(rates: CostRates) -> float | None:
    """Give what an hour of people costs in USD, overhead included; None where project.yaml does not say."""
    return None if rates.wage_per_hour is None else rates.wage_per_hour * (1 + rates.overhead) / _MICRO


def columns(views: Views, project_id: ProjectId) -> dict[str, Json]:
    """Give what samples are drawn from: the scored pool outside the calibration sample, best first.

    One entry for each question with a certificate in force.
    item: keys.  score, probability: what the model's confidence is, and the calibrated one (null = none is shown).
    label: place of the predicted value in `values`.
    """
    project = project_of(views, project_id)
    found: dict[str, Json] = {}
    for question in project.config.schema.always_asked:
        in_force = certified(views, project, question.name) if project.config.models else None
        if in_force is not None:
            found[question.name] = _columns(in_force)
    return found


def _columns(in_force: Certified) -> dict[str, Json]:
    pool = in_force.pool
    here = pool.is_valid & ~np.isnan(pool.score)
    here[in_force.sample] = False
    index = np.flatnonzero(here)
    index = index[np.argsort(-pool.score[index], kind="stable")]
    values = [pool.value[i] for i in index]
    probability = shown_probability(in_force.calibration, pool.score[index], values)
    place: dict[bytes, int] = {}
    said: list[Json] = []
    labels: list[Json] = []
    for value in values:
        text = canonical_json(value)
        if text not in place:
            place[text] = len(said)
            said.append(value)
        labels.append(place[text])
    return {
        "item": cast("list[Json]", pool.item[index].tolist()),
        "score": cast("list[Json]", pool.score[index].tolist()),
        "probability": [None if np.isnan(p) else round(float(p), 6) for p in probability],
        "label": labels,
        "values": said,
    }


def _question(views: Views, project: Project, question: Question, answers: Sequence[Annotation]) -> dict[str, Json]:
    in_force = certified(views, project, question.name) if project.config.models else None
    newer = superseded(views, project, question.name)
    why = void_because(views, project, question.name) if in_force is None else []
    accepted = sum(d.route in _ACCEPTED for d in views.decisions(project.id, question.name))
    found: dict[str, Json] = {
        "name": question.name,
        "title": question.title or question.name,
        "n_accepted_now": accepted,
        "void_because": [*why, *([] if newer is None else [newer])],
        "certificate": None,
        "rungs": [],
        "risk_coverage": [],
        "n_by_hand": 0,
    }
    if in_force is None:
        return found
    answered = {int(a.item) for a in answers if a.question == question.name}
    return found | _weighed(views, project, question, in_force, answered)


def _weighed(
    views: Views, project: Project, question: Question, in_force: Certified, answered: Collection[int]
) -> dict[str, Json]:
    pool, index, frozen, certificate = in_force.pool, in_force.sample, in_force.plan["frozen"], in_force.certificate
    task, rule = bind(question), frozen_rule(frozen)
    people = consensus(task, calibration_votes(views, project.id, question.name, frozen["round"]))
    said = Said(pool.item[index], [pool.value[i] for i in index], pool.is_valid[index])
    wrong = wrong_against(task, said.value, said.is_valid, said.item, people)
    groups = groups_of(views, project.id, pool, rule)
    loss = losses_against(task, rule, said, people)
    seen = np.fromiter(answered, dtype=np.int64, count=len(answered))
    unseen = ~np.isin(pool.item, seen)
    unseen[index] = False
    every = views.item_keys(project.id)
    n_outside = int(np.count_nonzero(~np.isin(every, pool.item) & ~np.isin(every, seen)))
    votes, share = project.config.policy.review_votes, project.config.policy.audit_share
    rungs: list[Json] = []
    for target, found in climb(in_force, rule, loss, groups, LIMITS if len(pool.item) <= _MANY else LADDER):
        is_frozen = target == float(certificate["target_error"])
        accepted = in_force.covered if is_frozen else found.accepted
        n_left = int(np.count_nonzero(unseen & ~accepted)) + n_outside
        n_audit = int(np.ceil(share * np.count_nonzero(unseen & accepted)))
        n_accepted = int(np.count_nonzero(accepted))
        rungs.append(
            {
                "target_error": target,
                "is_frozen": is_frozen,
                "is_certified": n_accepted > 0,
                "threshold": found.threshold,
                "n_accepted": n_accepted,
                "coverage": n_accepted / max(len(pool.item) - len(index), 1),
                "n_left": n_left,
                "n_audit": n_audit,
                "n_labels": n_left * votes + n_audit,
                "n_start": start_size(target, float(certificate["delta"])),
                "reason": found.reason,
            }
        )
    kept = ("id", "target_error", "confidence_level", "n_pool", "n_calibration", "n_accepted", "statement", "promise")
    return {
        "certificate": {name: certificate.get(name) for name in kept},
        "rungs": rungs,
        "risk_coverage": risk_coverage_section(pool, index, wrong),
        "n_by_hand": (int(np.count_nonzero(unseen)) + n_outside) * votes,
        "is_plain": rule.is_plain and "links" not in certificate,
    }


def _due(views: Views, project: Project, answers: Sequence[Annotation]) -> dict[str, Json]:
    """Say what `route` would write now, per question; or why it would not."""
    names = [question.name for question in project.config.schema.always_asked]
    try:
        plan, computed = decided(views, project)
    except (NotCalibrated, NotReady) as error:
        return {"blocked": str(error), "n_items": 0, "questions": []}
    recalls = recalls_in_force(views, project.id, str(plan["plan"]))
    audit = due_audit(views, project, plan, computed, recalls=recalls, new_id=lambda: "preview")
    due = undecided(views, project, computed, audit, recalls)
    by_people = {(answer.item, answer.question) for answer in answers}
    counted: dict[str, dict[str, Any]] = {
        name: {"name": name, "n_accept": 0, "n_people": 0, "n_answered": 0, "n_sample": 0} for name in names
    }
    for decision in due:
        kind = "n_accept" if decision.route in _ACCEPTED else _COUNTED_AS[decision.route]
        if decision.question in counted:
            counted[decision.question][kind] += 1
            is_answered = kind == "n_people" and (decision.item, decision.question) in by_people
            counted[decision.question]["n_answered"] += is_answered
    return {
        "blocked": None,
        "n_items": len({int(d.item) for d in due}),
        "questions": cast("list[Json]", list(counted.values())),
    }
