"""Which things hang together, directly or by way of others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def components(n: int, pairs_E2: Ints) -> Ints:
    """(n,) the least member of each one's group; a thing in no pair is a group of its own.

    Source: union by least member with path halving, Tarjan & van Leeuwen (1984), J. ACM 31(2).

    >>> components(5, np.array([[3, 1], [3, 4]])).tolist()
    [0, 1, 2, 1, 1]
    """
    above = list(range(n))

    def top(one: int) -> int:
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    for one, other in np.asarray(pairs_E2, dtype=np.int64).reshape(-1, 2).tolist():
        a, b = top(one), top(other)
        if a != b:
            above[max(a, b)] = min(a, b)
    return np.array([top(one) for one in range(n)], dtype=np.int64)
