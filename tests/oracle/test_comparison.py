"""Comparing labellers, beside scikit-learn and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support
from statsmodels.stats.contingency_tables import mcnemar

from labelwright.methods.comparison import class_scores, paired_difference


@pytest.mark.parametrize("seed", range(5))
def test_class_scores_equal_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, label = rng.integers(0, 5, 200), rng.integers(0, 4, 200)
    found = class_scores(truth, label, n_classes=5)
    precision, recall, f1, support = precision_recall_fscore_support(truth, label, labels=range(5), zero_division=0)  # pyright: ignore[reportArgumentType]
    np.testing.assert_allclose(found.precision, precision, atol=1e-12)
    np.testing.assert_allclose(found.recall, recall, atol=1e-12)
    np.testing.assert_allclose(found.f1, f1, atol=1e-12)
    np.testing.assert_array_equal(found.support, support)
    assert found.macro_f1 == pytest.approx(float(np.mean(f1)))


def test_an_answer_that_was_not_given_lowers_recall_alone() -> None:
    found = class_scores(np.array([0, 0, 1, 1]), np.array([0, -1, 1, 1]), n_classes=3)
    assert found.precision[:2].tolist() == [1.0, 1.0]
    assert found.recall[:2].tolist() == [0.5, 1.0]
    assert np.isnan(found.f1[2])


@pytest.mark.parametrize("seed", range(5))
def test_the_paired_test_is_mcnemar_exact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.random(120) < 0.8, rng.random(120) < 0.7
    found = paired_difference(a, b)
    table = [[np.sum(a & b), np.sum(a & ~b)], [np.sum(~a & b), np.sum(~a & ~b)]]
    assert found.p_value == pytest.approx(mcnemar(table, exact=True).pvalue, abs=1e-12)  # pyright: ignore[reportAttributeAccessIssue]
    assert found.difference == pytest.approx(a.mean() - b.mean())


def test_the_interval_of_the_difference_covers() -> None:
    rng = np.random.default_rng(7)
    inside = 0
    for _ in range(600):
        both = rng.random(80)
        a = both < 0.8
        b = np.where(rng.random(80) < 0.85, a, rng.random(80) < 0.5)
        truth = 0.8 - (0.85 * 0.8 + 0.15 * 0.5)
        found = paired_difference(a, b)
        inside += found.low <= truth <= found.high
    assert inside / 600 > 0.93
