"""Sketches of sets by which near-equal ones are found without comparing all with all.

Source: Broder (1997), "On the resemblance and containment of documents". The permutations are those of datasketch 2.0:
a·mixed(x) + b modulo 2³² with odd a, so that the same a and b give the same sketches.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.duplicates.shingles import Shingles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]

JACCARD = 0.8
N_PERMUTATIONS = 128
_EMPTY = np.uint32(0xFFFFFFFF)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_RUNS_AT_ONCE = 1 << 11
_RECALL = 0.997
_ALL_PAIRS = 40
"""Up to so many members of a bucket are compared each with each; of more, each with some."""
_DOUBT = 0.16
"""Four standard errors of a share of 128 at 0.8: what the sketches put further below is not looked at."""
_PAIRS_AT_ONCE = 20_000


def permutations(seed: int = 1, *, n: int = N_PERMUTATIONS) -> NDArray[np.uint32]:
    """(2, n) factors and offsets of n random permutations."""
    rng = np.random.default_rng(seed)
    factor = rng.integers(0, 1 << 31, size=n, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    offset = rng.integers(0, 1 << 32, size=n, dtype=np.uint32)
    return np.stack([factor, offset])


def min_hash(cut: Shingles, permuted_2P: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """(N, P) sketches: under each permutation the least hash of a text's runs; 2³² - 1 for a text without runs.

    The share of places at which two sketches agree estimates the share of runs that the two texts have in common.
    """
    n, n_places = len(cut.start) - 1, permuted_2P.shape[1]
    sketch = np.full((n, n_places), _EMPTY, dtype=np.uint32)
    factor, offset = permuted_2P[0][:, None], permuted_2P[1][:, None]
    for rows in _chunks(cut.start):
        part = cut.start[rows.start : rows.stop + 1]
        has = np.flatnonzero(np.diff(part))
        if not has.size:
            continue
        mixed = factor * _mixed(cut.run[part[0] : part[-1]])[None, :] + offset
        least = np.minimum.reduceat(mixed, part[has] - part[0], axis=1)
        sketch[rows.start + has] = least.T
    return sketch


def similar_pairs(cut: Shingles, sketch_NP: NDArray[np.uint32], *, threshold: float = JACCARD) -> tuple[Pairs, Floats]:
    """(E, 2) pairs of texts that share at least `threshold` of their runs, and (E,) the exact share.

    Candidates agree on a whole band of the sketch; the bands are chosen so that 99.7% of the pairs right at the
    threshold are candidates, and more of those above it. Of a crowd that agrees on a band not every pair is given, but
    enough that each stays connected to its like.
    """
    candidates = _candidates(sketch_NP, _rows_per_band(sketch_NP.shape[1], threshold))
    close = _agreement(sketch_NP, candidates) >= threshold - _DOUBT
    candidates = candidates[close]
    share = _jaccard(cut, candidates)
    kept = share >= threshold
    return candidates[kept], share[kept]


def _mixed(run: Hashes) -> NDArray[np.uint32]:
    """Spread neighbouring numbers over all bits (the finaliser of MurmurHash3)."""
    mixed = run.astype(np.uint32)
    mixed = (mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    mixed = (mixed ^ (mixed >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return mixed ^ (mixed >> np.uint32(16))


def _chunks(start: Ints) -> Iterator[slice]:
    """Cut the texts so that each part has about as many runs as the cache has room for."""
    first = 0
    while first < len(start) - 1:
        last = int(np.searchsorted(start, int(start[first]) + _RUNS_AT_ONCE, side="right")) - 1
        last = max(last, first + 1)
        yield slice(first, last)
        first = last


def _rows_per_band(n_places: int, threshold: float) -> int:
    """Give the longest band with which nearly every pair at the threshold agrees on some band."""
    for rows in range(n_places, 1, -1):
        if 1 - (1 - threshold**rows) ** (n_places // rows) >= _RECALL:
            return rows
    return 1


def _candidates(sketch: NDArray[np.uint32], rows: int) -> Pairs:
    n = len(sketch)
    full = np.flatnonzero(~np.all(sketch == _EMPTY, axis=1))
    found: list[Ints] = []
    for first in range(0, sketch.shape[1] - rows + 1, rows):
        band = np.zeros(full.size, dtype=np.uint64)
        for place in range(first, first + rows):
            band = (band ^ sketch[full, place]) * _FACTOR
            band ^= band >> np.uint64(32)
        order = np.argsort(band, kind="stable")
        edge = np.concatenate([[0], np.flatnonzero(np.diff(band[order])) + 1, [full.size]])
        size = np.diff(edge)
        for bucket in np.flatnonzero(size > 1):
            found.append(_some_pairs(full[order[edge[bucket] : edge[bucket + 1]]], n))  # noqa: PERF401 - one by one
        if found:
            found = [np.unique(np.concatenate(found))]
    key = found[0] if found else np.zeros(0, dtype=np.int64)
    return np.stack([key // n, key % n], axis=1)


def _some_pairs(members: Ints, n: int) -> Ints:
    """Name pairs of a bucket as one number each: all of a small one; of a crowd, each with the first and the next."""
    if len(members) <= _ALL_PAIRS:
        one, other = np.triu_indices(len(members), 1)
        return members[one] * n + members[other]
    return np.concatenate([members[0] * n + members[1:], members[:-1] * n + members[1:]])


def _agreement(sketch: NDArray[np.uint32], pairs: Pairs) -> Floats:
    share = np.empty(len(pairs))
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        part = pairs[first : first + _PAIRS_AT_ONCE]
        share[first : first + len(part)] = (sketch[part[:, 0]] == sketch[part[:, 1]]).mean(axis=1)
    return share


def _jaccard(cut: Shingles, pairs: Pairs) -> Floats:
    """Give the exact shares of runs in common."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - slow to import, needed by few

    if not len(pairs):
        return np.zeros(0)
    distinct, column = np.unique(cut.run, return_inverse=True)
    table: Any = csr_array(
        (np.ones(cut.run.size, dtype=np.int32), column, cut.start), shape=(len(cut.start) - 1, distinct.size)
    )
    share = np.empty(len(pairs))
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        one, other = pairs[first : first + _PAIRS_AT_ONCE].T
        common: Floats = np.asarray(table[one].multiply(table[other]).sum(axis=1), dtype=np.float64).ravel()
        share[first : first + len(one)] = common / (cut.size[one] + cut.size[other] - common)
    return share
