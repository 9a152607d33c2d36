"""Chains of models: the paper's passes, and ours with a certificate at each link."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.methods.routing import (
    backward_pass,
    certified_chain,
    certify,
    certify_link,
    finite_pool_p_value,
    forward_pass,
    part_sizes,
    retained,
)

UNKNOWN = float("nan")


def test_three_links_keep_a_third_then_half_of_the_rest_then_all() -> None:
    passed = forward_pass(np.column_stack([np.arange(9.0), np.arange(9.0)[::-1], np.arange(9.0)]))
    # link 0 keeps the surest 9 // 3: items 6, 7, 8; link 1 the surest 6 // 2 of 0..5, where item 0 is surest
    assert passed.kept_by.tolist() == [1, 1, 1, 2, 2, 2, 0, 0, 0]
    assert passed.threshold.tolist() == [6.0, 6.0, 3.0]
    assert passed.has_seen.sum(axis=0).tolist() == [9, 6, 3]


def test_equal_confidences_are_kept_together_and_unknown_ones_go_on() -> None:
    assert retained([0.9, 0.9, 0.9, 0.1], links_left=2).tolist() == [True, True, True, False]
    assert retained([UNKNOWN, 0.5, UNKNOWN, 0.4], links_left=2).tolist() == [False, True, False, True]
    assert retained([0.5], links_left=2).tolist() == [False]
    assert retained([], links_left=1).tolist() == []


def test_the_backward_pass_takes_the_link_where_the_item_ranked_highest() -> None:
    confidence = np.array([[0.9, UNKNOWN], [0.2, 0.8], [0.1, 0.3], [0.8, UNKNOWN]])
    passed = forward_pass(confidence)
    # link 0 saw .9 .2 .1 .8: ranks 4/4 2/4 1/4 3/4; link 1 saw .8 .3: ranks 2/2 1/2
    assert passed.kept_by.tolist() == [0, 1, 1, 0]
    assert backward_pass(confidence, passed).tolist() == [0, 1, 1, 0]


def test_an_item_no_link_was_sure_of_goes_to_nobody() -> None:
    confidence = np.array([[0.9, 0.9], [UNKNOWN, UNKNOWN]])
    passed = forward_pass(confidence)
    assert passed.kept_by.tolist() == [0, -1]
    assert backward_pass(confidence, passed).tolist() == [0, -1]
    with pytest.raises(InvalidValue, match=r"must be \(N, m\)"):
        forward_pass([0.9, 0.8])


def world(draw: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores and errors of a cheap model with lumpy confidence and of a better, dearer one, wrong on the same items."""
    ease = draw.normal(0, 1, n)
    cheap_wrong = draw.random(n) < 1 / (1 + np.exp(2.6 + 2.6 * ease))
    dear_wrong = draw.random(n) < 1 / (1 + np.exp(3.2 + 2.2 * ease))
    cheap = np.clip(np.round(0.75 + 0.12 * (ease + draw.normal(0, 0.4, n)), 1), 0, 1)
    dear = 1 / (1 + np.exp(-(ease + draw.normal(0, 0.5, n))))
    return np.column_stack([cheap, dear]), np.column_stack([cheap_wrong, dear_wrong])


def test_A4_a_chain_breaks_its_promise_in_no_more_than_delta_of_the_draws() -> None:
    """500 calibration samples of one pool in which both links err on the same items, and scores have ties."""
    draw = np.random.default_rng(5)
    n, n_labels, target, delta, n_draws = 4_000, 600, 0.1, 0.05, 500
    score, wrong = world(draw, n)
    broken, certified, used, n_accepted = 0, 0, np.zeros(2), 0
    for _ in range(n_draws):
        order = draw.choice(n, n_labels, replace=False)
        chain = certified_chain(score, order, wrong[order], target_error=target, delta=delta)
        accepted = np.flatnonzero(chain.accepted_by >= 0)
        assert not np.isin(accepted, order).any()
        n_wrong = int(wrong[accepted, chain.accepted_by[accepted]].sum())
        broken += n_wrong > target * len(accepted)
        certified += len(accepted) > 0
        used += [link.coverage > 0 for link in chain.links]
        n_accepted += len(accepted)
    assert broken / n_draws <= delta + 3 * (delta * (1 - delta) / n_draws) ** 0.5
    assert certified / n_draws > 0.7
    assert (used / n_draws > 0.2).all()
    assert n_accepted / n_draws / (n - n_labels) > 0.3


def test_A4_four_links_of_which_none_may_accept_anything_have_no_more_chances_than_one() -> None:
    """11% of every group are wrong and 10% may be: whatever any link accepts breaks the limit."""
    draw = np.random.default_rng(11)
    n, n_labels, target, delta, n_draws = 2_000, 800, 0.1, 0.3, 100
    group = np.repeat(np.arange(4), n // 4)
    wrong = np.tile(np.arange(n // 4) < 55, 4)
    ranks = np.array([[3, 2, 1, 0], [0, 1, 2, 3], [2, 3, 1, 0], [0, 1, 3, 2]], dtype=np.float64)
    score = ranks[:, group].T
    judged = np.repeat(wrong[:, None], 4, axis=1)
    broken, by_whole_delta = 0, 0
    for _ in range(n_draws):
        order = draw.choice(n, n_labels, replace=False)
        broken += certified_chain(score, order, judged[order], target_error=target, delta=delta).coverage > 0
        # The control: each link takes the whole δ for itself.
        by_whole_delta += any(
            certify(one, part, wrong[part], target_error=target, delta=delta).is_certified
            for one, part in zip(score.T, np.split(order, 4), strict=True)
        )
    slack = 3 * (delta * (1 - delta) / n_draws) ** 0.5
    assert broken / n_draws <= delta + slack
    assert by_whole_delta / n_draws > delta > 2 * broken / n_draws


def test_links_run_one_by_one_give_what_the_whole_chain_gives() -> None:
    draw = np.random.default_rng(3)
    score, wrong = world(draw, 2_000)
    order = draw.choice(2_000, 600, replace=False)
    chain = certified_chain(score, order, wrong[order], target_error=0.15, prices=[1.0, 20.0])
    seen, sizes = np.arange(2_000), part_sizes(600, 2)
    for number, whole in enumerate(chain.links):
        # What was not forwarded was never asked: its score is unknown.
        known = np.full(2_000, np.nan)
        known[seen] = score[seen, number]
        link = certify_link(
            known,
            order,
            wrong[order, number],
            link=number,
            sizes=sizes,
            seen=seen,
            target_error=0.15,
            price=[1.0, 20.0][number],
        )
        assert (link.threshold, link.n_labels, link.cost) == (whole.threshold, whole.n_labels, whole.cost)
        assert link.accepted.tolist() == whole.accepted.tolist()
        seen = link.forwarded
    assert chain.cost == 2_000 + 20 * len(chain.links[1].seen)
    assert chain.coverage == pytest.approx((chain.accepted_by >= 0).sum() / 1_400)
    assert len(chain.links[1].seen) < 2_000


def test_a_link_that_certifies_nothing_forwards_everything_but_its_own_sample() -> None:
    draw = np.random.default_rng(4)
    order = draw.choice(300, 100, replace=False)
    score = draw.random((300, 2))
    chain = certified_chain(score, order, np.ones((100, 2), dtype=bool), target_error=0.1)
    assert [link.threshold for link in chain.links] == [None, None]
    assert len(chain.links[1].seen) == 250
    assert (chain.accepted_by == -1).all()
    with pytest.raises(InvalidValue, match="parts of"):
        certify_link(score[:, 0], order, [], link=0, sizes=(50, 50), seen=np.arange(300), target_error=0.1)


@given(st.integers(1, 40), st.integers(0, 20), st.integers(0, 10), st.integers(0, 40))
def test_items_that_may_leave_only_make_the_test_stricter(others: int, drawn: int, wrong: int, reserved: int) -> None:
    wrong = min(wrong, drawn)
    plain = finite_pool_p_value(others + drawn, drawn, wrong, target_error=0.2)
    strict = finite_pool_p_value(others + drawn, drawn, wrong, target_error=0.2, n_reserved=reserved)
    assert strict >= plain - 1e-12
    assert finite_pool_p_value(others + drawn, drawn, wrong, target_error=0.2, n_reserved=0) == plain
