"""Isotonic calibration: the best map that never goes down."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from labelwright.methods.calibration.logit_map import Floats


@dataclass(frozen=True, slots=True)
class IsotonicMap:
    """P(correct) by straight lines between points that never go down, flat beyond the first and the last.

    For people's eyes: it makes ties, and a score fitted on calibration labels may not be thresholded with them.

    x, y: the corner points.  n_labels: what it was fitted on.
    """

    method: Literal["isotonic"]
    x: tuple[float, ...]
    y: tuple[float, ...]
    n_labels: int

    def __call__(self, confidence: ArrayLike) -> Floats:
        """Map confidences of any shape; nan stays nan."""
        p = np.asarray(confidence, dtype=np.float64)
        if not self.x:
            return np.full(p.shape, np.nan)
        # Of a single point `interp` gives its height for nan too.
        return np.where(np.isnan(p), np.nan, np.interp(p, self.x, self.y))


def fit_isotonic(confidence: ArrayLike, correct: ArrayLike) -> IsotonicMap:
    """Fit by pooling adjacent violators; equal confidences are one point with their mean.

    confidence: (N,) any finite numbers, nan = unknown and left out.  correct: (N,) bool.
    Wants a thousand labels or more: with fewer, `fit_venn_abers` says how unsure it is.
    Source: Zadrozny & Elkan (2002), KDD, section 3.
    """
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 - slow to import, needed by few

    x, mean, count = grouped(confidence, correct)
    if not len(x):
        return IsotonicMap("isotonic", (), (), 0)
    y = np.clip(np.asarray(isotonic_regression(mean, weights=count).x, dtype=np.float64), 0.0, 1.0)
    # Within a flat run only its ends matter.
    is_corner = np.ones(len(x), dtype=np.bool_)
    is_corner[1:-1] = (y[1:-1] != y[:-2]) | (y[1:-1] != y[2:])
    return IsotonicMap("isotonic", tuple(x[is_corner].tolist()), tuple(y[is_corner].tolist()), int(count.sum()))


def grouped(confidence: ArrayLike, correct: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Distinct known confidences, rising; the share of right ones at each; how many there are."""
    p = np.asarray(confidence, dtype=np.float64)
    right = np.asarray(correct, dtype=np.bool_)
    known = ~np.isnan(p)
    x, group, count = np.unique(p[known], return_inverse=True, return_counts=True)
    hits = np.bincount(group, weights=right[known], minlength=len(x))
    return x, hits / np.maximum(count, 1), count.astype(np.float64)
