"""Confidence sequences for the mean of values in [0, 1], by betting against every mean there could be."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.estimation.intervals import Interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_LARGEST_STAKE = 0.5
_BLOCK = 256
_ROUNDING = 1e-9


def predictable_bets(values: ArrayLike, *, delta: float) -> Floats:
    """Stake before each value, from the values before it: λ_t = √(2 ln(2/δ) / (s²_{t−1} · t · ln(t+1))).

    Source: Waudby-Smith & Ramdas (2024), JRSS B 86(1), equation 26 (predictable plug-in).
    """
    x = np.asarray(values, dtype=np.float64)
    t = np.arange(1, len(x) + 1)
    mean = (0.5 + np.cumsum(x)) / (t + 1)
    variance = (0.25 + np.cumsum((x - mean) ** 2)) / (t + 1)
    before = np.concatenate([[0.25], variance[:-1]])
    return np.sqrt(2 * np.log(2 / delta) / (before * t * np.log(t + 1)))


def betting_sequence(
    values: ArrayLike,
    *,
    delta: float = 0.05,
    n_pool: int | None = None,
    looks: Sequence[int] | None = None,
    n_grid: int = 1_000,
) -> Interval:
    """Give the interval of the mean at each look; all looks together miss with chance δ at most.

    values: (T,) in [0, 1], in the order drawn: losses of any kind, such as 1 − F1 of spans.
    n_pool: the size of the finite pool they come from without replacement, whose mean is meant; None = independent
      draws.
    looks: numbers of values, ascending, at which to give the interval; None = after every one.
    n_grid: means are tried on a grid; the ends are the nearest ones that are ruled out, so rounding only widens.

    Half of a fortune bets that the mean is higher than m, half that it is lower; an m at which either grew 2/δ-fold is
    ruled out for good.
    Source: Waudby-Smith & Ramdas (2024), JRSS B 86(1), theorem 3 (hedged capital) and section 5 (without replacement).

    >>> interval = betting_sequence(np.tile([0.0, 0.0, 0.0, 1.0], 250), looks=[1_000])
    >>> bool(interval.low[0] < 0.25 < interval.high[0]), bool(interval.high[0] - interval.low[0] < 0.12)
    (True, True)
    """
    x = np.asarray(values, dtype=np.float64)
    if np.any(~((x >= 0) & (x <= 1))):
        raise InvalidValue(
            "audit", f"values must lie in [0, 1], got {x[~((x >= 0) & (x <= 1))][0]!r}; rescale the loss"
        )
    if n_pool is not None and len(x) > n_pool:
        raise InvalidValue("audit", f"{len(x)} items were drawn from a pool of {n_pool}; give the whole pool's size")
    if not 0 < delta < 1:
        raise InvalidValue("audit", f"delta (1 - confidence level) must lie strictly between 0 and 1, got {delta!r}")
    asked = np.arange(1, len(x) + 1) if looks is None else np.asarray(looks, dtype=np.int64)
    mean_G = np.linspace(0, 1, n_grid + 1)
    bets, before = predictable_bets(x, delta=delta), np.concatenate([[0.0], np.cumsum(x)[:-1]])
    log_up, log_down = np.zeros(n_grid + 1), np.zeros(n_grid + 1)
    too_low, too_high = np.zeros(n_grid + 1, dtype=np.bool_), np.zeros(n_grid + 1, dtype=np.bool_)
    low, high = np.zeros(len(asked)), np.ones(len(asked))
    limit = np.log(2 / delta)
    for start in range(0, len(x), _BLOCK):
        block = slice(start, min(start + _BLOCK, len(x)))
        growth = _growth(x[block], bets[block], before[block], mean_G, start=start, n_pool=n_pool)
        up_TG, down_TG = log_up + np.cumsum(growth.up, axis=0), log_down + np.cumsum(growth.down, axis=0)
        too_low_TG = np.logical_or.accumulate((up_TG >= limit) | growth.too_low, axis=0) | too_low
        too_high_TG = np.logical_or.accumulate((down_TG >= limit) | growth.too_high, axis=0) | too_high
        for position in np.flatnonzero((asked > block.start) & (asked <= block.stop)):
            row = asked[position] - 1 - start
            low[position], high[position] = _ends(too_low_TG[row], too_high_TG[row], mean_G)
        log_up, log_down, too_low, too_high = up_TG[-1], down_TG[-1], too_low_TG[-1], too_high_TG[-1]
    return Interval(low, high)


class _Growth(NamedTuple):
    """Log growth of both fortunes, and the means that the values have made impossible; all (T, G)."""

    up: Floats
    down: Floats
    too_low: Bools
    too_high: Bools


def _growth(x: Floats, bets: Floats, before: Floats, mean_G: Floats, *, start: int, n_pool: int | None) -> _Growth:
    if n_pool is None:
        mean_TG = np.broadcast_to(mean_G, (len(x), len(mean_G)))
        too_low = too_high = np.zeros((len(x), len(mean_G)), dtype=np.bool_)
    else:
        # What is left of the pool must average this, if the whole averages m.
        left = n_pool - start - np.arange(len(x))[:, None]
        mean_TG = np.clip((n_pool * mean_G - before[:, None]) / left, 0.0, 1.0)
        after = n_pool * mean_G - (before + x)[:, None]
        too_low, too_high = after < -_ROUNDING, after > left - 1 + _ROUNDING
    with np.errstate(divide="ignore"):
        stake_up = np.minimum(bets[:, None], _LARGEST_STAKE / mean_TG)
        stake_down = np.minimum(bets[:, None], _LARGEST_STAKE / (1 - mean_TG))
    gain = x[:, None] - mean_TG
    return _Growth(np.log1p(stake_up * gain), np.log1p(-stake_down * gain), too_low, too_high)


def _ends(too_low: Bools, too_high: Bools, mean_G: Floats) -> tuple[float, float]:
    """Give the nearest means that are ruled out: a prefix and a suffix, since both fortunes are monotone in m."""
    n_low, n_high = int(too_low.sum()), int(too_high.sum())
    low = float(mean_G[n_low - 1]) if n_low else 0.0
    high = float(mean_G[len(mean_G) - n_high]) if n_high else 1.0
    # They cross with chance δ at most.
    return (low, high) if low <= high else ((low + high) / 2, (low + high) / 2)
