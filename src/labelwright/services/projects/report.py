"""Say what was done and how good the labels are: the one source of the table, the page and `report.html`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, Question
from labelwright.methods.agreement import krippendorff_alpha, percent_agreement
from labelwright.methods.calibration import risk_coverage
from labelwright.methods.routing import count_thresholds
from labelwright.ports.storage import Views
from labelwright.services.acceptance.calibration_plan import frozen_rule, still_bound
from labelwright.services.acceptance.calibration_report import calibration_section
from labelwright.services.acceptance.certificate import calibration_votes, task_votes
from labelwright.services.acceptance.certified import Certified, certified
from labelwright.services.acceptance.groups import groups_of
from labelwright.services.acceptance.ladder import ladder_section
from labelwright.services.acceptance.losses import Said, losses_against
from labelwright.services.acceptance.shown_probability import Labelled
from labelwright.services.acceptance.statement import drawn_sentences, recalled_sentence
from labelwright.services.acceptance.void_because import superseded, void_because
from labelwright.services.audits.audit import audit_report
from labelwright.services.card.card import question_card
from labelwright.services.card.estimate import as_on_card, estimate
from labelwright.services.models.jobs import shown_budget
from labelwright.services.models.score import ScoredPool, scored_pool
from labelwright.services.money.plan_money import plan_section
from labelwright.services.people.assist import assist_section
from labelwright.services.people.by_themselves import individual
from labelwright.services.people.consensus import Consensus, consensus, readable, wrong_against
from labelwright.services.people.replacement import replacement_section
from labelwright.services.projects.project_of import project_of
from labelwright.services.soundness.newest_looks import soundness_sections
from labelwright.services.soundness.slices import slices_section
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

MOST_POINTS = 200


def build_report(views: Views, project: ProjectId, *, now: float | None = None) -> dict[str, Json]:
    """Give the report as JSON: project, counts, cost, and per question certificate, ladder, curves, audit, agreement.

    Reads one snapshot and writes nothing. Before calibration the statistical parts are null.  now: as in `status`.
    n_answered: of the items that `routes` sends to people (`review`), how many they have answered, as `route` says.
    """
    current = project_of(views, project)
    config = current.config
    plan = views.plan(project)
    head = views.head()
    totals = views.call_totals(project)
    return {
        "project": current.name,
        "n_items": views.item_count(project),
        "config_version": config.version,
        "schema_version": config.schema.version,
        "guideline_version": config.guideline.version,
        "model": config.models[0].model if config.models else None,
        "confidence": config.confidence,
        "recorded": config.recorded,
        "target_error": config.policy.target_error,
        "confidence_level": config.policy.confidence_level,
        "is_bound": None if plan is None else still_bound(views, current, cast("Mapping[str, Json]", plan["frozen"])),
        "void_because": void_because(views, current),
        "n_human_labels": views.label_count(project) - len(views.annotations(project, purpose="bulk")),
        "calls": cast("dict[str, Json]", asdict(totals)),
        "budget": shown_budget(views, current, now=now),
        "queue": [cast("dict[str, Json]", asdict(counts)) for counts in views.queue_counts(project)],
        "questions": [_question(views, current, question) for question in config.schema.questions],
        **soundness_sections(views, project),
        "plan": plan_section(views, project),
        "ledger": {"position": head.position, "hash": head.hash},
    }


def _question(views: Views, project: Project, question: Question) -> dict[str, Json]:
    task = bind(question)
    issued = views.certificates(project.id).get(question.name)
    in_force = certified(views, project, question.name) if project.config.models else None
    answers = views.annotations(project.id, question=question.name)
    by_people, n_answered = {answer.item for answer in answers}, 0
    routes: dict[str, int] = {}
    for decision in views.decisions(project.id, question.name):
        routes[decision.route] = routes.get(decision.route, 0) + 1
        n_answered += decision.route == "review" and decision.item in by_people
    found: dict[str, Json] = {
        "name": question.name,
        "type": question.type,
        "title": question.title,
        "routes": cast("Json", routes),
        "n_answered": n_answered,
        "resolved": cast("Json", views.resolution_counts(project.id).get(question.name, {})),
        "n_human_labels": len(individual(answers)),
        "certificate": None,
        "is_void": issued is not None and in_force is None,
        "void_because": _void_because(views, project, question.name) if in_force is None else [],
        "calibration": None,
        "estimate": None,
        "alt_test": replacement_section(views, project, question.name),
        "assist": assist_section(views, project, question.name),
        "slices": slices_section(views, project, question.name),
    }
    fitting = readable(task, answers)
    if in_force is None:
        return found | {"card": question_card(views, project, question, in_force=None, now=None, answers=fitting)}
    told = cast("list[Json]", drawn_sentences(in_force.certificate))
    pool, index, certificate, frozen = in_force.pool, in_force.sample, in_force.certificate, in_force.plan["frozen"]
    blind = calibration_votes(views, project.id, question.name, frozen["round"])
    people, rule = consensus(task, blind), frozen_rule(frozen)
    said = Said(pool.item[index], [pool.value[i] for i in index], pool.is_valid[index])
    wrong = _wrong(task, pool, index, people)
    seed = [*frozen["seed"], 9]
    now = scored_pool(views, project.id, project.config, question.name)
    card = question_card(views, project, question, in_force=in_force, now=now, answers=fitting)
    return found | {
        "certificate": {**cast("dict[str, Json]", certificate), "recalled": _recalled(in_force), "drawn": told},
        "estimate": as_on_card(estimate(task, in_force, now, fitting), card),
        "card": card,
        "ladder": ladder_section(
            in_force, rule, losses_against(task, rule, said, people), groups_of(views, project.id, pool, rule)
        ),
        "calibration": calibration_section(
            Labelled(pool.score[index], ~wrong, said.value), in_force.calibration, seed=seed
        ),
        "risk_coverage": risk_coverage_section(pool, index, wrong),
        "agreement": _agreement(task, blind, seed),
        "audit": audit_report(views, project, task, question.name, in_force),
    }


def _recalled(in_force: Certified) -> str | None:
    n_covered, n_accepted = (int(np.count_nonzero(mask)) for mask in (in_force.covered, in_force.accepted))
    return recalled_sentence(n_covered - n_accepted, n_covered)


def _void_because(views: Views, project: Project, question: str) -> list[Json]:
    """Say what voided a question's certificate, or that a newer sample is under way; empty where there was none."""
    if question not in views.certificates(project.id):
        return []
    newer = superseded(views, project, question)
    return [*void_because(views, project, question), *([] if newer is None else [newer])]


def risk_coverage_section(pool: ScoredPool, index: NDArray[np.int64], wrong: NDArray[np.bool_]) -> list[Json]:
    """Give the error among the accepted as more is accepted, with intervals, at no more than 200 points."""
    counts = count_thresholds(pool.score, index, wrong)
    curve = risk_coverage(counts.threshold, counts.n_pool, counts.n_calibrated, counts.n_wrong, n_pool=len(pool.item))
    kept = np.unique(np.linspace(0, max(len(curve.threshold) - 1, 0), MOST_POINTS).astype(np.int64))
    return [
        {
            "threshold": float(curve.threshold[i]),
            "coverage": float(curve.coverage[i]),
            "risk": _number(float(curve.risk[i])),
            "low": _number(float(curve.low[i])),
            "high": _number(float(curve.high[i])),
        }
        for i in kept[: len(curve.threshold)]
    ]


def _agreement(task: Task[object], blind: list[Annotation], seed: Sequence[int]) -> list[Json]:
    """Agreement of the blind calibration votes; empty when nobody labelled the same item twice."""
    table = task_votes(task, blind)
    if not table.unit.size or np.bincount(table.unit).max(initial=0) < 2:
        return []
    rng = np.random.default_rng([*seed, 1])
    coefficients = [percent_agreement(table, rng=rng)]
    if task.decompose([task.parse(blind[0].value)]).option_space == "shared":
        # Where every item has options of its own (texts, spans), there is no chance agreement to reckon with.
        coefficients.append(krippendorff_alpha(table, rng=rng))
    return [
        {key: _number(value) if isinstance(value, float) else value for key, value in asdict(one).items()}
        for one in coefficients
    ]


def _wrong(
    task: Task[object], pool: ScoredPool, index: NDArray[np.int64], people: Mapping[int, Consensus]
) -> NDArray[np.bool_]:
    return wrong_against(task, [pool.value[i] for i in index], pool.is_valid[index], pool.item[index], people)


def _number(value: float) -> float | None:
    """Write nan, which JSON does not have, as null."""
    return None if np.isnan(value) else float(value)
