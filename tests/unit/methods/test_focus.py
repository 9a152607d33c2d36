"""Drawing the sample that certifies from the surest items alone, and tests whose level a coin raises towards δ."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import hypergeom

from labelwright.errors import InvalidValue
from labelwright.methods.confidence import PanelSignals
from labelwright.methods.protocols import (
    Belief,
    believe,
    draw_and_certify,
    learn,
    learn_then_certify,
    plan_draw,
)
from labelwright.methods.routing import certify, draw_samples, finite_pool_p_value, rehearse, zero_error_size
from labelwright.methods.routing.tail_tests import tolerated_wrong
from tests.unit.methods.test_panel import jury
from tests.unit.methods.test_protocols import broken

DELTA = 0.05


def _at_exactly(
    n_pool: int, n_calibrated: int, n_wrong: NDArray[np.int64], *, target_error: float, coin: float
) -> NDArray[np.float64]:
    """The randomised test at exactly δ."""
    k = np.asarray(n_wrong)
    marked = np.minimum(tolerated_wrong(n_pool - n_calibrated, target_error) + 1 + k, n_pool)
    below = hypergeom.cdf(k - 1, n_pool, marked, n_calibrated)
    return np.asarray(below + coin * hypergeom.pmf(k, n_pool, marked, n_calibrated), dtype=np.float64)


@dataclass(frozen=True)
class TwoThresholds:
    """A pool of `first` items above a threshold and `second` below it, with so many wrong in each."""

    first: int
    second: int
    wrong_first: int
    wrong_second: int
    drawn: int
    target: float

    def chance_to_break(self, p_value: Callable[..., NDArray[np.float64]]) -> float:
        """P(certified, and more than the limit wrong among the unlabelled accepted), over draws and a grid of coins."""
        total, chance, coins = self.first + self.second, 0.0, (np.arange(50) + 0.5) / 50
        k, j = np.ogrid[: self.wrong_first + 1, : self.wrong_second + 1]
        fewest = zero_error_size(self.target, DELTA)

        def passes(pool: int, n: int, most: int, coin: float) -> NDArray[np.bool_]:
            counts = np.minimum(np.arange(most + 1), n)
            return p_value(pool, n, counts, target_error=self.target, coin=coin) <= DELTA

        for n in range(max(self.drawn - self.second, 0), min(self.first, self.drawn) + 1):
            above = hypergeom.pmf(k, self.first, self.wrong_first, n)
            below = hypergeom.pmf(j, self.second, self.wrong_second, self.drawn - n)
            weight = float(hypergeom.pmf(n, total, self.first, self.drawn)) / len(coins) * above * below
            for coin in coins.tolist():
                reaches = passes(total, self.drawn, self.wrong_first + self.wrong_second, coin)[k + j]
                # A threshold with too few labels is skipped, and the sequence starts below it.
                begins = passes(self.first, n, self.wrong_first, coin)[k] if n >= fewest else reaches
                left = np.where(reaches, self.wrong_first + self.wrong_second - k - j, self.wrong_first - k)
                n_accepted = np.where(reaches, total - self.drawn, self.first - n)
                chance += float((weight * (begins & (left > self.target * n_accepted + 1e-9))).sum())
        return chance


def few_sure(seed: int, n: int = 2_000) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and whether the label is wrong: of a tenth 3% are, of the others 40%; scores tie within each."""
    rng = np.random.default_rng([7, seed])
    easy = rng.random(n) < 0.1
    wrong = rng.random(n) < np.where(easy, 0.03, 0.4)
    return np.where(easy, 0.97, 0.6).round(2), wrong


def believed(score: np.ndarray, wrong: np.ndarray, taught: np.ndarray) -> Belief:
    return believe(score[taught], ~wrong[taught], rng=np.random.default_rng(0))


def test_where_sure_items_are_few_the_sample_is_drawn_from_them_alone() -> None:
    score, wrong = few_sure(1)
    belief = believed(score, wrong, np.arange(100))
    rng = np.random.default_rng(1)
    plan = plan_draw(score[100:], belief, n_labels=100, target_error=0.1, delta=DELTA, rng=rng)
    assert plan.is_focused
    assert plan.lowest == 0.97
    assert plan.n_labels == 100
    assert plan.expected_accepted > 1.1 * plan.expected_uniform
    assert np.array_equal(plan.inside(score), score == 0.97)
    forbidden = plan_draw(score[100:], belief, n_labels=100, target_error=0.1, delta=DELTA, rng=rng, may_focus=False)
    assert not forbidden.is_focused


def test_where_everything_may_be_accepted_the_whole_pool_is_drawn_from() -> None:
    score = np.linspace(0.5, 0.99, 500)
    sure = Belief(np.tile([4.0, 1.0], (50, 1)))
    plan = plan_draw(score, sure, n_labels=100, target_error=0.2, delta=DELTA, rng=np.random.default_rng(2))
    assert not plan.is_focused
    assert plan.inside(score).all()
    assert plan.expected_accepted == plan.expected_uniform > 380


@pytest.mark.parametrize(
    "score",
    [np.full(300, 0.7), np.full(300, np.nan), np.zeros(0), np.linspace(0.4, 0.6, 300)],
    ids=["all the same", "none", "no items", "hopeless"],
)
def test_without_anything_to_gain_the_whole_pool_is_drawn_from(score: np.ndarray) -> None:
    hopeless = Belief(np.tile([-3.0, 1.0], (50, 1)))
    plan = plan_draw(score, hopeless, n_labels=100, target_error=0.05, delta=DELTA, rng=np.random.default_rng(3))
    assert not plan.is_focused
    assert plan.n_labels == min(100, len(score))
    assert plan.expected_accepted == 0


def test_A4P_3_part_and_sample_do_not_change_with_the_labels_that_certify() -> None:
    signals, gold = jury(600, seed=2)
    fitted = np.arange(60)
    learned = learn(signals, fitted, gold[fitted], rng=np.random.default_rng(1))

    def run(truth: np.ndarray) -> object:
        found = draw_and_certify(
            learned,
            lambda at: truth[at],
            n_labels=120,
            target_error=0.2,
            delta=DELTA,
            rng=np.random.default_rng(2),
            may_focus=True,
        )
        assert found.draw is not None
        assert not np.intersect1d(found.tested_on, fitted).size
        assert not found.accepted[np.concatenate([fitted, found.tested_on])].any()
        return found.draw, tuple(found.tested_on.tolist())

    assert run(gold) == run(2 - gold)


def test_nothing_outside_the_part_is_drawn_or_accepted() -> None:
    rng = np.random.default_rng(4)
    n = 3_000
    gold = rng.integers(0, 2, n)
    easy = rng.random(n) < 0.15
    own = np.where(rng.random(n) < np.where(easy, 0.02, 0.45), 1 - gold, gold)
    signals = PanelSignals(own[:, None], 2, {"stated": np.where(easy, 0.95, 0.55) + 0.01 * rng.random(n)})
    found = learn_then_certify(
        signals,
        lambda at: gold[at],
        n_labels=300,
        target_error=0.2,
        rng=np.random.default_rng(5),
        may_focus=True,
    )
    assert found.draw is not None
    assert found.draw.is_focused
    inside = found.draw.inside(found.learned.score)
    assert inside[found.tested_on].all()
    assert found.accepted.any()
    assert inside[found.accepted].all()


def test_the_promise_holds_with_focus_and_coin_where_scores_know_nothing_and_tie() -> None:
    """A little more is wrong than allowed, and the belief that chooses part and start hopes for better."""
    n_draws, target, n = 120, 0.2, 600
    n_broken = 0
    for seed in range(n_draws):
        rng = np.random.default_rng([8, seed])
        wrong = rng.permutation(n) < round((target + 0.005) * n)
        score = rng.random(n).round(2 if seed % 2 else 9)
        belief = Belief(np.array([1.5, 1.0]) + 0.5 * rng.standard_normal((30, 2)))
        plan = plan_draw(score, belief, n_labels=120, target_error=target, delta=DELTA, rng=rng)
        pool = np.flatnonzero(plan.inside(score))
        drawn = np.sort(rng.permutation(pool)[: plan.n_labels])
        found = certify(
            score[pool],
            np.searchsorted(pool, drawn),
            wrong[drawn],
            target_error=target,
            delta=DELTA,
            first_threshold=plan.start.first_threshold,
            coin=1 - rng.random(),
        )
        n_broken += broken(found.accepted, wrong[pool], target)
    assert n_broken / n_draws <= DELTA + 3 * (DELTA * (1 - DELTA) / n_draws) ** 0.5


def test_the_promise_breaks_when_the_part_is_chosen_by_the_labels_that_certify() -> None:
    """The failing control: of 41 parts the one in which the very labels that then certify look best."""
    n_draws, target, n, n_broken = 200, 0.2, 2_000, 0
    for seed in range(n_draws):
        rng = np.random.default_rng([9, seed])
        wrong = rng.permutation(n) < round((target + 0.005) * n)
        score, sample = rng.random(n), rng.permutation(n)[:300]
        parts = [np.flatnonzero((score >= low) & (score < low + 0.2)) for low in np.linspace(0, 0.8, 41)]
        best = min(parts, key=lambda part: wrong[np.intersect1d(part, sample)].mean())
        inside = np.intersect1d(best, sample)
        found = certify(
            score[best],
            np.searchsorted(best, inside),
            wrong[inside],
            target_error=target,
            delta=DELTA,
            first_threshold=float(score[best].min()),
        )
        n_broken += broken(found.accepted, wrong[best], target)
    assert n_broken / n_draws > DELTA + 3 * (DELTA * (1 - DELTA) / n_draws) ** 0.5


def test_with_a_coin_a_test_that_errs_in_too_few_draws_errs_in_four_fifths_of_delta() -> None:
    """Just too many are wrong: the test errs without a coin in less of the samples, with one in .8 δ at least."""
    n, m, draws = 200, 60, 20_000
    n_wrong = int(0.1 * (n - m)) + 1
    rng = np.random.default_rng(9)
    # Wrong among the others when k were drawn: test at the edge, where k is what is left of the first too bad total.
    total = n_wrong + 3
    k = rng.hypergeometric(total, n - total, m, size=draws)
    edge = total - k > 0.1 * (n - m)
    plain = finite_pool_p_value(n, m, k, target_error=0.1)
    tossed = finite_pool_p_value(n, m, k, target_error=0.1, coin=1 - rng.random(draws))
    assert (edge & (plain <= DELTA)).mean() <= (edge & (tossed <= DELTA)).mean() <= DELTA + 3 * (0.05 / draws) ** 0.5
    assert (tossed <= plain).all()


@pytest.mark.parametrize(
    ("pool", "exactly"),
    [
        (TwoThresholds(first=50, second=19, wrong_first=6, wrong_second=6, drawn=58, target=0.3), 0.0551),
        (TwoThresholds(first=62, second=4, wrong_first=15, wrong_second=3, drawn=22, target=0.3), 0.0549),
        (TwoThresholds(first=57, second=2, wrong_first=13, wrong_second=1, drawn=23, target=0.3), 0.0597),
    ],
)
def test_a_coin_leaves_a_sequence_of_tests_the_room_it_needs_in_a_finite_pool(
    pool: TwoThresholds, exactly: float
) -> None:
    """The worst pools that were found, by counting all draws: tests at exactly δ = 5% break the limit more often."""
    assert pool.chance_to_break(_at_exactly) == pytest.approx(exactly, abs=5e-4)
    assert pool.chance_to_break(finite_pool_p_value) <= DELTA


def test_no_coin_is_tossed_where_most_of_a_part_is_labelled() -> None:
    p_value = finite_pool_p_value([100, 100], [50, 51], [3, 3], target_error=0.3, coin=0.1)
    plain = finite_pool_p_value([100, 100], [50, 51], [3, 3], target_error=0.3)
    assert [bool(p_value[at] < plain[at]) for at in (0, 1)] == [True, False]


def test_a_coin_certifies_more_and_none_is_tossed_unless_asked_for() -> None:
    rng = np.random.default_rng(10)
    score = rng.random(400)
    wrong = rng.random(400) < 0.25 * (1 - score)
    samples = draw_samples(400, 100, n_draws=400, rng=rng)
    plain = rehearse(score, wrong, samples, target_error=0.1)
    tossed = rehearse(score, wrong, samples, target_error=0.1, coin_S=1 - rng.random(400))
    assert (tossed.n_accepted >= plain.n_accepted).all()
    assert tossed.coverage.mean() > plain.coverage.mean()
    one = certify(score, samples[0], wrong[samples[0]], target_error=0.1, coin=1.0)
    assert one.n_accepted == certify(score, samples[0], wrong[samples[0]], target_error=0.1).n_accepted


@pytest.mark.parametrize("coin", [0.0, -0.1, 1.1, float("nan")])
def test_a_coin_outside_its_range_is_refused(coin: float) -> None:
    with pytest.raises(InvalidValue, match="coin"):
        certify([0.5, 0.6], [0], [False], target_error=0.1, coin=coin)


@settings(max_examples=100, deadline=None)
@given(
    pool=st.integers(2, 60),
    share=st.floats(0.05, 0.95),
    wrong=st.integers(0, 20),
    coin=st.floats(0.01, 1.0),
    target=st.sampled_from([0.05, 0.1, 0.29]),
)
def test_a_coin_lies_between_k_and_one_error_less(
    pool: int, share: float, wrong: int, coin: float, target: float
) -> None:
    drawn = max(1, int(share * pool))
    k = min(wrong, drawn)
    tossed = float(finite_pool_p_value(pool, drawn, k, target_error=target, coin=coin))
    assert -1e-12 <= tossed <= float(finite_pool_p_value(pool, drawn, k, target_error=target)) + 1e-12
