"""The live audit as the product runs it: how often a look at it is ever wrong, and how soon its alarm rings.

Part of `guarantees.py`.  The mixture is the one of `services.audit`, Beta(1, 1/(2α)); `estimation.py` has the plain
ones and the betting tests.  The pools are drawn, so it is known when an interval or an alarm is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.auditing import (
    beta_mixture_interval,
    pool_mixture_interval,
    stratified_pool_evidence,
    stratified_pool_interval,
)
from labelwright.methods.estimation import Interval, clopper_pearson_interval
from labelwright.methods.routing import tolerated_wrong

DELTA = 0.05
N_POOL = 4_000
N_AUDIT = 2_000
LOOKS = np.arange(10, N_AUDIT + 1, 10)
ACCURACIES = (0.8, 0.95, 0.99)
TARGETS = (0.05, 0.1)
TIMES = (1.0, 1.5, 2.0)
PEEKED = "Clopper-Pearson at every look"

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Watched:
    """Share of audits of which any of 200 looks was wrong."""

    method: str
    accuracy: float
    ever_wrong: float


@dataclass(frozen=True, slots=True)
class Rang:
    """How often an alarm rang within 2,000 answers, and after how many in half of the audits (None: in fewer)."""

    target_error: float
    times_target: float
    rang: float
    within_500: float
    median_delay: int | None


def watched(accuracy: float, *, repetitions: int, seed: int) -> list[Watched]:
    """Look every ten answers, in audits with and without replacement, and over two batches drawn at unequal rates."""
    rng = np.random.default_rng([seed, round(1_000 * accuracy)])
    error, target = 1 - accuracy, 0.1
    a, b = 1.0, 0.5 / target
    marked = round(error * N_POOL)
    independent = np.cumsum(rng.random((repetitions, N_AUDIT)) < error, axis=1)[:, LOOKS - 1]
    pools = rng.permuted(np.tile(np.arange(N_POOL) < marked, (repetitions, 1)), axis=1)
    drawn = np.cumsum(pools[:, :N_AUDIT], axis=1)[:, LOOKS - 1]
    looks = np.broadcast_to(LOOKS, drawn.shape)
    rows = [
        Watched(PEEKED, accuracy, _ever(clopper_pearson_interval(independent, looks), error)),
        Watched("with replacement", accuracy, _ever(beta_mixture_interval(independent, looks, a=a, b=b), error)),
        Watched(
            "without replacement",
            accuracy,
            _ever(pool_mixture_interval(drawn, looks, n_pool=N_POOL, a=a, b=b), marked / N_POOL),
        ),
    ]
    wrong, trials, sizes, share = _two_batches(rng, error, repetitions)
    found = stratified_pool_interval(wrong, trials, n_pool=sizes, a=a, b=b)
    by_audit = Interval(found.low.reshape(repetitions, -1), found.high.reshape(repetitions, -1))
    return [*rows, Watched("two batches at unequal rates", accuracy, _ever(by_audit, share))]


def rang(target: float, times: float, *, repetitions: int, seed: int) -> Rang:
    """Look after every answer.  At 1 the error is the target itself, the most it may be."""
    rng = np.random.default_rng([seed, round(1_000 * target), round(10 * times)])
    allowed = int(tolerated_wrong(N_POOL, target))
    pools = rng.permuted(np.tile(np.arange(N_POOL) < round(times * allowed), (repetitions, 1)), axis=1)
    wrong = np.cumsum(pools[:, :N_AUDIT], axis=1)
    trials = np.broadcast_to(np.arange(1, N_AUDIT + 1), wrong.shape)
    evidence = stratified_pool_evidence(
        wrong.reshape(-1, 1), trials.reshape(-1, 1), n_pool=[N_POOL], at_most=allowed, a=1.0, b=0.5 / target
    )
    over = evidence.reshape(wrong.shape) >= -np.log(DELTA)
    first = np.where(over.any(axis=1), over.argmax(axis=1) + 1.0, np.inf)
    median = float(np.median(first))
    return Rang(
        target,
        times,
        float(np.isfinite(first).mean()),
        float((first <= 500).mean()),
        int(median) if np.isfinite(median) else None,
    )


def audit_rows(*, repetitions: int, seed: int) -> tuple[list[Watched], list[Rang]]:
    """Measure both tables."""
    looked = [row for accuracy in ACCURACIES for row in watched(accuracy, repetitions=repetitions, seed=seed)]
    alarms = [rang(target, times, repetitions=repetitions, seed=seed) for target in TARGETS for times in TIMES]
    return looked, alarms


def print_audit(looked: Sequence[Watched], alarms: Sequence[Rang]) -> None:
    """Print both tables."""
    print(f"\n{'an audit looked at every ten of 2,000 answers':<46}{'accuracy':>9}{'ever wrong':>12}")
    for row in looked:
        print(f"{row.method:<46}{row.accuracy:>9.2f}{row.ever_wrong:>12.3f}")
    print(f"\n{'alarm: target':<16}{'error':>12}{'rang':>8}{'by 500':>8}{'median answers':>16}")
    for row in alarms:
        median = "-" if row.median_delay is None else f"{row.median_delay:,}"
        error = f"{row.times_target:g} x target"
        print(f"{row.target_error:<16.2f}{error:>12}{row.rang:>8.3f}{row.within_500:>8.3f}{median:>16}")


def keeps_its_level(looked: Sequence[Watched], alarms: Sequence[Rang], limit: float) -> bool:
    """Say whether nothing is wrong more often than stated, peeking at Clopper-Pearson is, and the alarm does ring."""
    held = all(row.ever_wrong <= limit for row in looked if row.method != PEEKED)
    broke = max(row.ever_wrong for row in looked if row.method == PEEKED) > 4 * DELTA
    quiet = all(row.rang <= limit for row in alarms if row.times_target == 1)
    rings = all(row.rang > 0.9 for row in alarms if row.times_target == 2)
    return held and broke and quiet and rings


def _two_batches(rng: np.random.Generator, error: float, repetitions: int) -> tuple[Ints, Ints, Ints, float]:
    """3,600 old items audited at 5% and 400 new ones at half, which are wrong twice as often; answers come mixed."""
    sizes, n_drawn = np.array([3_600, 400]), np.array([180, 200])
    marked = np.array([round(error * 3_600), round(min(2 * error, 1) * 400)])
    looks = np.arange(20, n_drawn.sum() + 1, 60)
    wrong, trials = list[Ints](), list[Ints]()
    for _ in range(repetitions):
        order = rng.permutation(np.repeat([0, 1], n_drawn))
        took = np.stack([np.cumsum(order == h) for h in (0, 1)], axis=1)[looks - 1]
        found = [np.cumsum(rng.permutation(np.arange(sizes[h]) < marked[h])[: n_drawn[h]]) for h in (0, 1)]
        wrong.append(np.stack([np.concatenate([[0], found[h]])[took[:, h]] for h in (0, 1)], axis=1))
        trials.append(took)
    return np.concatenate(wrong), np.concatenate(trials), sizes, float(marked.sum() / sizes.sum())


def _ever(found: Interval, truth: float) -> float:
    """Share of audits, by row, of which any look does not hold the truth."""
    return float(np.mean(np.any((found.low > truth + 1e-12) | (found.high < truth - 1e-12), axis=1)))
