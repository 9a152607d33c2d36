"""Audits that may be looked at all the time, and what follows from them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.estimation_audits import peeking, recalls
from labelwright.errors import InvalidValue
from labelwright.methods.auditing import (
    beta_mixture_evidence,
    beta_mixture_interval,
    betting_sequence,
    error_rate_test,
    pool_mixture_evidence,
    pool_mixture_interval,
    running_intersection,
    slices_to_recall,
)


def test_the_half_widths_are_those_of_the_specification() -> None:
    n = np.array([100, 500, 2_000])
    found = beta_mixture_interval(0.05 * n, n)
    assert ((found.high - found.low) / 2).round(3).tolist() == [0.074, 0.035, 0.018]


def test_F5_looking_all_the_time_breaks_clopper_pearson_and_not_the_sequences() -> None:
    found = {
        row.method: row.ever_wrong for row in peeking(error=0.1, repetitions=120, seed=3, n_audit=1_200, n_pool=2_400)
    }
    assert found.pop("Clopper-Pearson at every look") > 0.2
    # 120 draws: 5% and three standard errors are .110
    assert max(found.values()) <= 0.110, found


@given(st.integers(0, 1_000_000), st.floats(0, 1), st.floats(0.001, 0.5))
@settings(max_examples=60)
def test_the_interval_holds_what_was_seen_and_no_mean_the_evidence_rules_out(
    n: int, share: float, delta: float
) -> None:
    k = round(share * n)
    found = beta_mixture_interval(k, n, delta=delta)
    assert 0 <= found.low <= (k / n if n else 0.5) <= found.high <= 1
    inside = found.low + (found.high - found.low) * np.array([0.001, 0.5, 0.999])
    assert np.all(beta_mixture_evidence(k, n, inside) < np.log(1 / delta))


def test_a_million_trials_are_no_trouble() -> None:
    found = beta_mixture_interval([0, 1, 500_000, 999_999, 1_000_000], 1_000_000)
    assert np.all(np.isfinite(found.low) & np.isfinite(found.high))
    assert np.all(found.high - found.low < 0.006)
    assert found.low[0] == 0
    assert found.high[-1] == 1
    assert found.high[0] == pytest.approx(1 - found.low[-1], rel=1e-6)  # errors and successes are mirror images


def test_evidence_against_the_truth_does_not_grow_on_average() -> None:
    # E[M_n] = 1 under p: summed over all outcomes of n = 12 with their binomial chances.
    from scipy import stats

    k = np.arange(13)
    mean = np.sum(stats.binom.pmf(k, 12, 0.3) * np.exp(beta_mixture_evidence(k, 12, 0.3)))
    assert mean == pytest.approx(1.0)
    # The same without replacement: 14 of 30 marked, 12 drawn, so that every outcome is possible.
    evidence = np.exp(pool_mixture_evidence(k, 12, 14, n_pool=30))
    assert np.sum(stats.hypergeom.pmf(k, 30, 14, 12) * evidence) == pytest.approx(1.0)
    # 9 of 30 marked: what the mixture bets on the impossible (10 to 12 marked ones) is lost.
    lost = np.sum(stats.betabinom.pmf([10, 11, 12], 12, 0.5, 0.5))
    evidence = np.exp(pool_mixture_evidence(k[:10], 12, 9, n_pool=30))
    assert np.sum(stats.hypergeom.pmf(k[:10], 30, 9, 12) * evidence) == pytest.approx(1 - lost)


@given(st.data())
@settings(max_examples=60)
def test_the_pool_interval_is_what_trying_every_number_gives(data: st.DataObject) -> None:
    n_pool = data.draw(st.integers(1, 60))
    n = data.draw(st.integers(0, n_pool))
    k = data.draw(st.integers(0, n))
    kept = np.flatnonzero(pool_mixture_evidence(k, n, np.arange(n_pool + 1), n_pool=n_pool) < np.log(20))
    found = pool_mixture_interval(k, n, n_pool=n_pool)
    assert (found.low * n_pool, found.high * n_pool) == (pytest.approx(kept[0]), pytest.approx(kept[-1]))
    assert np.array_equal(kept, np.arange(kept[0], kept[-1] + 1))


def test_a_finite_pool_narrows_to_a_point() -> None:
    values = np.random.default_rng(0).permutation(np.arange(500) < 40).astype(float)
    looks = [100, 300, 450, 500]
    mixture = pool_mixture_interval(np.cumsum(values)[np.array(looks) - 1], looks, n_pool=500)
    betting = betting_sequence(values, n_pool=500, looks=looks)
    assert float(mixture.low[-1]) == float(mixture.high[-1]) == 0.08
    assert betting.high[-1] - betting.low[-1] <= 0.002 + 1e-9
    for found in (mixture, betting):
        assert np.all((found.low <= 0.08) & (found.high >= 0.08))
        assert np.all(np.diff(found.high - found.low) <= 0)


def test_betting_suits_losses_that_are_not_0_or_1() -> None:
    draw = np.random.default_rng(1)
    losses = np.clip(draw.normal(0.1, 0.03, 1_000), 0, 1)  # hardly any spread: the bets notice
    found = betting_sequence(losses, looks=[200, 1_000])
    binary = beta_mixture_interval(np.round(losses.mean() * 1_000), 1_000)
    assert np.all((found.low < losses.mean()) & (losses.mean() < found.high))
    assert found.high[1] - found.low[1] < 0.5 * float(binary.high - binary.low)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300), st.integers(1, 300))
@settings(max_examples=40)
def test_a_betting_sequence_never_widens_and_does_not_know_the_future(values: list[float], cut: int) -> None:
    cut = min(cut, len(values))
    whole, part = betting_sequence(values, n_grid=100), betting_sequence(values[:cut], n_grid=100)
    assert np.allclose(whole.low[:cut], part.low)
    assert np.allclose(whole.high[:cut], part.high)
    assert np.all(whole.low <= whole.high)


def test_running_intersections_never_widen() -> None:
    n = np.arange(1, 400)
    errors = np.cumsum(np.random.default_rng(2).random(399) < 0.1)
    found = running_intersection(beta_mixture_interval(errors, n))
    assert np.all(np.diff(found.low) >= 0)
    assert np.all(np.diff(found.high) <= 0)


def test_the_running_test_stops_early_when_the_error_is_low() -> None:
    clean, noisy = np.zeros(400), np.tile([0.0] * 9 + [1.0], 40)
    assert (error_rate_test(clean, target_error=0.1).stopped_at or 999) < 40
    assert not error_rate_test(noisy, target_error=0.1).is_settled
    assert (error_rate_test(noisy, target_error=0.02, claim="above").stopped_at or 999) < 200
    assert error_rate_test([], target_error=0.1).p_value == 1.0


def test_a_finite_pool_is_settled_for_certain_in_the_end() -> None:
    right = np.arange(50) >= 5
    assert error_rate_test(~right, target_error=0.1, n_pool=50).is_settled  # 5 of 50 is within a tenth
    above = error_rate_test(~right, target_error=0.09, claim="above", n_pool=50)
    assert above.stopped_at is not None
    assert above.stopped_at <= 5  # four are allowed, the fifth settles it


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InvalidValue, match="drawn from a pool of 3"):
        pool_mixture_interval(1, 4, n_pool=3)
    with pytest.raises(InvalidValue, match="drawn from a pool of 1"):
        betting_sequence([0.0, 1.0], n_pool=1)
    with pytest.raises(InvalidValue, match="rescale"):
        betting_sequence([0.0, 2.0])
    with pytest.raises(InvalidValue, match="strictly between"):
        error_rate_test([0], target_error=0.0)
    with pytest.raises(InvalidValue, match="different positions"):
        slices_to_recall({"part": [0, 1]}, [0, 0], [True, False], target_error=0.1)


def test_the_bad_slice_goes_back_and_the_others_stay() -> None:
    draw = np.random.default_rng(5)
    part, length = draw.integers(0, 10, 8_000), draw.integers(0, 3, 8_000)
    wrong = draw.random(8_000) < np.where(part == 3, 0.4, 0.03)
    audited = draw.permutation(8_000)[:600]
    found = slices_to_recall({"part": part, "length": length}, audited, wrong[audited], target_error=0.05)
    assert [(one.slicing, one.value, one.is_proven) for one in found.slices] == [("part", 3, True)]
    is_audited = np.isin(np.arange(8_000), audited)
    assert np.array_equal(found.items, (part == 3) & ~is_audited)
    assert found.error_left < 0.05
    assert len(found.considered) == 13


def test_when_no_slice_explains_the_alarm_everything_goes_back() -> None:
    draw = np.random.default_rng(6)
    part = draw.integers(0, 4, 2_000)
    wrong = draw.random(2_000) < 0.3
    audited = draw.permutation(2_000)[:200]
    found = slices_to_recall({"part": part}, audited, wrong[audited], target_error=0.1)
    assert found.alarmed
    assert found.items.sum() == 1_800
    assert np.isnan(found.error_left)


def test_good_work_is_left_alone() -> None:
    row = recalls(0.04, 300, repetitions=30, seed=4)  # all slices are wrong in 4%; 8% are allowed
    assert (row.found, row.wrongly_recalled) == (0.0, 0.0)
