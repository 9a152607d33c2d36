"""Intervals for a proportion, and what sampling without replacement takes off them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """Both ends of an interval; arrays when the counts were arrays."""

    low: Floats
    high: Floats


def wilson_interval(successes: ArrayLike, trials: ArrayLike, *, confidence_level: float = 0.95) -> Interval:
    """Score interval for a proportion; (nan, nan) where there are no trials.

    Source: Wilson (1927), JASA 22(158), equation on p. 209; without continuity correction.
    >>> [round(float(end), 3) for end in wilson_interval(80, 100)]
    [0.711, 0.867]
    """
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64))
    z = special.ndtri(0.5 + confidence_level / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        center = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return Interval(np.maximum(center - half, 0.0), np.minimum(center + half, 1.0))


def clopper_pearson_interval(successes: ArrayLike, trials: ArrayLike, *, confidence_level: float = 0.95) -> Interval:
    """Exact interval for a proportion: never covers less often than stated; (0, 1) where there are no trials.

    Source: Clopper & Pearson (1934), Biometrika 26(4).
    >>> [round(float(end), 4) for end in clopper_pearson_interval(0, 59, confidence_level=0.90)]
    [0.0, 0.0495]
    """
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64))
    tail = (1 - confidence_level) / 2
    low = np.where(k > 0, special.betaincinv(np.maximum(k, 1), n - k + 1, tail), 0.0)
    high = np.where(k < n, special.betaincinv(k + 1, np.maximum(n - k, 1), 1 - tail), 1.0)
    return Interval(low, high)


def finite_population_factor(n_sampled: int, n_population: int) -> float:
    """√(1 − n/N): how much a standard error shrinks because the sample is part of a finite pool; 0 when all is sampled.

    Source: Cochran (1977), Sampling Techniques, section 2.5, in its design-based form with S² of the population.
    >>> finite_population_factor(75, 100)
    0.5
    """
    return float(np.sqrt(max(0.0, 1.0 - n_sampled / n_population))) if n_population else 0.0
