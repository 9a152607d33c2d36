"""Whether the nearest reviewed items have the same label."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.methods.acquisition.nearest_items import Nearest, nearest_items

Floats = NDArray[np.float64]


def neighbour_share(
    label: ArrayLike,
    query_QD: ArrayLike,
    reviewed_label: ArrayLike,
    reviewed_MD: ArrayLike,
    *,
    k: int = 10,
    query_item: ArrayLike | None = None,
    reviewed_item: ArrayLike | None = None,
    query_text: ArrayLike | None = None,
    reviewed_text: ArrayLike | None = None,
) -> Floats:
    """Share of the k nearest reviewed items whose human label equals the predicted one: (Q,).

    label: (Q,) option codes of the predictions, −1 = none, which gives nan; so does having no neighbour.
    reviewed_label: (M,) the people's option codes.  For the items themselves see `nearest_items`: a reviewed item is
    compared with the others only, so that it may be used to learn from.
    This signal has seen the reviewed labels: none of them may be in the sample that certifies (A4P, 4).
    Source: Cover & Hart (1967), IEEE Trans. Inf. Theory 13, nearest neighbours.
    """
    found = nearest_items(
        query_QD,
        reviewed_MD,
        k=k,
        query_item=query_item,
        pool_item=reviewed_item,
        query_text=query_text,
        pool_text=reviewed_text,
    )
    return share_among(label, reviewed_label, found)


def share_among(label: ArrayLike, reviewed_label: ArrayLike, found: Nearest) -> Floats:
    """Give `neighbour_share` where the neighbours are known already: several models' labels share one search."""
    predicted = np.asarray(label, dtype=np.int64)
    has = found.position >= 0
    n_found = has.sum(axis=1)
    said = np.asarray(reviewed_label, dtype=np.int64)
    if not len(said):
        return np.full(len(predicted), np.nan)
    equal = (has & (said[np.maximum(found.position, 0)] == predicted[:, None])).sum(axis=1)
    return np.divide(equal, n_found, out=np.full(len(predicted), np.nan), where=(n_found > 0) & (predicted >= 0))
