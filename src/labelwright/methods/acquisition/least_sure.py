"""Send the least sure items first."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def least_sure(confidence: ArrayLike) -> NDArray[np.int64]:
    """Order items for people: unknown confidence first, then from low to high; equal ones keep their order.

    confidence: (N,).  Returns (N,) positions.
    Source: Lewis & Gale (1994), SIGIR, uncertainty sampling.

    >>> least_sure(np.array([0.9, 0.2, np.nan, 0.2])).tolist()
    [2, 1, 3, 0]
    """
    return np.argsort(np.nan_to_num(np.asarray(confidence, dtype=np.float64), nan=-np.inf), kind="stable")
