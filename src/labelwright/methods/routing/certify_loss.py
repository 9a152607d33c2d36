"""Certify acceptance where errors weigh differently: the mean loss of the accepted, at a stated confidence."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from labelwright.errors import InvalidValue
from labelwright.methods.routing.bounded_loss import (
    betting_p_value,
    finite_pool_betting,
    finite_pool_hoeffding_bentkus,
    hoeffding_bentkus_p_value,
)
from labelwright.methods.routing.certify import threshold_grid
from labelwright.methods.routing.outcome import LossCounts, RoutingOutcome, count_losses, outcome_at
from labelwright.methods.routing.planner import check_target, start_size
from labelwright.methods.routing.tail_tests import Floats, Ints, finite_pool_p_value, open_pool_p_value

LossTest: TypeAlias = Literal["exact", "hoeffding-bentkus", "betting"]


def certify_loss(
    score: ArrayLike,
    calibrated_index: ArrayLike,
    loss: ArrayLike,
    *,
    target_loss: float,
    delta: float = 0.05,
    test: LossTest = "betting",
    rng: np.random.Generator | None = None,
    open_pool: bool = False,
    n_reserved: int = 0,
    n_start: int | None = None,
) -> RoutingOutcome:
    """Find the lowest score threshold at which P(accepting, and the accepted lose more than α on average) ≤ δ.

    score: (N,) label-free, nan = never accepted.  calibrated_index: (n,) positions drawn at random and labelled.
    loss: (n,) in [0, 1], see `cost_losses` and `f1_losses`.
    test: "exact" for losses of 0 and 1, where it is `certify`; "betting" is the sharper for others, and needs `rng` for
      the order in which labels are bet on, since a sample is often listed in the order of its file.
    n_reserved: as in `certify`.  n_start: sample items needed at the first threshold, chosen by counts alone; 3·n0.

    The sequence of thresholds is that of `certify`.
    Source: Angelopoulos, Bates, Candès, Jordan & Lei (2021), "Learn then Test", arXiv:2110.01052.
    """
    check_target(target_loss, delta)
    counts = count_losses(score, calibrated_index, loss)
    grid = threshold_grid(counts.n_pool)
    start = start_size(target_loss, delta) if n_start is None else max(n_start, 1)
    tested = grid[counts.n_calibrated[grid] >= start]
    p_values = _p_values(counts, tested, target_loss, delta, test, rng=rng, open_pool=open_pool, n_reserved=n_reserved)
    n_rejected = int(np.count_nonzero(p_values <= delta))
    return outcome_at(
        counts,
        int(tested[n_rejected - 1]) if n_rejected else -1,
        method=test,
        promise=(
            f"the chance of accepting something whose mean loss is above {target_loss:g} is at most {delta:g}, "
            "over random samples"
        ),
        target=target_loss,
        delta=delta,
        p_values=p_values,
        is_open_pool=open_pool,
        reason=_reason(counts, p_values, start, delta),
    )


def _p_values(
    counts: LossCounts,
    tested: Ints,
    target_loss: float,
    delta: float,
    test: LossTest,
    *,
    rng: np.random.Generator | None,
    open_pool: bool,
    n_reserved: int,
) -> Floats:
    """Test in order, up to the first that is not rejected."""
    n, total, pool = counts.n_calibrated[tested], counts.loss[tested], counts.n_pool[tested]
    if test == "betting":
        return _bets(counts, tested, target_loss, delta, rng=rng, open_pool=open_pool, n_reserved=n_reserved)
    if test == "exact":
        if not np.all((counts.losses == 0) | (counts.losses == 1)):
            raise InvalidValue("test", "'exact' is for losses of 0 and 1; take 'betting' or 'hoeffding-bentkus'")
        if open_pool:
            p_value = open_pool_p_value(n, total, target_error=target_loss)
        else:
            p_value = finite_pool_p_value(pool, n, total, target_error=target_loss, n_reserved=n_reserved)
    elif open_pool:
        p_value = hoeffding_bentkus_p_value(n, total, target_loss=target_loss)
    else:
        p_value = finite_pool_hoeffding_bentkus(pool, n, total, target_loss=target_loss, n_reserved=n_reserved)
    kept = np.flatnonzero(p_value > delta)
    return p_value[: kept[0] + 1] if kept.size else p_value


def _bets(
    counts: LossCounts,
    tested: Ints,
    target_loss: float,
    delta: float,
    *,
    rng: np.random.Generator | None,
    open_pool: bool,
    n_reserved: int,
) -> Floats:
    if rng is None:
        raise InvalidValue("rng", "is needed by 'betting': it draws the order in which labels are bet on")
    order = rng.permutation(len(counts.index))
    scores, losses = counts.scores[counts.index[order]], counts.losses[order]
    found: list[float] = []
    for position in tested.tolist():
        inside = losses[scores >= counts.threshold[position]]
        if open_pool:
            found.append(betting_p_value(inside, target_loss=target_loss))
        else:
            n_pool = int(counts.n_pool[position])
            found.append(finite_pool_betting(inside, n_pool=n_pool, target_loss=target_loss, n_reserved=n_reserved))
        if found[-1] > delta:
            break
    return np.asarray(found, dtype=np.float64)


def _reason(counts: LossCounts, p_values: Floats, start: int, delta: float) -> str:
    if not len(counts.threshold):
        return "no item has a score, and an item without a score is never accepted"
    if not len(p_values):
        return (
            f"{int(counts.n_calibrated[-1])} labelled items have a score, and {start} are needed before "
            "the first threshold may be tested"
        )
    return f"already at the first threshold too much is lost (p = {p_values[0]:.3g}, needs {delta:g} or less)"
