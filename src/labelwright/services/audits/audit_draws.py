"""The random draws of the audit: which accepted items were drawn, from which set, with what chance, in what order.

Every draw is a run of its own in the ledger, with the chance that each item of its set had.  A draw speaks of the very
set it was drawn from, which it names by hash.  Where a recall takes items out, what is left is another set, chosen by
people who had seen the answers: the old sample says nothing sure about it, so a fresh one is drawn.  When the recall is
undone, the old set is back, and its sample with it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.project import Project
from labelwright.domain.queue import NewEntry
from labelwright.events import AuditReserved, Event, RunFinished, RunStarted
from labelwright.ports.storage import Views

AUDIT: Final = "audit"
LEAST_AUDIT: Final = 30

Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """Accepted items that are sampled together: those of these keys (after, up to), and the hash they had."""

    ranges: tuple[tuple[int, int], ...]
    digest: str
    size: int

    def mark(self, items: Keys) -> NDArray[np.bool_]:
        """Mark the items whose keys are in its ranges; (N,)."""
        mask = np.zeros(len(items), dtype=np.bool_)
        for after, up_to in self.ranges:
            mask |= (items > after) & (items <= up_to)
        return mask


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw for one question.  items: in the random order in which they are asked.

    n_eligible: items it could have taken, each with the chance `probability`.
    """

    number: int
    question: str
    at: str
    n_eligible: int
    probability: float
    batches: tuple[Batch, ...]
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AuditStream:
    """The sample of what one question has accepted now.

    accepted: (N,) keys, ascending.  batch: (N,) the batch of each, −1 where none was drawn from.  drawn: (T,) positions
    in `accepted`, in drawn order.  drawn_before: (T,) for an earlier sample of another set, too.
    draws: those that count.  drawn_ever: (N,) drawn at any time of this plan.
    """

    accepted: Keys
    batch: NDArray[np.int64]
    drawn: NDArray[np.int64]
    drawn_before: NDArray[np.bool_]
    draws: tuple[Draw, ...]
    drawn_ever: NDArray[np.bool_]

    def heard(self, answered: Keys) -> NDArray[np.bool_]:
        """Mark the drawn that are answered and that a random sample of this set is made of so far; (T,).

        An answer to an earlier sample was known when this set was chosen, and may be why it was: it counts in its
        place in the order, once people have come that far. Taken before the others, such answers flatter what is left.
        """
        return self._known(answered) & self._reached(answered)

    def missing(self, answered: Keys) -> NDArray[np.bool_]:
        """Mark the drawn that people have come past without an answer; (T,).

        What comes after the last answer in drawn order is not asked yet, and is no loss: how far people got is not
        told by what the items are. What lies before it was passed over, maybe because it is hard.
        """
        return ~self._known(answered) & self._reached(answered)

    def _known(self, answered: Keys) -> NDArray[np.bool_]:
        return np.isin(self.accepted[self.drawn], answered)

    def _reached(self, answered: Keys) -> NDArray[np.bool_]:
        known = self._known(answered)
        asked_for = np.flatnonzero(known & ~self.drawn_before)
        reached = len(known) if known.all() else int(asked_for[-1]) + 1 if len(asked_for) else 0
        return np.arange(len(known)) < reached

    @property
    def probability(self) -> NDArray[np.float64]:
        """The chance each item had to be in the sample: what was drawn of its batch; (N,), 0 where nothing was."""
        chance = np.zeros(len(self.accepted))
        for code in np.unique(self.batch[self.batch >= 0]).tolist():
            here = self.batch == code
            chance[here] = np.count_nonzero(here[self.drawn]) / np.count_nonzero(here)
        return chance

    @property
    def undrawn(self) -> Keys:
        """The keys of sampled batches that are not in the sample."""
        free = self.batch >= 0
        free[self.drawn] = False
        return self.accepted[free]


def draws_of(views: Views, project: ProjectId, plan: str) -> list[Draw]:
    """Give the draws of a plan's audits, oldest first, by question."""
    found: list[Draw] = []
    for run in views.runs(project):
        if run.kind == AUDIT and run.parameters.get("plan") == plan:
            number = cast("int", run.parameters["draw"])
            rows = cast("list[dict[str, Any]]", run.parameters["draws"])
            found += [_draw(row, number, run.started_at) for row in rows]
    return found


def audit_stream(draws: Iterable[Draw], accepted: Keys) -> AuditStream:
    """Lay the draws of one question over what is accepted now; those from another set do not count."""
    batch, counted = np.full(len(accepted), -1, dtype=np.int64), list[Draw]()
    codes: dict[Batch, int] = {}
    drawn: list[int] = []
    before: list[bool] = []
    ever = np.zeros(len(accepted), dtype=np.bool_)
    for draw in draws:
        earlier = ever.copy()
        ever |= np.isin(accepted, np.array(draw.items, dtype=np.int64))
        for one in draw.batches:
            here = one.mark(accepted)
            # What a recall left may be a run of keys of what is back since: the older sample speaks of it already.
            is_free = here.any() and not np.any(batch[here] >= 0)
            if one not in codes and is_free and _digest(accepted[here]) == one.digest:
                codes[one] = len(codes)
                batch[here] = codes[one]
        standing = [one for one in draw.batches if one in codes]
        items = np.array(draw.items, dtype=np.int64)
        kept = np.logical_or.reduce([one.mark(items) for one in standing]) if standing else np.zeros(0, dtype=np.bool_)
        if kept.any():
            counted.append(draw)
            places = np.searchsorted(accepted, items[kept])
            drawn += places.tolist()
            before += earlier[places].tolist()
    positions, again = np.array(drawn, dtype=np.int64), np.array(before, dtype=np.bool_)
    return AuditStream(accepted, batch, positions, again, tuple(counted), ever)


def known_draws(views: Views, project: Project, plan: Mapping[str, Any], question: str, accepted: Keys) -> list[Draw]:
    """Give a question's draws of a plan, oldest first.

    accepted: all that the certificate covers, recalls aside.  In a workspace from before draws were runs there was one,
    from all of that, and it is found again in the queue.
    """
    every = draws_of(views, project.id, plan["plan"])
    told = [one for one in every if one.question == question]
    if any(one.number == 0 for one in every):
        return told
    covered = set(accepted.tolist())
    later = {(item, one.question) for one in every for item in one.items}
    reserved = {pair for pair in views.queued(project.id, "audit") - later if pair[0] in covered}
    seed = [project.config.policy.seed, int(plan["frozen"]["round"]), 3]
    everybody = np.random.default_rng(seed).permutation(sorted({item for item, _ in reserved}))
    items = tuple(int(item) for item in everybody if (int(item), question) in reserved)
    if not items:
        return told
    batch = Batch(((0, int(accepted[-1])),), _digest(accepted), len(accepted))
    return [Draw(0, question, "", len(accepted), len(items) / len(accepted), (batch,), items), *told]


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What a new draw takes for one question: from which items, how many, and the batches they belong to."""

    question: str
    eligible: Keys
    n: int
    batches: tuple[Batch, ...]


def due_draw(question: str, stream: AuditStream, share: float) -> Wanted | None:
    """Give the draw that accepted items still lack; None when every one of them had its chance."""
    fresh = stream.batch < 0
    if share <= 0 or not fresh.any():
        return None
    eligible = stream.accepted[fresh]
    n = min(len(eligible), max(ceil(share * len(eligible)), LEAST_AUDIT))
    sampled = [one for draw in stream.draws for one in draw.batches if _stands(one, stream)]
    batch = Batch(_between(sampled, int(stream.accepted[-1])), _digest(eligible), len(eligible))
    return Wanted(question, eligible, n, (batch,))


def further_draw(question: str, stream: AuditStream, n: int) -> Wanted | None:
    """Give a draw that enlarges the sample, uniformly from what it does not hold; None when it holds everything."""
    eligible = stream.undrawn
    if not len(eligible):
        return None
    batches = tuple(dict.fromkeys(one for draw in stream.draws for one in draw.batches if _stands(one, stream)))
    return Wanted(question, eligible, min(n, len(eligible)), batches)


def drawing(
    project: Project,
    run: str,
    *,
    plan: str,
    round: int,  # noqa: A002 - the field's own word
    number: int,
    wanted: Sequence[Wanted],
    reserved: set[tuple[int, str]],
) -> tuple[list[Event], set[tuple[int, str]]]:
    """Draw; give the events, to be appended as one, and the drawn pairs.

    number: of the draw within the plan: no two have the same, since it seeds the draw and numbers its slots.
    reserved: pairs that people are asked already, for an earlier sample: their answers serve again.
    """
    seed, names = project.config.policy.seed, [q.name for q in project.config.schema.always_asked]
    later = [number] if number else []
    picked: dict[str, set[int]] = {}
    for one in wanted:
        rng = np.random.default_rng([seed, round, 2, names.index(QuestionName(one.question)), *later])
        picked[one.question] = {int(item) for item in rng.choice(one.eligible, size=one.n, replace=False)}
    everybody = sorted({item for items in picked.values() for item in items})
    order = [int(item) for item in np.random.default_rng([seed, round, 3, *later]).permutation(everybody)]
    rows: list[Json] = [
        {
            "question": one.question,
            "n_eligible": len(one.eligible),
            "probability": one.n / len(one.eligible),
            "batches": [_batch_as_json(batch) for batch in one.batches],
            "items": [item for item in order if item in picked[one.question]],
        }
        for one in wanted
    ]
    entries = _entries(order, picked, reserved, round, number)
    n_eligible, n_drawn = sum(len(one.eligible) for one in wanted), sum(one.n for one in wanted)
    parameters: dict[str, Json] = {"plan": plan, "round": round, "draw": number, "seed": seed, "draws": rows}
    events: list[Event] = [RunStarted(project.id, run, AUDIT, parameters)]
    if entries:
        events.append(AuditReserved(project.id, run, seed, n_eligible, n_drawn / n_eligible, entries))
    events.append(RunFinished(project.id, run, {"drawn": n_drawn, "asked": len(entries)}))
    return events, {(item, name) for name, items in picked.items() for item in items}


def _entries(
    order: Sequence[int],
    picked: Mapping[str, set[int]],
    reserved: set[tuple[int, str]],
    round: int,  # noqa: A002
    number: int,
) -> tuple[NewEntry, ...]:
    """Give the slots, blind, before all review; an earlier draw comes before a later one."""
    due: dict[int, list[str]] = defaultdict(list)
    for name, items in picked.items():
        for item in items:
            if (item, name) not in reserved:
                due[item].append(name)
    return tuple(
        NewEntry(
            item=ItemKey(item),
            questions=tuple(QuestionName(name) for name in due[item]),
            purpose="audit",
            slot=number,
            priority=1 + 1 / (1 + number + rank / len(order)),
            blind=True,
            reason="",
            round=round,
        )
        for rank, item in enumerate(order)
        if item in due
    )


def _stands(batch: Batch, stream: AuditStream) -> bool:
    return _digest(stream.accepted[batch.mark(stream.accepted)]) == batch.digest


def _between(batches: Sequence[Batch], last: int) -> tuple[tuple[int, int], ...]:
    """Give the ranges of keys up to `last` that no batch covers."""
    free: list[tuple[int, int]] = []
    at = 0
    for after, up_to in sorted({one for batch in batches for one in batch.ranges}):
        if after > at:
            free.append((at, after))
        at = max(at, up_to)
    return (*free, (at, last)) if last > at else tuple(free)


def _digest(items: Keys) -> str:
    return hashlib.sha256(np.ascontiguousarray(items, dtype="<i8").tobytes()).hexdigest()[:32]


def _batch_as_json(batch: Batch) -> dict[str, Json]:
    return {"ranges": [list(one) for one in batch.ranges], "digest": batch.digest, "size": batch.size}


def _draw(row: Mapping[str, Any], number: int, at: str) -> Draw:
    batches = tuple(
        Batch(tuple((after, up_to) for after, up_to in one["ranges"]), one["digest"], one["size"])
        for one in row["batches"]
    )
    return Draw(number, row["question"], at, row["n_eligible"], row["probability"], batches, tuple(row["items"]))
