"""Parts sampled at different rates, and parts known item by item, make one figure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.methods.aggregation import votes
from labelwright.methods.agreement import gwet_ac1
from labelwright.methods.estimation import COUNTED, ppi_mean, spoken_for, stratified_mean, total_from_samples


def test_two_strata_are_put_together_by_their_sizes() -> None:
    # 100 items, 4 drawn, 3 right: 75.  20 items, 2 drawn, 1 right: 10.
    stratum = np.repeat([0, 1], [100, 20])
    drawn = np.full(120, np.nan)
    drawn[[0, 1, 2, 3]], drawn[[100, 101]] = [1, 1, 1, 0], [1, 0]
    found = total_from_samples(drawn, stratum)
    assert (found.value, found.n_items, found.n_drawn, found.n_unspoken) == (pytest.approx(85.0), 120, 6, 0)
    assert 0 <= found.low < 85 < found.high <= 120


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 3))
def test_what_is_looked_through_whole_is_counted_without_doubt(right: list[bool], n_strata: int) -> None:
    stratum = np.arange(len(right)) % (n_strata + 1)
    found = total_from_samples(np.array(right, dtype=float), stratum)
    assert found.low == found.value == found.high == sum(right)
    assert (found.variance, found.n_items) == (0.0, len(right))


def test_a_stratum_with_one_drawn_item_is_not_spoken_for() -> None:
    drawn, stratum = [1.0, np.nan, 1.0, 0.0, np.nan, np.nan, 0.0], [0, 0, 1, 1, 1, COUNTED, COUNTED]
    assert spoken_for(drawn, stratum).tolist() == [False, False, True, True, True, False, False]
    found = total_from_samples(drawn, stratum)
    assert (found.n_items, found.n_unspoken, found.value) == (3, 2, pytest.approx(1.5))


def test_nothing_drawn_says_nothing() -> None:
    found = total_from_samples([np.nan] * 5, [0, 0, 0, COUNTED, COUNTED])
    assert (found.n_items, found.n_drawn, found.n_unspoken, found.design) == (0, 0, 3, "nothing was drawn")


def test_one_stratum_is_the_mean_with_a_tuned_model() -> None:
    rng = np.random.default_rng(3)
    predicted = rng.random(2_000)
    label = (rng.random(2_000) < predicted).astype(float)
    drawn = np.where(rng.permutation(2_000) < 200, label, np.nan)
    whole = total_from_samples(drawn, np.zeros(2_000, dtype=int), predicted)
    mean = ppi_mean(drawn, predicted)
    assert whole.value / 2_000 == pytest.approx(mean.value, abs=1e-9)
    assert whole.tuning == pytest.approx(mean.tuning, abs=1e-9)
    assert (whole.high - whole.low) / 2_000 == pytest.approx(mean.high - mean.low, rel=0.02)


def test_lambda_of_several_strata_is_the_one_of_least_variance() -> None:
    rng = np.random.default_rng(4)
    stratum = np.repeat([0, 1], [300, 700])
    predicted = rng.random(1_000)
    label = (rng.random(1_000) < 0.5 * predicted + 0.3 * stratum).astype(float)
    drawn = np.where((rng.random(1_000) < 0.2), label, np.nan)
    tuned = stratified_mean(drawn, stratum, predicted, tuning=None)
    for power in (0.0, tuned.tuning - 0.05, tuned.tuning + 0.05, 1.0):
        other = stratified_mean(drawn, stratum, predicted, tuning=power)
        assert other.standard_error >= tuned.standard_error * 0.995  # the tuned one pays for a coefficient


def test_samples_of_different_rates_cover_where_counting_them_together_does_not() -> None:
    rng = np.random.default_rng(5)
    stratum = np.repeat([0, 1], [900, 300])
    held, pooled_held, n_runs = 0, 0, 400
    for _ in range(n_runs):
        right = rng.random(1_200) < np.where(stratum == 0, 0.97, 0.6)
        drawn = np.full(1_200, np.nan)
        for code, n in ((0, 30), (1, 120)):
            chosen = rng.permutation(np.flatnonzero(stratum == code))[:n]
            drawn[chosen] = right[chosen]
        found = total_from_samples(drawn, stratum)
        held += found.low <= right.sum() <= found.high
        pooled = ppi_mean(drawn, np.zeros(1_200), tuning=0.0)
        pooled_held += pooled.low <= right.mean() <= pooled.high
    noise = (0.05 * 0.95 / n_runs) ** 0.5
    assert 0.95 - 3 * noise <= held / n_runs <= 0.99
    assert pooled_held / n_runs < 0.2


@pytest.mark.parametrize(
    ("size", "error", "n_drawn"),
    [((900, 120), (0.05, 0.3), (30, 119)), ((900, 300), (0.03, 0.4), (30, 120)), ((900, 300), (0.02, 0.5), (30, 120))],
)
def test_a_large_part_of_which_few_labels_happen_to_be_all_right_is_not_taken_for_sure(
    size: tuple[int, int], error: tuple[float, float], n_drawn: tuple[int, int]
) -> None:
    # With as many degrees of freedom as there are weights, the first of these held in 79% of samples.
    rng = np.random.default_rng(6)
    stratum, held, n_runs = np.repeat([0, 1], size), 0, 300
    for _ in range(n_runs):
        right = rng.random(len(stratum)) >= np.array(error)[stratum]
        drawn = np.full(len(stratum), np.nan)
        for code, n in enumerate(n_drawn):
            chosen = rng.permutation(np.flatnonzero(stratum == code))[:n]
            drawn[chosen] = right[chosen]
        found = total_from_samples(drawn, stratum)
        held += found.low <= right.sum() <= found.high
    assert held / n_runs >= 0.95 - 3 * (0.05 * 0.95 / n_runs) ** 0.5


def test_labels_and_strata_must_be_equally_many() -> None:
    with pytest.raises(InvalidValue, match="one per item"):
        total_from_samples([1.0, 0.0], [0])


@pytest.mark.parametrize(("n_options", "expected"), [(3, 0.625), (4, 0.6786)])
def test_gwets_coefficient_of_a_ragged_table(n_options: int, expected: float) -> None:
    # Agreement (1 + 1 + 0 + 1)/4; every share is a third, so chance is 3·(1/3·2/3)/(K − 1).
    counts = [[3, 0, 0], [0, 2, 0], [1, 1, 1], [0, 0, 4]]
    unit = [u for u, row in enumerate(counts) for n in row for _ in range(n)]
    option = [o for row in counts for o, n in enumerate(row) for _ in range(n)]
    annotator = [place for row in counts for place in range(sum(row))]
    table = votes(unit, annotator, option, n_options=n_options)
    assert gwet_ac1(table, rng=np.random.default_rng(1)).coefficient == pytest.approx(expected, abs=1e-3)


def test_gwets_coefficient_does_not_collapse_where_one_option_is_frequent() -> None:
    # Two people, 100 items: both yes 80, both no 5, else 15. po = .85, kappa .318, AC1 .808 (ALGORITHMS D, errata 4).
    pairs = [(0, 0)] * 80 + [(1, 1)] * 5 + [(0, 1)] * 7 + [(1, 0)] * 8
    unit = [u for u in range(100) for _ in range(2)]
    table = votes(unit, [0, 1] * 100, [o for pair in pairs for o in pair])
    assert gwet_ac1(table, rng=np.random.default_rng(1)).coefficient == pytest.approx(0.808, abs=0.01)


def test_a_drawn_item_without_an_answer_is_either_in_the_interval_and_left_out_of_the_value() -> None:
    # 8 of 10 answered ones are right; two more were drawn and never answered.
    stratum, drawn = np.zeros(100, dtype=int), np.full(100, np.nan)
    drawn[:10] = [1] * 8 + [0] * 2
    missing = np.zeros(100, dtype=bool)
    missing[10:12] = True
    alike, told = total_from_samples(drawn, stratum), total_from_samples(drawn, stratum, missing=missing)
    assert (told.value, told.n_drawn, told.n_missing) == (alike.value, 10, 2)
    for answer, end in ((0.0, "low"), (1.0, "high")):
        settled = total_from_samples(np.where(missing, answer, drawn), stratum)
        assert getattr(told, end) == pytest.approx(getattr(settled, end))
    assert told.high - told.low > alike.high - alike.low


@given(st.data())
def test_whatever_the_missing_answers_are_the_interval_holds_what_they_would_have_given(data: st.DataObject) -> None:
    answers = data.draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=4, max_size=40))
    gone = np.array(data.draw(st.lists(st.booleans(), min_size=len(answers), max_size=len(answers))))
    if gone.all():
        gone[0] = False
    stratum, drawn = np.zeros(60, dtype=int), np.full(60, np.nan)
    drawn[: len(answers)] = answers
    missing = np.zeros(60, dtype=bool)
    missing[: len(answers)] = gone
    known = np.where(missing, np.nan, drawn)
    told, true = total_from_samples(known, stratum, missing=missing), total_from_samples(drawn, stratum)
    if np.count_nonzero(~np.isnan(known)) >= 2:
        assert told.low <= true.low + 1e-9
        assert told.high >= true.high - 1e-9


def test_what_nobody_answered_in_a_part_looked_through_whole_is_the_only_doubt() -> None:
    found = total_from_samples([1.0, 0.0, np.nan, 1.0], [0, 0, 0, 0], missing=[False, False, True, False])
    assert (found.low, found.high) == (2.0, 3.0)
