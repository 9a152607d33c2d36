"""Histogram calibration: each bin says what was seen in it, with bounds that assume nothing."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.calibration.logit_map import Floats
from labelwright.methods.calibration.metrics import bin_of

LEAST_IN_BIN = 50


@dataclass(frozen=True, slots=True)
class HistogramMap:
    """P(correct) is the share of right ones in a confidence's bin.

    edges: (B−1,) the lowest confidence of each bin but the first.  value, low, high: (B,) share right and its bounds,
    which hold for all bins at once with chance 1 − δ.  n_in_bin: (B,).  n_labels: what it was fitted on.
    """

    method: Literal["histogram"]
    edges: tuple[float, ...]
    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n_in_bin: tuple[int, ...]
    delta: float
    n_labels: int

    def __call__(self, confidence: ArrayLike) -> Floats:
        """Map confidences of any shape; nan stays nan."""
        return self._looked_up(confidence, self.value)

    def error_bound(self, confidence: ArrayLike) -> Floats:
        """Upper bound of P(wrong) in each confidence's bin, for all bins at once; nan stays nan."""
        return 1 - self._looked_up(confidence, self.low)

    def _looked_up(self, confidence: ArrayLike, per_bin: tuple[float, ...]) -> Floats:
        p = np.asarray(confidence, dtype=np.float64)
        if not per_bin:
            return np.full(p.shape, np.nan)
        found = np.asarray(per_bin)[np.searchsorted(np.asarray(self.edges), p, side="right").clip(0, len(per_bin) - 1)]
        return np.where(np.isnan(p), np.nan, found)


def fit_histogram(confidence: ArrayLike, correct: ArrayLike, *, n_bins: int = 15, delta: float = 0.05) -> HistogramMap:
    """Fit equal-mass bins of at least 50 labels, whole tie groups together.

    confidence: (N,) in [0, 1], nan = unknown and left out.  correct: (N,) bool.
    Bounds are Clopper–Pearson's at δ/B for all B bins together. The bins' edges are scores of the sample itself, so one
    label at each bin's edge is not a random one of its bin: it is left out of the bounds.
    Source: Gupta & Ramdas (2021), ICML, "without sample splitting", theorem 3, with exact bounds for Hoeffding's.
    """
    if not 0 < delta < 1:
        raise InvalidValue("delta", f"must lie strictly between 0 and 1, got {delta!r}")
    p = np.asarray(confidence, dtype=np.float64)
    right = np.asarray(correct, dtype=np.bool_)
    known = ~np.isnan(p)
    order = np.argsort(p[known], kind="stable")
    p, right = p[known][order], right[known][order]
    if not len(p):
        return HistogramMap("histogram", (), (), (), (), (), delta, 0)
    bins = bin_of(p, max(1, min(n_bins, len(p) // LEAST_IN_BIN)), "mass")
    first = _merged(np.unique(bins, return_index=True)[1], len(p))
    n = np.diff(np.append(first, len(p))).astype(np.float64)
    hits = np.add.reduceat(right.astype(np.float64), first)
    inner_n, inner_hits = n - 1, hits - right[first]
    tail = delta / len(n) / 2
    low = np.where(inner_hits > 0, special.betaincinv(np.maximum(inner_hits, 1), inner_n - inner_hits + 1, tail), 0.0)
    high = np.where(
        inner_hits < inner_n, special.betaincinv(inner_hits + 1, np.maximum(inner_n - inner_hits, 1), 1 - tail), 1.0
    )
    return HistogramMap(
        "histogram",
        tuple(p[first[1:]].tolist()),
        tuple((hits / n).tolist()),
        tuple(low.tolist()),
        tuple(high.tolist()),
        tuple(int(size) for size in n),
        delta,
        len(p),
    )


def _merged(first: np.ndarray, n: int) -> np.ndarray:
    """Join bins that ties left too small with the one below them, the lowest with the one above."""
    kept: list[int] = [0]
    for start in first[1:].tolist():
        if start - kept[-1] >= LEAST_IN_BIN and n - start >= LEAST_IN_BIN:
            kept.append(start)
    return np.asarray(kept, dtype=np.int64)
