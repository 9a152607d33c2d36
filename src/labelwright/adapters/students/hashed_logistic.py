"""Multinomial logistic regression on hashed words, word pairs and runs of four characters.

No vocabulary is kept, so any language and any text will do. It is meant to be small and honest, not good.

Source: Weinberger et al. (2009), ICML, for the hashing; Nocedal & Wright (2006), ch. 7, for L-BFGS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np

from labelwright.errors import InvalidValue
from labelwright.ports.student import Options, Posteriors

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Integers: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
Sparse: TypeAlias = Any
"""A scipy.sparse matrix; scipy is imported late, where it is used."""
Hashes: TypeAlias = "np.ndarray[Any, np.dtype[np.uint64]]"

_WORD = re.compile(r"\w+")
_RUN = 4
_FLAT = 1e-2
"""A gradient this small, against a loss summed over texts, changes no label."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class HashedLogistic:
    """n_buckets: a power of two.  inverse_penalty: C in  sum of -log p + |W|^2 / 2C."""

    n_buckets: int = 1 << 15
    inverse_penalty: float = 10.0
    most_characters: int = 2000
    most_steps: int = 60
    name: str = "hashed-logistic"

    def label(
        self, texts: Sequence[str], *, labelled: Sequence[int], options_LU: Options, n_options: int
    ) -> Posteriors:
        if not len(labelled):
            raise InvalidValue("", "nothing is labelled", "; a student needs at least one label to learn from")
        features = _features([text[: self.most_characters] for text in texts], self.n_buckets)
        known = features[np.asarray(labelled, dtype=np.int64)]
        # A bucket that no labelled text fills would keep its weight of zero: leave it out.
        seen = np.flatnonzero(known.getnnz(axis=0))
        known, everything = known[:, seen], features[:, seen]
        posterior = np.zeros((len(texts), options_LU.shape[1], n_options))
        for unit in range(options_LU.shape[1]):
            options = options_LU[:, unit]
            present = np.unique(options)
            if present.size == 1:
                posterior[:, unit, present[0]] = 1.0
                continue
            target = np.searchsorted(present, options)
            weights, offset = _fit(known, target, present.size, self.inverse_penalty, self.most_steps)
            posterior[:, unit, present] = _softmax(everything @ weights + offset)
        return posterior


def _fit(known: Sparse, target: Integers, n_classes: int, inverse_penalty: float, steps: int) -> tuple[Floats, Floats]:
    from scipy.optimize import minimize  # noqa: PLC0415 - slow to import, needed by few

    n, width = int(known.shape[0]), int(known.shape[1])
    transposed = known.T.tocsr()
    rows: Integers = np.arange(n, dtype=np.int64)

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights, offset = flat[: width * n_classes].reshape(width, n_classes), flat[width * n_classes :]
        score = known @ weights + offset
        top = score.max(axis=1, keepdims=True)
        log_sum = top[:, 0] + np.log(np.exp(score - top).sum(axis=1))
        value = float(np.sum(log_sum - score[rows, target])) + float(np.sum(weights**2)) / (2 * inverse_penalty)
        residual = np.exp(score - log_sum[:, None])
        residual[rows, target] -= 1
        gradient = transposed @ residual + weights / inverse_penalty
        return value, np.concatenate([gradient.ravel(), residual.sum(axis=0)])

    start = np.zeros(width * n_classes + n_classes)
    objective: Callable[[Floats], tuple[float, Floats]] = loss
    # Few corrections: with this many weights, keeping track of ten costs more than the steps they save.
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 3, "gtol": _FLAT}
    )
    flat = np.asarray(found.x, dtype=np.float64)
    return flat[: width * n_classes].reshape(width, n_classes), flat[width * n_classes :]


def _features(texts: Sequence[str], n_buckets: int) -> Sparse:
    """Give a sparse (N, n_buckets) matrix: log counts times inverse document frequency, each row of length 1."""
    from scipy import sparse  # noqa: PLC0415 - slow to import, needed by few

    columns: list[Integers] = []
    for text in texts:
        lowered = text.lower()
        hashes = np.concatenate([_words(lowered), _runs(lowered)])
        columns.append((hashes >> np.uint64(20)).astype(np.int64) & (n_buckets - 1))
    lengths = np.array([column.size for column in columns], dtype=np.int64)
    row = np.repeat(np.arange(len(texts)), lengths)
    column = np.concatenate(columns) if columns else np.zeros(0, dtype=np.int64)
    counts: Sparse = sparse.csr_matrix((np.ones(column.size), (row, column)), shape=(len(texts), n_buckets))
    counts.sum_duplicates()
    counts.data = 1 + np.log(counts.data)
    frequency = counts.getnnz(axis=0)
    weighted: Sparse = counts.multiply(1 + np.log((1 + len(texts)) / (1 + frequency))).tocsr()
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return sparse.diags(1 / np.maximum(length, 1e-12)) @ weighted


def _words(text: str) -> Hashes:
    words = np.array([crc32(w.encode("utf-8", "surrogatepass")) for w in _WORD.findall(text)], dtype=np.uint64)
    pairs = words[:-1] * np.uint64(31) + words[1:] + np.uint64(7)
    return np.concatenate([words, pairs]) * _MIX


def _runs(text: str) -> Hashes:
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    if points.size < _RUN:
        return np.zeros(0, dtype=np.uint64)
    run = np.zeros(points.size - _RUN + 1, dtype=np.uint64)
    for place in range(_RUN):
        run = run * np.uint64(1_000_003) + points[place : place + run.size]
    return (run + np.uint64(1)) * _MIX


def _softmax(score: Floats) -> Floats:
    raised = np.exp(score - score.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
