"""Which reviewed items stand in the prompt as demonstrations.

Never the item itself, never a near-duplicate of it: the answer would be copied, and the measured accuracy would be of
copying. Demonstrations and the calibration sample must not share an item either (A4P, 4).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.methods.acquisition.nearest_items import NEAR_DUPLICATE, nearest_items

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DEMONSTRATIONS = 5
_CANDIDATES = 50
_QUERIES_AT_ONCE = 4_096


def nearest(
    query_QD: ArrayLike,
    pool_MD: ArrayLike,
    *,
    k: int = DEMONSTRATIONS,
    query_item: ArrayLike | None = None,
    pool_item: ArrayLike | None = None,
    query_text: ArrayLike | None = None,
    pool_text: ArrayLike | None = None,
    near_duplicate: float = NEAR_DUPLICATE,
) -> Ints:
    """(Q, k) pool positions, the most similar last: what stands next to the question weighs most.

    Fewer than k are filled up with −1, in front.  For the other arguments see `nearest_items`.
    Source: Zhang et al. (2023), EMNLP Findings, "LLMaAA", section 3.1: five nearest neighbours, the nearest last.
    """
    found = nearest_items(
        query_QD,
        pool_MD,
        k=k,
        query_item=query_item,
        pool_item=pool_item,
        query_text=query_text,
        pool_text=pool_text,
        near_duplicate=near_duplicate,
    )
    return found.position[:, ::-1].copy()


def balanced(
    query_QD: ArrayLike,
    pool_MD: ArrayLike,
    pool_label: ArrayLike,
    *,
    k: int = DEMONSTRATIONS,
    relevance: float = 0.7,
    query_item: ArrayLike | None = None,
    pool_item: ArrayLike | None = None,
    query_text: ArrayLike | None = None,
    pool_text: ArrayLike | None = None,
    near_duplicate: float = NEAR_DUPLICATE,
) -> Ints:
    """(Q, k) pool positions: similar, varied, and over the labels; the most similar last, −1 in front where none.

    Greedy: among the labels shown least so far, take what maximises
    relevance·cos(item, query) − (1 − relevance)·(largest cos to those taken).
    Each label brings its 50 most similar candidates (fewer with many labels).  pool_label: (M,) option codes.
    Source: Carbonell & Goldstein (1998), SIGIR, maximal marginal relevance.
    """
    query, pool = np.asarray(query_QD, dtype=np.float32), np.asarray(pool_MD, dtype=np.float32)
    label = np.asarray(pool_label, dtype=np.int64)
    present = np.unique(label)
    chosen = np.full((len(query), k), -1, dtype=np.int64)
    if not present.size or not k:
        return chosen
    per_label = max(k, _CANDIDATES // present.size)
    pool_gram = pool @ pool.T

    def part(values: ArrayLike | None, rows: slice | Ints) -> Ints | None:
        return None if values is None else np.asarray(values, dtype=np.int64)[rows]

    for start in range(0, len(query), _QUERIES_AT_ONCE):
        rows = slice(start, min(start + _QUERIES_AT_ONCE, len(query)))
        position: list[Ints] = []
        similarity: list[Floats] = []
        for one in present:
            members = np.flatnonzero(label == one)
            found = nearest_items(
                query[rows],
                pool[members],
                k=min(per_label, members.size),
                query_item=part(query_item, rows),
                pool_item=part(pool_item, members),
                query_text=part(query_text, rows),
                pool_text=part(pool_text, members),
                near_duplicate=near_duplicate,
            )
            position.append(np.where(found.position >= 0, members[np.maximum(found.position, 0)], -1))
            similarity.append(found.similarity)
        chosen[rows] = _greedy(
            np.concatenate(position, axis=1),
            np.concatenate(similarity, axis=1),
            np.searchsorted(present, label),
            pool_gram,
            k=k,
            relevance=relevance,
        )
    return chosen


def fixed(
    chosen: ArrayLike,
    query_QD: ArrayLike,
    pool_MD: ArrayLike,
    *,
    query_item: ArrayLike | None = None,
    pool_item: ArrayLike | None = None,
    query_text: ArrayLike | None = None,
    pool_text: ArrayLike | None = None,
    near_duplicate: float = NEAR_DUPLICATE,
) -> Ints:
    """(Q, k) the same pool positions for every query, in the order given; −1 where one is the query or repeats it."""
    positions = np.asarray(chosen, dtype=np.int64)
    query, pool = np.asarray(query_QD, dtype=np.float32), np.asarray(pool_MD, dtype=np.float32)[positions]
    is_same = query @ pool.T >= near_duplicate
    for mine, theirs in ((query_item, pool_item), (query_text, pool_text)):
        if mine is not None and theirs is not None:
            is_same |= np.asarray(mine)[:, None] == np.asarray(theirs)[positions][None, :]
    return np.where(is_same, -1, positions[None, :])


def _greedy(
    candidate_QC: Ints, similarity_QC: Floats, label_M: Ints, gram_MM: NDArray[np.float32], *, k: int, relevance: float
) -> Ints:
    n, _ = candidate_QC.shape
    rows: Ints = np.arange(n, dtype=np.int64)
    is_open = candidate_QC >= 0
    candidate = np.maximum(candidate_QC, 0)
    label_QC = label_M[candidate]
    worth = relevance * np.nan_to_num(similarity_QC, nan=0.0)
    nearest_taken = np.zeros(candidate.shape)
    shown = np.zeros((n, int(label_M.max()) + 1), dtype=np.int64)
    taken = np.full((n, k), -1, dtype=np.int64)
    closeness = np.full((n, k), -np.inf)
    for step in range(k):
        times = np.where(is_open, np.take_along_axis(shown, label_QC, axis=1), np.iinfo(np.int64).max)
        is_due = is_open & (times == times.min(axis=1, keepdims=True))
        value = np.where(is_due, worth - (1 - relevance) * nearest_taken, -np.inf)
        best = value.argmax(axis=1)
        has = is_due[rows, best]
        pick = candidate[rows, best]
        taken[:, step] = np.where(has, pick, -1)
        closeness[:, step] = np.where(has, worth[rows, best], -np.inf)
        shown[rows[has], label_QC[rows, best][has]] += 1
        is_open[rows, best] = False
        cosine = gram_MM[pick[:, None], candidate]
        nearest_taken = np.where(has[:, None], np.maximum(nearest_taken, cosine), nearest_taken)
    order = np.argsort(closeness, axis=1, kind="stable")
    return np.take_along_axis(taken, order, axis=1)
