"""What can be said of every option without a single person's label: by the votes, and by similar items' votes."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.methods.acquisition.nearest_items import Nearest
from labelwright.methods.confidence.share_of_votes import share_by_option

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def plurality(votes_NM: ArrayLike, n_options: int) -> Ints:
    """(N,) option with most votes, −1 without any; of equals the first model's, else the first option."""
    votes = np.asarray(votes_NM, dtype=np.int64)
    share = share_by_option(votes, n_options)
    rows = np.flatnonzero(votes[:, 0] >= 0)
    share[rows, votes[rows, 0]] += 1e-9
    return np.where(np.any(votes >= 0, axis=1), share.argmax(axis=1), -1)


def nearby_options(votes_NM: ArrayLike, n_options: int, found: Nearest) -> Floats:
    """(Q, K) share of each option in the votes on similar items, as if two more items had voted like the whole pool.

    votes_NM: of the items that were searched.  found: for each of Q items, its nearest among them, never itself.
    """
    share = share_by_option(np.asarray(votes_NM, dtype=np.int64), n_options)
    has = found.position >= 0
    summed = (share[np.maximum(found.position, 0)] * has[:, :, None]).sum(axis=1)
    everywhere = share.mean(axis=0) + 1e-6
    together = summed + 2 * everywhere / everywhere.sum()
    return together / together.sum(axis=1, keepdims=True)


def folds_of_texts(same: ArrayLike, n_folds: int, *, rng: np.random.Generator) -> Ints:
    """(N,) fold numbers; equal texts share one, so that none is foretold from its own copy.

    same: (N,) as from `same_text`.
    """
    text = np.asarray(same, dtype=np.int64)
    n_texts = int(text.max(initial=-1)) + 1
    return (rng.permutation(n_texts) % n_folds).astype(np.int64)[text]
