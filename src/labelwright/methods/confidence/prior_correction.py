"""Take a model's leaning towards some labels out of its label probabilities, without a single human label."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

_LEAST = 1e-12


def contextual_calibration(probability_NK: ArrayLike, content_free_K: ArrayLike) -> Floats:
    """Divide by the probabilities the same prompt gives to an empty item ("N/A"), and renormalise.

    probability_NK: (N, K) over the labels, rows of nan stay nan.  content_free_K: (K,), the mean over a few such items.
    Source: Zhao, Wallace, Feng, Klein & Singh (2021), ICML, "Calibrate before use", with W = diag(p̂)⁻¹, b = 0.

    >>> contextual_calibration([[0.8, 0.2]], [0.8, 0.2]).tolist()
    [[0.5, 0.5]]
    """
    leaning = np.log(np.maximum(np.asarray(content_free_K, dtype=np.float64), _LEAST))
    return _shifted(np.asarray(probability_NK, dtype=np.float64), leaning)


def batch_calibration(probability_NK: ArrayLike) -> Floats:
    """Subtract each label's mean log-probability over the pool, and renormalise.

    It takes the pool's labels to be about equally frequent: on a skewed pool it moves predictions towards the rare.
    The outcome depends on the pool, so a certificate holds for the pool it was computed on.
    Source: Zhou et al. (2024), ICLR, "Batch calibration"; the mean is taken of logarithms.
    """
    p = np.asarray(probability_NK, dtype=np.float64)
    known = p[~np.isnan(p).any(axis=-1)]
    if not len(known):
        return p.copy()
    return _shifted(p, np.mean(np.log(np.maximum(known, _LEAST)), axis=0))


def _shifted(probability: Floats, leaning: Floats) -> Floats:
    return special.softmax(np.log(np.maximum(probability, _LEAST)) - leaning, axis=-1)
