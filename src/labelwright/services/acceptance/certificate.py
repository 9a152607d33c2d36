"""What a labelled sample says of one question: the certificate, and the calibration that people are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json, canonical_json, digest
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.errors import NotReady
from labelwright.events import CertificateIssued
from labelwright.methods.aggregation import Votes
from labelwright.methods.aggregation import votes as vote_columns
from labelwright.methods.quality import reviewer_noise
from labelwright.methods.routing import Outlook, Verdict, certify, verdict
from labelwright.ports.storage import Views
from labelwright.services.acceptance.calibration_plan import frozen_rule, pool_of_plan
from labelwright.services.acceptance.certify_links import certify_link_of, chain_outcome, shown_links
from labelwright.services.acceptance.certify_rule import (
    Groups,
    GroupThreshold,
    RuleOutcome,
    certify_by_rule,
    threshold_of_each,
)
from labelwright.services.acceptance.groups import groups_hash, groups_of
from labelwright.services.acceptance.losses import Said, losses_against
from labelwright.services.acceptance.shown_probability import Labelled, fit_shown
from labelwright.services.acceptance.statement import drawn_sentences, promise, statement
from labelwright.services.models.chain_links import certified_links, link_of
from labelwright.services.people.consensus import consensus, vote_table, wrong_against
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

_MANY_ANSWERS = 2**30


def make_certificate(
    views: Views, project: Project, plan: Mapping[str, Any], name: str, *, votes: list[Annotation] | None = None
) -> CertificateIssued:
    """Test the frozen target on the sample's labels (A4P), and fit the display calibration beside it.

    votes: the sample's votes, oldest first; None = those that count now. Only the blind ones are evidence.
    Raises: NotReady, when the pool is not the one that was frozen.
    """
    frozen, of_question = plan["frozen"], plan["frozen"]["questions"][name]
    question = project.config.schema.question(name)
    assert question is not None  # noqa: S101 - names come from this very schema
    task, rule = bind(question), frozen_rule(frozen)
    pool = pool_of_plan(views, project, name, frozen)
    groups = groups_of(views, project.id, pool, rule)
    links = certified_links(views, project) if project.config.certifies_links else []
    if votes is not None:  # as they come out anew
        heard = {name: [one for one in votes if one.is_blind]}
        tested = [certify_link_of(views, project, plan, one.link, heard) for one in links]
        links = [link_of(one) for one in tested]
    # What a cascade's links say together is newer than the plan; their own answers are what it froze.
    is_frozen = pool.fingerprint() == of_question["pool"] and groups_hash(groups) == of_question.get("groups")
    if not links and not is_frozen:
        raise NotReady(
            f"the predictions for {name!r} are not those that were frozen before the first label; a certificate over "
            "them would prove nothing. Give the project another prompt or model, run `labelwright apply`, "
            "and calibrate anew"
        )
    votes = round_votes(views, project.id, name, frozen["round"]) if votes is None else votes
    blind = [one for one in votes if one.is_blind]
    people = consensus(task, blind)
    items = np.array(plan["items"], dtype=np.int64)
    n_not_blind = len({int(one.item) for one in votes} & set(items.tolist()) - {int(item) for item in people})
    index = np.searchsorted(pool.item, items)
    said = Said(items, [pool.value[i] for i in index], pool.is_valid[index])
    wrong = wrong_against(task, said.value, said.is_valid, items, people)
    loss = losses_against(task, rule, said, people)
    delta, target = of_question["delta"], frozen["binding"]["target_error"]
    if links and groups is not None:
        outcome = chain_outcome(pool, groups, index, links)
    else:
        outcome = certify_by_rule(
            rule,
            pool.score,
            index,
            loss,
            target=target,
            delta=delta,
            groups=groups,
            seed=frozen["seed"],
            first_threshold=of_question.get("first_threshold"),
            coin=of_question.get("coin", 1.0),
        )
    outlook = _outlook(outcome, pool.score, index, wrong, target=target, delta=delta)
    noise = _noise(task, blind, frozen["seed"])
    eta = noise["consensus_error"]
    drawn: dict[str, Json] = {"focus": frozen["focus"]} if "focus" in frozen else {}
    drawn |= {"coin": of_question["coin"]} if "coin" in of_question else {}
    said_of_all = statement(outcome, target=target, delta=delta, noise=noise, n_not_blind=n_not_blind)
    certificate: dict[str, Json] = {
        "target_error": target,
        "delta": delta,
        "confidence_level": round(1 - delta, 12),
        "is_certified": outcome.is_certified,
        "threshold": outcome.threshold,
        "score": pool.kind,
        "n_pool": len(pool.item),
        "n_calibration": len(index),
        "n_calibrated_accepted": sum(one.n_calibrated_accepted for one in outcome.thresholds),
        "n_calibrated_wrong": int(np.count_nonzero(_meets(outcome, groups, pool.score, index) & wrong)),
        "n_wrong": int(wrong.sum()),
        "n_missing": int(sum(int(item) not in people for item in items)),
        "n_not_blind": n_not_blind,
        "n_accepted": outcome.n_accepted,
        "coverage": outcome.coverage,
        "reason": outcome.reason,
        "verdict": outlook.sentence,
        "outlook": str(outlook.outlook),
        "auroc": _plain(asdict(outlook.ranking)),
        "next_step": None if outlook.step is None else _plain(asdict(outlook.step)),
        "noise": noise,
        "votes_by": _votes_by(views, project.id, blind),
        "sample_number": frozen["sample_number"],
        "rule": cast("dict[str, Json]", asdict(rule)),
        "thresholds": [_cell(one) for one in outcome.thresholds],
        "promise": promise(rule, target=target, delta=delta, n_groups=len(outcome.thresholds)),
        "statement": " ".join([said_of_all, *drawn_sentences(drawn)]),
        "stated_error": round(target + eta, 12) if isinstance(eta, float) and rule.loss == "exact" else None,
        "names": {**frozen.get("names", {}), "pool": pool.fingerprint(), "scorer": of_question.get("scorer")},
        "bound_to": {**frozen["binding"], "pool": pool.fingerprint(), "plan": plan["plan"]},
        **drawn,
    }
    if links:
        certificate["links"] = shown_links(links, name, str(frozen["binding"]["prompt_hash"]))
        certificate["bound_to"] = {**cast("dict[str, Json]", certificate["bound_to"]), "groups": groups_hash(groups)}
    certificate["id"] = digest(certificate)[:16]
    labelled = Labelled(pool.score[index], ~wrong, said.value)
    shown = fit_shown(labelled, rng=np.random.default_rng([*frozen["seed"], 4]))
    return CertificateIssued(project.id, plan["plan"], name, certificate, shown)


def _outlook(
    outcome: RuleOutcome,
    score: NDArray[np.float64],
    index: NDArray[np.int64],
    wrong: NDArray[np.bool_],
    *,
    target: float,
    delta: float,
) -> Verdict:
    """Say what is to be expected of the score; by another rule than the guarantee, only whether it accepts anything."""
    plain = certify(score, index, wrong, target_error=target, delta=delta) if outcome.plain is None else outcome.plain
    said = verdict(plain, score, index, wrong)
    if outcome.plain is not None:
        return said
    if outcome.is_certified:
        kept = promise(outcome.rule, target=target, delta=delta, n_groups=len(outcome.thresholds))
        sentence = f"{outcome.n_accepted} unlabelled items ({outcome.coverage:.0%}) may be accepted: {kept[0].lower()}"
        return Verdict(Outlook.CERTIFIED, sentence + kept[1:].rstrip("."), said.ranking, None)
    unless = Outlook.NEVER if said.outlook is Outlook.NEVER else Outlook.MORE_LABELS
    return Verdict(unless, f"nothing can be accepted by this rule: {outcome.reason}", said.ranking, None)


def _meets(
    outcome: RuleOutcome, groups: Groups | None, score: NDArray[np.float64], index: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(n,) which of the sample lie at or above the threshold they are held against."""
    held = threshold_of_each([(one.groups, one.threshold) for one in outcome.thresholds], len(score), groups)
    return score[index] >= held[index]


def _cell(found: GroupThreshold) -> dict[str, Json]:
    return {**_plain(asdict(found)), "groups": None if found.groups is None else list(found.groups)}


def calibration_votes(views: Views, project: ProjectId, question: str, number: int) -> list[Annotation]:
    """Give the blind calibration answers of one round."""
    return [a for a in round_votes(views, project, question, number) if a.is_blind]


def round_votes(views: Views, project: ProjectId, question: str, number: int) -> list[Annotation]:
    """Give the calibration answers of one round, also those of people who had seen a label of the item."""
    return [a for a in views.annotations(project, question=question, purpose="calibration") if a.round == number]


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
    table = vote_columns(unit, annotator, chosen)
    rng = np.random.default_rng([*seed, 1])
    return _plain(asdict(reviewer_noise(table, rng=rng, n_options=possible)))


def _votes_by(views: Views, project: ProjectId, blind: Sequence[Annotation]) -> dict[str, Json]:
    """Count the votes by who gave them: people, or simulated ones standing in for them."""
    kinds = {annotator.id: annotator.kind for annotator in views.annotators(project)}
    return dict(Counter(str(kinds[a.annotator]) for a in blind))


def _plain(fields: Mapping[str, Any]) -> dict[str, Json]:
    """Write nan, which JSON does not have, as null."""
    return {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in fields.items()}
