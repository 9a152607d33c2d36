"""Several links on one sample: what is passed on, what is kept, and how often more than α of it is wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.methods.routing import certify
from labelwright.methods.routing.chain_on_one_sample import (
    certify_sampled_link,
    chain_on_one_sample,
    goes_on,
    link_delta,
)

TARGET, DELTA = 0.1, 0.05
N, N_LABELS, N_DRAWS = 1_500, 300, 300


def answers(
    rng: np.random.Generator, odds: tuple[float, ...], *, shared: float, digits: int
) -> tuple[np.ndarray, np.ndarray]:
    """(N, m) confidences, some unknown, and errors of models that err on the same items."""
    ease = shared * rng.normal(size=(N, 1)) + (1 - shared**2) ** 0.5 * rng.normal(size=(N, len(odds)))
    wrong = rng.random(ease.shape) > 1 / (1 + np.exp(-(np.array(odds) + 2.2 * ease)))
    sure = np.round(1 / (1 + np.exp(-1.5 * ease - rng.normal(0, 0.7, ease.shape))), digits)
    return np.where(rng.random(sure.shape) < 0.05, np.nan, sure), wrong


def at_most(delta: float) -> float:
    return delta + 3 * (delta * (1 - delta) / N_DRAWS) ** 0.5


@pytest.mark.parametrize(
    ("odds", "shared", "digits"),
    [((2.0, 3.6), 0.9, 1), ((2.0, 2.0), 0.3, 3), ((0.3, 3.6), 0.6, 3), ((1.0, 2.4, 4.0), 0.6, 2)],
)
def test_A4P_more_than_alpha_of_what_all_links_accept_is_wrong_in_at_most_delta_of_the_draws(
    odds: tuple[float, ...], shared: float, digits: int
) -> None:
    rng = np.random.default_rng(11)
    broken, any_link, certified = [], [], []
    for _ in range(N_DRAWS):
        score, wrong = answers(rng, odds, shared=shared, digits=digits)
        sample = rng.permutation(N)[:N_LABELS]
        found = chain_on_one_sample(score, sample, wrong[sample], target_error=TARGET, delta=DELTA)
        kept = [np.flatnonzero(found.kept_by == link) for link in range(len(odds))]
        n_wrong = [int(wrong[items, link].sum()) for link, items in enumerate(kept)]
        n_kept = [len(items) for items in kept]
        broken.append(sum(n_wrong) > TARGET * sum(n_kept))
        any_link.append(any(w > TARGET * n for w, n in zip(n_wrong, n_kept, strict=True)))
        certified.append(sum(n_kept) > 0)
    assert np.mean(broken) <= at_most(DELTA)
    assert np.mean(any_link) <= at_most(DELTA)
    assert np.mean(certified) > 0.5  # who never accepts breaks nothing


def test_failing_control_thresholds_by_what_the_sample_shows_break_the_limit() -> None:
    """Each link keeps down to the lowest score at which its own labels show no more than α wrong: no test at all."""
    rng = np.random.default_rng(12)
    broken = []
    for _ in range(60):
        score, wrong = answers(rng, (2.0, 3.6), shared=0.6, digits=3)
        sample, here = rng.permutation(N)[:N_LABELS], np.ones(N, dtype=bool)
        n_wrong = n_kept = 0
        for link in range(2):
            seen = sample[here[sample] & ~np.isnan(score[sample, link])]
            order = seen[np.argsort(-score[seen, link])]
            ok = np.flatnonzero(np.cumsum(wrong[order, link]) <= TARGET * np.arange(1, len(order) + 1))
            kept = here & (score[:, link] >= score[order[ok[-1]], link]) if len(ok) else np.zeros(N, dtype=bool)
            kept[sample] = False
            n_wrong, n_kept = n_wrong + int(wrong[kept, link].sum()), n_kept + int(kept.sum())
            here &= ~kept
        broken.append(n_wrong > TARGET * n_kept)
    assert np.mean(broken) > at_most(DELTA)


def test_what_the_failed_test_looked_at_goes_to_people_and_not_to_the_next_link() -> None:
    score = np.repeat([0.9, 0.6, 0.3], 1_000)
    sample = np.arange(0, 3_000, 5)  # two hundred of each
    wrong = np.repeat([False, True, False], 200)
    found = certify_sampled_link(score, sample, wrong, link=0, n_links=2, target_error=TARGET)
    assert found.threshold == 0.9
    assert found.below == 0.6  # its labels were looked at; what lies lower was not
    np.testing.assert_array_equal(found.forwarded, score < 0.6)


def test_where_nothing_passes_all_goes_on_and_where_all_passes_only_the_unscored() -> None:
    score = np.concatenate([np.linspace(0, 1, 900), np.full(100, np.nan)])
    sample = np.arange(0, 1_000, 3)
    all_wrong = certify_sampled_link(
        score, sample, np.ones(len(sample), dtype=bool), link=0, n_links=2, target_error=TARGET
    )
    assert all_wrong.below is None
    assert all_wrong.forwarded.all()
    all_right = certify_sampled_link(
        score, sample, np.zeros(len(sample), dtype=bool), link=0, n_links=2, target_error=TARGET
    )
    assert all_right.below == -np.inf
    np.testing.assert_array_equal(all_right.forwarded, np.isnan(score))


def test_one_link_is_one_certificate() -> None:
    rng = np.random.default_rng(13)
    score, wrong = answers(rng, (3.0,), shared=0.0, digits=3)
    sample = rng.permutation(N)[:N_LABELS]
    chain = chain_on_one_sample(score, sample, wrong[sample], target_error=TARGET)
    alone = certify(score[:, 0], sample, wrong[sample, 0], target_error=TARGET)
    np.testing.assert_array_equal(chain.kept_by == 0, alone.accepted)


@given(n_links=st.integers(1, 6), delta=st.floats(0.001, 0.2))
def test_the_shares_of_all_pools_a_link_can_meet_sum_to_delta(n_links: int, delta: float) -> None:
    spent = sum(2**link * link_delta(delta, n_links, link) for link in range(n_links))
    assert spent == pytest.approx(delta)
    with pytest.raises(InvalidValue):
        link_delta(delta, n_links, n_links)


@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=1), st.floats(0, 1))
def test_what_has_no_score_always_goes_on(score: list[float], below: float) -> None:
    passed = goes_on(score, below)
    assert passed[np.isnan(score)].all()
    assert not passed[np.asarray(score) >= below].any()
