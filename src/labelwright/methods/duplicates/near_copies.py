"""Which texts nearly repeat one another: by the runs they share, or by where their vectors point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.duplicates.components import components
from labelwright.methods.duplicates.min_hash import JACCARD, min_hash, permutations, similar_pairs
from labelwright.methods.duplicates.near_vectors import near_vectors
from labelwright.methods.duplicates.shingles import Runs, normalised, shingles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pairs = NDArray[np.int64]

COSINE = 0.95


@dataclass(frozen=True, eq=False, slots=True)
class NearCopies:
    """Of N texts: group: (N,) the first text of each one's group; a text that repeats none is its own.

    pairs: (E, 2) near copies, enough of them to hold each group together.  likeness: (E,) share of runs in common, or
    the cosine where that is what found them.  by_wording: (E,) bool, whether the runs did.
    same: (N,) the first text with the very same words.
    """

    group: Ints
    same: Ints
    pairs: Pairs
    likeness: Floats
    by_wording: NDArray[np.bool_]


def near_copies(
    texts: Sequence[str],
    vector_ND: NDArray[np.float32] | None = None,
    *,
    rng: np.random.Generator,
    runs: Runs = "characters",
    length: int = 5,
    jaccard: float = JACCARD,
    cosine: float = COSINE,
) -> NearCopies:
    """Group texts by shared wording; and, where vectors (unit rows) are given, by their cosine.

    Texts in which there is nothing to read are copies of none. Groups are what hangs together by any chain of copies.
    """
    seen: dict[str, int] = {}
    same = np.arange(len(texts), dtype=np.int64)
    for place, text in enumerate(texts):
        folded = normalised(text)
        if folded:
            same[place] = seen.setdefault(folded, place)
    # What is the same letter by letter needs no comparing: the first of each stands for all.
    distinct = np.array(sorted(seen.values()), dtype=np.int64)
    cut = shingles([str(texts[place]) for place in distinct], runs=runs, length=length)
    worded, shared = similar_pairs(cut, min_hash(cut, permutations()), threshold=jaccard)
    pairs, likeness = distinct[worded].reshape(-1, 2), shared
    by_wording = np.ones(len(pairs), dtype=np.bool_)
    if vector_ND is not None:
        pointing, cosines = near_vectors(vector_ND[distinct], threshold=cosine, rng=rng)
        fresh = ~np.isin(pointing @ [len(texts), 1], worded @ [len(texts), 1])
        pairs = np.concatenate([pairs, distinct[pointing[fresh]].reshape(-1, 2)])
        likeness = np.concatenate([likeness, cosines[fresh]])
        by_wording = np.concatenate([by_wording, np.zeros(int(fresh.sum()), dtype=np.bool_)])
    again = np.flatnonzero(same != np.arange(len(texts)))
    every = np.concatenate([pairs, np.stack([same[again], again], axis=1)])
    return NearCopies(components(len(texts), every), same, pairs, likeness, by_wording)
