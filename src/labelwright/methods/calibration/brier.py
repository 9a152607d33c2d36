"""What a Brier score is made of: honesty, knowledge, and what nobody could know."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from labelwright.methods.calibration.metrics import Binning, bin_of


@dataclass(frozen=True, slots=True)
class BrierParts:
    """score = reliability − resolution + uncertainty + within_bins, exactly.

    reliability: squared gap of stated and observed, 0 is best.  resolution: how far the groups differ from the mean,
    more is better.  uncertainty: ō(1−ō).  within_bins: what binning hides, 0 without bins.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float
    n: int


def brier_parts(
    probability: ArrayLike, correct: ArrayLike, *, n_bins: int | None = 15, binning: Binning = "mass"
) -> BrierParts:
    """Take a Brier score apart, over bins or, with n_bins None, over the distinct probabilities.

    probability: (N,) in [0, 1]; nan left out.  correct: (N,) bool.  Every part is nan when N = 0.
    Reliability and resolution are both biased upwards where groups are small; without bins every item is its own.
    Source: Murphy (1973), J. Applied Meteorology 12, equation 19; Stephenson, Coelho & Jolliffe (2008) for bins.
    """
    p = np.asarray(probability, dtype=np.float64)
    right = np.asarray(correct, dtype=np.bool_)
    known = ~np.isnan(p)
    p, outcome = p[known], right[known].astype(np.float64)
    if not len(p):
        nan = float("nan")
        return BrierParts(nan, nan, nan, nan, nan, 0)
    raw = np.unique(p, return_inverse=True)[1] if n_bins is None else bin_of(p, n_bins, binning)
    _, group, count = np.unique(raw, return_inverse=True, return_counts=True)
    stated = np.bincount(group, weights=p) / count
    observed = np.bincount(group, weights=outcome) / count
    mean = float(outcome.mean())
    off, hit = p - stated[group], outcome - observed[group]
    return BrierParts(
        score=float(np.mean((p - outcome) ** 2)),
        reliability=float(np.sum(count * (stated - observed) ** 2) / len(p)),
        resolution=float(np.sum(count * (observed - mean) ** 2) / len(p)),
        uncertainty=mean * (1 - mean),
        within_bins=float(np.mean(off**2) - 2 * np.mean(off * hit)),
        n=len(p),
    )
