"""How many labels of a finite set are still wrong, when a random part of it has been checked and mended."""

from dataclasses import dataclass

import numpy as np

from labelwright.methods.routing.tail_tests import hypergeometric_cdf


@dataclass(frozen=True, slots=True)
class WrongLeft:
    """Counts of wrong labels among `n_left`: an estimate inside its exact interval."""

    n_left: int
    low: int
    estimate: float
    high: int


def wrong_in_population(n_population: int, n_sampled: int, n_wrong: int, *, delta: float) -> tuple[int, int]:
    """Give the exact interval of the number wrong in a finite population, of which a random sample was checked.

    Each side misses with chance δ/2 at most. A sample that is everything leaves no doubt.
    Source: Buonaccorsi (1987), The American Statistician 41(3), intervals for the hypergeometric.

    >>> wrong_in_population(100, 100, 7, delta=0.05), wrong_in_population(100, 0, 0, delta=0.05)
    ((7, 7), (0, 100))
    """
    possible = np.arange(n_wrong, n_population - (n_sampled - n_wrong) + 1, dtype=np.int64)
    at_most = hypergeometric_cdf(n_wrong, population=n_population, marked=possible, draws=n_sampled)
    fewer = hypergeometric_cdf(n_wrong - 1, population=n_population, marked=possible, draws=n_sampled)
    plausible = possible[(at_most > delta / 2) & (1 - fewer > delta / 2)]
    return int(plausible[0]), int(plausible[-1])


def wrong_left(
    n_population: int,
    n_sampled: int,
    n_wrong: int,
    *,
    n_mended: int,
    n_left: int,
    delta: float,
    n_missing: int = 0,
    n_maybe_right: int = 0,
) -> WrongLeft:
    """Bound what is still wrong among the `n_left` that nobody has checked.

    n_sampled, n_wrong: the random sample of the population, and how many of its labels were wrong; they are mended.
    n_mended: further labels of the population that people found wrong, in whatever order they came to them.
    n_missing: drawn beside `n_sampled` and never answered: right for the low end, wrong for the high one, and left out
    of the estimate.  n_maybe_right: of `n_wrong`, those counted so for want of an answer: right for the low end. They
    are not among the `n_left`; what is missing may be.

    With no sample the interval is everything and the estimate is its upper end.
    """
    n_drawn = n_sampled + n_missing
    low, _ = wrong_in_population(n_population, n_drawn, n_wrong - n_maybe_right, delta=delta)
    _, high = wrong_in_population(n_population, n_drawn, n_wrong + n_missing, delta=delta)
    known = n_wrong + n_mended
    expected = n_population * n_wrong / n_sampled if n_sampled else float(n_population)
    low = min(max(0, low - (known - n_maybe_right)), n_left)
    high = min(max(0, high - known), n_left)
    return WrongLeft(n_left, low, float(min(max(low, expected - known), high)), high)
