"""What people are asked after routing: the blind audit of the accepted, and the review of the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from labelwright.domain.decision import Decision
from labelwright.domain.ids import ItemKey
from labelwright.domain.project import Project
from labelwright.domain.queue import NewEntry
from labelwright.events import Event
from labelwright.ports.storage import Views
from labelwright.services.audits.audit_draws import Wanted, audit_stream, drawing, due_draw, known_draws
from labelwright.services.audits.recalled import RECALLED, SLOTS, Recalled, is_recalled

Pair: TypeAlias = tuple[int, str]


@dataclass(frozen=True, slots=True)
class DueAudit:
    """pairs: all that were ever drawn under this plan, those drawn now included.  run, events: the draw that is due."""

    pairs: frozenset[Pair]
    run: str
    events: tuple[Event, ...]


def due_audit(
    views: Views,
    project: Project,
    plan: Mapping[str, Any],
    decided: Mapping[str, Sequence[Decision]],
    *,
    recalls: Sequence[Recalled],
    new_id: Callable[[], str],
) -> DueAudit:
    """Draw, for every question, the audit that accepted items still lack: all at first, later what came or stayed.

    decided: what the certificates say of every pair, recalls aside.
    """
    pairs: set[Pair] = set()
    numbers, wanted = [-1], list[Wanted]()
    for question, decisions in decided.items():
        whole = np.array([int(d.item) for d in decisions if d.route == "accept"], dtype=np.int64)
        draws = known_draws(views, project, plan, question, whole) if len(whole) else []
        numbers += [draw.number for draw in draws]
        pairs |= {(item, question) for draw in draws for item in draw.items}
        stream = audit_stream(draws, whole[~is_recalled(recalls, question, whole)])
        due = due_draw(question, stream, project.config.policy.audit_share)
        if due is not None:
            wanted.append(due)
    if not wanted:
        return DueAudit(frozenset(pairs), "", ())
    run = new_id()
    events, drawn = drawing(
        project,
        run,
        plan=str(plan["plan"]),
        round=int(plan["frozen"]["round"]),
        number=max(numbers) + 1,
        wanted=wanted,
        reserved=views.queued(project.id, "audit"),
    )
    return DueAudit(frozenset(pairs | drawn), run, tuple(events))


def marked_for_audit(decisions: Iterable[Decision], audits: Collection[Pair]) -> Iterator[Decision]:
    """Give the decisions with the drawn ones turned from `accept` into `audit`."""
    for d in decisions:
        if d.route == "accept" and (int(d.item), str(d.question)) in audits:
            yield Decision(d.item, d.question, "audit", f"{d.reason}; drawn for the audit", d.score, d.probability)
        else:
            yield d


def review_entries(
    project: Project, decisions: Sequence[Decision], number: int, *, recalls: Sequence[Recalled] = ()
) -> dict[int, list[NewEntry]]:
    """Give the slots of each item that has questions to review: the least sure first, the unknown before all.

    What was recalled has slots of its recall's own, so that it neither displaces what is asked about the item already,
    nor stays when the recall is undone.
    """
    policy = project.config.policy
    review: dict[int, list[Decision]] = defaultdict(list)
    for decision in decisions:
        if decision.route == "review":
            review[int(decision.item)].append(decision)
    rng = np.random.default_rng([policy.seed, number, 4])
    blind = dict(zip(sorted(review), rng.random(len(review)) < policy.blind_share, strict=True))
    recalled = _recall_of(decisions, recalls)
    entries: dict[int, list[NewEntry]] = {}
    for item, asked in review.items():
        is_blind = policy.hides_suggestions or bool(blind[item])
        together: dict[int, list[Decision]] = defaultdict(list)
        suspected: dict[int, float] = {}
        for d in asked:
            recall = recalled.get((int(d.item), str(d.question)))
            first = 0 if recall is None else recall.number * SLOTS
            together[first].append(d)
            suspected[first] = 0.0 if recall is None or recall.error is None else recall.error
        entries[item] = [
            NewEntry(
                item=ItemKey(item),
                questions=tuple(d.question for d in some),
                purpose="review",
                slot=first + slot,
                priority=max(1.0 - min(sureness(d) for d in some), suspected[first]),
                blind=is_blind,
                reason=_words(some),
                round=number,
            )
            for first, some in together.items()
            for slot in range(policy.review_votes)
        ]
    return entries


def _recall_of(decisions: Sequence[Decision], recalls: Sequence[Recalled]) -> dict[Pair, Recalled]:
    """Give, for the decisions that a recall has made, that recall."""
    made = [d for d in decisions if d.reason.startswith(RECALLED)]
    found: dict[Pair, Recalled] = {}
    for one in recalls:
        items = np.array([int(d.item) for d in made if d.question == one.question], dtype=np.int64)
        found |= {(int(item), one.question): one for item in items[one.covers(items)]}
    return found


def sureness(decision: Decision) -> float:
    """Give how sure a label is taken to be, in [0, 1], as the review queue is ordered by; 0 where it is unknown."""
    if decision.probability is not None:
        return min(max(decision.probability, 0.0), 1.0)
    return 0.0 if decision.score is None else min(max(decision.score, 0.0), 1.0)


def _words(asked: Sequence[Decision]) -> str:
    least = min(asked, key=sureness)
    if least.reason.startswith(RECALLED):
        return f"{least.question}: {least.reason}"
    if least.probability is None:
        return f"{least.question}: {least.reason}"
    return f"the model is {least.probability:.0%} sure of {least.question}"
