"""Near copies: found in every script, held together, never split."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.methods.duplicates import (
    Shingles,
    components,
    contained_share,
    group_split,
    min_hash,
    near_copies,
    near_vectors,
    normalised,
    permutations,
    shingles,
    similar_pairs,
)

WORDS = ("river", "stone", "market", "window", "garden", "letter", "bridge", "candle", "winter", "orange", "silver")


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def sentence(seed: int, n: int = 14) -> str:
    return " ".join(rng(seed).choice(WORDS, n)) + f" {seed}"


def runs_of(text: str, length: int = 5) -> set[str]:
    folded = normalised(text)
    return {folded[at : at + length] for at in range(max(1, len(folded) - length + 1))} if folded else set()


@given(st.lists(st.text(max_size=30), max_size=8))
def test_runs_are_those_of_python_sets(texts: list[str]) -> None:
    assert shingles(texts).size.tolist() == [len(runs_of(text)) for text in texts]


@given(st.text(max_size=40))
def test_folding_is_done_once(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text) or not normalised(text).isascii()
    assert "  " not in normalised(text)


def test_what_cannot_be_seen_makes_no_difference() -> None:
    assert normalised("Ｔｅｓｔ") == normalised("te\u200bst")
    assert normalised("\u202bשלום עולם\u202c") == "שלום עולם"
    assert normalised("e\u0301tude") == normalised("étude")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("今天天气很好，我们一起去公园散步然后回家吃饭。", "今天天气很好,我们一起去公园散步然后回家吃饭!"),
        ("השירות במסעדה היה מצוין והאוכל הגיע מהר מאוד", "השירות במסעדה היה מצוין, והאוכל הגיע מהר מאוד!!"),
        (
            "الخدمة في المطعم كانت ممتازة والطعام وصل بسرعة",
            "الخدمة في المطعم كانت ممتازة والطعام وصل بسرعة.",
        ),
    ],
    ids=["without spaces", "right to left", "right to left, joined"],
)
def test_every_script_is_read(one: str, other: str) -> None:
    for runs in ("characters", "words"):
        found = near_copies([one, "Something else entirely, in Latin letters.", other], rng=rng(), runs=runs)  # type: ignore[arg-type]
        assert found.group.tolist() == [0, 1, 0]
    changed = near_copies([one, one[:-3]], rng=rng(), jaccard=0.7)
    assert changed.group.tolist() == [0, 0]


def test_the_share_of_runs_is_exact_and_nearly_every_pair_over_the_limit_is_found() -> None:
    texts: list[str] = []
    for seed in range(300):
        words = sentence(seed).split()
        texts += [" ".join(words), " ".join([*words[: seed % 14], "changed", *words[seed % 14 + 1 :]])]
    cut = shingles(texts)
    pairs, share = similar_pairs(cut, min_hash(cut, permutations()), threshold=0.7)
    sets = [runs_of(text) for text in texts]
    true = {
        (a, b): len(sets[a] & sets[b]) / len(sets[a] | sets[b])
        for a, b in itertools.combinations(range(len(texts)), 2)
        if len(sets[a] & sets[b]) >= 0.7 * len(sets[a] | sets[b])
    }
    found = {tuple(pair): value for pair, value in zip(pairs.tolist(), share, strict=True)}
    assert set(found) <= set(true)
    assert len(found) >= 0.99 * len(true) > 100
    assert all(value == pytest.approx(true[pair]) for pair, value in found.items())  # type: ignore[index]


def test_a_sketch_estimates_the_share_without_leaning_to_a_side() -> None:
    one, other = list(range(100)), list(range(20, 120))  # 80 of 120 in common
    errors: list[float] = []
    for seed in range(60):
        shuffled = rng(seed).integers(0, 1 << 32, 120, dtype=np.uint64)
        cut = Shingles(np.concatenate([shuffled[one], shuffled[other]]), np.array([0, 100, 200]))
        sketch = min_hash(cut, permutations(seed))
        errors.append(float((sketch[0] == sketch[1]).mean()) - 80 / 120)
    assert abs(np.mean(errors)) < 4 * (2 / 9 / 128 / 60) ** 0.5


def test_a_crowd_of_copies_is_one_group() -> None:
    text = "Thank you for your order, it will be with you within three days"
    crowd = [f"{text} {'!' * (n % 3)} number {n}" for n in range(200)]
    found = near_copies([*crowd, "quite another thing altogether"], rng=rng())
    assert found.group[:200].tolist() == [0] * 200
    assert found.group[200] == 200


def test_nothing_to_read_is_a_copy_of_nothing() -> None:
    found = near_copies(["", "!!", "", "?!", "a", "A."], np.zeros((6, 4), dtype=np.float32), rng=rng())
    assert found.group.tolist() == [0, 1, 2, 3, 4, 4]
    assert near_copies([], rng=rng()).group.tolist() == []


@pytest.mark.parametrize("n", [300, 5_000])
def test_all_near_vectors_are_found_with_and_without_projections(n: int) -> None:
    draw = rng(2)
    unit = draw.standard_normal((n, 256)).astype(np.float32)
    unit[1::2] = unit[::2] + draw.uniform(0, 0.6, (n // 2, 1)).astype(np.float32) * draw.standard_normal((n // 2, 256))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    unit[7] = 0
    pairs, cosine = near_vectors(unit, threshold=0.95, rng=rng())
    every = np.einsum("nd,nd->n", unit[::2], unit[1::2])
    expected = {(2 * at, 2 * at + 1) for at in np.flatnonzero(every >= 0.95)}
    assert set(map(tuple, pairs.tolist())) == expected
    assert len(expected) > n / 8
    assert (cosine >= 0.95).all()


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=20))
def test_groups_are_what_hangs_together(pairs: list[tuple[int, int]]) -> None:
    group = components(12, np.array(pairs, dtype=np.int64).reshape(-1, 2))
    reach = np.eye(12, dtype=int)
    for a, b in pairs:
        reach[a, b] = reach[b, a] = 1
    reach = np.linalg.matrix_power(reach, 12) > 0
    np.testing.assert_array_equal(group[:, None] == group[None, :], reach)
    assert (group <= np.arange(12)).all()


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(-1, 2)), min_size=1, max_size=60), st.floats(0.05, 0.95))
def test_no_group_stands_on_both_sides(rows: list[tuple[int, int]], share: float) -> None:
    group, label = (np.array(side) for side in zip(*rows, strict=True))
    is_test = group_split(group, test_share=share, rng=rng(), label_N=label)
    for one in np.unique(group):
        assert len(set(is_test[group == one].tolist())) == 1


def test_each_label_is_on_both_sides_in_its_share() -> None:
    draw = rng(3)
    group = draw.integers(0, 400, 1_000)
    label = draw.choice(3, 1_000, p=[0.8, 0.15, 0.05])
    is_test = group_split(group, test_share=0.2, rng=rng(), label_N=label)
    for code in range(3):
        assert is_test[label == code].mean() == pytest.approx(0.2, abs=0.04)
    with pytest.raises(InvalidValue, match="not between 0 and 1"):
        group_split(group, test_share=1.0, rng=rng())


def test_a_text_within_a_document_is_found_whatever_stands_around_it() -> None:
    guideline = "Good is good. For instance: «The waiter was rude to everybody» is bad. Ask when unsure."
    share = contained_share(["The waiter was RUDE to everybody!", "The food was cold and late", "bad"], guideline)
    assert share[0] == 1.0
    assert share[1] < 0.3
    assert np.isnan(share[2])
