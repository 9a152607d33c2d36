"""Draw the calibration sample many times over, where the truth is known, and see how often the promise holds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.methods.routing.certify import count_thresholds, threshold_grid
from labelwright.methods.routing.planner import check_target, start_size
from labelwright.methods.routing.tail_tests import Floats, Ints, finite_pool_p_value


@dataclass(frozen=True, eq=False, slots=True)
class Rehearsal:
    """What happened in each of S draws; arrays are (S,), counts of items outside the sample."""

    target_error: float
    is_certified: NDArray[np.bool_]
    n_accepted: Ints
    n_accepted_wrong: Ints
    n_others: int

    @property
    def is_broken(self) -> NDArray[np.bool_]:
        """Something was certified, and more than α of it is wrong."""
        return self.is_certified & (self.n_accepted_wrong > self.target_error * self.n_accepted + 1e-9)

    @property
    def coverage(self) -> Floats:
        """Accepted as a share of the items outside the sample."""
        return self.n_accepted / max(self.n_others, 1)


@dataclass(frozen=True, slots=True)
class Oracle:
    """The best threshold somebody who knows all the truth could choose; `threshold` None when none keeps the target."""

    threshold: float | None
    coverage: float


def draw_samples(n_pool: int, n_calibration: int, *, n_draws: int, rng: np.random.Generator) -> Ints:
    """(S, n) positions, each row drawn at random without replacement."""
    return np.stack([rng.choice(n_pool, n_calibration, replace=False) for _ in range(n_draws)])


def rehearse(
    score: ArrayLike,
    wrong: ArrayLike,
    calibrated_Sn: Ints,
    *,
    target_error: float,
    delta: float = 0.05,
    coin_S: ArrayLike = 1.0,
) -> Rehearsal:
    """Certify each row of `calibrated_Sn` as `certify` would, all at once.

    score: (N,) nan = never accepted.  wrong: (N,) bool, known for every item of the pool.
    coin_S: one for all draws or one for each, as in `certify`.
    """
    check_target(target_error, delta)
    scores = np.asarray(score, dtype=np.float64)
    errors = np.asarray(wrong, dtype=np.bool_)
    n_draws, n_calibration = calibrated_Sn.shape
    pool = count_thresholds(scores, np.arange(len(scores)), errors)
    grid = threshold_grid(pool.n_pool)
    n_groups = len(grid)
    if not n_groups:
        nothing = np.zeros(n_draws, dtype=np.int64)
        return Rehearsal(target_error, nothing > 0, nothing, nothing, len(scores) - n_calibration)
    # Items without a score go to a last group that is dropped.
    group = np.where(
        np.isnan(scores), n_groups, np.searchsorted(-pool.threshold[grid], -np.nan_to_num(scores), side="left")
    )
    drawn_ST = _cumulated(group[calibrated_Sn], np.ones(calibrated_Sn.shape), n_groups)
    wrong_ST = _cumulated(group[calibrated_Sn], errors[calibrated_Sn], n_groups)
    waiting = drawn_ST < start_size(target_error, delta)
    coin = np.asarray(coin_S, dtype=np.float64).reshape(-1, 1)
    p_value = finite_pool_p_value(pool.n_pool[grid][None, :], drawn_ST, wrong_ST, target_error=target_error, coin=coin)
    passed = waiting | (p_value <= delta)
    n_passed = np.where(passed.all(axis=1), n_groups, np.argmin(passed, axis=1))
    row = np.arange(n_draws, dtype=np.int64)
    last = np.maximum(n_passed - 1, 0)
    has_rejected = (n_passed > 0) & ~waiting[row, last]
    n_accepted = np.where(has_rejected, pool.n_pool[grid[last]] - drawn_ST[row, last], 0)
    n_wrong = np.where(has_rejected, pool.n_wrong[grid[last]] - wrong_ST[row, last], 0)
    return Rehearsal(target_error, n_accepted > 0, n_accepted, n_wrong, len(scores) - n_calibration)


def oracle(score: ArrayLike, wrong: ArrayLike, *, target_error: float) -> Oracle:
    """Find the lowest threshold at which the whole pool's error is within the target."""
    scores = np.asarray(score, dtype=np.float64)
    pool = count_thresholds(scores, np.arange(len(scores)), wrong)
    fitting = np.flatnonzero(pool.n_wrong <= target_error * pool.n_pool + 1e-9)
    if not fitting.size:
        return Oracle(None, 0.0)
    return Oracle(float(pool.threshold[fitting[-1]]), float(pool.n_pool[fitting[-1]] / len(scores)))


def _cumulated(group_Sn: Ints, weight_Sn: ArrayLike, n_groups: int) -> Ints:
    n_draws = len(group_Sn)
    cell = group_Sn + (n_groups + 1) * np.arange(n_draws)[:, None]
    weights = np.asarray(weight_Sn, dtype=np.float64).ravel()
    counted = np.bincount(cell.ravel(), weights=weights, minlength=n_draws * (n_groups + 1))
    return np.cumsum(counted.reshape(n_draws, n_groups + 1)[:, :n_groups], axis=1).astype(np.int64)
