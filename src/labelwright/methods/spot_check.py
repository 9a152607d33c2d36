"""How many of a set to look at, and what that says of the whole: exact, without replacement, standard library alone."""

from __future__ import annotations

from math import comb, floor
from typing import Final

DELTA: Final = 0.05


def sample_size(n_pool: int, most_wrong: float, *, delta: float = DELTA) -> int:
    """Give the smallest sample of which none being wrong shows, at 1 - delta, that at most that share is.

    For a large set that is ln(delta) / ln(1 - most_wrong), rounded up; a small one needs fewer, never more than it has.

    >>> [sample_size(n, 0.05) for n in (1, 10, 100, 1000, 10**6)]
    [1, 10, 39, 56, 59]
    >>> sample_size(0, 0.05)
    0
    """
    n_wrong = floor(most_wrong * n_pool + 1e-9) + 1
    if n_wrong > n_pool:
        return min(n_pool, 1)
    none_seen, n = 1.0, 0
    while none_seen > delta + 1e-12 and n < n_pool:
        none_seen *= (n_pool - n_wrong - n) / (n_pool - n)
        n += 1
    return n


def wrong_bounds(
    n_pool: int, n_sample: int, n_wrong: int, n_unknown: int = 0, *, delta: float = DELTA
) -> tuple[int, int]:
    """Give the fewest and the most of the set that may be wrong; each bound holds at 1 - delta, by itself.

    n_unknown: of the sample, those nobody has looked at yet: right for the lower bound, wrong for the upper.

    >>> wrong_bounds(100, 39, 0)
    (0, 5)
    >>> wrong_bounds(10, 10, 3)
    (3, 3)
    """
    most = n_wrong + n_unknown
    ways = comb(n_pool, n_sample)

    def share(seen: range, wrong: int) -> float:
        return sum(comb(wrong, one) * comb(n_pool - wrong, n_sample - one) for one in seen) / ways

    possible = range(n_wrong, n_pool - (n_sample - n_wrong) + 1)
    low = next((one for one in possible if share(range(n_wrong, n_sample + 1), one) > delta), n_wrong)
    possible = range(n_pool - (n_sample - most), most - 1, -1)
    high = next((one for one in possible if share(range(most + 1), one) > delta), most)
    return low, high
