from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.domain.canonical import Json
from labelwright.prompting.decided import probability_of

LABELS: tuple[str, ...] = ("a", "b", "c")


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_the_probabilities_of_all_sets_of_labels_sum_to_one(p: list[float]) -> None:
    weighed = dict(zip(LABELS, p, strict=True))
    sets: list[list[Json]] = [[label for i, label in enumerate(LABELS) if mask >> i & 1] for mask in range(8)]
    found = [probability_of(chosen, weighed) for chosen in sets]
    assert math.isclose(sum(f for f in found if f is not None), 1.0)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_the_labels_more_likely_than_not_are_the_likeliest_set(p: list[float]) -> None:
    weighed = dict(zip(LABELS, p, strict=True))
    best = probability_of([label for label, q in weighed.items() if q > 0.5], weighed)
    assert best is not None
    assert best == pytest.approx(math.prod(max(q, 1 - q) for q in p))


@pytest.mark.parametrize("value", ["z", ["z"], [1], None, {"a": 1}])
def test_what_was_not_weighed_has_no_probability(value: Json) -> None:
    assert probability_of(value, {"a": 0.5}) is None
