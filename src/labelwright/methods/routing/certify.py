"""Certify a share of a pool for acceptance without people, at a stated error and confidence.

Fixed-sequence testing over score thresholds, with exact finite-pool tests.
Source: Angelopoulos, Bates, Candès, Jordan & Lei (2021), "Learn then Test", arXiv:2110.01052; hypergeometric tails in
place of binomial ones because the promise is about this pool.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.routing.planner import check_target, start_size, zero_error_size
from labelwright.methods.routing.tail_tests import Floats, Ints, finite_pool_p_value, open_pool_p_value

MOST_THRESHOLDS = 50
"""Each further test is one more chance to stop: over all distinct scores a tenth of the coverage is lost."""


@dataclass(frozen=True, eq=False, slots=True)
class ThresholdCounts:
    """What lies at or above each distinct score, from high to low; every array is (T,)."""

    threshold: Floats
    n_pool: Ints
    n_calibrated: Ints
    n_wrong: Ints


@dataclass(frozen=True, eq=False, slots=True)
class Certification:
    """The outcome of one certification; `threshold` is None when nothing may be accepted, and `reason` says why.

    n_accepted, accepted: items outside the calibration sample that may be accepted, as count and as (N,) mask.
    coverage: n_accepted as a share of the N−n items outside the sample.
    tested: number of thresholds tested; p_values: (tested,), the last one not rejected unless all were.
    """

    target_error: float
    delta: float
    is_open_pool: bool
    n_pool: int
    n_calibration: int
    n_start: int
    threshold: float | None
    n_accepted: int
    coverage: float
    n_calibrated_accepted: int
    n_calibrated_wrong: int
    first_tested: int
    p_values: Floats
    counts: ThresholdCounts
    accepted: NDArray[np.bool_]
    reason: str | None

    @property
    def is_certified(self) -> bool:
        """Something may be accepted."""
        return self.threshold is not None

    @property
    def last_rejected(self) -> int:
        """Index in `counts` of the threshold in force; -1 when none."""
        return -1 if self.threshold is None else int(np.searchsorted(-self.counts.threshold, -self.threshold))


def certify(
    score: ArrayLike,
    calibrated_index: ArrayLike,
    wrong: ArrayLike,
    *,
    target_error: float,
    delta: float = 0.05,
    open_pool: bool = False,
    n_reserved: int = 0,
    first_threshold: float | None = None,
    coin: float = 1.0,
) -> Certification:
    """Find the lowest score threshold at which P(certified and more than α of the accepted are wrong) ≤ δ.

    score: (N,) any label-free number per pool item, high = sure; nan = no confidence or no valid prediction: such an
      item is never accepted and stays in the denominator.  It must not have been fitted on the calibration labels.
    calibrated_index: (n,) distinct positions of the items drawn at random and labelled by people.
    wrong: (n,) bool, the prediction differs from the people's label.
    open_pool: new items keep coming, so the binomial test bounds the distribution's risk.
    n_reserved: people will label, or have labelled for another purpose, up to so many of the accepted, which then are
      not accepted any more; the promise is about those that stay.
    first_threshold: where the sequence starts, in place of the first with 3·n0 labels. It must not rest on these
      labels: take it from scores alone or from other labels, and fix it beforehand. Any number will do, right or wrong:
      too high a start risks stopping at once for want of labels, too low a one for errors, and neither breaks the
      promise. Thresholds with fewer than n0 labels, which cannot pass, are skipped by counts alone.
    coin: u in (0, 1], drawn uniformly before the labels were read, for tests that err more nearly in δ of the draws
      (`finite_pool_p_value`); 1 = none.

    Thresholds are distinct scores (whole tie groups), from high to low, beginning at the first with at least 3·n0
    calibrated items at or above it, ending at the first that is not rejected. Of more than 50 distinct scores, those at
    the fiftieths of the pool are taken.
    """
    counts = count_thresholds(score, calibrated_index, wrong)
    return _certify_counts(
        counts,
        score,
        calibrated_index,
        target_error=target_error,
        delta=delta,
        open_pool=open_pool,
        n_reserved=n_reserved,
        first_threshold=first_threshold,
        coin=coin,
    )


def ladder(
    score: ArrayLike,
    calibrated_index: ArrayLike,
    wrong: ArrayLike,
    *,
    target_errors: Sequence[float] = (0.01, 0.02, 0.05, 0.10, 0.15, 0.20, 0.30),
    delta: float = 0.05,
    open_pool: bool = False,
    first_threshold: float | None = None,
) -> tuple[Certification, ...]:
    """Certify at each target by itself; arguments as in `certify`.

    Only the target frozen before the first label is a certificate; the others are for planning, since picking one of
    them after seeing the labels spends δ once more.
    """
    counts = count_thresholds(score, calibrated_index, wrong)
    return tuple(
        _certify_counts(
            counts,
            score,
            calibrated_index,
            target_error=alpha,
            delta=delta,
            open_pool=open_pool,
            first_threshold=first_threshold,
        )
        for alpha in target_errors
    )


def count_thresholds(score: ArrayLike, calibrated_index: ArrayLike, wrong: ArrayLike) -> ThresholdCounts:
    """Count pool, calibrated and wrong items at or above each distinct score, from high to low."""
    scores = np.asarray(score, dtype=np.float64)
    index = np.asarray(calibrated_index, dtype=np.int64)
    errors = np.asarray(wrong, dtype=np.bool_)
    _check(scores, index, errors)
    has_score = ~np.isnan(scores)
    ascending, group = np.unique(scores[has_score], return_inverse=True)
    n_groups = len(ascending)
    group_of = np.full(len(scores), -1, dtype=np.int64)
    group_of[has_score] = n_groups - 1 - group
    scored = group_of[index] >= 0

    def cumulated(groups: Ints) -> Ints:
        return np.cumsum(np.bincount(groups, minlength=n_groups)).astype(np.int64)

    return ThresholdCounts(
        threshold=ascending[::-1].copy(),
        n_pool=cumulated(group_of[has_score]),
        n_calibrated=cumulated(group_of[index[scored]]),
        n_wrong=cumulated(group_of[index[scored & errors]]),
    )


def threshold_grid(n_pool_at: Ints) -> Ints:
    """Choose, by the pool alone, which thresholds are tested: all of up to 50, else those at fiftieths of the pool.

    n_pool_at: (T,) items at or above each threshold, from high to low.  Returns positions, rising; the last is T − 1.
    """
    if len(n_pool_at) <= MOST_THRESHOLDS:
        return np.arange(len(n_pool_at))
    fiftieths = np.arange(1, MOST_THRESHOLDS + 1, dtype=np.float64) / MOST_THRESHOLDS
    positions: Ints = np.searchsorted(n_pool_at, np.ceil(float(n_pool_at[-1]) * fiftieths))
    return np.unique(positions)


def _grid_from(counts: ThresholdCounts, first_threshold: float) -> Ints:
    """Start at what `score >= first_threshold` accepts and go down the grid; above all scores, take all of it."""
    if np.isnan(first_threshold):
        raise InvalidValue("first_threshold", "is nan; leave it out to start at the first with 3·n0 labels")
    grid = threshold_grid(counts.n_pool)
    first = int(np.count_nonzero(counts.threshold >= first_threshold)) - 1
    return np.concatenate([[first], grid[grid > first]]).astype(np.int64) if first >= 0 else grid


def break_ties(score: ArrayLike, second: ArrayLike) -> Floats:
    """Rank items by `score` and, where equal, by a second label-free signal fixed beforehand: (N,) ranks from 0.

    nan in `score` stays nan; nan in `second` comes last within its tie group.  Certify on the ranks.
    """
    first = np.asarray(score, dtype=np.float64)
    then = np.nan_to_num(np.asarray(second, dtype=np.float64), nan=-np.inf)
    ranks = np.full(len(first), np.nan)
    known = np.flatnonzero(~np.isnan(first))
    order = known[np.lexsort((then[known], first[known]))]
    if order.size:
        changed = (np.diff(first[order]) != 0) | (then[order][1:] != then[order][:-1])
        ranks[order] = np.concatenate([[0], np.cumsum(changed)])
    return ranks


def _certify_counts(
    counts: ThresholdCounts,
    score: ArrayLike,
    calibrated_index: ArrayLike,
    *,
    target_error: float,
    delta: float,
    open_pool: bool,
    n_reserved: int = 0,
    first_threshold: float | None = None,
    coin: float = 1.0,
) -> Certification:
    check_target(target_error, delta)
    if not 0 < coin <= 1:
        raise InvalidValue("coin", f"must lie in (0, 1], got {coin}; 1 tosses none")
    scores = np.asarray(score, dtype=np.float64)
    index = np.asarray(calibrated_index, dtype=np.int64)
    if first_threshold is None:
        n_start, tested = start_size(target_error, delta), threshold_grid(counts.n_pool)
    else:
        n_start, tested = zero_error_size(target_error, delta), _grid_from(counts, first_threshold)
    tested = tested[counts.n_calibrated[tested] >= n_start]
    p_values = _p_values(
        counts, tested, target_error=target_error, delta=delta, open_pool=open_pool, n_reserved=n_reserved, coin=coin
    )
    n_rejected = int(np.count_nonzero(p_values <= delta))
    last = int(tested[n_rejected - 1]) if n_rejected else -1
    n_accepted = int(counts.n_pool[last] - counts.n_calibrated[last]) if n_rejected else 0
    threshold = float(counts.threshold[last]) if n_accepted else None
    accepted = np.zeros(len(scores), dtype=np.bool_)
    if threshold is not None:
        accepted = scores >= threshold
        accepted[index] = False
    n_others = len(scores) - len(index)
    return Certification(
        target_error=target_error,
        delta=delta,
        is_open_pool=open_pool,
        n_pool=len(scores),
        n_calibration=len(index),
        n_start=n_start,
        threshold=threshold,
        n_accepted=n_accepted,
        coverage=n_accepted / n_others if n_others else 0.0,
        n_calibrated_accepted=int(counts.n_calibrated[last]) if threshold is not None else 0,
        n_calibrated_wrong=int(counts.n_wrong[last]) if threshold is not None else 0,
        first_tested=int(tested[0]) if len(tested) else len(counts.threshold),
        p_values=p_values,
        counts=counts,
        accepted=accepted,
        reason=None
        if threshold is not None
        else _reason(
            counts,
            p_values,
            first=int(tested[0]) if len(tested) else -1,
            n_start=n_start,
            n_rejected=n_rejected,
            delta=delta,
        ),
    )


def _p_values(
    counts: ThresholdCounts,
    tested: Ints,
    *,
    target_error: float,
    delta: float,
    open_pool: bool,
    n_reserved: int,
    coin: float,
) -> Floats:
    """Test in order, up to the first that is not rejected."""
    n, wrong = counts.n_calibrated[tested], counts.n_wrong[tested]
    if open_pool:
        p_value = open_pool_p_value(n, wrong, target_error=target_error, coin=coin)
    else:
        p_value = finite_pool_p_value(
            counts.n_pool[tested], n, wrong, target_error=target_error, n_reserved=n_reserved, coin=coin
        )
    kept = np.flatnonzero(p_value > delta)
    return p_value[: kept[0] + 1] if kept.size else p_value


def _reason(
    counts: ThresholdCounts, p_values: Floats, *, first: int, n_start: int, n_rejected: int, delta: float
) -> str:
    if not len(counts.threshold):
        return "no item has a score, and an item without a score is never accepted"
    if not len(p_values):
        return (
            f"{int(counts.n_calibrated[-1])} labelled items have a score, and {n_start} are needed before "
            "the first threshold may be tested"
        )
    if n_rejected:
        return "every item that could be accepted is in the labelled sample already"
    return (
        f"already at the first threshold {int(counts.n_wrong[first])} of {int(counts.n_calibrated[first])} labelled "
        f"items are wrong (p = {p_values[0]:.3g}, needs {delta:g} or less)"
    )


def _check(scores: Floats, index: Ints, errors: NDArray[np.bool_]) -> None:
    if scores.ndim != 1 or index.ndim != 1 or errors.shape != index.shape:
        raise InvalidValue(
            "",
            f"score must be (N,), calibrated_index and wrong (n,); got {scores.shape}, {index.shape}, {errors.shape}",
        )
    if index.size and (index.min() < 0 or index.max() >= len(scores)):
        raise InvalidValue("calibrated_index", f"must lie in 0..{len(scores) - 1}, got {index.min()}..{index.max()}")
    if len(np.unique(index)) != len(index):
        raise InvalidValue("calibrated_index", "holds the same item twice")
