"""Draw the blind random sample, freeze everything, and, once people have labelled it, say what may be accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation, Purpose
from labelwright.domain.canonical import Json, canonical_json, digest
from labelwright.domain.ids import ItemKey, ProjectId
from labelwright.domain.project import Project
from labelwright.domain.queue import NewEntry
from labelwright.errors import NotReady
from labelwright.events import CalibrationPlanned, CertificateIssued
from labelwright.methods.aggregation import Votes, votes
from labelwright.methods.calibration import fit_calibration
from labelwright.methods.quality import reviewer_noise
from labelwright.methods.routing import certify, default_calibration_size, question_delta, start_size, verdict
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.answers_in import check_answers_are_in
from labelwright.services.consensus import consensus, vote_table, wrong_against
from labelwright.services.project_of import project_of
from labelwright.services.score import ScoredPool, scored_pool
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

CALIBRATION_PRIORITY = 3.0
PURPOSES: tuple[Purpose, ...] = ("calibration", "audit", "review")


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """state: `planned` (just drawn), `waiting` (for people), `certified` (certificates are out).

    n_items: the sample's size.  n_labels, n_labels_wanted: answers in and needed, over all questions.
    """

    state: str
    plan: str
    n_pool: int
    n_items: int
    n_labels: int
    n_labels_wanted: int
    frozen: Mapping[str, Any]
    certificates: Mapping[str, Mapping[str, Any]]


def calibrate(
    project: ProjectId, *, storage: Storage, world: World, count_missing_as_wrong: bool = False
) -> CalibrationReport:
    """Plan the calibration, or report how far it is, or issue the certificates: whatever is due.

    Appends: CalibrationPlanned; CertificateIssued, one per question.  Idempotent: a plan in force is kept, a plan's
    certificates are issued once.  When what a plan froze has changed since, a new sample is drawn from the items
    nobody has labelled yet.
    Raises: NotReady, when there are no items, when prelabel has not been through, or when too few items are left.
    """
    return storage.write(lambda tx: _calibrate(tx, project, world, count_missing_as_wrong=count_missing_as_wrong))


def _calibrate(
    tx: Transaction, project_id: ProjectId, world: World, *, count_missing_as_wrong: bool
) -> CalibrationReport:
    project = project_of(tx, project_id)
    plan = tx.plan(project.id)
    if plan is None or not still_bound(project, cast("Mapping[str, Json]", plan["frozen"])):
        _draw(tx, project, world, number=_next_round(tx, project.id, plan))
        return _report(tx, project, "planned")
    issued = tx.certificates(project.id)
    names = [q.name for q in project.config.schema.questions]
    if all(name in issued and issued[name]["plan"] == plan["plan"] for name in names):
        return _report(tx, project, "certified")
    report = _report(tx, project, "waiting")
    if report.n_labels < report.n_labels_wanted and not count_missing_as_wrong:
        return report
    events = [_certificate(tx, project, plan, name) for name in names]
    tx.append(events, world.provenance())
    return _report(tx, project, "certified")


def still_bound(project: Project, frozen: Mapping[str, Json]) -> bool:
    """Whether what a plan froze is still what the project says."""
    return frozen["binding"] == binding(project)


def binding(project: Project) -> dict[str, Json]:
    """Give what a certificate is bound to; it is void the moment one of these changes."""
    from labelwright.services.project_prompt import project_prompt  # noqa: PLC0415 - renders only when asked

    config = project.config
    return {
        "model": config.models[0].model if config.models else None,
        "voters": [m.model for m in config.models[1:]] if config.confidence == "agreement" else [],
        "confidence": config.confidence,
        "prompt_hash": project_prompt(config).hash,
        "schema_version": config.schema.version,
        "guideline_version": config.guideline.version,
        "target_error": config.policy.target_error,
        "confidence_level": config.policy.confidence_level,
    }


def pool_of_plan(views: Views, project: Project, question: str, frozen: Mapping[str, Any]) -> ScoredPool:
    """Give the finite pool a plan speaks of: the items, labels and scores that were there when it was drawn.

    What comes later changes none of it: items, predictions that had failed, answers given or taken back.
    """
    pool = scored_pool(views, project.id, project.config, question, until=frozen.get("last_prediction"))
    excluded = np.array(frozen["excluded"], dtype=np.int64)
    return pool.restricted((pool.item <= frozen["last_item"]) & ~np.isin(pool.item, excluded))


def _draw(tx: Transaction, project: Project, world: World, *, number: int) -> None:
    config, policy = project.config, project.config.policy
    names = tuple(q.name for q in config.schema.questions)
    keys = tx.item_keys(project.id)
    if not len(keys):
        raise NotReady(f"project {project.name!r} has no items yet; run: labelwright import FILE")
    for purpose in PURPOSES:
        tx.close_entries(project.id, purpose)
    frozen: dict[str, Json] = {
        "round": number,
        "sample_number": _sample_number(tx, project.id),
        "last_item": int(keys[-1]),
        "excluded": cast("list[Json]", _known_to_people(tx, project.id)),
        "binding": binding(project),
    }
    pools = {name: pool_of_plan(tx, project, name, frozen) for name in names}
    frozen["last_prediction"] = max(pool.last_prediction for pool in pools.values())
    eligible = pools[names[0]].item
    if not any(pool.is_valid.any() for pool in pools.values()):
        raise NotReady(
            "no item has a valid label of the model under the present prompt; run: labelwright prelabel "
            "(see `labelwright status` for answers that were refused)"
        )
    check_answers_are_in(tx, project, eligible)
    n = policy.calibration_size or default_calibration_size(len(eligible))
    if not 0 < n <= len(eligible):
        raise NotReady(
            f"a sample of {n} cannot be drawn from {len(eligible)} items that nobody has labelled; import more"
        )
    seed = [policy.seed, number]
    sample = np.random.default_rng(seed).permutation(eligible)[:n]
    delta = question_delta(round(1 - policy.confidence_level, 12), len(names))
    frozen |= {
        "seed": list(seed),
        "n": n,
        "votes": policy.calibration_votes,
        "n_pool": len(eligible),
        "n_start": start_size(policy.target_error, delta),
        "questions": {
            name: {"delta": delta, "kind": pool.kind, "pool": pool.fingerprint()} for name, pool in pools.items()
        },
    }
    entries = tuple(
        NewEntry(
            item=ItemKey(int(item)),
            questions=names,
            purpose="calibration",
            slot=slot,
            priority=CALIBRATION_PRIORITY - rank / (2 * n),
            blind=True,
            reason="",
            round=number,
        )
        for rank, item in enumerate(sample)
        for slot in range(policy.calibration_votes)
    )
    items = tuple(int(item) for item in sample)
    plan = CalibrationPlanned(project.id, world.new_id(), frozen, items, entries)
    tx.append([plan], world.provenance())


def _certificate(tx: Transaction, project: Project, plan: Mapping[str, Any], name: str) -> CertificateIssued:
    frozen = plan["frozen"]
    question = project.config.schema.question(name)
    assert question is not None  # noqa: S101 - names come from this very schema
    task = bind(question)
    pool = pool_of_plan(tx, project, name, frozen)
    if pool.fingerprint() != frozen["questions"][name]["pool"]:
        raise NotReady(
            f"the predictions for {name!r} are not those that were frozen before the first label; a certificate over "
            "them would prove nothing. Give the project another prompt or model, run `labelwright apply`, "
            "and calibrate anew"
        )
    blind = calibration_votes(tx, project.id, name, frozen["round"])
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
        "votes_by": _votes_by(tx, project.id, blind),
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
        possible = ballots.n_options**ballots.n_units
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


def _report(tx: Views, project: Project, state: str) -> CalibrationReport:
    plan = cast("Mapping[str, Any]", tx.plan(project.id))
    frozen = plan["frozen"]
    names = [q.name for q in project.config.schema.questions]
    wanted = frozen["votes"]
    sample: NDArray[np.int64] = np.array(plan["items"], dtype=np.int64)
    in_sample = set(sample.tolist())
    have = 0
    for name in names:
        counted = Counter(a.item for a in calibration_votes(tx, project.id, name, frozen["round"]))
        have += sum(min(wanted, count) for item, count in counted.items() if item in in_sample)
    issued = tx.certificates(project.id)
    return CalibrationReport(
        state=state,
        plan=plan["plan"],
        n_pool=frozen["n_pool"],
        n_items=len(sample),
        n_labels=have,
        n_labels_wanted=len(sample) * len(names) * wanted,
        frozen=frozen,
        certificates={
            name: cast("Mapping[str, Any]", issued[name]["certificate"])
            for name in names
            if name in issued and issued[name]["plan"] == plan["plan"]
        },
    )


def _known_to_people(tx: Transaction, project: ProjectId) -> list[int]:
    """Give the items that somebody has labelled, or holds and may have seen a suggestion for: not blind any more."""
    labelled = {int(a.item) for a in tx.annotations(project)}
    held = {item for purpose in PURPOSES for item, _question in tx.queued(project, purpose)}
    return sorted(labelled | held)


def _sample_number(views: Views, project: ProjectId) -> int:
    """Count the samples drawn so far that anybody has answered, this one included: each may fail by chance."""
    return 1 + len({a.round for a in views.annotations(project, purpose="calibration")})


def _next_round(views: Views, project: ProjectId, plan: Mapping[str, Any] | None) -> int:
    """Number the rounds of labelling; work done before the first plan (without a model) was a round too."""
    before = -1 if plan is None else int(plan["frozen"]["round"])
    return 1 + max([before, *(a.round for a in views.annotations(project))])
