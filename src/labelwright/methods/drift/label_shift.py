"""How often each label really occurs now, from what a model says now and how it was wrong before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_N_DRAWS = 1_000
_SINGULAR = 0.02


@dataclass(frozen=True, eq=False, slots=True)
class LabelShift:
    """Shares of the K labels; nan where nothing can be said of a label.

    before: (K,) among what people said of the earlier items.  after: (K,) among the later ones, the model's mistakes
    taken out.  low, high: (K,) interval of `after`.  has_moved: (K,) bool, the interval of after - before leaves out 0.
    reason: why nothing could be worked out; None = it could.
    """

    before: Floats
    after: Floats
    low: Floats
    high: Floats
    has_moved: NDArray[np.bool_]
    reason: str | None = None


def label_shift(
    truth_G: ArrayLike,
    predicted_G: ArrayLike,
    predicted_after_M: ArrayLike,
    *,
    n_labels: int,
    rng: np.random.Generator,
    n_draws: int = _N_DRAWS,
    confidence_level: float = 0.95,
) -> LabelShift:
    """Estimate the later shares of labels, assuming that within a label the items are as before.

    truth_G, predicted_G: (G,) codes in [0, K), of a random sample of the earlier items.  predicted_after_M: (M,) codes
    of the later items.  n_labels: K.
    The joint table of prediction and truth is inverted; intervals by drawing its shares from what the counts leave
    open (Dirichlet; one answer per label is spread over all predictions, so that a label of which no mistake was seen
    is not taken for one on which there are none).
    Source: Lipton, Wang & Smola (2018), ICML, "Detecting and correcting for label shift with black box predictors".
    Raises: InvalidValue, when codes and lengths do not fit.
    """
    truth, said, later = (np.asarray(x, dtype=np.int64) for x in (truth_G, predicted_G, predicted_after_M))
    if len(truth) != len(said):
        raise InvalidValue("drift", f"{len(truth)} labels stand beside {len(said)} predictions", "; give one per item")
    for codes in (truth, said, later):
        if np.any((codes < 0) | (codes >= n_labels)):
            raise InvalidValue("drift", f"label codes run from 0 to {n_labels - 1}", "")
    nothing = np.full(n_labels, np.nan)
    if not len(truth) or not len(later):
        none = np.zeros(n_labels, dtype=np.bool_)
        return LabelShift(nothing, nothing, nothing, nothing, none, "there are no labels by people, or no later items")
    joint = np.zeros((n_labels, n_labels))
    np.add.at(joint, (said, truth), 1.0)
    before = joint.sum(axis=0) / len(truth)
    counts = np.bincount(later, minlength=n_labels)
    known = before > 0
    after = _solved(joint / len(truth), counts / len(later), known)
    drawn: list[Floats] = []
    moved: list[Floats] = []
    earliers = _dirichlet(joint.sum(axis=0)[None, :], n_draws, rng)[:, 0]
    given_truths = _dirichlet(joint.T + 1 / n_labels, n_draws, rng)  # (draws, truth, said)
    laters = _dirichlet(counts[None, :] + 1 / n_labels, n_draws, rng)[:, 0]
    for earlier, given_truth, one in zip(earliers, given_truths, laters, strict=True):
        found = _solved(given_truth.T * earlier, one, known)
        if found is not None:
            drawn.append(found)
            moved.append(found - earlier)
    if after is None or len(drawn) < n_draws / 2:
        none = np.zeros(n_labels, dtype=np.bool_)
        reason = "the model does not tell the labels apart well enough to see through its mistakes"
        return LabelShift(before, nothing, nothing, nothing, none, reason)
    tail = (1 - confidence_level) / 2
    low, high = np.quantile(np.array(drawn), [tail, 1 - tail], axis=0)
    move_low, move_high = np.quantile(np.array(moved), [tail, 1 - tail], axis=0)
    # A label nobody gave before cannot be seen to come now.
    low, high, after = (np.where(known, x, np.nan) for x in (low, high, after))
    low, high = np.minimum(low, after), np.maximum(high, after)
    return LabelShift(before, after, low, high, known & ((move_low > 0) | (move_high < 0)))


def _dirichlet(counts_RK: ArrayLike, n_draws: int, rng: np.random.Generator) -> Floats:
    """(draws, R, K) shares of K kinds behind each row of counts; a kind that was never counted has none."""
    counts = np.asarray(counts_RK, dtype=np.float64)
    drawn = rng.standard_gamma(np.broadcast_to(counts, (n_draws, *counts.shape)))
    total: Floats = drawn.sum(axis=2, keepdims=True)
    return drawn / np.maximum(total, 1e-300)


def _solved(joint: Floats, later: Floats, known: NDArray[np.bool_]) -> Floats | None:
    """Give the shares behind the later predictions, clipped to shares; None where the table cannot be inverted."""
    part = joint[:, known]
    if not part.size:
        return None
    given_truth = part / part.sum(axis=0, keepdims=True)
    if np.linalg.svd(given_truth, compute_uv=False)[-1] < _SINGULAR:
        return None
    shares = np.zeros(len(joint))
    shares[known] = np.linalg.lstsq(given_truth, later, rcond=None)[0]
    shares = np.maximum(shares, 0.0)
    total = float(shares.sum())
    return shares / total if total > 0 else None
