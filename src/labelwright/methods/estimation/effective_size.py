"""What every estimate says of itself, and how many plain random labels it is worth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.estimation.intervals import clopper_pearson_interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_FEW = 5
_NO_SPREAD = 1e-12
_NO_DOUBT = 1e-9
PSEUDO_RESIDUALS = 0.5
"""Squared residual added to the sample when an interval is made: half of what one unseen surprise, y − f = ±1, brings,
as in Jeffreys' prior for a share. How little is known of the variance then is Student's part."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure about the whole population, from the part of it that people labelled.

    standard_error: by design, without safeguards; 0 when the sample showed no error at all.
    low, high: the interval, which has them (see `interval_from_residuals`).
    effective_sample_size: how many labels of a plain random sample, without any model, would make an interval as
      narrow; 0 without labels.
    design: how the labelled items came about and what was done with them.
    tuning: λ, how much weight the model's output has; 0 = none.
    """

    value: float
    standard_error: float
    low: float
    high: float
    confidence_level: float
    n_labelled: int
    n_population: int
    effective_sample_size: float
    design: str
    tuning: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class Residuals:
    """What the variance of an estimate is made of: Σ weight·residual².

    residual: (n,) of the labelled items, what the model's part does not explain.
    weight: (n,) with the finite-population and inclusion factors in it.
    n_fitted: how many coefficients were fitted to them.
    """

    residual: Floats
    weight: Floats
    n_fitted: int


def interval_from_residuals(
    value: float,
    found: Residuals,
    *,
    n_population: int | None,
    n_all: int,
    design: str,
    confidence_level: float,
    tuning: float = 0.0,
    extra_variance: float = 0.0,
) -> Estimate:
    """Make an interval for the mean of values in [0, 1] that holds for rare classes and small samples, too.

    n_population: N of a finite population, None when it is open.  extra_variance: of the model's mean, in an open one.

    Wilson's interval at the effective sample size n' = S²(y)/V, with Student's quantile at as many degrees of freedom
    as n' is known with; Clopper and Pearson's, at n' likewise, where fewer than five (effective) successes or failures
    were seen.  V is computed as if half a surprise, y − f = ±1, had been among the labels: with a good model and 50
    labels often no disagreement is seen at all, and a plain interval would then have no width.
    Source: Korn & Graubard (1998), Survey Methodology 24(2), for intervals at the effective size; Jeffreys' half count:
    Brown, Cai & DasGupta (2001), Statistical Science 16(2).
    """
    n = len(found.residual)
    inflation = n / max(n - found.n_fitted, 1) if n else 1.0
    squares = found.weight * found.residual**2
    raw = float(squares.sum()) * inflation + extra_variance
    if not n:
        nan = float("nan")
        return Estimate(nan, nan, 0.0, 1.0, confidence_level, 0, n_all, 0.0, design, tuning)
    seen = n / (n + PSEUDO_RESIDUALS)
    surprise = PSEUDO_RESIDUALS * float(found.weight.mean())
    careful = (float(squares.sum()) + surprise) * seen * inflation + extra_variance
    p = min(max(value, 0.0), 1.0)
    spread = (n * p * (1 - p) + PSEUDO_RESIDUALS) / (n + PSEUDO_RESIDUALS)
    if careful <= 0.0:  # everything has been labelled
        return Estimate(value, raw**0.5, p, p, confidence_level, n, n_all, float(n), design, tuning)
    worth = spread / careful
    if min(p, 1 - p) * worth < _FEW:
        low, high = (
            float(end) for end in clopper_pearson_interval(p * worth, worth, confidence_level=confidence_level)
        )
    else:
        tail = 0.5 + confidence_level / 2
        quantile = float(special.stdtrit(_degrees_of_freedom(found, p, spread), tail))
        low, high = _wilson(p, worth, quantile)
        # Known less well than that of plain labels, the variance makes a wider interval: so much less it is worth.
        worth *= min(float(special.stdtrit(max(n - 1, 1), tail)) / quantile, 1.0) ** 2
    if n_population is not None:
        worth = worth / (1 + worth / n_population)
    return Estimate(value, raw**0.5, low, high, confidence_level, n, n_all, worth, design, tuning)


def effective_sample_size(spread: float, variance: float, *, n_population: int | None = None) -> float:
    """Number of plain random labels whose mean has this variance; S² is the variance of one label.

    With a finite population the sample is part of it: m = S² / (V + S²/N), at most N.

    >>> effective_sample_size(0.25, 0.00125), round(effective_sample_size(0.25, 0.00125, n_population=1_000), 1)
    (200.0, 166.7)
    """
    total = variance + (spread / n_population if n_population else 0.0)
    return spread / total if total > 0 else float("inf")


def labelled_of(human: ArrayLike, *others: ArrayLike) -> tuple[Floats, Bools]:
    """Read people's labels (nan = not asked), and which are known.

    Raises: InvalidValue, when lengths differ or a label lies outside [0, 1].
    """
    y = np.asarray(human, dtype=np.float64)
    for other in others:
        if np.shape(other)[:1] != y.shape:
            raise InvalidValue(
                "estimate", f"{len(y)} labels stand beside {np.shape(other)[0]} other values; give one per item"
            )
    known = ~np.isnan(y)
    outside = known & ~((y >= 0) & (y <= 1))
    if outside.any():
        raise InvalidValue("estimate", f"labels must lie in [0, 1] (1 = right, or of the class), got {y[outside][0]!r}")
    return y, known


def _degrees_of_freedom(found: Residuals, p: float, spread: float) -> float:
    """How well the effective size n' = S²/V is known: 2 / Var(log n'), at least 1, at most what the weights leave.

    p: the estimate.  spread: S² of one label.
    V̂ = Σ w r² rests on the few labels that surprised, if they are few: thirty right labels and one wrong say little of
    a variance.  By the delta method each label moves log V̂ by w r²/V and log S² by (1 − 2p) √w r/S²; where the
    residuals are the labels themselves both move together, n' is n whatever is seen, and nothing is lost.  One
    surprise counts as seen beside the others, so that a sample without any is not taken as sure.
    The weights leave (Σw)² / Σw² less one and the coefficients: as many as there are of one size.
    Source: Satterthwaite (1946), Biometrics Bulletin 2(6); with the residuals' own kurtosis as in O'Neill (2014), The
    American Statistician 68(4).
    """
    weight, residual = found.weight, found.residual
    total, together = float(weight.sum()), float((weight**2).sum())
    surprise = float(weight.mean())
    variance = float((weight * residual**2).sum())
    careful = variance + surprise
    fourth = float((weight**2 * residual**4).sum()) + surprise**2
    pull = (1 - 2 * p) / max(spread, _NO_SPREAD)
    skew = float((weight**1.5 * residual**3).sum())
    doubt = fourth / careful**2 - 2 * pull * skew / careful + pull**2 * variance - together / total**2
    most = total**2 / together - max(found.n_fitted, 1)
    return max(min(2 / max(doubt, _NO_DOUBT), most), 1.0)


def _wilson(p: float, n: float, quantile: float) -> tuple[float, float]:
    center = (p + quantile**2 / (2 * n)) / (1 + quantile**2 / n)
    half = quantile / (1 + quantile**2 / n) * (p * (1 - p) / n + quantile**2 / (4 * n**2)) ** 0.5
    return max(center - half, 0.0), min(center + half, 1.0)
