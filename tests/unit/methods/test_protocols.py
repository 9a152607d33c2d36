"""Learning from some labels and certifying with others: what is gained, and what may never be done."""

from collections.abc import Callable

import numpy as np
import pytest

from labelwright.methods.confidence import PanelSignals
from labelwright.methods.protocols import (
    Belief,
    believe,
    certify_learned,
    learn,
    learn_then_certify,
    learning_size,
    plan_start,
)
from labelwright.methods.routing import certify
from tests.unit.methods.test_panel import jury

DELTA = 0.05


def asked(gold: np.ndarray, seen: list[np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    def oracle(at: np.ndarray) -> np.ndarray:
        seen.append(at)
        return gold[at]

    return oracle


def test_A4P_4_no_label_is_asked_twice_and_none_that_taught_certifies() -> None:
    signals, gold = jury(600, seed=1)
    seen: list[np.ndarray] = []
    found = learn_then_certify(signals, asked(gold, seen), n_labels=200, target_error=0.2, rng=np.random.default_rng(0))
    fitted, tested = seen
    assert len(fitted) == learning_size(200) == 67
    assert len(np.unique(np.concatenate([fitted, tested]))) == 200
    assert not np.intersect1d(found.tested_on, found.learned.fitted_on).size
    assert not found.accepted[np.concatenate([fitted, tested])].any()


def test_labels_and_scores_do_not_change_with_the_labels_that_certify() -> None:
    signals, gold = jury(400, seed=2)
    order = np.random.default_rng(0).permutation(400)
    fitted, tested = order[:50], order[50:150]
    learned = learn(signals, fitted, gold[fitted], rng=np.random.default_rng(1))
    rng = np.random.default_rng
    kept = certify_learned(learned, tested, lambda at: gold[at], target_error=0.2, delta=DELTA, rng=rng(2))
    turned = certify_learned(learned, tested, lambda at: 2 - gold[at], target_error=0.2, delta=DELTA, rng=rng(2))
    assert kept.start == turned.start
    assert np.array_equal(kept.learned.score, turned.learned.score)
    assert np.array_equal(kept.learned.label, turned.learned.label)


def test_the_first_models_labels_stand_where_overturning_them_did_not_pay() -> None:
    rng = np.random.default_rng(3)
    gold = rng.integers(0, 2, 300)
    alone = np.where(rng.random(300) < 0.9, gold, 1 - gold)
    learned = learn(PanelSignals(alone[:, None], 2), np.arange(60), gold[:60], rng=rng)
    assert learned.keeps_first
    assert np.array_equal(learned.label, alone)


def test_a_belief_narrows_with_labels_and_finds_the_line() -> None:
    rng = np.random.default_rng(4)
    stated = rng.uniform(0.3, 0.97, 4_000)
    correct = rng.random(4_000) < stated  # as stated: intercept 0, slope 1
    many = believe(stated, correct, rng=rng).line
    few = believe(stated[:40], correct[:40], rng=rng).line
    assert many.mean(axis=0) == pytest.approx([0.0, 1.0], abs=0.15)
    assert (many.std(axis=0) < few.std(axis=0)).all()


def test_the_start_is_at_the_bottom_where_everything_may_be_accepted_and_nowhere_where_nothing_may() -> None:
    score = np.linspace(0.5, 0.99, 500)
    sure, hopeless = Belief(np.tile([4.0, 1.0], (50, 1))), Belief(np.tile([-4.0, 1.0], (50, 1)))
    rng = np.random.default_rng(5)
    low = plan_start(score, sure, n_labels=100, target_error=0.2, delta=DELTA, rng=rng)
    assert low.first_threshold is not None
    assert low.expected_coverage > 0.95
    assert plan_start(score, hopeless, n_labels=100, target_error=0.05, delta=DELTA, rng=rng).first_threshold is None


def test_a_planned_start_certifies_where_the_rules_own_may_not_even_begin() -> None:
    """Thirty labels of 58 lie high enough; 3·n0 = 87 there are not."""
    signals, gold = jury(260, seed=6)
    gold = np.where(np.random.default_rng(0).random(260) < 0.97, np.asarray(signals.votes)[:, 0], gold)
    found = learn_then_certify(
        signals, lambda at: gold[at], n_labels=88, target_error=0.1, rng=np.random.default_rng(0)
    )
    others = np.setdiff1d(np.arange(260), found.learned.fitted_on)
    wrong = found.learned.label[found.tested_on] != gold[found.tested_on]
    plain = certify(
        found.learned.score[others], np.searchsorted(others, found.tested_on), wrong, target_error=0.1, delta=DELTA
    )
    assert found.certification.is_certified
    assert not plain.is_certified


def world(seed: int, n: int = 240) -> tuple[PanelSignals, np.ndarray]:
    """A model a little more wrong than allowed, and ten signals that know nothing of when."""
    rng = np.random.default_rng([1, seed])
    gold = rng.integers(0, 2, n)
    own = np.where(rng.permutation(n) < round(0.22 * n), 1 - gold, gold)
    return PanelSignals(own[:, None], 2, {f"signal {k}": rng.random(n) for k in range(10)}), gold


def broken(accepted: np.ndarray, wrong: np.ndarray, target: float) -> bool:
    return bool(accepted.any()) and (accepted & wrong).sum() > target * accepted.sum() + 1e-9


def test_A4P_4_the_promise_holds_on_small_pools_and_breaks_when_the_fit_saw_the_labels() -> None:
    """The failing control: what certifies on its own labels must break far oftener than δ."""
    n_draws, honest, leaky = 150, 0, 0
    for seed in range(n_draws):
        signals, gold = world(seed)
        rng = np.random.default_rng(seed)
        sample = rng.permutation(240)[:90]
        found = learn_then_certify(signals, lambda at, gold=gold: gold[at], n_labels=90, target_error=0.2, rng=rng)
        honest += broken(found.accepted, found.learned.label != gold, 0.2)
        leak = learn(signals, sample, gold[sample], rng=rng)
        wrong = leak.label != gold
        certified = certify(leak.score, sample, wrong[sample], target_error=0.2, delta=DELTA)
        leaky += broken(certified.accepted, wrong, 0.2)
    limit = DELTA + 3 * (DELTA * (1 - DELTA) / n_draws) ** 0.5
    assert honest / n_draws <= limit
    assert leaky / n_draws > 0.15 > limit
