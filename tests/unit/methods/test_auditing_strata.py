"""Several draws at different rates: one sequence over all of them, and what pooling them would have said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.methods.auditing import (
    pool_mixture_evidence,
    pool_mixture_interval,
    slices_to_recall,
    stratified_pool_evidence,
    stratified_pool_interval,
)
from labelwright.methods.estimation import Interval


@st.composite
def audits(draw: st.DrawFn, *, most: int = 60) -> tuple[list[int], list[int], list[int]]:
    """Give (wrong, audited, size) of two strata."""
    sizes = [draw(st.integers(1, most)) for _ in range(2)]
    audited = [draw(st.integers(0, size)) for size in sizes]
    return [draw(st.integers(0, n)) for n in audited], audited, sizes


@given(audits(), st.sampled_from([(0.5, 0.5), (1.0, 5.0)]))
def test_the_interval_is_what_trying_every_spread_gives(
    seen: tuple[list[int], list[int], list[int]], mixture: tuple[float, float]
) -> None:
    wrong, audited, sizes = seen
    a, b = mixture
    possible = [np.arange(k, size - (n - k) + 1) for k, n, size in zip(wrong, audited, sizes, strict=True)]
    evidence = [
        pool_mixture_evidence(k, n, counts, n_pool=size, a=a, b=b)
        for k, n, counts, size in zip(wrong, audited, possible, sizes, strict=True)
    ]
    totals = possible[0][:, None] + possible[1][None, :]
    plausible = totals[evidence[0][:, None] + evidence[1][None, :] < np.log(20)]
    found = stratified_pool_interval([wrong], [audited], n_pool=sizes, a=a, b=b)
    low, high = float(found.low[0]) * sum(sizes), float(found.high[0]) * sum(sizes)
    # Spreads between whole numbers are allowed too, so the ends may lie one further out, never further in.
    assert plausible.min() - 1 - 1e-6 <= low <= plausible.min() + 1e-6
    assert plausible.max() - 1e-6 <= high <= plausible.max() + 1 + 1e-6


@given(st.integers(1, 500), st.data())
def test_one_stratum_is_the_plain_pool(size: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, size))
    k = data.draw(st.integers(0, n))
    assert stratified_pool_interval([[k]], [[n]], n_pool=[size]) == pool_mixture_interval([k], [n], n_pool=size)


@given(audits(), st.floats(0.01, 0.9))
def test_the_evidence_passes_the_limit_when_the_interval_lies_above(
    seen: tuple[list[int], list[int], list[int]], target: float
) -> None:
    wrong, audited, sizes = seen
    allowed = int(target * sum(sizes))
    evidence = stratified_pool_evidence([wrong], [audited], n_pool=sizes, at_most=allowed)[0]
    low = float(stratified_pool_interval([wrong], [audited], n_pool=sizes).low[0]) * sum(sizes)
    if evidence >= np.log(20) + 1e-6:
        assert low > allowed - 1e-6  # equal only where rounding to whole labels makes it so
    if low > allowed + 1 + 1e-6:
        assert evidence >= np.log(20) - 1e-6


def test_F5_unequal_draws_mis_cover_under_peeking_where_pooled_counts_would() -> None:
    """A small new batch, audited whole, is wrong in 40%; a large old one, audited at 4%, in 2%. The share is 3.9%."""
    rng = np.random.default_rng(7)
    sizes = np.array([2_500, 130])
    looks = np.arange(10, 231, 44)
    truth = (50 + 52) / sizes.sum()
    repetitions = 150
    rows: list[tuple[np.ndarray, np.ndarray]] = []
    for _ in range(repetitions):
        drawn = [rng.permutation(np.arange(2_500) < 50)[:100], rng.permutation(np.arange(130) < 52)]
        order = rng.permutation(np.repeat([0, 1], [100, 130]))  # whichever answer comes next
        took = np.stack([np.cumsum(order == h) for h in (0, 1)], axis=1)[looks - 1]
        wrong = np.stack([np.concatenate([[0], np.cumsum(drawn[h])])[took[:, h]] for h in (0, 1)], axis=1)
        rows.append((wrong, took))
    wrong, took = (np.concatenate(part) for part in zip(*rows, strict=True))
    found = stratified_pool_interval(wrong, took, n_pool=sizes)
    naive = pool_mixture_interval(wrong.sum(axis=1), took.sum(axis=1), n_pool=int(sizes.sum()))
    missed, missed_by_pooling = (_ever_missed(one, truth, repetitions) for one in (found, naive))
    assert missed <= 0.05 + 2 * (0.05 * 0.95 / repetitions) ** 0.5
    assert missed_by_pooling > 0.5


def test_sampling_on_where_it_looks_bad_keeps_the_level() -> None:
    """Which stratum is audited next depends on what was seen: always the one that looks worse."""
    rng = np.random.default_rng(11)
    repetitions, rows = 100, list[tuple[list[int], list[int]]]()
    for _ in range(repetitions):
        drawn = [rng.permutation(np.arange(300) < 30) for _ in range(2)]
        n, k = np.zeros(2, dtype=int), np.zeros(2, dtype=int)
        for step in range(100):
            here = int(np.argmax((k + 0.1) / (n + 1)))
            k[here] += drawn[here][n[here]]
            n[here] += 1
            if step % 30 == 9:
                rows.append((k.tolist(), n.tolist()))
    found = stratified_pool_interval([k for k, _ in rows], [n for _, n in rows], n_pool=[300, 300])
    assert _ever_missed(found, 0.1, repetitions) <= 0.05 + 2 * (0.05 * 0.95 / repetitions) ** 0.5


def _ever_missed(found: Interval, truth: float, repetitions: int) -> float:
    return float(np.mean(np.any(((found.low > truth) | (found.high < truth)).reshape(repetitions, -1), axis=1)))


def test_strata_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidValue, match="a size per stratum"):
        stratified_pool_interval([[1, 2]], [[3, 4]], n_pool=[10])
    with pytest.raises(InvalidValue, match="give the whole pool's size"):
        stratified_pool_interval([[1, 2]], [[3, 14]], n_pool=[10, 10])


def test_a_bad_slice_is_found_in_batches_audited_at_different_rates() -> None:
    rng = np.random.default_rng(3)
    n = 3_000
    batch = (np.arange(n) >= 2_000).astype(int)
    part = rng.integers(0, 5, n)
    wrong = rng.random(n) < np.where(part == 2, 0.5, 0.03)
    first, second = rng.permutation(2_000)[:200], 2_000 + rng.permutation(1_000)[:300]
    audited = np.concatenate([first, second])
    found = slices_to_recall({"part": part}, audited, wrong[audited], target_error=0.08, strata=batch)
    assert [one.value for one in found.slices] == [2]
    # Each batch stands for itself: 200 of 2,000 and 300 of 1,000.
    left = ~found.items
    assert found.error_left == pytest.approx(float(wrong[left].mean()), abs=0.03)


def test_what_another_test_has_said_of_the_whole_is_taken() -> None:
    rng = np.random.default_rng(5)
    wrong = rng.random(1_000) < 0.25
    audited = rng.permutation(1_000)[:30]
    quiet = slices_to_recall({"part": np.zeros(1_000)}, audited, wrong[audited], target_error=0.1, is_alarmed=False)
    loud = slices_to_recall({"part": np.zeros(1_000)}, audited, wrong[audited], target_error=0.1, is_alarmed=True)
    assert not quiet.alarmed
    assert loud.alarmed
    assert loud.items.sum() == 970


def test_one_bad_label_does_not_take_every_other_slice_along() -> None:
    """A fifth of the items have a label that is always wrong, so that every source is wrong in a fifth: over 10%."""
    rng = np.random.default_rng(9)
    label, source = rng.integers(0, 5, 4_000), rng.integers(0, 3, 4_000)
    wrong = label == 0
    audited = rng.permutation(4_000)[:600]
    found = slices_to_recall({"label": label, "source": source}, audited, wrong[audited], target_error=0.1)
    assert all(one.is_proven for one in found.considered if one.slicing == "source")
    assert [(one.slicing, one.value) for one in found.slices] == [("label", 0)]
    assert found.error_left == 0
