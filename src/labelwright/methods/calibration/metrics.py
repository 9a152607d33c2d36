"""How far stated confidence is from the truth, and how well it ranks errors."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

Binning = Literal["width", "mass"]


@dataclass(frozen=True, slots=True)
class Auroc:
    """Chance that a right prediction scores above a wrong one (ties count half), with its 95% interval."""

    value: float
    low: float
    high: float
    n_correct: int
    n_wrong: int


def expected_calibration_error(
    probability: ArrayLike, correct: ArrayLike, *, n_bins: int = 15, binning: Binning = "mass"
) -> float:
    """Mean gap between stated probability and observed accuracy, over equal-mass or equal-width bins.

    probability: (N,) in [0, 1]; nan left out.  correct: (N,) bool.
    Returns a value in [0, 1]; nan when N = 0.  Biased upwards: a perfectly calibrated model shows about .05 at N = 200.
    Source: Naeini, Cooper & Hauskrecht (2015), AAAI; equal-mass bins as in Nguyen & O'Connor (2015), EMNLP.

    >>> round(expected_calibration_error(np.array([0.9, 0.9]), np.array([True, False]), n_bins=1), 3)
    0.4
    """
    p, right = _known(probability, correct)
    if not len(p):
        return float("nan")
    count, confidence, accuracy = _bin_means(p, right, n_bins, binning)
    return float(np.sum(count / len(p) * np.abs(accuracy - confidence)))


def debiased_calibration_error(
    probability: ArrayLike, correct: ArrayLike, *, n_bins: int = 15, binning: Binning = "mass"
) -> float:
    """Squared calibration error without the noise term: mean 0 under perfect calibration, and it may be negative.

    Bins with a single item say nothing about their own noise and are left out; nan when none remain.
    Source: Kumar, Liang & Ma (2019), NeurIPS, the debiased estimator.
    """
    p, right = _known(probability, correct)
    count, confidence, accuracy = _bin_means(p, right, n_bins, binning)
    enough = count > 1
    if not np.any(enough):
        return float("nan")
    count, confidence, accuracy = count[enough], confidence[enough], accuracy[enough]
    gap = (confidence - accuracy) ** 2 - accuracy * (1 - accuracy) / (count - 1)
    return float(np.sum(count * gap) / np.sum(count))


def brier_score(probability: ArrayLike, correct: ArrayLike) -> float:
    """Mean squared gap between probability and outcome; nan when N = 0.  Source: Brier (1950)."""
    p, right = _known(probability, correct)
    return float(np.mean((p - right) ** 2)) if len(p) else float("nan")


def log_loss(probability: ArrayLike, correct: ArrayLike) -> float:
    """Mean negative log likelihood in nats, probabilities clipped to 1e-12; nan when N = 0."""
    p, right = _known(probability, correct)
    if not len(p):
        return float("nan")
    clipped = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-np.mean(np.where(right, np.log(clipped), np.log1p(-clipped))))


def auroc(score: ArrayLike, correct: ArrayLike, *, confidence_level: float = 0.95) -> Auroc:
    """Area under the ROC curve of score against "correct", ties counted half.

    nan for all three figures when everything is right, or everything wrong: there is nothing to rank.
    Source: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44; interval on the logit scale.
    """
    s, right = _known(score, correct)
    good, bad = s[right], s[~right]
    n_good, n_bad = len(good), len(bad)
    if not n_good or not n_bad:
        nan = float("nan")
        return Auroc(nan, nan, nan, n_good, n_bad)
    placed_good = _share_below(good, np.sort(bad))
    placed_bad = 1 - _share_below(bad, np.sort(good))
    value = float(np.mean(placed_good))
    variance = _variance_of_mean(placed_good) + _variance_of_mean(placed_bad)
    if not 0 < value < 1:
        return Auroc(value, value, value, n_good, n_bad)
    half = float(special.ndtri(0.5 + confidence_level / 2)) * variance**0.5 / (value * (1 - value))
    low, high = (float(1 / (1 + np.exp(-np.log(value / (1 - value)) - side))) for side in (-half, half))
    return Auroc(value, low, high, n_good, n_bad)


def area_under_risk_coverage(score: ArrayLike, correct: ArrayLike) -> float:
    """Mean over k of the error among the k surest; within a tie group the expected error counts, not the file's order.

    nan when N = 0.  Source: Geifman, Uziel & El-Yaniv (2019), ICLR, "Bias-reduced uncertainty estimation".
    """
    s, right = _known(score, correct)
    if not len(s):
        return float("nan")
    _, group, size = np.unique(-s, return_inverse=True, return_counts=True)
    wrong_in_group = np.bincount(group, weights=~right, minlength=len(size))
    expected_wrong = np.repeat(wrong_in_group / size, size)
    return float(np.mean(np.cumsum(expected_wrong) / np.arange(1, len(s) + 1)))


def _known(values: ArrayLike, correct: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    v = np.asarray(values, dtype=np.float64)
    right = np.asarray(correct, dtype=np.bool_)
    known = ~np.isnan(v)
    return v[known], right[known]


def bin_of(probability: Floats, n_bins: int, binning: Binning) -> NDArray[np.int64]:
    """Give each probability its bin; equal probabilities always share one."""
    if binning == "width":
        return np.minimum((probability * n_bins).astype(np.int64), n_bins - 1)
    ordered = np.sort(probability)
    first_position = np.searchsorted(ordered, probability, side="left")
    return np.minimum(first_position * n_bins // max(len(probability), 1), n_bins - 1).astype(np.int64)


def _bin_means(p: Floats, right: NDArray[np.bool_], n_bins: int, binning: Binning) -> tuple[Floats, Floats, Floats]:
    bins = bin_of(p, n_bins, binning)
    count = np.bincount(bins, minlength=n_bins).astype(np.float64)
    used = count > 0
    confidence = np.bincount(bins, weights=p, minlength=n_bins)[used] / count[used]
    accuracy = np.bincount(bins, weights=right, minlength=n_bins)[used] / count[used]
    return count[used], confidence, accuracy


def _variance_of_mean(placements: Floats) -> float:
    # A single observation says nothing about its spread: the largest variance that [0, 1] allows.
    return float(np.var(placements, ddof=1)) / len(placements) if len(placements) > 1 else 0.25


def _share_below(values: Floats, ordered: Floats) -> Floats:
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return (below + up_to) / (2 * len(ordered))
