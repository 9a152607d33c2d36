"""Which marks of several people mean the same thing, and how far apart two people's marks are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np

M = TypeVar("M")

Overlaps: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.float64]]"
"""(N, M): how much each mark of one person overlaps each mark of another, in [0, 1]; 0 where the labels differ."""


def matched_distance(overlaps: Overlaps) -> float:
    """Give 1 − the mean overlap of the best one-to-one matching, over the larger number of marks.

    For marks that are not all the same: never quite 0.  Give the two in an order that does not depend on who comes
    first, so that the distance there is the distance back.
    """
    if 0 in overlaps.shape:
        return 1.0
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - a tenth of a second, for marks only

    matched = cast("tuple[Sequence[int], Sequence[int]]", linear_sum_assignment(overlaps, maximize=True))
    total = math.fsum(float(overlaps[i, j]) for i, j in zip(*matched, strict=True))
    return min(max(1.0 - total / max(overlaps.shape), 1e-9), 1.0)


def joined(
    values: Sequence[Sequence[M]], overlaps: Callable[[Sequence[M], Sequence[M]], Overlaps], *, same: float
) -> list[dict[int, int]]:
    """Join what overlaps at least `same`, the best first, so that each person has one mark in a cluster at most.

    Gives each cluster as person -> the place of the mark in that person's value. Marks are tuples, which have an
    order; the clusters come in it.
    """
    cluster = {(a, i): {a: i} for a, value in enumerate(values) for i in range(len(value))}
    pairs: list[tuple[float, bool, list[Any], int, int, int, int]] = []
    for a, value in enumerate(values):
        for b in range(a + 1, len(values)):
            table = overlaps(value, values[b])
            for i, j in cast("list[tuple[int, int]]", np.argwhere(table >= same).tolist()):
                # By overlap, equals before look-alikes, then by place: the order of the people decides nothing.
                marks: list[Any] = sorted(cast("list[Any]", [value[i], values[b][j]]))
                pairs.append((-float(table[i, j]), marks[0] != marks[1], marks, a, i, b, j))
    for _, _, _, a, i, b, j in sorted(pairs):
        first, second = cluster[a, i], cluster[b, j]
        if first is not second and not first.keys() & second.keys():
            first.update(second)
            for key in second.items():
                cluster[key] = first
    distinct = {id(members): members for members in cluster.values()}.values()
    return sorted(
        distinct, key=lambda members: cast("Any", sorted(cast("Any", values[a][i]) for a, i in members.items()))
    )
