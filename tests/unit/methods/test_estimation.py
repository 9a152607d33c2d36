"""Figures about the whole from labels on a part."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from benchmarks.estimation import slopes
from benchmarks.estimation_shares import HUMAN, UNTUNED, all_estimates, intercept_for, share_world
from labelwright.errors import InvalidValue
from labelwright.methods.estimation import (
    active_mean,
    by_part,
    class_prevalence,
    classical_mean,
    confidence_driven_inclusion,
    confusion_to_truth,
    effective_sample_size,
    expected_squared_error,
    inclusion_probabilities,
    neyman_allocation,
    poisson_draw,
    ppi_mean,
    pseudo_outcomes,
    pseudo_regression,
    round_sizes,
    strata_of,
    stratified_draw,
    stratified_mean,
    tuned_lambda,
)

NAN = np.nan


def answered(label: ArrayLike, chosen: ArrayLike) -> np.ndarray:
    values, positions = np.asarray(label, dtype=float), np.asarray(chosen)
    asked = np.full(len(values), np.nan)
    asked[positions] = values[positions]
    return asked


def test_ppi_by_hand() -> None:
    # f̄ = 3/6, labelled y − f = 0, 1, 0 (mean 1/3); residuals −1/3, 2/3, −1/3: s² = (6/9)/2 = 1/3
    found = ppi_mean([1, 1, 0, NAN, NAN, NAN], [1, 0, 0, 1, 1, 0], tuning=1.0)
    assert found.value == pytest.approx(1 / 2 + 1 / 3)
    assert found.standard_error == pytest.approx((1 / 3 / 3 * (1 - 3 / 6)) ** 0.5)
    assert found.design == "random sample with the model's output on all, finite population"


def test_a_share_of_plain_labels_loses_no_freedom_and_few_surprises_leave_little() -> None:
    label = np.zeros(5_000)
    label[:1_500] = 1.0
    asked = answered(label, np.r_[0:25, 2_000:2_025])  # 25 of 50, and Student's quantile at 49
    plain = classical_mean(asked, population="open")
    quantile = 2.0096
    centre = (0.5 + quantile**2 / 100) / (1 + quantile**2 / 50)
    half = quantile / (1 + quantile**2 / 50) * (0.5 * 0.5 / 50 + quantile**2 / (4 * 50**2)) ** 0.5
    assert plain.low == pytest.approx(centre - half, abs=2e-4)
    assert plain.high == pytest.approx(centre + half, abs=2e-4)
    # A model that was right in 48 of them and wrong once in each direction: worth more, and known less well.
    said = label.copy()
    said[[0, 2_000]] = [0.0, 1.0]
    found = ppi_mean(asked, said, tuning=1.0)
    sure = ppi_mean(asked, np.where(np.arange(5_000) < 1_500, 0.8, 0.2), tuning=1.0)  # ± .2 everywhere, as much in all
    assert found.standard_error == pytest.approx(sure.standard_error, rel=0.02)
    assert found.high - found.low > 1.15 * (sure.high - sure.low)
    assert found.effective_sample_size < 0.75 * sure.effective_sample_size


def test_tuning_is_the_regression_slope_within_limits() -> None:
    assert tuned_lambda([0, 1, 1, 0], [0, 1, 0, 0]) == pytest.approx(2 / 3)  # cov 1/8, var 3/16
    assert tuned_lambda([1, 0, 0], [0, 1, 1]) == 0.0  # worse than nothing is not used backwards
    assert tuned_lambda([0, 1], [0.5, 0.5]) == 0.0


def test_when_everybody_was_asked_nothing_is_uncertain() -> None:
    label, f = np.array([1.0, 0, 0, 1, 1, 0]), np.array([0.9, 0.2, 0.6, 0.5, 0.1, 0.3])
    strata = np.array([0, 0, 0, 1, 1, 1])
    everything = [
        classical_mean(label),
        ppi_mean(label, f),
        stratified_mean(label, strata, f),
        stratified_mean(label, strata, after_the_fact=True),
        active_mean(label, f, np.ones(6)),
    ]
    for found in everything:
        assert (found.value, found.standard_error) == (pytest.approx(0.5), 0.0)
        assert (found.low, found.high) == (pytest.approx(0.5), pytest.approx(0.5))
        assert found.effective_sample_size == 6


def test_without_labels_anything_is_possible() -> None:
    for found in (
        classical_mean([NAN] * 4),
        ppi_mean([NAN] * 4, [0.5] * 4),
        active_mean([NAN] * 4, [0.5] * 4, [0.1] * 4),
    ):
        assert np.isnan(found.value)
        assert (found.low, found.high, found.effective_sample_size) == (0.0, 1.0, 0.0)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.booleans()), min_size=1, max_size=80))
@settings(max_examples=80)
def test_an_interval_lies_in_the_unit_interval_and_holds_its_estimate(rows: list[tuple[bool, float, bool]]) -> None:
    label, predicted, asked = (np.array(column) for column in zip(*rows, strict=True))
    human = np.where(asked, label, np.nan)
    for population in ("finite", "open"):
        found = ppi_mean(human, predicted, population=population)
        assert 0 <= found.low <= found.high <= 1
        if asked.any():
            inside = min(max(found.value, 0.0), 1.0)
            assert found.low - 1e-9 <= inside <= found.high + 1e-9


def test_a_perfect_model_does_not_make_an_interval_without_width() -> None:
    label = np.arange(2_000) % 50 == 0
    human = answered(label, np.arange(50))
    found = ppi_mean(human, label.astype(float))
    assert found.standard_error == 0.0
    assert found.high - found.low > 0.02  # 50 agreements rule out an error rate of 2%, not one of .2%
    assert found.effective_sample_size < 2_000


def test_neymans_allocation_is_the_specifications_example() -> None:
    error = np.array([0.02, 0.1, 0.35])
    size, spread = [50_000, 30_000, 20_000], np.sqrt(error * (1 - error))
    assert neyman_allocation(size, spread, 1_000).tolist() == [274, 352, 374]
    # variance against plain proportions: Σ W_h² s²/n_h is 1.26 times smaller, and 1.50 than without strata
    share = np.array([0.5, 0.3, 0.2])
    neyman, proportional = (np.sum(share**2 * spread**2 / n) for n in (np.array([274, 352, 374]), 1_000 * share))
    overall = share @ error
    assert proportional / neyman == pytest.approx(1.26, abs=0.005)
    assert overall * (1 - overall) / 1_000 / neyman == pytest.approx(1.50, abs=0.005)


@given(st.lists(st.tuples(st.integers(1, 50), st.floats(0, 0.5)), min_size=1, max_size=8), st.data())
@settings(max_examples=60)
def test_allocations_add_up_within_their_limits(strata: list[tuple[int, float]], data: st.DataObject) -> None:
    size, spread = (np.array(column) for column in zip(*strata, strict=True))
    least = np.minimum(2, size)
    n = data.draw(st.integers(int(least.sum()), int(size.sum()) + 5))
    given_ = neyman_allocation(size, spread, n, mix=data.draw(st.sampled_from([0.0, 0.5])))
    assert given_.sum() == min(n, size.sum())
    assert np.all((given_ >= least) & (given_ <= size))


def test_too_many_strata_for_the_labels_are_refused() -> None:
    with pytest.raises(InvalidValue, match="use fewer strata"):
        neyman_allocation([10, 10, 10], [0.1, 0.1, 0.1], 5)


def test_stratified_by_hand() -> None:
    # W = 2/3, 1/3: means 1/2 and 1; variance (2/3)²·(1/2)/2·(1 − 2/4) + (1/3)²·0
    found = stratified_mean([1, 0, NAN, NAN, 1, 1], [0, 0, 0, 0, 1, 1])
    assert found.value == pytest.approx(2 / 3 * 1 / 2 + 1 / 3)
    assert found.standard_error == pytest.approx((4 / 9 * 0.5 / 2 * 0.5) ** 0.5)


def test_a_stratum_with_one_label_joins_its_neighbour() -> None:
    alone = stratified_mean([1, 0, NAN, 1, NAN, 0, 1, NAN], [0, 0, 0, 1, 1, 2, 2, 2])
    joined = stratified_mean([1, 0, NAN, 1, NAN, 0, 1, NAN], [0, 0, 0, 1, 1, 1, 1, 1])
    assert alone == joined
    assert "2 strata" in alone.design


def test_strata_keep_equal_confidences_together() -> None:
    code = strata_of([0, 0, 0, 0, 1, 1, -1], [0.9, 0.9, 0.1, 0.1, 0.5, NAN, NAN], n_bands=2)
    assert (code[0], code[2]) == (code[1], code[3])
    assert len({code[0], code[2], code[4], code[5], code[6]}) == 5
    assert sorted(set(code.tolist())) == list(range(5))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.1, 70), st.sampled_from([0.0, 0.15, 0.5, 1.0]))
@settings(max_examples=80)
def test_chances_add_up_to_the_labels(uncertainty: list[float], n: float, mix: float) -> None:
    chance = inclusion_probabilities(uncertainty, n, mix=mix)
    assert np.all((chance >= 0) & (chance <= 1))
    if mix > 0 or all(u > 1e-3 for u in uncertainty):
        assert chance.sum() == pytest.approx(min(n, len(uncertainty)))
    # nobody is left without the chance that mixing promises
    assert np.all(chance >= min(mix * n / len(uncertainty), 1) - 1e-9)


def test_active_by_hand() -> None:
    # N = 4, f = ½ everywhere: 1/2 + ((1 − ½)/½ + (0 − ½)/¼)/4 = 1/2 + (1 − 2)/4
    found = active_mean([1, 0, NAN, NAN], [0.5] * 4, [0.5, 0.25, NAN, NAN], tuning=1.0)
    assert found.value == pytest.approx(0.25)
    # Σ (1−π)/π² e² = 2·¼ + 12·¼ = 3.5, over 16
    assert found.standard_error == pytest.approx((3.5 / 16) ** 0.5)


@pytest.mark.parametrize("tuning", [1.0, None])
def test_an_active_estimate_is_right_on_average_in_rounds_too(tuning: float | None) -> None:
    draw = np.random.default_rng(8)
    label, probability = share_world(draw, intercept_for(0.3, 4.0), is_useful=True, n=600)
    errors = []
    for _ in range(400):
        asked, chance, drawn_in = np.full(600, np.nan), np.ones(600), np.zeros(600, dtype=int)
        for number, size in enumerate(round_sizes(90)):
            inclusion = confidence_driven_inclusion(probability, probability, asked, size)
            drawn = poisson_draw(inclusion, rng=draw)
            assert not np.any(drawn & ~np.isnan(asked))
            asked[drawn], chance[drawn], drawn_in[drawn] = label[drawn], inclusion[drawn], number
        errors.append(active_mean(asked, probability, chance, drawn_in=drawn_in, tuning=tuning).value - label.mean())
    assert abs(np.mean(errors)) < 4 * np.std(errors) / 20


def test_what_was_asked_needs_its_logged_chance() -> None:
    with pytest.raises(InvalidValue, match="logged chance"):
        active_mean([1, 0, NAN], [0.5] * 3, [0.5, NAN, NAN])
    with pytest.raises(InvalidValue, match="one per item"):
        ppi_mean([1, 0, NAN], [0.5] * 2)
    with pytest.raises(InvalidValue, match="lie in"):
        classical_mean([2.0])


def test_errors_are_expected_where_they_were_seen() -> None:
    draw = np.random.default_rng(9)
    confidence = draw.uniform(0.5, 1, 4_000)
    label = (draw.random(4_000) < confidence).astype(float)
    human = answered(label, draw.permutation(4_000)[:300])
    expected = expected_squared_error(confidence, np.ones(4_000), human)
    assert np.corrcoef(expected, 1 - confidence)[0, 1] > 0.9
    assert np.all(expected_squared_error(confidence, np.ones(4_000), np.full(4_000, np.nan)) == 0.25)


@pytest.mark.parametrize("prevalence", [0.02, 0.3])
@pytest.mark.parametrize("is_useful", [True, False])
def test_intervals_hold_and_labels_are_worth_more_with_a_good_model(prevalence: float, is_useful: bool) -> None:
    draw, outcomes = np.random.default_rng(10), {}
    intercept = intercept_for(prevalence, 4.0)
    for _ in range(120):
        label, probability = share_world(draw, intercept, is_useful=is_useful, n=2_000)
        for name, found in all_estimates(draw, label, probability, 200).items():
            error = found.value - label.mean()
            outcomes.setdefault(name, []).append((found.low <= label.mean() <= found.high, error**2))
    covered = {name: np.mean([one[0] for one in rows]) for name, rows in outcomes.items()}
    squared = {name: np.mean([one[1] for one in rows]) for name, rows in outcomes.items()}
    # 120 draws: .95 less three standard errors is .89
    assert min(covered.values()) >= 0.89, covered
    if is_useful and prevalence == 0.3:
        assert squared[HUMAN] > 1.6 * squared["PPI++, probabilities"]
    if not is_useful:
        assert squared["PPI++, labels"] < 1.15 * squared[HUMAN]
        assert squared[UNTUNED] > squared["PPI++, labels"]


def test_pseudo_outcomes_mend_a_regression_on_model_labels() -> None:
    found = {row.method: row for row in slopes(repetitions=60, seed=11)}
    assert found["model's labels as they are"].coverage < 0.1
    assert found["pseudo-outcomes"].coverage >= 0.86
    assert abs(found["pseudo-outcomes"].bias) < 0.1
    assert found["pseudo-outcomes"].standard_error < found[HUMAN].standard_error


def test_pseudo_outcomes_average_to_the_truth_whatever_is_predicted() -> None:
    label = (np.arange(400) % 3 == 0).astype(float)
    means = []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        human = answered(label, draw.permutation(400)[:80])
        means.append(pseudo_outcomes(human, 1 - label, 0.2, rng=draw).outcome.mean())
    assert np.mean(means) == pytest.approx(label.mean(), abs=4 * np.std(means) / 60**0.5 + 1e-9)


def test_regressions_that_have_no_answer_are_refused() -> None:
    columns = np.column_stack([np.ones(6), np.arange(6.0)])
    with pytest.raises(InvalidValue, match="leave one out"):
        pseudo_regression(np.arange(6.0), np.column_stack([columns, columns[:, 1]]))
    with pytest.raises(InvalidValue, match="no finite solution"):
        pseudo_regression([0, 0, 0, 1, 1, 1], columns, link="logistic")
    with pytest.raises(InvalidValue, match="too few for 5 folds"):
        pseudo_outcomes([1, 0, NAN, NAN], [0.1] * 4, 0.5, rng=np.random.default_rng(0))


def test_prevalence_naive_and_corrected() -> None:
    draw = np.random.default_rng(12)
    truth = draw.choice(3, 3_000, p=[0.6, 0.3, 0.1])
    # a third of class 2 is called 0
    said = np.where((truth == 2) & (draw.random(3_000) < 1 / 3), 0, truth)
    human = np.where(np.isin(np.arange(3_000), draw.permutation(3_000)[:300]), truth, -1)
    for found in class_prevalence(human, said, 3):
        share = np.mean(truth == found.code)
        assert found.naive == np.mean(said == found.code)
        assert found.corrected.low <= share <= found.corrected.high
    confusion = confusion_to_truth(human, said, 3)
    assert confusion.sampled.sum() == 300
    assert confusion.n_items.sum() == 3_000
    assert confusion.share.sum(axis=1) == pytest.approx(1.0)
    assert confusion.low[0, 2] <= np.mean(truth[said == 0] == 2) <= confusion.high[0, 2]
    with pytest.raises(InvalidValue, match="from 0 to 2"):
        class_prevalence(human, said + 1, 3)


def test_a_part_is_estimated_on_its_own_items() -> None:
    right = np.array([1, 0, NAN, NAN, 1, 1, NAN])
    found = by_part([0, 0, 0, -1, 1, 1, 1], lambda here: classical_mean(right[here]))
    assert {code: (one.value, one.n_labelled, one.n_population) for code, one in found.items()} == {
        0: (0.5, 2, 3),
        1: (1.0, 2, 3),
    }


def test_effective_sizes_never_exceed_the_population() -> None:
    assert effective_sample_size(0.25, 0.0, n_population=500) == pytest.approx(500)
    assert effective_sample_size(0.25, 0.25 / 100) == pytest.approx(100)


def test_stratified_draws_take_what_was_allocated() -> None:
    strata = np.repeat([0, 1, 2], [50, 30, 20])
    drawn = stratified_draw(strata, [5, 6, 7], rng=np.random.default_rng(0))
    assert np.bincount(strata[drawn]).tolist() == [5, 6, 7]
    assert len(set(drawn.tolist())) == 18


def test_F3_reviewed_items_do_not_say_how_good_the_model_is_and_a_random_audit_does() -> None:
    draw = np.random.default_rng(13)
    label, probability = share_world(draw, intercept_for(0.3, 4.0), is_useful=True)
    is_right = (label == (probability > 0.5)).astype(float)
    doubt = np.abs(probability - 0.5)
    reviewed = answered(is_right, np.argsort(doubt)[:1_000])
    audited = answered(is_right, draw.permutation(len(label))[:1_000])
    assert classical_mean(reviewed).high < is_right.mean() - 0.1
    found = ppi_mean(audited, np.maximum(probability, 1 - probability))
    assert found.low < is_right.mean() < found.high
