"""Raw signals: samples, P(True), label probabilities without their leaning, margins of agreement."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labelwright.methods.confidence import (
    agreement_margin,
    batch_calibration,
    contextual_calibration,
    p_true,
    self_consistency,
    sequence_probabilities,
    share_of_votes,
)

UNKNOWN = float("nan")


def test_five_of_five_samples_is_not_certainty() -> None:
    # (5 + .5)/(5 + .5·2) = 5.5/6
    assert self_consistency([5, 0]).tolist() == pytest.approx([5.5 / 6, 0.5 / 6])
    assert np.isnan(self_consistency([[0, 0], [1, 0]])).tolist() == [[True, True], [False, False]]


@given(arrays(np.int64, (3, 4), elements=st.integers(0, 10)))
def test_smoothed_shares_are_distributions_and_keep_the_order(counts: np.ndarray) -> None:
    counts[:, 0] += 1
    share = self_consistency(counts)
    assert share.sum(axis=1) == pytest.approx(np.ones(3))
    for row, of in zip(share, counts, strict=True):
        assert np.array_equal(np.argsort(row, kind="stable"), np.argsort(of, kind="stable"))


def test_p_true_is_a_ratio_and_unknown_when_nothing_was_said() -> None:
    assert p_true(np.log([0.6, 0.1]), np.log([0.2, 0.4])).tolist() == pytest.approx([0.75, 0.2])
    assert p_true([0.0, UNKNOWN, UNKNOWN], [UNKNOWN, -1.0, UNKNOWN]).tolist()[:2] == [1.0, 0.0]
    assert np.isnan(p_true([UNKNOWN], [UNKNOWN])).all()
    assert p_true([-2000.0], [-2001.0]).tolist() == pytest.approx([1 / (1 + np.exp(-1))])


def test_what_an_empty_item_gets_is_divided_out() -> None:
    # .6/.75 : .4/.25 = .8 : 1.6
    assert contextual_calibration([[0.6, 0.4]], [0.75, 0.25]).tolist() == [pytest.approx([1 / 3, 2 / 3])]
    assert np.isnan(contextual_calibration([[UNKNOWN, UNKNOWN]], [0.5, 0.5])).all()


def test_the_mean_of_a_batch_leans_to_no_label() -> None:
    draw = np.random.default_rng(1)
    p = draw.dirichlet([8, 2, 1], 200)
    corrected = batch_calibration(p)
    mean_log = np.log(corrected).mean(axis=0)
    assert np.ptp(mean_log) < 0.01 + np.ptp(np.log(p).mean(axis=0)) / 100
    with_gap = np.vstack([p, [UNKNOWN] * 3])
    assert np.array_equal(batch_calibration(with_gap)[:200], corrected)
    assert np.isnan(batch_calibration(with_gap)[200]).all()
    assert np.isnan(batch_calibration([[UNKNOWN, UNKNOWN]])).all()


def test_censored_labels_of_several_tokens_get_half_of_the_smallest() -> None:
    # .6 .2 and .1 for the unlisted: over .9
    found = sequence_probabilities([[np.log(0.6), np.log(0.2), UNKNOWN], [UNKNOWN] * 3])
    assert found[0].tolist() == pytest.approx([6 / 9, 2 / 9, 1 / 9])
    assert np.isnan(found[1]).all()
    # per token: log .25 over two tokens is log .5 each
    assert sequence_probabilities([np.log([0.25, 0.5])], [2, 1])[0].tolist() == pytest.approx([0.5, 0.5])


def test_a_margin_tells_a_lone_dissenter_from_one_of_two_camps() -> None:
    margin = agreement_margin([0, 0, 0, -1, 0], [[0, 0, 1], [1, 1, 1], [1, 2, 0], [0, 0, 0], [-1, -1, -1]])
    assert margin[:3].tolist() == pytest.approx([1 / 3, -1.0, 0.0])
    assert np.isnan(margin[3:]).all()


@given(arrays(np.int64, (6,), elements=st.integers(-1, 3)), arrays(np.int64, (6, 4), elements=st.integers(-1, 3)))
def test_a_margin_is_never_above_the_share(own: np.ndarray, others: np.ndarray) -> None:
    margin, share = agreement_margin(own, others), share_of_votes(own, others)
    assert np.array_equal(np.isnan(margin), np.isnan(share))
    known = ~np.isnan(share)
    assert (margin[known] <= share[known]).all()
    assert (margin[known] >= 2 * share[known] - 1 - 1e-12).all()
