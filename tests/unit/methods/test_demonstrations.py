"""Which examples stand in the prompt, and whose labels speak for an item."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.methods.acquisition import balanced, fixed, nearest, nearest_items, same_text
from labelwright.methods.confidence import neighbour_share, share_among


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def at_angles(*degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    return np.column_stack([np.cos(angle), np.sin(angle)]).astype(np.float32)


def test_the_nearest_stands_last_and_a_near_duplicate_nowhere() -> None:
    # cos 10° = .985 is a near-duplicate; 30° is the nearest that is none
    assert nearest(at_angles(0), at_angles(10, 80, 30, 50, -170), k=3).tolist() == [[1, 3, 2]]
    assert nearest(at_angles(0), at_angles(10, 80, 30, 50, -170), k=2, near_duplicate=0.99).tolist() == [[2, 0]]


def test_where_too_few_remain_the_front_is_empty() -> None:
    assert nearest(at_angles(0), at_angles(5, 40), k=3).tolist() == [[-1, -1, 1]]
    assert nearest(at_angles(0), np.zeros((0, 2)), k=2).tolist() == [[-1, -1]]
    assert nearest(np.zeros((1, 2)), at_angles(5, 40), k=2).tolist() == [[-1, -1]]


def test_the_item_itself_and_its_text_in_another_case_are_left_out_whatever_the_vectors_say() -> None:
    pool = at_angles(30, 40, 50)
    of_item = nearest(at_angles(0), pool, k=3, query_item=[7], pool_item=[7, 8, 9])
    of_text = nearest(at_angles(0), pool, k=3, query_text=same_text(["A b!"]), pool_text=same_text(["A b!", "c", "d"]))
    assert of_item.tolist() == of_text.tolist() == [[-1, 2, 1]]


def test_equal_similarities_take_the_earlier_item() -> None:
    pool = np.repeat(at_angles(60), 6, axis=0)
    assert nearest_items(at_angles(0), pool, k=3).position.tolist() == [[0, 1, 2]]


def test_balanced_examples_go_round_the_labels_and_avoid_repeating_each_other() -> None:
    #            label 0: 30, 31, -70;  label 1: 50, 85
    pool, label = at_angles(30, 31, -70, 50, 85), [0, 0, 0, 1, 1]
    # cos 30° is largest; label 1 is due: 50°; then label 0 or 1, each shown once. Order: by nearness, nearest last.
    chosen = balanced(at_angles(0), pool, label, k=2)
    assert chosen.tolist() == [[3, 0]]
    # Four: two of each label. Of label 0 the second is -70°, since 31° repeats 30°.
    assert sorted(balanced(at_angles(0), pool, label, k=4, relevance=0.5)[0].tolist()) == [0, 2, 3, 4]


@settings(max_examples=25)
@given(st.integers(1, 30), st.integers(1, 6), st.integers(1, 5), st.integers(0, 9_999))
def test_examples_are_distinct_balanced_and_never_the_item(n: int, k: int, n_labels: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    pool = unit(draw.normal(size=(n, 8)))
    label, item = draw.integers(0, n_labels, n), np.arange(n)
    for chosen in (
        nearest(pool, pool, k=k, query_item=item, pool_item=item),
        balanced(pool, pool, label, k=k, query_item=item, pool_item=item),
    ):
        for mine, row in enumerate(chosen):
            shown = row[row >= 0]
            assert len(set(shown.tolist())) == len(shown)
            assert mine not in shown
            assert (row[: k - len(shown)] == -1).all()
            assert (pool[mine] @ pool[shown].T < 0.95).all()
    for mine, row in enumerate(balanced(pool, pool, label, k=k, query_item=item, pool_item=item)):
        shown = row[row >= 0]
        free = (pool[mine] @ pool.T < 0.95) & (item != mine)
        times = np.bincount(label[shown], minlength=n_labels)
        left = np.bincount(label[free], minlength=n_labels) - times
        # No label is shown twice more than one of which an example was left.
        assert all(times[a] <= times[b] + 1 for a in range(n_labels) for b in range(n_labels) if left[b] > 0)


def test_fixed_examples_are_the_same_for_all_but_the_item_itself() -> None:
    pool = at_angles(0, 40, 80)
    found = fixed([2, 0], at_angles(0, 20, 80), pool, query_item=[5, 6, 7], pool_item=[1, 2, 6])
    # the first query repeats pool item 0, the second is pool item 2 by its number, the third repeats it
    assert found.tolist() == [[2, -1], [-1, 0], [-1, 0]]


def test_a_hundred_thousand_items_find_theirs_among_a_thousand_in_seconds() -> None:
    draw = np.random.default_rng(1)
    pool = unit(draw.normal(size=(1_000, 128)))
    query = unit(draw.normal(size=(20_000, 128)))
    started = time.process_time()
    nearest(query, pool)
    balanced(query, pool, draw.integers(0, 4, 1_000))
    assert 5 * (time.process_time() - started) < 60  # about 8 s of work for the hundred thousand


def test_same_text_knows_case_width_and_punctuation_and_keeps_signs_apart() -> None:
    assert same_text(["Ｎｏ!", "no", "no way", "?", "!", "?"]).tolist() == [0, 0, 1, 2, 3, 2]


def test_neighbours_vote_and_a_reviewed_item_never_for_itself() -> None:
    reviewed, label = at_angles(0, 25, 50, 75), np.array([0, 0, 1, 1])
    items = np.arange(4)
    share = neighbour_share([0, 0, 1, -1], reviewed, label, reviewed, k=2, query_item=items, reviewed_item=items)
    # of 0°: neighbours 25° (0) and 50° (1), its own label does not vote; of 50°: 25° (0) and 75° (1)
    assert share[:3].tolist() == [0.5, 0.5, 0.5]
    assert np.isnan(share[3])
    alone = neighbour_share([0], at_angles(0), [], np.zeros((0, 2)))
    assert np.isnan(alone).all()


@given(st.integers(0, 9_999))
def test_a_share_counts_its_neighbours_alone(seed: int) -> None:
    draw = np.random.default_rng(seed)
    query, reviewed = unit(draw.normal(size=(7, 4))), unit(draw.normal(size=(12, 4)))
    label, predicted = draw.integers(0, 3, 12), draw.integers(0, 3, 7)
    found = nearest_items(query, reviewed, k=5)
    for share, mine, row in zip(share_among(predicted, label, found), predicted, found.position, strict=True):
        known = row[row >= 0]
        expected = np.mean(label[known] == mine) if known.size else np.nan
        assert share == pytest.approx(expected, nan_ok=True)
