"""A model's word on its own answer."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special


def p_true(log_true: ArrayLike, log_false: ArrayLike) -> NDArray[np.float64]:
    """P(True) = p(A)/(p(A) + p(B)) from the log-probabilities of "(A) True" and "(B) False", asked in a second call.

    Any shape; nan where both are unknown. Where one alone is known the other was too improbable to be listed: the
    answer is 1 or 0, which `label_probabilities` avoids by its floor; prefer that where the whole list is at hand.
    Source: Kadavath et al. (2022), arXiv:2207.05221, section 4.

    >>> p_true(np.log([0.6]), np.log([0.2])).round(3).tolist()
    [0.75]
    """
    yes, no = np.broadcast_arrays(np.asarray(log_true, dtype=np.float64), np.asarray(log_false, dtype=np.float64))
    unknown = np.isnan(yes) & np.isnan(no)
    with np.errstate(invalid="ignore"):
        difference = np.nan_to_num(yes, nan=-np.inf) - np.nan_to_num(no, nan=-np.inf)
    return np.where(unknown, np.nan, special.expit(np.where(unknown, 0.0, difference)))
