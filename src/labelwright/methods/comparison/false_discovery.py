"""Many findings at once: p-values adjusted so that, of what is reported, at most a share q is expected to be false."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def benjamini_hochberg(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values of tests that are independent or rise and fall together; (m,), same order.

    Reporting those at or below q keeps the expected share of false ones at or below q.
    Source: Benjamini & Hochberg (1995), JRSS-B 57(1).

    >>> [round(float(p), 4) for p in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    return _stepped_up(p_values, penalty=1.0)


def benjamini_yekutieli(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values of tests that depend on one another in any way; (m,), same order.

    Source: Benjamini & Yekutieli (2001), Annals of Statistics 29(4).

    >>> [round(float(p), 4) for p in benjamini_yekutieli([0.01, 0.04, 0.03])]
    [0.055, 0.0733, 0.0733]
    """
    m = np.size(p_values)
    return _stepped_up(p_values, penalty=float(np.sum(1.0 / np.arange(1, m + 1))))


def _stepped_up(p_values: ArrayLike, *, penalty: float) -> NDArray[np.float64]:
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) * penalty / np.arange(1, len(p) + 1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted
