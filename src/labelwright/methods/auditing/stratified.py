"""A confidence sequence for several finite pools together, each audited at a rate of its own.

Items that were drawn with unequal chances may not simply be counted together.  Here each stratum (a batch of accepted
items with one chance of being drawn) keeps its own count; what is bounded is the share over all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.auditing.beta_mixture import pool_mixture_evidence, pool_mixture_interval
from labelwright.methods.estimation.intervals import Interval

Floats = NDArray[np.float64]

_HALVINGS = 30
_PRICES = 25
_STEEPEST = 60.0
_FLATTEST = 1e-15
_ROUNDING = 1e-4


class _Counts(NamedTuple):
    """What was seen: (T, H) marked and unmarked ones among the drawn, (H,) sizes; a, b: the mixture."""

    marked: Floats
    unmarked: Floats
    n_pool: Floats
    a: float
    b: float


def stratified_pool_interval(
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    n_pool: ArrayLike,
    delta: float = 0.05,
    a: float = 0.5,
    b: float = 0.5,
) -> Interval:
    """Give the share of marked items over all strata after each look; all looks together miss with chance δ at most.

    successes, trials: (T, H) counts per look and stratum, drawn without replacement, uniformly within a stratum.
    n_pool: (H,) sizes of the strata.  A stratum without trials may be all marked, or not at all.
    In which order the strata are sampled, and whether one is sampled further, may depend on all that was seen so far.

    The product of the strata's mixtures is one martingale at the true counts (K_1, …, K_H).  A total K is ruled out
    once every way to spread it over the strata is; the best spread lies where all slopes are equal.
    Source: Spertus & Stark (2022), E-Vote-ID, "Sweeter than SUITE" (product of strata, minimised over spreads);
    Waudby-Smith & Ramdas (2020), NeurIPS, for each stratum.

    >>> interval = stratified_pool_interval([[3, 1]], [[60, 10]], n_pool=[900, 100])
    >>> [round(float(end[0]), 3) for end in interval]
    [0.006, 0.206]
    """
    if not 0 < delta < 1:
        raise InvalidValue("audit", f"delta (1 - confidence level) must lie strictly between 0 and 1, got {delta!r}")
    seen = _counts(successes, trials, n_pool, a, b)
    total = float(seen.n_pool.sum())
    if len(seen.n_pool) == 1:
        k, n = seen.marked[:, 0], seen.marked[:, 0] + seen.unmarked[:, 0]
        return pool_mixture_interval(k, n, n_pool=int(total), delta=delta, a=a, b=b)
    low = _fewest(seen, -np.log(delta))
    mirrored = _Counts(seen.unmarked, seen.marked, seen.n_pool, seen.b, seen.a)
    high = total - _fewest(mirrored, -np.log(delta))
    return Interval(low / max(total, 1.0), high / max(total, 1.0))


def stratified_pool_evidence(
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    n_pool: ArrayLike,
    at_most: float,
    a: float = 0.5,
    b: float = 0.5,
) -> Floats:
    """Log evidence against "at most that many of all the strata's items are marked", after each look; (T,).

    An e-process: it reaches ln(1/δ) at any time with chance δ at most while the claim holds, and it does so exactly
    when `stratified_pool_interval` at δ begins above `at_most`.
    """
    seen = _counts(successes, trials, n_pool, a, b)
    if len(seen.n_pool) == 1:
        k, n = seen.marked[:, 0], seen.marked[:, 0] + seen.unmarked[:, 0]
        size = int(seen.n_pool[0])
        peak = np.clip(np.floor((size + 1) * k / np.maximum(n, 1)), k, size - (n - k))
        most = np.minimum(np.floor(at_most + _ROUNDING), np.where(n > 0, peak, 0))
        return np.where(n > 0, pool_mixture_evidence(k, n, most, n_pool=size, a=a, b=b), 0.0)
    steep = np.full(len(seen.marked), np.log(_STEEPEST))
    flat = np.full(len(seen.marked), np.log(_FLATTEST))
    for _ in range(_PRICES):
        middle = (steep + flat) / 2
        is_above = _spread(seen, np.exp(middle)).sum(axis=1) > at_most
        flat, steep = np.where(is_above, middle, flat), np.where(is_above, steep, middle)
    found = _evidence(seen, _spread(seen, np.exp(flat)))
    possible = seen.marked.sum(axis=1) <= at_most
    return np.where(possible, found, np.inf)


def _counts(successes: ArrayLike, trials: ArrayLike, n_pool: ArrayLike, a: float, b: float) -> _Counts:
    k, n = (np.asarray(part, dtype=np.float64) for part in (successes, trials))
    sizes = np.asarray(n_pool, dtype=np.float64)
    if k.ndim != 2 or k.shape != n.shape or sizes.shape != k.shape[1:]:
        raise InvalidValue(
            "audit", f"counts are (looks, strata) with a size per stratum, got {k.shape}, {n.shape} and {sizes.shape}"
        )
    if np.any(k < 0) or np.any(k > n) or np.any(n > sizes):
        raise InvalidValue("audit", "in each stratum: wrong ones ≤ audited ones ≤ its size; give the whole pool's size")
    return _Counts(k, n - k, sizes, a, b)


def _fewest(seen: _Counts, limit: float) -> Floats:
    """Give the smallest total that is not ruled out; (T,).

    The dual's value is given, which is never above the smallest total, whatever the price it is taken at.
    """
    least = seen.marked.sum(axis=1)
    log_steep = np.full(len(least), np.log(_STEEPEST))
    log_flat = np.full(len(least), np.log(_FLATTEST))
    for _ in range(_PRICES):
        middle = (log_steep + log_flat) / 2
        is_out = _evidence(seen, _spread(seen, np.exp(middle))) >= limit
        log_steep, log_flat = np.where(is_out, middle, log_steep), np.where(is_out, log_flat, middle)
    price = np.exp(log_steep)
    spread = _spread(seen, price)
    total = spread.sum(axis=1) + np.minimum(_evidence(seen, spread) - limit, 0.0) / price
    return np.maximum(np.ceil(total - _ROUNDING), least)


def _spread(seen: _Counts, price: Floats) -> Floats:
    """Give the counts (T, H) at which one marked item more adds `price` (T,) to each stratum's likelihood.

    The likelihood is concave between the least and the most there can be, so halving finds the place.
    """
    low, high = seen.marked.copy(), seen.n_pool - seen.unmarked
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        rises = _slope(seen, middle) > price[:, None]
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    return low


def _slope(seen: _Counts, count: Floats) -> Floats:
    """Derivative of the log-likelihood of the order seen; 0 where a stratum has no trials."""
    rest = seen.n_pool - count
    up = special.digamma(count + 1) - special.digamma(np.maximum(count - seen.marked, 0.0) + 1)
    return up - special.digamma(rest + 1) + special.digamma(np.maximum(rest - seen.unmarked, 0.0) + 1)


def _evidence(seen: _Counts, count: Floats) -> Floats:
    """Log of the product of the strata's mixtures against these counts; (T,)."""
    found = np.zeros(len(count))
    for place, size in enumerate(seen.n_pool):
        k, f = seen.marked[:, place], seen.unmarked[:, place]
        found += pool_mixture_evidence(k, k + f, count[:, place], n_pool=int(size), a=seen.a, b=seen.b)
    return found
