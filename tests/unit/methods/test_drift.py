"""Drift: what has moved is seen, what has not is left alone, and chance is told from change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_kernels, roc_auc_score

from labelwright.errors import InvalidValue
from labelwright.methods.comparison import holm
from labelwright.methods.drift import (
    category_stability,
    classifier_two_sample,
    energy_distance,
    label_shift,
    mean_discrepancy,
    score_stability,
)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_index_is_the_sum_of_shares_times_log_ratios() -> None:
    # Half a count more in each: p = (30.5, 70.5)/101, q = (60.5, 40.5)/101.
    p, q = np.array([30.5, 70.5]) / 101, np.array([60.5, 40.5]) / 101
    expected = (q[0] - p[0]) * np.log(q[0] / p[0]) + (q[1] - p[1]) * np.log(q[1] / p[1])
    found = category_stability([30, 70], [60, 40], rng=rng())
    assert found.value == pytest.approx(expected)
    assert found.p_value < 0.01


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8))
def test_the_index_is_never_negative_and_knows_no_direction_of_time(counts: list[tuple[int, int]]) -> None:
    before, after = (np.array(side) for side in zip(*counts, strict=True))
    if not before.sum() or not after.sum():
        with pytest.raises(InvalidValue):
            category_stability(before, after, rng=rng(), n_shuffles=50)
        return
    one = category_stability(before, after, rng=rng(), n_shuffles=50)
    other = category_stability(after, before, rng=rng(), n_shuffles=50)
    assert one.value >= 0
    assert one.value == pytest.approx(other.value)
    assert 0 < one.p_value <= 1


def test_few_items_break_the_usual_limit_by_chance_and_the_p_value_knows() -> None:
    draws = [(rng(s).multinomial(30, [0.1] * 10), rng(s + 500).multinomial(30, [0.1] * 10)) for s in range(200)]
    found = [category_stability(b, a, rng=rng(), n_shuffles=200) for b, a in draws]
    assert np.mean([one.value > 0.2 for one in found]) > 0.8
    assert np.mean([one.p_value <= 0.05 for one in found]) <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5
    assert np.mean([one.by_chance for one in found]) == pytest.approx(np.mean([one.value for one in found]), rel=0.1)


def test_a_number_that_moves_is_seen_and_nan_is_left_out() -> None:
    before = rng(1).normal(size=400)
    assert score_stability(before, np.append(before + 0.7, np.nan), rng=rng()).p_value < 0.01
    assert score_stability(before, rng(2).normal(size=400), rng=rng()).p_value > 0.05
    assert score_stability(np.ones(20), np.ones(30), rng=rng()).value == pytest.approx(0.0)


def test_the_discrepancy_is_the_published_sum() -> None:
    x, y = rng(1).normal(size=(20, 3)), rng(2).normal(size=(15, 3)) + 0.5
    points = np.concatenate([x, y])
    square = ((points[:, None] - points[None]) ** 2).sum(-1)
    width = np.median(square[np.triu_indices(35, 1)])
    for kernel, table in (
        ("linear", points @ points.T),
        ("rbf", pairwise_kernels(points, metric="rbf", gamma=1 / (2 * width))),
    ):
        xx, yy, xy = table[:20, :20], table[20:, 20:], table[:20, 20:]
        expected = (xx.sum() - np.trace(xx)) / (20 * 19) + (yy.sum() - np.trace(yy)) / (15 * 14) - 2 * xy.mean()
        found = mean_discrepancy(x, y, rng=rng(), kernel=kernel)  # type: ignore[arg-type]
        assert found.value == pytest.approx(expected, abs=1e-9)


def test_the_energy_distance_of_numbers_is_scipys() -> None:
    x, y = rng(1).normal(size=40), rng(2).normal(size=25) + 0.3
    assert energy_distance(x, y, rng=rng()).value == pytest.approx(stats.energy_distance(x, y) ** 2, abs=1e-9)


@pytest.mark.parametrize("test", [mean_discrepancy, energy_distance, classifier_two_sample])
def test_false_alarms_are_as_rare_as_said_and_a_shift_is_found(test: object) -> None:
    def p_value(seed: int, shift: float) -> float:
        draw = rng(seed)
        x, y = draw.normal(size=(60, 4)), draw.normal(size=(60, 4)) + shift
        return test(x, y, rng=draw, n_shuffles=99).p_value  # type: ignore[operator]

    n = 80
    assert np.mean([p_value(seed, 0.0) <= 0.05 for seed in range(n)]) <= 0.05 + 3 * (0.05 * 0.95 / n) ** 0.5
    assert np.mean([p_value(seed, 0.7) <= 0.05 for seed in range(20)]) >= 0.8


def test_the_classifier_ranks_as_scikit_learns_does() -> None:
    x, y = rng(1).normal(size=(400, 5)), rng(2).normal(size=(400, 5)) + 0.4
    found = classifier_two_sample(x, y, rng=rng())
    theirs = LogisticRegression(C=10).fit(np.vstack([x[:200], y[:200]]), np.repeat([0, 1], 200))
    area = roc_auc_score(np.repeat([0, 1], 200), theirs.decision_function(np.vstack([x[200:], y[200:]])))
    assert found.area == pytest.approx(area, abs=0.06)
    assert found.low < found.area < found.high
    assert found.low > 0.55
    assert (found.n_taught, found.n_held_out) == (400, 400)


def test_a_side_without_items_is_refused_in_words() -> None:
    with pytest.raises(InvalidValue, match="has 3 items; 4 are needed"):
        classifier_two_sample(np.zeros((3, 2)), np.zeros((9, 2)), rng=rng())
    with pytest.raises(InvalidValue, match="fewer than two items"):
        mean_discrepancy(np.zeros((1, 2)), np.zeros((9, 2)), rng=rng())


def shifted(seed: int, prior: list[float], *, n_gold: int = 300, n_after: int = 1_000) -> tuple[np.ndarray, ...]:
    """Gold from equal labels, later items from `prior`; the model is right 8 times of 10 either way."""
    draw = rng(seed)

    def said(truth: np.ndarray) -> np.ndarray:
        return np.where(draw.random(len(truth)) < 0.7, truth, draw.integers(0, 3, len(truth)))

    truth = draw.integers(0, 3, n_gold)
    after = draw.choice(3, n_after, p=prior)
    return truth, said(truth), said(after)


def test_the_shares_behind_a_models_mistakes_are_found_where_mistakes_are_known_exactly() -> None:
    # 80% right, the rest the other label: 60 of 100 said "0" come from a share s with .8 s + .2 (1 - s) = .6: s = 2/3.
    truth = np.repeat([0, 0, 1, 1], [80, 20, 20, 80])
    said = np.repeat([0, 1, 0, 1], [80, 20, 20, 80])
    found = label_shift(truth, said, np.repeat([0, 1], [60, 40]), n_labels=2, rng=rng())
    assert found.after == pytest.approx([2 / 3, 1 / 3])
    assert found.before == pytest.approx([0.5, 0.5])


def test_corrected_shares_are_covered_as_often_as_said() -> None:
    prior = [0.6, 0.3, 0.1]
    found = [label_shift(*shifted(seed, prior), n_labels=3, rng=rng(seed), n_draws=200) for seed in range(60)]
    covered = np.mean([(one.low <= prior) & (prior <= one.high) for one in found])
    assert 0.88 <= covered <= 1.0
    assert np.mean([one.has_moved[0] for one in found]) > 0.95
    still = [label_shift(*shifted(seed, [1 / 3] * 3), n_labels=3, rng=rng(seed), n_draws=200) for seed in range(40)]
    assert np.mean([one.has_moved for one in still]) <= 0.12


def test_few_known_mistakes_are_not_taken_for_none() -> None:
    """Sixty labels by people, six of them of the rare kind, which now is not rare: the intervals hold."""
    prior, later = [0.6, 0.3, 0.1], [0.3, 0.4, 0.3]
    covered: list[bool] = []
    for seed in range(150):
        draw = rng(seed)
        truth, after = draw.choice(3, 60, p=prior), draw.choice(3, 500, p=later)
        said, said_after = (np.where(draw.random(len(x)) < 0.9, x, (x + 1) % 3) for x in (truth, after))
        found = label_shift(truth, said, said_after, n_labels=3, rng=draw, n_draws=200)
        if found.reason is None and not np.isnan(found.low).any():
            assert np.all((found.low <= found.after) & (found.after <= found.high))
            covered += ((found.low <= later) & (later <= found.high)).tolist()
    assert len(covered) > 300
    assert np.mean(covered) >= 0.935


def test_a_model_that_does_not_tell_the_labels_apart_says_nothing_of_their_shares() -> None:
    truth, said = np.repeat([0, 1], 50), np.tile([0, 1], 50)
    found = label_shift(truth, said, said, n_labels=2, rng=rng())
    assert np.isnan(found.after).all()
    assert found.reason is not None
    assert "tell the labels apart" in found.reason


def test_several_tests_ring_no_oftener_together_than_one() -> None:
    rings = 0
    for seed in range(100):
        draw = rng(seed)
        x, y = draw.normal(size=(40, 3)), draw.normal(size=(40, 3))
        p = [
            mean_discrepancy(x, y, rng=draw, n_shuffles=99).p_value,
            energy_distance(x, y, rng=draw, n_shuffles=99).p_value,
            score_stability(x[:, 0], y[:, 0], rng=draw, n_shuffles=99).p_value,
        ]
        rings += bool((holm(p) <= 0.05).any())
    assert rings <= 5 + 3 * (100 * 0.05 * 0.95) ** 0.5
