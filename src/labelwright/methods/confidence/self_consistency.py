"""Confidence from a model's own repeated answers."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def self_consistency(counts: ArrayLike, *, smoothing: float = 0.5) -> NDArray[np.float64]:
    """Smooth the counts of k samples into shares, p(c) = (n_c + a)/(k + aK), so that 5 of 5 is not certainty.

    counts: (..., K) how many samples gave each label, after equal answers were made the same label; a = `smoothing`.
    Returns (..., K); nan where there was no sample.  Low temperatures make all samples alike, and this says nothing.
    Source: Wang et al. (2023), ICLR, "Self-consistency", with the Jeffreys prior's smoothing.

    >>> self_consistency([5, 0]).round(3).tolist()
    [0.917, 0.083]
    """
    n = np.asarray(counts, dtype=np.float64)
    total = n.sum(axis=-1, keepdims=True)
    return np.where(total > 0, (n + smoothing) / (total + smoothing * n.shape[-1]), np.nan)
