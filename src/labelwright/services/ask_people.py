"""What people are asked after routing: the blind audit of the accepted, and the review of the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil

import numpy as np

from labelwright.domain.annotation import Purpose
from labelwright.domain.decision import Decision
from labelwright.domain.ids import ItemKey, QuestionName
from labelwright.domain.project import Project
from labelwright.domain.queue import NewEntry
from labelwright.events import AuditReserved

AUDIT_PRIORITY = 2.0
LEAST_AUDIT = 30


def draw_audits(
    project: Project, decided: Mapping[str, Sequence[Decision]], number: int, *, reserved: set[tuple[int, str]]
) -> dict[tuple[int, str], float]:
    """Draw the audited pairs, each with its inclusion probability; a question already audited keeps its draw."""
    policy = project.config.policy
    drawn: dict[tuple[int, str], float] = {}
    for place, (question, decisions) in enumerate(decided.items()):
        accepted = [int(d.item) for d in decisions if d.route == "accept"]
        before = {pair for pair in reserved if pair[1] == question and pair[0] in set(accepted)}
        if before:
            drawn |= dict.fromkeys(before, len(before) / len(accepted))
            continue
        if not accepted or policy.audit_share <= 0:
            continue
        n = min(len(accepted), max(ceil(policy.audit_share * len(accepted)), LEAST_AUDIT))
        rng = np.random.default_rng([policy.seed, number, 2, place])
        for item in rng.choice(np.array(accepted), size=n, replace=False):
            drawn[int(item), question] = n / len(accepted)
    return drawn


def marked_for_audit(decisions: Iterable[Decision], audits: Mapping[tuple[int, str], float]) -> Iterator[Decision]:
    """Give the decisions with the drawn ones turned from `accept` into `audit`."""
    for d in decisions:
        if d.route == "accept" and (int(d.item), str(d.question)) in audits:
            yield Decision(d.item, d.question, "audit", f"{d.reason}; drawn for the audit", d.score, d.probability)
        else:
            yield d


def reserve_audits(
    project: Project,
    run: str,
    number: int,
    *,
    audits: Mapping[tuple[int, str], float],
    reserved: set[tuple[int, str]],
    n_accepted: int,
) -> AuditReserved | None:
    """Give the event that queues the drawn audits, blind and before all review; None when all are reserved already."""
    due: dict[int, list[str]] = defaultdict(list)
    for item, question in audits:
        if (item, question) not in reserved:
            due[item].append(question)
    if not due:
        return None
    seed = project.config.policy.seed
    order = np.random.default_rng([seed, number, 3]).permutation(sorted(due))
    entries = tuple(
        _entry(int(item), due[int(item)], "audit", AUDIT_PRIORITY - rank / (2 * len(order)), number, is_blind=True)
        for rank, item in enumerate(order)
    )
    share = sum(len(questions) for questions in due.values()) / n_accepted
    return AuditReserved(project.id, run, seed, n_accepted, share, entries)


def review_entries(project: Project, decisions: Sequence[Decision], number: int) -> dict[int, list[NewEntry]]:
    """Give the slots of each item that has questions to review: the least sure first, the unknown before all."""
    policy = project.config.policy
    review: dict[int, list[Decision]] = defaultdict(list)
    for decision in decisions:
        if decision.route == "review":
            review[int(decision.item)].append(decision)
    rng = np.random.default_rng([policy.seed, number, 4])
    blind = dict(zip(sorted(review), rng.random(len(review)) < policy.blind_share, strict=True))
    entries: dict[int, list[NewEntry]] = {}
    for item, asked in review.items():
        sure = min(_sureness(d) for d in asked)
        is_blind = policy.suggestions == "hidden" or bool(blind[item])
        names = [d.question for d in asked]
        entries[item] = [
            _entry(item, names, "review", 1.0 - sure, number, is_blind=is_blind, reason=_words(asked), slot=slot)
            for slot in range(policy.review_votes)
        ]
    return entries


def _sureness(decision: Decision) -> float:
    if decision.probability is not None:
        return min(max(decision.probability, 0.0), 1.0)
    return 0.0 if decision.score is None else min(max(decision.score, 0.0), 1.0)


def _words(asked: Sequence[Decision]) -> str:
    least = min(asked, key=_sureness)
    if least.probability is None:
        return f"{least.question}: {least.reason}"
    return f"the model is {least.probability:.0%} sure of {least.question}"


def _entry(
    item: int,
    questions: Sequence[str],
    purpose: Purpose,
    priority: float,
    number: int,
    *,
    is_blind: bool,
    reason: str = "",
    slot: int = 0,
) -> NewEntry:
    names = tuple(QuestionName(q) for q in questions)
    return NewEntry(ItemKey(item), names, purpose, slot, priority, is_blind, reason, number)
