"""What a labelled sample says of one question: the certificate, and the calibration that people are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json, canonical_json, digest
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.errors import NotReady
from labelwright.events import CertificateIssued
from labelwright.methods.aggregation import Votes, votes
from labelwright.methods.calibration import fit_calibration
from labelwright.methods.quality import reviewer_noise
from labelwright.methods.routing import certify, verdict
from labelwright.ports.storage import Views
from labelwright.services.calibration_plan import pool_of_plan
from labelwright.services.consensus import consensus, vote_table, wrong_against
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

_MANY_ANSWERS = 2**30


def make_certificate(views: Views, project: Project, plan: Mapping[str, Any], name: str) -> CertificateIssued:
    """Test the frozen target on the sample's labels (A4P), and fit the display calibration beside it.

    Raises: NotReady, when the pool is not the one that was frozen.
    """
    frozen = plan["frozen"]
    question = project.config.schema.question(name)
    assert question is not None  # noqa: S101 - names come from this very schema
    task = bind(question)
    pool = pool_of_plan(views, project, name, frozen)
    if pool.fingerprint() != frozen["questions"][name]["pool"]:
        raise NotReady(
            f"the predictions for {name!r} are not those that were frozen before the first label; a certificate over "
            "them would prove nothing. Give the project another prompt or model, run `labelwright apply`, "
            "and calibrate anew"
        )
    blind = calibration_votes(views, project.id, name, frozen["round"])
    people = consensus(task, blind)
    items = np.array(plan["items"], dtype=np.int64)
    index = np.searchsorted(pool.item, items)
    wrong = wrong_against(task, [pool.value[i] for i in index], pool.is_valid[index], items, people)
    delta = frozen["questions"][name]["delta"]
    target = frozen["binding"]["target_error"]
    outcome = certify(pool.score, index, wrong, target_error=target, delta=delta)
    outlook = verdict(outcome, pool.score, index, wrong)
    shown = fit_calibration(pool.score[index], ~wrong)
    certificate: dict[str, Json] = {
        "target_error": target,
        "delta": delta,
        "confidence_level": round(1 - delta, 12),
        "is_certified": outcome.is_certified,
        "threshold": outcome.threshold,
        "score": pool.kind,
        "n_pool": outcome.n_pool,
        "n_calibration": outcome.n_calibration,
        "n_calibrated_accepted": outcome.n_calibrated_accepted,
        "n_calibrated_wrong": outcome.n_calibrated_wrong,
        "n_wrong": int(wrong.sum()),
        "n_missing": int(sum(int(item) not in people for item in items)),
        "n_accepted": outcome.n_accepted,
        "coverage": outcome.coverage,
        "reason": outcome.reason,
        "verdict": outlook.sentence,
        "outlook": str(outlook.outlook),
        "auroc": _plain(asdict(outlook.ranking)),
        "next_step": None if outlook.step is None else _plain(asdict(outlook.step)),
        "noise": _noise(task, blind, frozen["seed"]),
        "votes_by": _votes_by(views, project.id, blind),
        "sample_number": frozen["sample_number"],
        "bound_to": {**frozen["binding"], "pool": frozen["questions"][name]["pool"], "plan": plan["plan"]},
    }
    certificate["id"] = digest(certificate)[:16]
    return CertificateIssued(project.id, plan["plan"], name, certificate, _plain(asdict(shown)))


def calibration_votes(views: Views, project: ProjectId, question: str, number: int) -> list[Annotation]:
    """Give the blind calibration answers of one round."""
    found = views.annotations(project, question=question, purpose="calibration")
    return [a for a in found if a.round == number and not a.suggestion_shown]


def task_votes(task: Task[object], annotations: Sequence[Annotation]) -> Votes:
    """Lay blind votes out as columns, an item's units after one another."""
    by_item: dict[int, list[Annotation]] = {}
    for annotation in annotations:
        by_item.setdefault(annotation.item, []).append(annotation)
    people = [by_item[item] for item in sorted(by_item)]
    return vote_table(people, [task.decompose([task.parse(a.value) for a in voters]) for voters in people])


def _noise(task: Task[object], blind: Sequence[Annotation], seed: Sequence[int]) -> dict[str, Json]:
    """Estimate the people's own error in whole answers, since a whole answer is what must be right.

    Of several labels each may be agreed on more often than all of them at once.
    """
    option: dict[bytes, int] = {}
    person: dict[str, int] = {}
    item: dict[int, int] = {}
    rows = [
        (
            item.setdefault(a.item, len(item)),
            person.setdefault(a.annotator, len(person)),
            option.setdefault(canonical_json(a.value), len(option)),
        )
        for a in blind
    ]
    unit, annotator, chosen = zip(*rows, strict=True) if rows else ((), (), ())
    possible = 2
    if blind:
        ballots = task.decompose([task.parse(blind[0].value)])
        # Where options are an item's own, any answer can be given: two that err alike is too rare to matter.
        shared = ballots.option_space == "shared"
        possible = ballots.n_options ** min(ballots.n_units, 30) if shared else _MANY_ANSWERS
    table = votes(unit, annotator, chosen)
    rng = np.random.default_rng([*seed, 1])
    return _plain(asdict(reviewer_noise(table, rng=rng, n_options=possible)))


def _votes_by(views: Views, project: ProjectId, blind: Sequence[Annotation]) -> dict[str, Json]:
    """Count the votes by who gave them: people, or simulated ones standing in for them."""
    kinds = {annotator.id: annotator.kind for annotator in views.annotators(project)}
    return dict(Counter(str(kinds[a.annotator]) for a in blind))


def _plain(fields: Mapping[str, Any]) -> dict[str, Json]:
    """Write nan, which JSON does not have, as null."""
    return {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in fields.items()}
