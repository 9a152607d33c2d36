"""Routing by conformal methods: promises on average over samples, not with high confidence."""

from dataclasses import dataclass
from math import ceil
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.routing.outcome import RoutingOutcome, count_losses, outcome_at
from labelwright.methods.routing.planner import check_target
from labelwright.methods.routing.tail_tests import Floats, Ints

SetScore: TypeAlias = Literal["least ambiguous", "adaptive"]
Bools: TypeAlias = NDArray[np.bool_]
_ROUNDING = 1e-12


def conformal_risk_control(
    score: ArrayLike, calibrated_index: ArrayLike, loss: ArrayLike, *, target_loss: float
) -> RoutingOutcome:
    """Find the lowest threshold at which, on average over samples, items lose at most α by being accepted.

    score, calibrated_index: as in `certify`.  loss: (n,) in [0, 1].
    The loss of an item that goes to people is 0, and the mean is over *all* items outside the sample: with half of
    them accepted, α = .05 allows a tenth of the accepted to be wrong.  Chooses the lowest threshold with
    (ΣL + 1)/(n + 1) ≤ α.
    Source: Angelopoulos, Bates, Fisch, Lei & Schuster (2024), ICLR, "Conformal risk control", theorem 1 with B = 1.
    """
    check_target(target_loss, 0.5)
    counts = count_losses(score, calibrated_index, loss)
    fits = (counts.loss + 1) / (len(counts.index) + 1) <= target_loss + _ROUNDING
    reason = (
        f"the surest group alone may lose more than {target_loss:g} per item"
        if (len(counts.index) + 1) * target_loss >= 1
        else f"{ceil(1 / target_loss - _ROUNDING) - 1} labels are needed at least, there are {len(counts.index)}"
    )
    return outcome_at(
        counts,
        int(np.count_nonzero(fits)) - 1,  # the sum only grows, so what fits comes first
        method="conformal risk control",
        promise=(
            f"on average over random samples, all items outside the sample together lose at most {target_loss:g} each "
            "by being accepted without a person"
        ),
        target=target_loss,
        delta=None,
        p_values=np.empty(0),
        reason=reason,
    )


@dataclass(frozen=True, eq=False, slots=True)
class PredictionSets:
    """Which options remain for each item, and the items of which one remains.

    included: (N, K).  quantile: (K,) of the sample's scores, by option; inf = too few labels to leave anything out.
    label: (N,) the one option that remains where accepted, −1 elsewhere.  outcome: what is accepted.
    """

    included: Bools
    quantile: Floats
    label: Ints
    outcome: RoutingOutcome


def prediction_sets(
    probability_NK: ArrayLike,
    calibrated_index: ArrayLike,
    truth: ArrayLike,
    *,
    target_error: float,
    set_score: SetScore = "least ambiguous",
    by_class: bool = False,
    rng: np.random.Generator | None = None,
) -> PredictionSets:
    """Keep the options that conform with the sample, and accept an item iff a single one remains.

    probability_NK: (N, K), a row with nan = no prediction: all options remain.  truth: (n,) the people's option codes,
      −1 = none of them.
    set_score: "least ambiguous" is 1 − p of the option; "adaptive" is the mass of the options surer than it.
    by_class: a quantile of its own for each true option (Mondrian), so that the promise holds for each.
    rng: adds a random share of the option's own mass to an adaptive score, as its authors do: sets are smaller, some
      empty.  Without it the surest option always stays.

    A set misses the truth with chance α at most, so at most α of *all* items are accepted and wrong, on average; of the
    accepted alone it may be more.
    Source: Sadinle, Lei & Wasserman (2019), JASA 114; Romano, Sesia & Candès (2020), NeurIPS; Vovk (2012), ACML.
    """
    check_target(target_error, 0.5)
    p = np.asarray(probability_NK, dtype=np.float64)
    index, true = np.asarray(calibrated_index, dtype=np.int64), np.asarray(truth, dtype=np.int64)
    if p.ndim != 2 or true.shape != index.shape or (true.size and true.max() >= p.shape[1]):
        raise InvalidValue("", f"probabilities must be (N, K), truth (n,) codes below K; got {p.shape}, {true.shape}")
    known: Bools = ~np.any(np.isnan(p), axis=1)
    scores = _scores(np.where(known[:, None], p, 0.0), set_score, rng)
    has_truth = known[index] & (true >= 0)
    own = np.where(has_truth, scores[index, np.maximum(true, 0)], np.inf)
    n_options = p.shape[1]
    if by_class:
        quantile = np.array([_quantile(own[true == option], target_error) for option in range(n_options)])
    else:
        quantile = np.full(n_options, _quantile(own, target_error))
    included: Bools = (scores <= quantile + _ROUNDING) | ~known[:, None]
    is_single: Bools = (np.count_nonzero(included, axis=1) == 1) & known
    accepted = is_single.copy()
    accepted[index] = False
    in_sample: Bools = is_single[index]
    single: Ints = included.argmax(axis=1).astype(np.int64)
    return PredictionSets(
        included=included,
        quantile=quantile,
        label=np.where(accepted, single, -1),
        outcome=_outcome(
            accepted,
            target_error,
            n_calibration=len(index),
            n_single=int(np.count_nonzero(in_sample)),
            n_wrong=int(np.count_nonzero(in_sample & (single[index] != true))),
            by_class=by_class,
        ),
    )


def _scores(p: Floats, set_score: SetScore, rng: np.random.Generator | None) -> Floats:
    """(N, K) scores, the higher the stranger."""
    if set_score == "least ambiguous":
        return 1 - p
    order = np.argsort(-p, axis=1, kind="stable")
    summed = np.empty_like(p)
    np.put_along_axis(summed, order, np.cumsum(np.take_along_axis(p, order, axis=1), axis=1), axis=1)
    share_kept = 1.0 if rng is None else rng.random((len(p), 1))
    return summed - share_kept * p


def _quantile(scores: Floats, target_error: float) -> float:
    """The ⌈(n+1)(1−α)⌉-th smallest; inf where that is more than n."""
    rank = ceil((len(scores) + 1) * (1 - target_error) - 1e-9)
    return float(np.partition(scores, rank - 1)[rank - 1]) if 1 <= rank <= len(scores) else float("inf")


def _outcome(
    accepted: Bools, target_error: float, *, n_calibration: int, n_single: int, n_wrong: int, by_class: bool
) -> RoutingOutcome:
    n_accepted = int(np.count_nonzero(accepted))
    n_others = len(accepted) - n_calibration
    of_what = "of the items of each true option" if by_class else "of all items outside the sample"
    return RoutingOutcome(
        method="prediction sets",
        promise=f"on average over random samples, at most {target_error:.4g} {of_what} are accepted and wrong",
        target=target_error,
        delta=None,
        is_open_pool=False,
        n_pool=len(accepted),
        n_calibration=n_calibration,
        threshold=None,
        accepted=accepted,
        n_accepted=n_accepted,
        coverage=n_accepted / n_others if n_others else 0.0,
        n_calibrated_accepted=n_single,
        calibrated_loss=float(n_wrong),
        p_values=np.empty(0),
        reason=None if n_accepted else "no item outside the sample keeps a single option",
    )
