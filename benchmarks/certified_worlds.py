"""Simulated pools in which a protocol's promise is hardest to keep, and the two cheats that must break it."""

from dataclasses import dataclass

import numpy as np

from labelwright.methods.confidence import PanelSignals
from labelwright.methods.protocols import certify_learned, learn, learn_then_certify, learning_size
from labelwright.methods.routing import certify, count_thresholds, finite_pool_p_value, zero_error_size

DELTA = 0.05
N_ITEMS, TARGET = 300, 0.2
N_NOISE = 25
N_LARGE, N_MANY = 4_000, 3_000
"""The cheat with the start needs many labels to be seen: in pools of 300 and of 1,500, with errors
further above the target, it broke in 2 to 5% and in 7% of 100 to 150 draws.
How far a cheat breaks depends on the world it is tried in."""


@dataclass(frozen=True, slots=True)
class WorldRow:
    """One way of certifying in one world; as_it_must: the promise held, or, for a cheat, broke."""

    name: str
    n_draws: int
    certified: float
    broken: float
    as_it_must: bool


def worlds(n_draws: int) -> list[WorldRow]:
    """Run the protocol and both cheats."""
    noise = 3 * (DELTA * (1 - DELTA) / n_draws) ** 0.5
    rows: list[WorldRow] = []
    for name, world in (
        ("protocol; every score a coin, errors at the target", coins),
        ("protocol; seven models that err together", jury),
        ("protocol; ties: one agreement of three models", ties),
        ("protocol; sure items are few among many", few_sure),
    ):
        for way, sample in (("", honest), ("; focused, coin", focused)):
            outcome = np.array([sample(*world(seed), seed) for seed in range(n_draws)])
            certified, broken = outcome.mean(axis=0)
            rows.append(WorldRow(name + way, n_draws, float(certified), float(broken), bool(broken <= DELTA + noise)))
    for name, cheat, n_items in (
        ("cheat: fitted on the labels that certify", leaky_fit, N_ITEMS),
        ("cheat: start chosen on them", best_start, N_LARGE),
    ):
        outcome = np.array([cheat(*coins(seed, n_items), seed) for seed in range(n_draws)])
        certified, broken = outcome.mean(axis=0)
        rows.append(WorldRow(name, n_draws, float(certified), float(broken), bool(broken > DELTA + noise)))
    return rows


def coins(seed: int, n_items: int = N_ITEMS) -> tuple[PanelSignals, np.ndarray]:
    """Give a model a little more wrong than allowed, and signals that know nothing of when."""
    rng = np.random.default_rng([1, seed])
    gold = rng.integers(0, 2, n_items)
    own = np.where(rng.permutation(n_items) < round((TARGET + 0.005) * n_items), 1 - gold, gold)
    confidences = {f"signal {number}": rng.random(n_items) for number in range(N_NOISE)}
    return PanelSignals(own[:, None], 2, confidences), gold


def jury(seed: int) -> tuple[PanelSignals, np.ndarray]:
    """Give models that share the hard items."""
    rng = np.random.default_rng([2, seed])
    gold = rng.integers(0, 3, N_ITEMS)
    hard = rng.normal(size=N_ITEMS)
    right = rng.random((N_ITEMS, 7)) < 1 / (1 + np.exp(2 * hard[:, None] - 1.6))
    lure = (gold + rng.integers(1, 3, N_ITEMS)) % 3
    return PanelSignals(np.where(right, gold[:, None], lure[:, None]), 3), gold


def ties(seed: int) -> tuple[PanelSignals, np.ndarray]:
    """Give three models whose agreement takes few values, whatever is learnt."""
    rng = np.random.default_rng([3, seed])
    gold = rng.integers(0, 2, N_ITEMS)
    right = rng.random((N_ITEMS, 3)) < np.array([0.78, 0.6, 0.6])
    return PanelSignals(np.where(right, gold[:, None], 1 - gold[:, None]), 2), gold


def few_sure(seed: int) -> tuple[PanelSignals, np.ndarray]:
    """Give many items, of which three models are sure of a tenth, and right there in 19 of 20."""
    rng = np.random.default_rng([5, seed])
    gold = rng.integers(0, 2, N_MANY)
    easy = rng.random(N_MANY) < 0.1
    right = rng.random((N_MANY, 3)) < np.where(easy, 0.95, 0.6)[:, None]
    confidence = np.clip(np.where(easy, 0.9, 0.6) + 0.05 * rng.normal(size=N_MANY), 0.01, 0.99)
    return PanelSignals(np.where(right, gold[:, None], 1 - gold[:, None]), 2, {"stated": confidence}), gold


def focused(signals: PanelSignals, gold: np.ndarray, seed: int) -> tuple[bool, bool]:
    """Learn from some labels, draw the others where it is expected to pay, toss a coin: as `honest`."""
    rng = np.random.default_rng([4, seed])
    coin = 1 - rng.random()
    found = learn_then_certify(
        signals,
        lambda at: gold[at],
        n_labels=min(len(gold) // 3, 300),
        target_error=TARGET,
        delta=DELTA,
        rng=rng,
        may_focus=True,
        coin=coin,
    )
    return broken_by(found.accepted, found.learned.label != gold)


def honest(signals: PanelSignals, gold: np.ndarray, seed: int) -> tuple[bool, bool]:
    """Learn from some labels, certify with others: whether anything was certified, and whether that was broken."""
    rng = np.random.default_rng([4, seed])
    order = rng.permutation(len(gold))
    n_labels = min(len(gold) // 3, 300)
    n_learning = learning_size(n_labels)
    fitted_on, tested_on = order[:n_learning], order[n_learning:n_labels]
    learned = learn(signals, fitted_on, gold[fitted_on], rng=rng)
    found = certify_learned(learned, tested_on, lambda at: gold[at], target_error=TARGET, delta=DELTA, rng=rng)
    return broken_by(found.accepted, learned.label != gold)


def leaky_fit(signals: PanelSignals, gold: np.ndarray, seed: int) -> tuple[bool, bool]:
    """Learn from the very labels that certify."""
    rng = np.random.default_rng([4, seed])
    sample = rng.permutation(len(gold))[: len(gold) // 3]
    learned = learn(signals, sample, gold[sample], rng=rng)
    wrong = learned.label != gold
    found = certify(learned.score, sample, wrong[sample], target_error=TARGET, delta=DELTA)
    return broken_by(found.accepted, wrong)


def best_start(signals: PanelSignals, gold: np.ndarray, seed: int) -> tuple[bool, bool]:
    """Learn honestly, but start where the labels that certify look best."""
    rng = np.random.default_rng([4, seed])
    order = rng.permutation(len(gold))
    n_labels = len(gold) // 3
    n_learning = learning_size(n_labels)
    fitted_on, tested_on = order[:n_learning], order[n_learning:n_labels]
    learned = learn(signals, fitted_on, gold[fitted_on], rng=rng)
    others = np.setdiff1d(np.arange(len(gold)), fitted_on)
    wrong, score = (learned.label != gold)[others], learned.score[others]
    tested = np.searchsorted(others, tested_on)
    counts = count_thresholds(score, tested, wrong[tested])
    p_values = finite_pool_p_value(counts.n_pool, counts.n_calibrated, counts.n_wrong, target_error=TARGET)
    enough = counts.n_calibrated >= zero_error_size(TARGET, DELTA)
    start = float(counts.threshold[int(np.argmin(np.where(enough, p_values, 1.0)))])
    found = certify(score, tested, wrong[tested], target_error=TARGET, delta=DELTA, first_threshold=start)
    return broken_by(found.accepted, wrong)


def broken_by(accepted: np.ndarray, wrong: np.ndarray) -> tuple[bool, bool]:
    """Whether anything was accepted, and whether more of it than the target is wrong."""
    n = int(accepted.sum())
    return n > 0, n > 0 and int((accepted & wrong).sum()) > TARGET * n + 1e-9
