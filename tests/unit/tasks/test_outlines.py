"""Overlaps of outlines: exact cases, and a grid of points as a second opinion."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.tasks.outlines import Corner, crossing_sides, outline_overlap, signed_area

SQUARE: tuple[Corner, ...] = ((0, 0), (1, 0), (1, 1), (0, 1))
L_SHAPE: tuple[Corner, ...] = ((0, 0), (1, 0), (1, 0.5), (0.5, 0.5), (0.5, 1), (0, 1))


def moved(outline: tuple[Corner, ...], x: float, y: float) -> tuple[Corner, ...]:
    return tuple((a + x, b + y) for a, b in outline)


def star(radii: list[float], turn: float) -> tuple[Corner, ...]:
    """An outline that goes round a middle once: simple, and seldom convex."""
    n = len(radii)
    angles = [turn + 2 * math.pi * place / n for place in range(n)]
    return tuple((0.5 + r * math.cos(a), 0.5 + r * math.sin(a)) for r, a in zip(radii, angles, strict=True))


stars = st.builds(star, st.lists(st.floats(0.05, 0.45), min_size=3, max_size=9), st.floats(0, 6.2))


def covered(outline: tuple[Corner, ...], n: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Say of n × n points of the unit square whether they are inside, by the rule of odd crossings."""
    at = (np.arange(n) + 0.5) / n
    x, y = np.meshgrid(at, at)
    inside = np.zeros((n, n), dtype=bool)
    for (x1, y1), (x2, y2) in zip(outline, outline[1:] + outline[:1], strict=True):
        if y1 != y2:
            inside ^= ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return inside


def test_areas_by_the_shoelace() -> None:
    assert signed_area(SQUARE) == 1.0
    assert signed_area(SQUARE[::-1]) == -1.0
    assert signed_area(L_SHAPE) == 0.75


def test_overlaps_that_can_be_reckoned_by_hand() -> None:
    assert outline_overlap(SQUARE, SQUARE) == 1.0
    assert outline_overlap(SQUARE, moved(SQUARE, 1, 0)) == 0.0
    assert outline_overlap(SQUARE, moved(SQUARE, 5, 5)) == 0.0
    # half of each: 0.5 / 1.5
    assert outline_overlap(SQUARE, moved(SQUARE, 0.5, 0)) == pytest.approx(1 / 3)
    assert outline_overlap(SQUARE, L_SHAPE) == pytest.approx(0.75)
    # shifted by (0.5, 0.5) the L has its first arm beside the first one's notch: a quarter each way of what is shared
    assert outline_overlap(L_SHAPE, moved(L_SHAPE, 0.5, 0)) == pytest.approx(0.25 / (1.5 - 0.25))
    triangle: tuple[Corner, ...] = ((0, 0), (1, 0), (0, 1))
    other: tuple[Corner, ...] = ((1, 1), (1, 0), (0, 0))
    # two halves of one square share a quarter of it
    assert outline_overlap(triangle, other) == pytest.approx(0.25 / 0.75)


@settings(deadline=None, max_examples=60)
@given(stars, stars)
def test_a_grid_of_points_sees_the_same_overlap(a: tuple[Corner, ...], b: tuple[Corner, ...]) -> None:
    n = 240
    first, second = covered(a, n), covered(b, n)
    seen = (first & second).sum() / max((first | second).sum(), 1)
    # The grid is off by the cells along the outlines: a hundredth of the area here, more where little is covered.
    assert outline_overlap(a, b) == pytest.approx(seen, abs=0.03 + 20 / max(first.sum(), 1))


@settings(deadline=None, max_examples=60)
@given(stars, stars, st.floats(-3, 3), st.floats(0.2, 5))
def test_overlap_does_not_depend_on_who_is_first_or_on_the_scale(
    a: tuple[Corner, ...], b: tuple[Corner, ...], shift: float, scale: float
) -> None:
    overlap = outline_overlap(a, b)
    assert 0.0 <= overlap <= 1.0
    assert outline_overlap(b, a) == overlap
    # An image's aspect changes nothing: shares and pixels tell the same overlap.
    stretched = [tuple((x * scale + shift, y) for x, y in one) for one in (a, b)]
    assert outline_overlap(*stretched) == pytest.approx(overlap, abs=1e-9)


def test_an_outline_that_crosses_or_touches_itself_is_found() -> None:
    bow_tie: tuple[Corner, ...] = ((0, 0), (1, 1), (1, 0), (0, 1))
    assert crossing_sides(bow_tie) == (0, 2)
    assert crossing_sides(SQUARE) is None
    assert crossing_sides(L_SHAPE) is None
    # a corner that lies on another side, and a side that goes straight back
    assert crossing_sides(((0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1))) is not None
    assert crossing_sides(((0, 0), (1, 0), (0.5, 0), (0.5, 1))) is not None
    # the same, where only neighbours are on one line
    assert crossing_sides(((0, 0), (0.5, 0), (1, 0), (1, 1))) is None


@settings(deadline=None)
@given(stars)
def test_going_round_a_middle_once_crosses_nothing(outline: tuple[Corner, ...]) -> None:
    if all(math.dist(outline[i - 1], outline[i]) > 1e-3 for i in range(len(outline))) and len(outline) > 3:
        assert crossing_sides(outline) is None
