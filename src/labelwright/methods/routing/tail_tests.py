"""Exact tests of "too many of the accepted labels are wrong", vectorised."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Targets are decimals people type: 0.29 * 100 is 28.999999999999996 in floating point and must still allow 29.
_ROUNDING = 1e-9
_COIN_FILLS = 0.8
"""Up to this share of δ. In a search for the worst pool, two thresholds and every draw counted, a coin at exactly
δ = 5% broke the limit in up to 6.0% of the draws, one that filled .9 of it in 5.5%, one that filled .8 in 4.9%."""


def tolerated_wrong(n_others: ArrayLike, target_error: float) -> Ints:
    """Number of wrong labels that `n_others` accepted items may hold at this target: ⌊α · n⌋."""
    return np.floor(target_error * np.asarray(n_others, dtype=np.float64) + _ROUNDING).astype(np.int64)


def finite_pool_p_value(
    n_pool: ArrayLike,
    n_calibrated: ArrayLike,
    n_wrong: ArrayLike,
    *,
    target_error: float,
    n_reserved: int = 0,
    coin: ArrayLike = 1.0,
) -> Floats:
    """P-value of "more than ⌊α(M−n)⌋ of the M−n accepted items outside the sample are wrong".

    n_pool: M, items of the pool at or above the threshold.  n_calibrated: n of them were labelled at random, and
    n_wrong: k of those are wrong.  All broadcast.
    n_reserved: r, the most of the M−n that may leave afterwards, right ones perhaps: ⌊α(M−n−r)⌋ are tolerated.
    coin: u in (0, 1], drawn uniformly before the labels were read.  Counts come in whole numbers, so that a test at δ
      errs in less than δ of the draws; with a coin, where it would err in less than .8 δ, it errs in .8 δ.  Not in δ:
      which counts break the promise hangs a little on the draw, and a sequence of tests at exactly δ would have no
      room for it.  1 = no coin, and none is tossed where more than half of the M were drawn.
    Returns P(X ≤ k) for X hypergeometric (population M, marked ⌊α(M−n)⌋+1+k, draws n), with a coin at most
    (P(X < k) + u · P(X = k)) / .8; 0 where nothing is left to accept.
    Source: Lehmann & Romano (2005), Testing Statistical Hypotheses, section 3.2, for randomised tests.
    """
    pool, drawn, wrong = np.broadcast_arrays(
        np.asarray(n_pool, dtype=np.int64),
        np.asarray(n_calibrated, dtype=np.int64),
        np.asarray(n_wrong, dtype=np.int64),
    )
    others = pool - drawn
    marked = tolerated_wrong(np.maximum(others - n_reserved, 0), target_error) + 1 + wrong
    marked = np.minimum(marked, pool)
    p_value = hypergeometric_cdf(wrong, population=pool, marked=marked, draws=drawn)
    if np.any(np.asarray(coin) < 1):
        below = hypergeometric_cdf(wrong - 1, population=pool, marked=marked, draws=drawn)
        tossed = (below + np.asarray(coin) * (p_value - below)) / _COIN_FILLS
        p_value = np.where(2 * drawn > pool, p_value, np.minimum(p_value, tossed))
    return np.where(others <= 0, 0.0, p_value)


def open_pool_p_value(
    n_calibrated: ArrayLike, n_wrong: ArrayLike, *, target_error: float, coin: ArrayLike = 1.0
) -> Floats:
    """P-value of "the risk among accepted items exceeds α" when new items keep coming: P(Binomial(n, α) ≤ k).

    coin: as in `finite_pool_p_value`.
    """
    drawn = np.asarray(n_calibrated, dtype=np.float64)
    p_value = binomial_cdf(n_wrong, drawn, target_error)
    if np.any(np.asarray(coin) < 1):
        below = binomial_cdf(np.asarray(n_wrong, dtype=np.float64) - 1, drawn, target_error)
        p_value = below + np.asarray(coin) * (p_value - below)
    return np.where(drawn > 0, p_value, 1.0)


def binomial_cdf(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """P(X ≤ k) for X successes in n independent trials, elementwise; 0 for k < 0 and 1 for k ≥ n."""
    x, trials, chance = (np.asarray(part, dtype=np.float64) for part in np.broadcast_arrays(k, n, p))
    inside = (x >= 0) & (x < trials)
    # I_{1−p}(n−k, k+1): the incomplete beta function is exact where scipy's bdtr wants C integers.
    mass = special.betainc(np.where(inside, trials - x, 1.0), np.where(inside, x + 1, 1.0), 1 - chance)
    return np.where(inside, mass, np.where(x < 0, 0.0, 1.0))


def hypergeometric_cdf(k: ArrayLike, *, population: ArrayLike, marked: ArrayLike, draws: ArrayLike) -> Floats:
    """P(X ≤ k) for X marked items among `draws` taken without replacement, elementwise.

    Adds the mass downwards from k by the ratio of neighbouring terms, which shrink geometrically below the mean, so
    that a few dozen steps serve a million thresholds; above the mean it counts the unmarked items drawn instead.
    """
    x, population_, marked_, draws_ = (
        np.asarray(part, dtype=np.float64) for part in np.broadcast_arrays(k, population, marked, draws)
    )
    above = x * population_ > draws_ * marked_
    lower = _lower_tail(
        np.where(above, draws_ - x - 1, x), population_, np.where(above, population_ - marked_, marked_), draws_
    )
    return np.where(above, 1 - lower, lower)


def _lower_tail(x: Floats, population: Floats, marked: Floats, draws: Floats) -> Floats:
    lowest = np.maximum(0.0, draws - (population - marked))
    highest = np.minimum(marked, draws)
    inside = (x >= lowest) & (x < highest)
    current = np.where(inside, x, lowest)
    term = np.exp(_log_mass(current, population, marked, draws))
    total = term.copy()
    while True:
        numerator = current * (population - marked - draws + current)
        denominator = (marked - current + 1) * (draws - current + 1)
        term = term * np.where(current > lowest, numerator, 0.0) / denominator
        if not np.any(term > 1e-17 * total):
            break
        total += term
        current = current - 1
    return np.where(x < lowest, 0.0, np.where(x >= highest, 1.0, np.minimum(total, 1.0)))


def _log_mass(x: Floats, population: Floats, marked: Floats, draws: Floats) -> Floats:
    return _log_choose(marked, x) + _log_choose(population - marked, draws - x) - _log_choose(population, draws)


def _log_choose(n: Floats, k: Floats) -> Floats:
    # betaln keeps its precision for large n, where differences of gammaln cancel.
    return -np.log1p(n) - special.betaln(n - k + 1, k + 1)
