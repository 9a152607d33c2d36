"""All pairs of vectors that point the same way, found block by block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]
Pairs = NDArray[np.int64]

_BLOCK = 2_048
_SKETCH = 64
_FEWEST_SKETCHED = 4_096
_MARGIN = 6.0
_MOST_OF_ROW = 40


def near_vectors(
    unit_ND: Vectors, *, threshold: float, rng: np.random.Generator, most_per_row: int = _MOST_OF_ROW
) -> tuple[Pairs, Floats]:
    """(E, 2) pairs with a cosine of at least `threshold`, and (E,) the cosines; a zero row is near nothing.

    All are compared with all. With many rows of many dimensions that is done on random projections first: a pair at the
    threshold is then missed with a chance of about 1e-9 (six standard errors), and every pair that is given was
    checked on the vectors themselves.
    most_per_row: of a row with more near ones after it, those are given that come first: enough to keep it connected.
    """
    n, width = unit_ND.shape
    if n < _FEWEST_SKETCHED or width <= 2 * _SKETCH:
        looked_at, least = unit_ND, threshold
    else:
        looked_at, least = _projected(unit_ND, threshold, rng)
    found: list[Pairs] = []
    for first in range(0, n, _BLOCK):
        rows = looked_at[first : first + _BLOCK]
        seen = np.zeros(len(rows), dtype=np.int64)
        for start in range(first, n, _BLOCK):
            near = rows @ looked_at[start : start + _BLOCK].T >= least
            if start == first:
                near &= np.tri(len(rows), len(rows), 0, dtype=np.bool_).T
                np.fill_diagonal(near, val=False)
            if not near.any():
                continue
            one, other = np.nonzero(near)
            checked = _checked(unit_ND, first + one, start + other, threshold)
            one, other = one[checked], other[checked]
            # Rows come ascending: the place within a row says how many near ones came before.
            place = np.arange(one.size) - np.searchsorted(one, one)
            wanted = seen[one] + place < most_per_row
            seen += np.bincount(one, minlength=len(rows))
            found.append(np.stack([first + one[wanted], start + other[wanted]], axis=1))
    pairs: Pairs = np.concatenate([np.zeros((0, 2), dtype=np.int64), *found])
    cosine = np.einsum("ed,ed->e", unit_ND[pairs[:, 0]], unit_ND[pairs[:, 1]]).astype(np.float64)
    return pairs, cosine


def _checked(unit: Vectors, one: Pairs, other: Pairs, threshold: float) -> NDArray[np.bool_]:
    kept = np.empty(one.size, dtype=np.bool_)
    for first in range(0, one.size, _BLOCK):
        part = slice(first, first + _BLOCK)
        kept[part] = np.einsum("ed,ed->e", unit[one[part]], unit[other[part]]) >= threshold
    return kept


def _projected(unit: Vectors, threshold: float, rng: np.random.Generator) -> tuple[Vectors, float]:
    """Give random projections of unit length, and how low the cosine of a pair at the threshold may fall there."""
    turn = rng.standard_normal((unit.shape[1], _SKETCH)).astype(np.float32)
    sketch = unit @ turn
    size = np.linalg.norm(sketch, axis=1, keepdims=True)
    sketch = np.divide(sketch, size, out=np.zeros_like(sketch), where=size > 0)
    # A correlation seen through d normal draws: Fisher's z has a standard error of 1/√(d - 3).
    return sketch, float(np.tanh(np.arctanh(threshold) - _MARGIN / np.sqrt(_SKETCH - 3)))
