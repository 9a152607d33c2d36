"""How models' votes on an item agree: with one label, and on each option."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def share_of_votes(own: ArrayLike, others: ArrayLike) -> NDArray[np.float64]:
    """Share of the other votes on an item that equal its own label: (N,), nan where nobody else voted.

    own: (N,) option codes, −1 = no valid label, which gives nan.  others: (N, V) option codes, −1 = no vote.
    `others` must not hold the model itself: agreeing with oneself is not evidence.
    """
    label = np.asarray(own, dtype=np.int64)
    votes_NV = np.asarray(others, dtype=np.int64).reshape(len(label), -1)
    voted = votes_NV >= 0
    n_votes = voted.sum(axis=1)
    n_equal = (voted & (votes_NV == label[:, None])).sum(axis=1)
    return np.divide(n_equal, n_votes, out=np.full(len(label), np.nan), where=(n_votes > 0) & (label >= 0))


def agreement_margin(own: ArrayLike, others: ArrayLike) -> NDArray[np.float64]:
    """Share of the other votes for its own label, less that for the most voted other label: (N,) in [−1, 1].

    Arguments and nan as in `share_of_votes`.  It tells a lone dissenter from one of two camps.

    >>> agreement_margin([0, 0], [[0, 0, 1, 2], [1, 1, 1, 0]]).tolist()
    [0.25, -0.5]
    """
    label = np.asarray(own, dtype=np.int64)
    votes_NV = np.asarray(others, dtype=np.int64).reshape(len(label), -1)
    n_options = int(max(label.max(initial=0), votes_NV.max(initial=0))) + 1
    share = share_of_votes(label, votes_NV)
    n_votes = np.maximum((votes_NV >= 0).sum(axis=1), 1)
    rival = np.zeros(len(label))
    for option in range(n_options):
        n_for = np.where(label == option, 0, (votes_NV == option).sum(axis=1))
        rival = np.maximum(rival, n_for / n_votes)
    return share - rival


def share_by_option(votes_NM: NDArray[np.int64], n_options: int) -> NDArray[np.float64]:
    """(N, K) share of a row's valid votes that each option got; zeros where there is none."""
    n = len(votes_NM)
    row, voter = np.nonzero(votes_NM >= 0)
    count = np.bincount(row * n_options + votes_NM[row, voter], minlength=n * n_options).reshape(n, n_options)
    return count / np.maximum(count.sum(axis=1, keepdims=True), 1)


def share_equal(own: Hashable | None, others: Sequence[Hashable | None]) -> float | None:
    """Share of the known other answers that equal `own`, for one item; None when `own` or all others are unknown.

    >>> share_equal("spam", ["spam", "ham", None, "spam"])
    0.6666666666666666
    >>> share_equal("spam", []) is None
    True
    """
    known = [other for other in others if other is not None]
    if own is None or not known:
        return None
    return sum(other == own for other in known) / len(known)
