"""What a way of routing accepts, and the sentence it stands for: one shape for all alternatives to `certify`."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.routing.certify import count_thresholds
from labelwright.methods.routing.tail_tests import Floats, Ints

Bools: TypeAlias = NDArray[np.bool_]
Method: TypeAlias = Literal[
    "exact", "hoeffding-bentkus", "betting", "selective guaranteed risk", "conformal risk control", "prediction sets"
]


@dataclass(frozen=True, eq=False, slots=True)
class RoutingOutcome:
    """What may be accepted without a person; `reason` says why nothing may.

    promise: the sentence that holds over random samples, and nothing more does.  target: its limit α.
    delta: the chance that it fails; None where it holds only on average.
    threshold: lowest accepted score; None when nothing is accepted or no single threshold decides.
    accepted: (N,) mask of items outside the sample.  coverage: their share of the N−n items outside the sample.
    calibrated_loss: summed loss of the sample's items that would be accepted, n_calibrated_accepted of them; for the
      eye, since it was part of the choice.  p_values: in the order of testing; empty without tests.
    """

    method: Method
    promise: str
    target: float
    delta: float | None
    is_open_pool: bool
    n_pool: int
    n_calibration: int
    threshold: float | None
    accepted: Bools
    n_accepted: int
    coverage: float
    n_calibrated_accepted: int
    calibrated_loss: float
    p_values: Floats
    reason: str | None

    @property
    def is_certified(self) -> bool:
        """Something may be accepted."""
        return self.n_accepted > 0


@dataclass(frozen=True, eq=False, slots=True)
class LossCounts:
    """What lies at or above each distinct score, from high to low; loss is the sum over the sample: all (T,).

    scores: (N,).  index, losses: (n,), as given.
    """

    threshold: Floats
    n_pool: Ints
    n_calibrated: Ints
    loss: Floats
    scores: Floats
    index: Ints
    losses: Floats


def count_losses(score: ArrayLike, calibrated_index: ArrayLike, loss: ArrayLike) -> LossCounts:
    """Count pool and sample and sum losses in [0, 1] at or above each distinct score; nan scores stay out."""
    scores = np.asarray(score, dtype=np.float64)
    index = np.asarray(calibrated_index, dtype=np.int64)
    losses = np.asarray(loss, dtype=np.float64)
    counts = count_thresholds(scores, index, np.zeros(losses.shape, dtype=np.bool_))
    if losses.size and not np.all((losses >= 0) & (losses <= 1)):
        off = losses[~((losses >= 0) & (losses <= 1))][0]
        raise InvalidValue("loss", f"must lie in [0, 1], got {off}; divide costs by the largest (see cost_losses)")
    known = ~np.isnan(scores[index])
    # From high to low: a score's place is the number of distinct scores above it.
    place = np.searchsorted(-counts.threshold, -scores[index[known]])
    summed: Floats = np.bincount(place, weights=losses[known], minlength=len(counts.threshold)).astype(np.float64)
    return LossCounts(
        counts.threshold, counts.n_pool, counts.n_calibrated, np.cumsum(summed, dtype=np.float64), scores, index, losses
    )


def outcome_at(
    counts: LossCounts,
    last: int,
    *,
    method: Method,
    promise: str,
    target: float,
    delta: float | None,
    p_values: Floats,
    reason: str | None,
    is_open_pool: bool = False,
) -> RoutingOutcome:
    """Accept down to position `last` of the thresholds; −1 = nothing."""
    accepted = np.zeros(len(counts.scores), dtype=np.bool_)
    if last >= 0:
        accepted = counts.scores >= counts.threshold[last]
        accepted[counts.index] = False
    n_accepted = int(np.count_nonzero(accepted))
    n_others = len(counts.scores) - len(counts.index)
    if last >= 0 and not n_accepted:
        reason = "every item that could be accepted is in the labelled sample already"
    return RoutingOutcome(
        method=method,
        promise=promise,
        target=target,
        delta=delta,
        is_open_pool=is_open_pool,
        n_pool=len(counts.scores),
        n_calibration=len(counts.index),
        threshold=float(counts.threshold[last]) if n_accepted else None,
        accepted=accepted,
        n_accepted=n_accepted,
        coverage=n_accepted / n_others if n_others else 0.0,
        n_calibrated_accepted=int(counts.n_calibrated[last]) if n_accepted else 0,
        calibrated_loss=float(counts.loss[last]) if n_accepted else 0.0,
        p_values=p_values,
        reason=None if n_accepted else reason,
    )
