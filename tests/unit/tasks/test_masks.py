from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks.masks import TASK_TYPE
from labelwright.tasks.run_lengths import checked_counts, decode_counts, encode_counts, most_painted, run_overlap
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

LABELS = ["cell", "dirt"]
Bits = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def counts_of(bits: Bits) -> list[int]:
    """The plainest coder: down the columns, a run at a time."""
    counts, is_set = [0], False
    for pixel in bits.T.ravel().tolist():
        if pixel != is_set:
            counts.append(0)
            is_set = pixel
        counts[-1] += 1
    return counts


def bits_of(counts: list[int], height: int, width: int) -> Bits:
    flat = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    return flat.reshape(width, height).T


def bitmaps(height: int = 4, width: int = 5) -> st.SearchStrategy[Bits]:
    flat = st.lists(st.booleans(), min_size=height * width, max_size=height * width).filter(any)
    return flat.map(lambda bits: np.array(bits).reshape(height, width))


def region(bits: Bits, label: str = "cell") -> dict[str, Any]:
    return {"label": label, "size": list(bits.shape), "counts": counts_of(bits)}


def square(top: int, left: int, side: int = 4) -> Bits:
    bits = np.zeros((10, 12), dtype=bool)
    bits[top : top + side, left : left + side] = True
    return bits


CELL: Any = {"label": "cell", "size": [4, 5], "counts": [5, 2, 13]}


class TestMasks(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "tolerance": 0.2}
    values = st.lists(st.builds(region, bitmaps(), st.sampled_from(LABELS)), max_size=3, unique_by=str)
    refused = (
        None,
        CELL,
        [{**CELL, "label": "Cell"}],
        [{**CELL, "size": [4, 6]}],
        [{**CELL, "size": [4]}],
        [{**CELL, "size": [0, 5]}],
        [{**CELL, "size": [True, 20]}],
        [{**CELL, "counts": [20]}],
        [{**CELL, "counts": [5, -2, 17]}],
        [{**CELL, "counts": [5, 2.0, 13]}],
        [{**CELL, "counts": "52"}],
        [{**CELL, "counts": "5 2"}],
        [{**CELL, "counts": "Q"}],
        [{**CELL, "score": 1}],
        [CELL, {**CELL, "counts": [5, 1, 0, 1, 13]}],
    )
    refused_settings = ({}, {"labels": LABELS, "same": 0})


task = TASK_TYPE.bind({"labels": LABELS})


def test_the_text_is_that_of_the_coco_api() -> None:
    """Worked by maskApi.c: 6, 1, 40, 4, 5, 4, 5, 4, 21 (its own documentation's example)."""
    # 6 1 40: as they are; 4-1, 5-40, 4-4, 5-5, 4-4, 21-5 as signed groups of five bits from "0".
    counts = [6, 1, 40, 4, 5, 4, 5, 4, 21]
    assert encode_counts(counts) == "61X13mN000`0"
    assert decode_counts("61X13mN000`0") == counts


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_text_and_list_are_two_ways_to_write_the_same(counts: list[int]) -> None:
    assert decode_counts(encode_counts(counts)) == counts


@given(bitmaps())
def test_a_bitmap_comes_back_from_its_runs(bits: Bits) -> None:
    counts = checked_counts(counts_of(bits), bits.size)
    assert counts == counts_of(bits)
    assert (bits_of(decode_counts(encode_counts(counts)), *bits.shape) == bits).all()


@given(bitmaps(), bitmaps())
def test_overlap_on_runs_is_that_of_the_bitmaps(a: Bits, b: Bits) -> None:
    seen = (a & b).sum() / (a | b).sum()
    assert run_overlap(counts_of(a), counts_of(b)) == pytest.approx(seen, abs=1e-12)


@given(st.lists(bitmaps(), min_size=1, max_size=5))
def test_what_most_painted_is_what_most_painted(drawn: list[Bits]) -> None:
    wanted = np.sum(drawn, axis=0) * 2 > len(drawn)
    counts = most_painted([counts_of(one) for one in drawn])
    assert (bits_of(counts, *drawn[0].shape) == wanted).all()


def test_one_bitmap_is_one_value_in_either_form() -> None:
    text = task.parse([{**CELL, "counts": encode_counts([5, 2, 13])}])
    assert task.parse([CELL]) == text
    assert task.parse([{**CELL, "counts": [5, 1, 0, 1, 13]}]) == text
    with pytest.raises(InvalidValue, match=r"\[0\]\.counts: the runs cover 19 pixels; the size says 20"):
        task.parse([{**CELL, "counts": [5, 2, 12]}])


def test_distance_is_one_minus_the_overlap_in_pixels() -> None:
    a, b = task.parse([region(square(2, 2))]), task.parse([region(square(2, 4))])
    # 4 × 4 squares that share 4 × 2 pixels: 8 / (16 + 16 − 8)
    assert task.distance(a, b) == pytest.approx(1 - 8 / 24)


def test_pixels_that_most_people_painted_stay() -> None:
    values = [task.parse([region(square(2, left))]) for left in (2, 3, 3)]
    ballots = task.decompose(values)
    assert ballots.n_units == 1
    assert task.compose(shares(ballots), ballots) == task.parse([region(square(2, 3))])
