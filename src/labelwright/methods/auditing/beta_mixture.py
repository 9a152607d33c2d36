"""Confidence sequences for an error rate: intervals that stay valid however often one looks."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.estimation.intervals import Interval

Floats = NDArray[np.float64]

_HALVINGS = 80


def beta_mixture_evidence(
    successes: ArrayLike, trials: ArrayLike, rate: ArrayLike, *, a: float = 0.5, b: float = 0.5
) -> Floats:
    """Log evidence ln M against "the rate is p", a test martingale in the number of trials when it is.

    M = B(a+S, b+F) / (B(a, b) · p^S · (1−p)^F), the Beta(a, b) mixture of likelihood ratios.
    Source: Robbins (1970), Annals of Mathematical Statistics 41(5); Howard, Ramdas, McAuliffe & Sekhon (2021),
    Annals of Statistics 49(2), section 3.

    >>> round(float(beta_mixture_evidence(0, 0, 0.3)), 3)
    0.0
    """
    k, n, p = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in (successes, trials, rate)))
    likelihood = special.xlogy(k, p) + special.xlog1py(n - k, -p)
    return special.betaln(a + k, b + n - k) - special.betaln(a, b) - likelihood


def beta_mixture_interval(
    successes: ArrayLike, trials: ArrayLike, *, delta: float = 0.05, a: float = 0.5, b: float = 0.5
) -> Interval:
    """Give {p: M < 1/δ} after each number of independent trials: all looks together miss with chance δ at most.

    successes, trials: counts, any shape; (0, 1) where there are no trials.
    a, b: the mixture; Beta(½, ½) is narrow everywhere, Beta(1, 19) narrower where 5% are expected and n is small.
    For a part of a finite pool, drawn without replacement, `pool_mixture_interval` is narrower.

    >>> [round(float(end), 3) for end in beta_mixture_interval(5, 100)]
    [0.007, 0.156]
    """
    _check_delta(delta)
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64))
    seen = np.divide(k, n, out=np.full(n.shape, 0.5), where=n > 0)
    limit = -np.log(delta)

    def is_out(p: Floats) -> NDArray[np.bool_]:
        return beta_mixture_evidence(k, n, p, a=a, b=b) >= limit

    low = _edge(is_out, seen, np.zeros(n.shape))
    high = _edge(is_out, seen, np.ones(n.shape))
    return Interval(np.where(is_out(np.zeros(n.shape)), low, 0.0), np.where(is_out(np.ones(n.shape)), high, 1.0))


def pool_mixture_evidence(
    successes: ArrayLike, trials: ArrayLike, marked: ArrayLike, *, n_pool: int, a: float = 0.5, b: float = 0.5
) -> Floats:
    """Log evidence against "K of the pool's N items are marked", drawn one by one without replacement.

    Beta-binomial marginal over the hypergeometric likelihood of the order seen; +∞ where K is impossible.
    Source: Waudby-Smith & Ramdas (2020), NeurIPS, "Confidence sequences for sampling without replacement", section 2.
    """
    k, n, big_k = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in (successes, trials, marked)))
    f, unmarked = n - k, n_pool - big_k
    possible = (big_k >= k) & (unmarked >= f)
    likelihood = _log_falling(np.where(possible, big_k, k), k) + _log_falling(np.where(possible, unmarked, f), f)
    likelihood = likelihood - _log_falling(np.full(n.shape, float(n_pool)), n)
    evidence = special.betaln(a + k, b + f) - special.betaln(a, b) - likelihood
    return np.where(possible, evidence, np.inf)


def pool_mixture_interval(
    successes: ArrayLike, trials: ArrayLike, *, n_pool: int, delta: float = 0.05, a: float = 0.5, b: float = 0.5
) -> Interval:
    """Give the rate of the finite pool after each number of draws without replacement; all looks hold together.

    Both ends are multiples of 1/N. The interval shrinks to a point as the pool runs out.

    >>> [float(end) for end in pool_mixture_interval(3, 100, n_pool=100)]
    [0.03, 0.03]
    """
    _check_delta(delta)
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64))
    if np.any(n > n_pool):
        raise InvalidValue(
            "audit", f"{int(n.max())} items were drawn from a pool of {n_pool}; give the whole pool's size"
        )
    if not n_pool:
        return Interval(np.zeros(n.shape), np.ones(n.shape))
    limit = -np.log(delta)
    least, most = k, n_pool - (n - k)
    # The likelihood is highest near k/n of the pool and falls to both sides, so each end is found by halving.
    share = np.divide(k, n, out=np.full(n.shape, 0.5), where=n > 0)
    peak = np.clip(np.floor((n_pool + 1) * share), least, most)

    def end(outer: Floats) -> Floats:
        inside, outside = peak.copy(), outer.copy()
        is_in = pool_mixture_evidence(k, n, outer, n_pool=n_pool, a=a, b=b) < limit
        for _ in range(int(np.ceil(np.log2(n_pool + 1))) + 1):
            middle = np.where(outer < peak, np.ceil((inside + outside) / 2), np.floor((inside + outside) / 2))
            kept = pool_mixture_evidence(k, n, middle, n_pool=n_pool, a=a, b=b) < limit
            inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
        return np.where(is_in, outer, inside)

    return Interval(end(least) / n_pool, end(most) / n_pool)


def running_intersection(interval: Interval) -> Interval:
    """Narrow each look of a sequence by all the looks before it: as valid, and never wider than it once was.

    An empty intersection, which has chance δ at most, is kept as its crossing point.
    """
    low, high = np.maximum.accumulate(interval.low), np.minimum.accumulate(interval.high)
    middle = (low + high) / 2
    return Interval(np.where(low <= high, low, middle), np.where(low <= high, high, middle))


def _edge(is_out: Callable[[Floats], NDArray[np.bool_]], inside: Floats, outside: Floats) -> Floats:
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        out = is_out(middle)
        inside, outside = np.where(out, inside, middle), np.where(out, middle, outside)
    return outside  # the side that is ruled out: wider by less than floating point shows


def _log_falling(n: Floats, k: Floats) -> Floats:
    # ln n!/(n−k)! = −ln B(n−k+1, k) + ln Γ(k) ; betaln keeps its precision where differences of gammaln cancel.
    positive = np.maximum(k, 1.0)
    value = special.gammaln(positive) - special.betaln(np.maximum(n - positive, 0.0) + 1, positive)
    return np.where(k > 0, value, 0.0)


def _check_delta(delta: float) -> None:
    if not 0 < delta < 1:
        raise InvalidValue("audit", f"delta (1 - confidence level) must lie strictly between 0 and 1, got {delta!r}")
