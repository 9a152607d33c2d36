"""Areas and overlaps of outlines: polygons without holes, given by their corners."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np

Corner: TypeAlias = tuple[float, float]
Floats: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def signed_area(outline: Sequence[Corner]) -> float:
    """Give the area by the shoelace formula: positive when the corners go clockwise as people see them (y down)."""
    x, y = np.array(outline, dtype=float).T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(np.roll(x, -1), y)) / 2


@lru_cache(maxsize=4096)
def outline_overlap(a: tuple[Corner, ...], b: tuple[Corner, ...]) -> float:
    """Give the intersection over the union of two outlines, in [0, 1]; the same there and back, and 1 for equals.

    Exact but for rounding, also of outlines that are not convex: the plane is cut into strips at every corner and every
    crossing, within a strip no two sides cross, and there the width of what only one of them covers is linear in y.
    """
    if a == b:
        return 1.0
    if a > b:
        a, b = b, a
    first, second = _sides(a), _sides(b)
    if _apart(first, second):
        return 0.0
    apart = _covered_once(np.concatenate([first, second]))
    areas = abs(signed_area(a)) + abs(signed_area(b))
    shared = max(areas - apart, 0.0) / 2
    return min(shared / (areas - shared), 1.0)


def crossing_sides(outline: Sequence[Corner]) -> tuple[int, int] | None:
    """Give two sides (by the place of their first corner) that cross or touch where they should not; None = none do."""
    sides = _sides(outline)
    n = len(sides)
    first, second = np.triu_indices(n, 1)
    meets = _meet(sides[first], sides[second])
    # Neighbours share a corner; they may share nothing more, which is so unless one folds back on the other.
    neighbours = (second - first == 1) | ((first == 0) & (second == n - 1))
    folded = _folded(sides)
    meets &= ~neighbours
    for place in range(n):
        if folded[place]:
            return place, (place + 1) % n
    found = np.flatnonzero(meets)
    return (int(first[found[0]]), int(second[found[0]])) if len(found) else None


def _sides(outline: Sequence[Corner]) -> Floats:
    """Give (n, 4): x, y of where a side begins and ends."""
    corners = np.array(outline, dtype=float)
    return np.concatenate([corners, np.roll(corners, -1, axis=0)], axis=1)


def _apart(a: Floats, b: Floats) -> bool:
    return bool(
        a[:, 0].max() <= b[:, 0].min()
        or b[:, 0].max() <= a[:, 0].min()
        or a[:, 1].max() <= b[:, 1].min()
        or b[:, 1].max() <= a[:, 1].min()
    )


def _covered_once(sides: Floats) -> float:
    """Give the area that an odd number of outlines covers, their sides all together."""
    sides = sides[sides[:, 1] != sides[:, 3]]
    cuts = np.unique(np.concatenate([sides[:, 1], sides[:, 3], _crossing_heights(sides)]))
    low, high = cuts[:-1], cuts[1:]
    middle = (low + high) / 2
    x1, y1, x2, y2 = sides.T
    within = (np.minimum(y1, y2) < middle[:, None]) & (middle[:, None] < np.maximum(y1, y2))
    across = x1 + (middle[:, None] - y1) * (x2 - x1) / (y2 - y1)
    ordered = np.sort(np.where(within, across, np.inf), axis=1)
    if ordered.shape[1] % 2:
        ordered = np.concatenate([ordered, np.full((len(middle), 1), np.inf)], axis=1)
    pairs = ordered.reshape(len(middle), -1, 2)
    # Two outlines that are each closed cross every height an even number of times: what is left over is all infinite.
    there = np.isfinite(pairs).all(axis=2)
    widths = np.where(there, np.where(there, pairs[:, :, 1], 0) - np.where(there, pairs[:, :, 0], 0), 0).sum(axis=1)
    return float(np.dot(widths, high - low))


def _crossing_heights(sides: Floats) -> Floats:
    """Give the y of every place where two sides cross."""
    first, second = np.triu_indices(len(sides), 1)
    ax, ay, bx, by = sides[first].T
    cx, cy, dx, dy = sides[second].T
    turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    with np.errstate(divide="ignore", invalid="ignore"):
        along = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / turn
        other = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / turn
    hit = (turn != 0) & (along > 0) & (along < 1) & (other > 0) & (other < 1)
    return (ay + along * (by - ay))[hit]


def _turn(a: Floats, b: Floats, c: Floats) -> Floats:
    return np.sign((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))


def _meet(one: Floats, other: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say of each pair of sides whether they have a point in common."""
    a, b, c, d = one[:, :2], one[:, 2:], other[:, :2], other[:, 2:]
    abc, abd, cda, cdb = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    meets = (abc * abd < 0) & (cda * cdb < 0)
    for turned, begin, end, point in ((abc, a, b, c), (abd, a, b, d), (cda, c, d, a), (cdb, c, d, b)):
        inside = (np.minimum(begin, end) <= point).all(axis=1) & (point <= np.maximum(begin, end)).all(axis=1)
        meets |= (turned == 0) & inside
    return meets


def _folded(sides: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say of each side whether the next one goes straight back over it."""
    following = np.roll(sides, -1, axis=0)
    a, b, c = sides[:, :2], sides[:, 2:], following[:, 2:]
    back = ((b - a) * (c - b)).sum(axis=1) < 0
    return (_turn(a, b, c) == 0) & back
