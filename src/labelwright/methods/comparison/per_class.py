"""Precision, recall and F1, class by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """Arrays of length K, in the order of the classes; nan where a class neither occurs nor is given.

    support: items whose truth it is.  macro_f1: the mean F1 over the classes that occur or are given.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]
    macro_f1: float


def class_scores(truth: NDArray[np.int64], label: NDArray[np.int64], *, n_classes: int) -> ClassScores:
    """Score labels against the truth.

    truth: (n,) in [0, K).  label: (n,) in [-1, K); -1 = no label was given, which is wrong whatever the truth is.
    A class that was never given has precision 0 where it occurs (van Rijsbergen 1979, chapter 7, for F1 itself).

    >>> found = class_scores(np.array([0, 0, 1]), np.array([0, 1, 1]), n_classes=2)
    >>> [round(float(x), 3) for x in found.f1]
    [0.667, 0.667]
    """
    support = np.bincount(truth, minlength=n_classes).astype(np.int64)
    given = np.bincount(label[label >= 0], minlength=n_classes).astype(np.int64)
    right = np.bincount(truth[truth == label], minlength=n_classes).astype(np.int64)
    is_there = (support + given) > 0

    def share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
        found = np.divide(part, whole, out=np.zeros(n_classes), where=whole > 0)
        return np.where(is_there, found, np.nan)

    f1 = share(2 * right, support + given)
    macro = float(np.mean(f1[is_there])) if is_there.any() else float("nan")
    return ClassScores(share(right, given), share(right, support), f1, support, macro)
