"""How many labels a certificate needs, before and after the first look at them."""

from dataclasses import dataclass
from math import ceil, floor, log

import numpy as np
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.routing.tail_tests import binomial_cdf, finite_pool_p_value, open_pool_p_value

DEFAULT_CALIBRATION_SIZE = 300
_POWER = 0.8
_THRESHOLDS_CONSIDERED = 64
_MOST_LABELS = 30_000


def check_target(target_error: float, delta: float) -> None:
    """Raise InvalidValue unless both are strictly between 0 and 1."""
    for name, value in (("target error", target_error), ("delta (1 - confidence level)", delta)):
        if not 0 < value < 1:
            raise InvalidValue("", f"{name} must lie strictly between 0 and 1, got {value!r}")


def zero_error_size(target_error: float, delta: float) -> int:
    """n0 = ⌈ln δ / ln(1−α)⌉: the fewest labels, all of them right, that certify.

    >>> zero_error_size(0.05, 0.05), zero_error_size(0.1, 0.05)
    (59, 29)
    """
    check_target(target_error, delta)
    return ceil(log(delta) / log(1 - target_error) - 1e-9)


def start_size(target_error: float, delta: float) -> int:
    """3·n0: accepted calibrated items needed before the first threshold is tested.

    >>> start_size(0.05, 0.05), start_size(0.1, 0.05)
    (177, 87)
    """
    return 3 * zero_error_size(target_error, delta)


def default_calibration_size(n_pool: int) -> int:
    """min(300, N/3): a third of a small pool, 300 of a large one."""
    return min(DEFAULT_CALIBRATION_SIZE, n_pool // 3)


def size_for_errors(n_wrong: int, target_error: float, delta: float) -> int:
    """Fewest labels among which `n_wrong` errors still put the exact upper bound at or under the target.

    Source: Clopper & Pearson (1934), Biometrika 26.
    >>> [size_for_errors(k, 0.05, 0.05) for k in (0, 1, 2, 3, 5, 10)]
    [59, 93, 124, 153, 208, 336]
    """
    check_target(target_error, delta)
    low, high = n_wrong, max(n_wrong, 1)
    while binomial_cdf(n_wrong, high, target_error) > delta:
        high *= 2
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (low, middle) if binomial_cdf(n_wrong, middle, target_error) <= delta else (middle, high)
    return high


def critical_errors(n_labels: int, target_error: float, delta: float) -> int:
    """Most errors among `n_labels` that still certify; -1 when not even zero errors do."""
    k = np.arange(0, max(1, ceil(n_labels * target_error) + 1), dtype=np.float64)
    passing = np.flatnonzero(binomial_cdf(k, n_labels, target_error) <= delta)
    return int(passing[-1]) if passing.size else -1


def power(n_labels: int, *, true_error: float, target_error: float, delta: float) -> float:
    """Chance that `n_labels` accepted labels certify the target when the true error is `true_error`."""
    critical = critical_errors(n_labels, target_error, delta)
    return 0.0 if critical < 0 else float(binomial_cdf(critical, n_labels, true_error))


def size_for_power(*, true_error: float, target_error: float, delta: float, wanted: float = 0.9) -> int:
    """Fewest accepted labels that certify with chance `wanted` when the true error is `true_error` (below the target).

    Goes up one error at a time: with k errors allowed, the fewest labels are `size_for_errors(k)`.
    """
    if not 0 <= true_error < target_error:
        raise InvalidValue(
            "", f"the true error {true_error!r} must be below the target {target_error!r} for a size to exist"
        )
    allowed = 0
    while True:
        size = size_for_errors(allowed, target_error, delta)
        if binomial_cdf(allowed, size, true_error) >= wanted:
            return size
        allowed += 1


@dataclass(frozen=True, slots=True)
class NextStep:
    """An estimate, not a promise: what more labels would probably buy at one target."""

    n_more_labels: int
    expected_coverage: float
    assumed_error: float


def next_step(
    *,
    n_pool_at: np.ndarray,
    n_calibrated_at: np.ndarray,
    n_wrong_at: np.ndarray,
    n_pool: int,
    n_calibration: int,
    target_error: float,
    delta: float,
    above: int = -1,
    open_pool: bool = False,
) -> NextStep | None:
    """Estimate the fewest further random labels that would certify more than now.

    With 80% chance, if the curve seen is the true one.

    n_pool_at, n_calibrated_at, n_wrong_at: (T,) counts at or above each threshold, from high to low.
    above: index of the threshold certified already (-1 when none); only lower ones count as a step.
    The error at a threshold is taken as (k + ½)/(n + 1).  None when no threshold looks better than the target or the
    nine tenths of the pool, or 30,000 items, would have to be labelled.
    """
    later = np.arange(above + 1, len(n_pool_at))
    if later.size > _THRESHOLDS_CONSIDERED:
        later = later[np.unique(np.linspace(0, later.size - 1, _THRESHOLDS_CONSIDERED).astype(np.int64))]
    error = (n_wrong_at[later] + 0.5) / (n_calibrated_at[later] + 1.0)
    share = n_pool_at[later] / n_pool
    if not later.size or not np.any(error < target_error):
        return None
    start = start_size(target_error, delta)

    def reached_with(total: int) -> int:
        """Give the lowest threshold that `total` labels would probably certify; -1 when none."""
        drawn = np.floor(share * total)
        # With 80% chance no more than this many of them are wrong.
        wrong = np.clip(np.ceil(np.nan_to_num(special.bdtrik(_POWER, drawn, error))), 0, drawn)
        if open_pool or n_pool > 50 * total:
            p_value = open_pool_p_value(drawn, wrong, target_error=target_error)
        else:
            p_value = finite_pool_p_value(n_pool_at[later], drawn, wrong, target_error=target_error)
        waiting = drawn < start
        # The sequence stops at the first threshold that fails, so those above must be likely to pass as well.
        reached = np.flatnonzero(np.logical_and.accumulate(waiting | (p_value <= delta)) & ~waiting)
        return int(reached[-1]) if reached.size else -1

    most = min(ceil(0.9 * n_pool) - 1, _MOST_LABELS)
    too_few, total = n_calibration, n_calibration + 10
    while total <= most and reached_with(total) < 0:
        too_few, total = total, max(total + 10, floor(total * 1.1))
    if total > most:
        return None
    while total - too_few > max(5, total // 100):
        middle = (too_few + total) // 2
        too_few, total = (middle, total) if reached_with(middle) < 0 else (too_few, middle)
    best = reached_with(total)
    accepted = n_pool_at[later[best]] - np.floor(share[best] * total)
    return NextStep(total - n_calibration, float(accepted / (n_pool - total)), float(error[best]))
