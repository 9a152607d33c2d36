"""Selective guaranteed risk: halve the way to the threshold, each step at its share of δ."""

from math import ceil, log2

import numpy as np
from numpy.typing import ArrayLike

from labelwright.methods.routing.outcome import RoutingOutcome, count_losses, outcome_at
from labelwright.methods.routing.planner import check_target
from labelwright.methods.routing.tail_tests import Floats, Ints, finite_pool_p_value, open_pool_p_value


def selective_guaranteed_risk(
    score: ArrayLike,
    calibrated_index: ArrayLike,
    wrong: ArrayLike,
    *,
    target_error: float,
    delta: float = 0.05,
    open_pool: bool = False,
) -> RoutingOutcome:
    """Search the thresholds by halves, testing each at δ/K, K = ⌈log₂(T+1)⌉ steps for T thresholds.

    Arguments as in `certify`, with the same exact tests.  Of more distinct scores than labels, those at n-ths of the
    pool are searched, so that what is searched does not depend on which items were drawn.
    Accepts less than `certify` at the same labels, whose sequence spends δ once; it has no start to wait for.

    The union over K steps needs the true error to fall as the threshold rises: then only the thresholds on one path can
    be wrongly passed first.  Where errors pile up at high scores, take `certify`, which needs no such thing.
    Source: Geifman & El-Yaniv (2017), NeurIPS, "Selective classification for deep neural networks", algorithm 1.
    """
    check_target(target_error, delta)
    counts = count_losses(score, calibrated_index, np.asarray(wrong, dtype=np.bool_).astype(np.float64))
    searched = _quantiles(counts.n_pool, max(len(counts.index), 1))
    n_steps = max(1, ceil(log2(len(searched) + 1)))
    low, high = -1, len(searched)  # passed (accept nothing: always), not passed
    p_values: list[float] = []
    while high - low > 1:
        middle = (low + high) // 2
        at = searched[middle]
        n, k = counts.n_calibrated[at], counts.loss[at]
        if open_pool:
            p_value = float(open_pool_p_value(n, k, target_error=target_error))
        else:
            p_value = float(finite_pool_p_value(counts.n_pool[at], n, k, target_error=target_error))
        p_values.append(p_value)
        low, high = (middle, high) if p_value <= delta / n_steps else (low, middle)
    tested: Floats = np.asarray(p_values, dtype=np.float64)
    return outcome_at(
        counts,
        int(searched[low]) if low >= 0 else -1,
        method="selective guaranteed risk",
        promise=(
            f"the chance of accepting something of which more than {target_error:.4g} is wrong is at most {delta:g}, "
            "over random samples, provided that surer items are not wrong more often"
        ),
        target=target_error,
        delta=delta,
        p_values=tested,
        is_open_pool=open_pool,
        reason=(
            f"at none of {len(p_values)} thresholds tried is the error proven (p ≤ {delta / n_steps:.3g})"
            if p_values
            else "no item has a score, and an item without a score is never accepted"
        ),
    )


def _quantiles(n_pool_at: Ints, most: int) -> Ints:
    if len(n_pool_at) <= most:
        return np.arange(len(n_pool_at))
    shares = np.arange(1, most + 1, dtype=np.float64) / most
    positions: Ints = np.searchsorted(n_pool_at, np.ceil(float(n_pool_at[-1]) * shares))
    return np.unique(positions)
