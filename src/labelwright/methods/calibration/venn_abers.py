"""Venn-Abers calibration: two probabilities, one of which is right by construction."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from labelwright.methods.calibration.isotonic import grouped
from labelwright.methods.calibration.logit_map import Floats


@dataclass(frozen=True, slots=True)
class VennAbersMap:
    """P(correct) lies between what isotonic calibration says if the new prediction is wrong, and if it is right.

    x: (G,) distinct confidences of the sample, rising.  if_wrong, if_right: (G+1,) the two probabilities, by place:
    `if_wrong[i]` for confidences in [x[i−1], x[i]), `if_right[i]` for those in (x[i−1], x[i]].
    n_labels: what it was fitted on.
    """

    method: Literal["venn-abers"]
    x: tuple[float, ...]
    if_wrong: tuple[float, ...]
    if_right: tuple[float, ...]
    n_labels: int

    def __call__(self, confidence: ArrayLike) -> Floats:
        """Map confidences of any shape to p₁/(1 − p₀ + p₁), the best single figure by log loss; nan stays nan."""
        low, high = self.interval(confidence)
        return high / (1 - low + high)

    def interval(self, confidence: ArrayLike) -> tuple[Floats, Floats]:
        """(p₀, p₁) of confidences of any shape; nan stays nan."""
        p = np.asarray(confidence, dtype=np.float64)
        x = np.asarray(self.x)
        unknown = np.isnan(p)
        low = np.asarray(self.if_wrong)[np.searchsorted(x, p, side="right").clip(0, len(x))]
        high = np.asarray(self.if_right)[np.searchsorted(x, p, side="left").clip(0, len(x))]
        return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def fit_venn_abers(confidence: ArrayLike, correct: ArrayLike) -> VennAbersMap:
    """Fit to labelled predictions drawn at random, in O(n log n).

    confidence: (N,) any finite numbers, nan = unknown and left out.  correct: (N,) bool.
    Source: Vovk, Petej & Fedorova (2015), NeurIPS, "Large-scale probabilistic predictors", algorithms 1 to 4.
    """
    x, mean, count = grouped(confidence, correct)
    hits = np.rint(mean * count)
    # A wrong one among scores upwards is a right one among scores downwards.
    if_right = np.append(_with_one_right(count, hits), 1.0)
    if_wrong = np.append(0.0, 1 - _with_one_right(count[::-1], (count - hits)[::-1])[::-1])
    return VennAbersMap(
        "venn-abers", tuple(x.tolist()), tuple(if_wrong.tolist()), tuple(if_right.tolist()), int(count.sum())
    )


def _with_one_right(count: Floats, hits: Floats) -> Floats:
    """(G,) isotonic value at each group, had it one more right label.

    The cumulated points (count, hits) with the extra step (1, 1) before group i; the value is the slope there of the
    greatest convex minorant. As i moves on, the extra step moves past group i: one corner changes, and of the minorant
    only what lies to its right is needed, kept as a stack whose top is its left end.
    """
    xs: list[float] = [-1.0, 0.0, *np.cumsum(count).tolist()]
    ys: list[float] = [-1.0, 0.0, *np.cumsum(hits).tolist()]
    n_groups = len(count)
    stack: list[tuple[float, float]] = []
    for point in zip(reversed(xs), reversed(ys), strict=True):
        _push_left(stack, point)
    found = np.empty(n_groups)
    for i in range(n_groups):
        (left_x, left_y), (right_x, right_y) = stack[-1], stack[-2]
        slope = (right_y - left_y) / (right_x - left_x)
        found[i] = slope
        # The corner before the extra step, once that step comes after group i.
        x, y = xs[i + 2] - 1.0, ys[i + 2] - 1.0
        if (y - left_y) * (right_x - left_x) >= (right_y - left_y) * (x - left_x):
            continue
        stack.pop()
        _push_left(stack, (x, y))
    return found


def _push_left(stack: list[tuple[float, float]], point: tuple[float, float]) -> None:
    """Put a point at the left end of a convex chain, dropping what then lies on or above it."""
    x, y = point
    while len(stack) > 1:
        (ax, ay), (bx, by) = stack[-1], stack[-2]
        if (ay - y) * (bx - x) < (by - y) * (ax - x):
            break
        stack.pop()
    stack.append(point)
