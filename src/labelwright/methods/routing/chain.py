"""LLM chain ensemble: each link keeps what it is surest of and forwards the rest.

Source: Farr et al. (2024), "LLM Chain Ensembles for Scalable and Accurate Data Annotation", arXiv:2410.13006, in the
form of the authors' package `chain-ensembles` 0.1.0, which it equals.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_LINK = -1


@dataclass(frozen=True, eq=False, slots=True)
class ChainPass:
    """Where each item ended and whose label it gets.

    has_seen: (N, m) which links saw an item.  kept_by: (N,) the link that kept it; −1 = none, where the last link had
    no confidence.  threshold: (m,) lowest confidence a link kept; nan where it kept nothing.
    """

    has_seen: Bools
    kept_by: Ints
    threshold: Floats


def forward_pass(confidence_Nm: ArrayLike) -> ChainPass:
    """Let link j of m keep the surest len/(m − j) of what it sees, and forward the rest.

    With three links: a third, then half of what is left, then all. Equal confidences are kept together, so that a link
    may keep more. confidence_Nm: (N, m), nan = unknown, which is forwarded.
    """
    confidence = _table(confidence_Nm)
    n, n_links = confidence.shape
    has_seen = np.zeros((n, n_links), dtype=np.bool_)
    kept_by = np.full(n, NO_LINK, dtype=np.int64)
    threshold = np.full(n_links, np.nan)
    is_here = np.ones(n, dtype=np.bool_)
    for link in range(n_links):
        has_seen[:, link] = is_here
        seen = np.flatnonzero(is_here)
        kept = retained(confidence[seen, link], links_left=n_links - link)
        if kept.any():
            threshold[link] = float(confidence[seen[kept], link].min())
        kept_by[seen[kept]] = link
        is_here = is_here.copy()
        is_here[seen[kept]] = False
    return ChainPass(has_seen, kept_by, threshold)


def retained(confidence: ArrayLike, *, links_left: int) -> Bools:
    """(n,) which of the items a link sees it keeps: the surest n // links_left, and those equal to the last of them.

    links_left: this link included.

    >>> retained([0.9, 0.2, 0.7, 0.7, 0.1, 0.3], links_left=3).tolist()
    [True, False, True, True, False, False]
    """
    values = np.asarray(confidence, dtype=np.float64)
    wanted = len(values) // links_left
    known = np.sort(values[~np.isnan(values)])[::-1]
    if not wanted or not known.size:
        return np.zeros(len(values), dtype=np.bool_)
    lowest = known[min(wanted, known.size) - 1]
    return np.nan_to_num(values, nan=-np.inf) >= lowest


def backward_pass(confidence_Nm: ArrayLike, passed: ChainPass) -> Ints:
    """(N,) the link whose label each item gets: the one whose confidence ranks highest among all that link saw.

    See `ranks`; of equal ranks the earlier link. −1 where the item was kept by no link.
    """
    rank = np.nan_to_num(ranks(confidence_Nm, passed), nan=-np.inf)
    return np.where(np.isfinite(rank).any(axis=1), rank.argmax(axis=1), NO_LINK).astype(np.int64)


def ranks(confidence_Nm: ArrayLike, passed: ChainPass) -> Floats:
    """(N, m) the share of what a link saw that it was no surer of; nan where it did not see it, or did not say.

    Ties are at the highest rank (`max`). Items no link kept have no rank, and do not count in others'.
    """
    confidence = _table(confidence_Nm)
    is_ranked = passed.has_seen & (passed.kept_by != NO_LINK)[:, None] & ~np.isnan(confidence)
    rank = np.full(confidence.shape, np.nan)
    for link in range(confidence.shape[1]):
        rows = is_ranked[:, link]
        values = confidence[rows, link]
        if values.size:
            rank[rows, link] = np.searchsorted(np.sort(values), values, side="right") / values.size
    return rank


def _table(confidence_Nm: ArrayLike) -> Floats:
    confidence = np.asarray(confidence_Nm, dtype=np.float64)
    if confidence.ndim != 2 or not confidence.shape[1]:
        raise InvalidValue("confidence", f"must be (N, m), one column for each link, got {confidence.shape}")
    return confidence
