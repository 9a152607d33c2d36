"""Many tests at once, when a few false findings among many true ones can be lived with."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def benjamini_hochberg(p_values: ArrayLike) -> NDArray[np.float64]:
    """Correct p-values so that of those at most q, on average a share of at most q is false; same order.

    p_values: (m,) in [0, 1], independent of one another or positively dependent.
    Source: Benjamini & Hochberg (1995), JRSS B 57(1).

    >>> [round(float(q), 3) for q in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty_like(p)
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found


def benjamini_yekutieli(p_values: ArrayLike) -> NDArray[np.float64]:
    """Do the same however the p-values depend on one another, at the price of the factor 1 + 1/2 + … + 1/m.

    Source: Benjamini & Yekutieli (2001), Annals of Statistics 29(4).

    >>> [round(float(q), 3) for q in benjamini_yekutieli([0.01, 0.04, 0.03])]
    [0.055, 0.073, 0.073]
    """
    p = np.asarray(p_values, dtype=np.float64)
    harmonic = float(np.sum(1.0 / np.arange(1, len(p) + 1)))
    return np.minimum(benjamini_hochberg(p) * harmonic, 1.0)
