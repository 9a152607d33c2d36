"""Two labellers on the same items: only the items on which exactly one of them is right tell them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """How much more often the first is right than the second.

    difference: share of items, in [-1, 1].  low, high: its interval.  p_value: of "they are right equally often",
    two-sided and exact.  only_first, only_second: items on which one alone is right.
    """

    difference: float
    low: float
    high: float
    p_value: float
    only_first: int
    only_second: int
    n: int


def paired_difference(
    first_is_right: NDArray[np.bool_], second_is_right: NDArray[np.bool_], *, confidence_level: float = 0.95
) -> PairedDifference:
    """Compare two labellers by their rightness on the same n items.

    first_is_right, second_is_right: (n,) bool, n >= 1.
    Test: McNemar's, exact (a binomial of the items that tell them apart). Interval: adjusted Wald of Bonett & Price
    (2012), Journal of Educational and Behavioral Statistics 37(4), which covers well from about ten items on.

    >>> found = paired_difference(np.array([True] * 9 + [False]), np.array([True] * 4 + [False] * 6))
    >>> found.only_first, found.only_second, round(found.p_value, 4)
    (5, 0, 0.0625)
    """
    n = len(first_is_right)
    b = int(np.count_nonzero(first_is_right & ~second_is_right))
    c = int(np.count_nonzero(~first_is_right & second_is_right))
    p_value = 1.0 if b == c else min(1.0, 2 * float(special.bdtr(min(b, c), b + c, 0.5)))
    z = float(special.ndtri(0.5 + confidence_level / 2))
    p_b, p_c = (b + 1) / (n + 2), (c + 1) / (n + 2)
    half = z * float(np.sqrt((p_b + p_c - (p_b - p_c) ** 2) / (n + 2)))
    middle = p_b - p_c
    return PairedDifference(
        difference=(b - c) / n,
        low=max(-1.0, middle - half),
        high=min(1.0, middle + half),
        p_value=p_value,
        only_first=b,
        only_second=c,
        n=n,
    )
