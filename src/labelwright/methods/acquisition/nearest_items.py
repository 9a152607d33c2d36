"""Find the most similar items, leaving out the item itself and what merely repeats it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAR_DUPLICATE = 0.95
_CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Nearest:
    """The k nearest of a pool to each query, nearest first.

    position: (Q, k), −1 = there are no more.  similarity: (Q, k) cosines, nan there.
    """

    position: Ints
    similarity: Floats


def nearest_items(
    query_QD: ArrayLike,
    pool_MD: ArrayLike,
    *,
    k: int,
    query_item: ArrayLike | None = None,
    pool_item: ArrayLike | None = None,
    query_text: ArrayLike | None = None,
    pool_text: ArrayLike | None = None,
    near_duplicate: float = NEAR_DUPLICATE,
) -> Nearest:
    """Find the k most similar pool items by cosine, never the item itself and never a near-duplicate.

    query_QD, pool_MD: unit rows; a zero row (an empty text) is near nothing.  query_item, pool_item: (Q,), (M,) item
    numbers: equal ones are one item.  query_text, pool_text: the same for texts equal but for case and spacing.
    near_duplicate: a cosine from here on counts as the same item.  Equal similarities: the earlier pool item first.
    """
    query, pool = np.asarray(query_QD, dtype=np.float32), np.asarray(pool_MD, dtype=np.float32)
    n, wanted = len(query), min(k, len(pool))
    position = np.full((n, k), -1, dtype=np.int64)
    similarity = np.full((n, k), np.nan)
    same = _sameness(query_item, pool_item), _sameness(query_text, pool_text)
    if not wanted:
        return Nearest(position, similarity)
    empty_query, empty_pool = _is_empty(query), _is_empty(pool)
    at_once = max(64, _CELLS_AT_ONCE // len(pool))
    for start in range(0, n, at_once):
        rows = slice(start, min(start + at_once, n))
        cosine = query[rows] @ pool.T
        cosine[cosine >= near_duplicate] = -np.inf
        cosine[empty_query[rows]] = -np.inf
        cosine[:, empty_pool] = -np.inf
        for pair in same:
            if pair is not None:
                cosine[pair[0][rows, None] == pair[1][None, :]] = -np.inf
        order = _largest(cosine, wanted)
        value = np.take_along_axis(cosine, order, axis=1).astype(np.float64)
        found = np.isfinite(value)
        position[rows, :wanted] = np.where(found, order, -1)
        similarity[rows, :wanted] = np.where(found, value, np.nan)
    return Nearest(position, similarity)


def _is_empty(rows: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.abs(rows).sum(axis=1) == 0


def _sameness(query: ArrayLike | None, pool: ArrayLike | None) -> tuple[Ints, Ints] | None:
    if query is None or pool is None:
        return None
    return np.asarray(query, dtype=np.int64), np.asarray(pool, dtype=np.int64)


def _largest(cosine: NDArray[np.float32], wanted: int) -> Ints:
    if wanted < cosine.shape[1]:
        edge = -np.partition(-cosine, wanted - 1, axis=1)[:, wanted - 1 : wanted]
        # Of those equal at the edge the earlier are kept, whatever the partition did.
        above = cosine > edge
        at_edge = cosine == edge
        room = wanted - above.sum(axis=1, keepdims=True)
        chosen = above | (at_edge & (np.cumsum(at_edge, axis=1) <= room))
        candidates: Ints = np.nonzero(chosen)[1].reshape(len(cosine), wanted)
    else:
        everyone: Ints = np.arange(cosine.shape[1], dtype=np.int64)
        candidates = np.repeat(everyone[None, :], len(cosine), axis=0)
    value = np.take_along_axis(cosine, candidates, axis=1)
    return np.take_along_axis(candidates, np.argsort(-value, axis=1, kind="stable"), axis=1)
