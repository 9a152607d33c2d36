"""Losses between 0 and 1 other than right and wrong."""

import numpy as np
from numpy.typing import ArrayLike

from labelwright.errors import InvalidValue
from labelwright.methods.routing.tail_tests import Floats


def cost_losses(cost_KK: ArrayLike, truth: ArrayLike, predicted: ArrayLike) -> Floats:
    """(n,) cost of each prediction as a share of the largest in the matrix: a target of α then is α times that cost.

    cost_KK: rows are the true option, columns the predicted one; none negative.  truth, predicted: (n,) option codes;
    a prediction of −1, no valid label, counts as the largest cost.

    >>> cost_losses([[0, 1], [5, 0]], [0, 1, 1], [1, 0, 1]).tolist()
    [0.2, 1.0, 0.0]
    """
    cost = np.asarray(cost_KK, dtype=np.float64)
    true, said = np.asarray(truth, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    if cost.ndim != 2 or cost.shape[0] != cost.shape[1]:
        raise InvalidValue("cost", f"must be a square matrix, one row per true option; got shape {cost.shape}")
    if not np.all(np.isfinite(cost) & (cost >= 0)) or not cost.max() > 0:
        raise InvalidValue("cost", "must hold no negative number and at least one above 0")
    if true.size and (true.min() < 0 or true.max() >= len(cost) or said.max() >= len(cost)):
        raise InvalidValue(
            "cost", f"has {len(cost)} options; the labels have codes up to {max(true.max(), said.max())}"
        )
    return np.where(said < 0, 1.0, cost[true, said] / cost.max())


def f1_losses(n_matched: ArrayLike, n_predicted: ArrayLike, n_true: ArrayLike) -> Floats:
    """(n,) 1 − F1 of each item's units, spans for instance: 0 where there are none on either side.

    >>> f1_losses([1, 0], [2, 0], [1, 0]).round(3).tolist()
    [0.333, 0.0]
    """
    matched, total = np.asarray(n_matched, dtype=np.float64), np.add(n_predicted, n_true, dtype=np.float64)
    return np.where(total > 0, 1 - 2 * matched / np.maximum(total, 1), 0.0)
