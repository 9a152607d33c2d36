"""Majority vote."""

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.aggregation.votes import Votes, count_table


def majority(table: Votes) -> NDArray[np.float64]:
    """Spread each unit's weight evenly over its most voted options: (units, options), rows of nan where nobody voted.

    A tie stays a tie: deciding it by the order of the labels adds a bias that grows with the number of ties.
    """
    counts = count_table(table)
    most = counts.max(axis=1, keepdims=True, initial=0.0)
    winning = (counts == most) & (most > 0)
    n_winning = winning.sum(axis=1, keepdims=True)
    return np.divide(winning, n_winning, out=np.full(counts.shape, np.nan), where=n_winning > 0)


def vote_shares(table: Votes) -> NDArray[np.float64]:
    """Share of each option among a unit's votes: (units, options), rows of nan where nobody voted."""
    counts = count_table(table)
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
