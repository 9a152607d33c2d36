"""One figure about a data set of which parts were sampled at different rates, and parts are known item by item."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.estimation.effective_size import PSEUDO_RESIDUALS, Estimate
from labelwright.methods.estimation.stratified import stratified_mean

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

COUNTED = -1
"""The stratum of items that need no sample, because each is known, or because nothing is asked about them."""
ENOUGH_TO_TUNE = 30
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Total:
    """How many of some items have a property.

    value, low, high: of the `n_items` that a sample speaks of.  n_drawn: the size of that sample.
    n_unspoken: items in strata of which fewer than two were drawn: nothing is said of them.
    variance: of `value`, with the safeguards of the interval.  design: in words.
    n_missing: drawn items without an answer, which widen the interval.
    """

    value: float
    low: float
    high: float
    n_items: int
    n_drawn: int
    n_unspoken: int
    variance: float
    design: str
    tuning: float
    n_missing: int = 0


def total_from_samples(
    drawn: ArrayLike,
    stratum: ArrayLike,
    predicted: ArrayLike | None = None,
    *,
    missing: ArrayLike | None = None,
    tuning: float | None = None,
    confidence_level: float = 0.95,
) -> Total:
    """Estimate a total over strata, each sampled at random at a rate of its own: Σ N_h (λf̄_h + mean of y − λf).

    drawn: (N,) in [0, 1], nan = not in the random sample of its stratum. What people said of an item that was *chosen*
      (the least sure, the complained about) must be nan here: it is no evidence about the others.
    stratum: (N,) codes from 0; `COUNTED` is left out.  predicted: (N,) in [0, 1]; None = people only.
    missing: (N,) bool, drawn and never answered. What nobody answers may be what is hard, so that the others are no
      random sample: for the low end each counts as 0, for the high end as 1. In the value they are what `drawn` says,
      and left out where it says nan.
    tuning: λ; None = tuned over all strata together, from thirty drawn items on; people only below that.

    A stratum that is looked through whole counts without error. The strata may be a frame inside another: with one
    sample from everything and another from what was accepted afterwards, "accepted" and "the rest" are two strata, of
    which the second keeps the part of the first sample that fell into it.
    Source: Cochran (1977), Sampling Techniques, sections 5.3 and 7.10; tuning as in Angelopoulos, Duchi & Zrnic (2023),
    arXiv:2311.01453.

    >>> found = total_from_samples([1.0, 1.0, np.nan, 0.0, 1.0, np.nan, np.nan, np.nan], [0, 0, 0, 1, 1, 1, 1, 1])
    >>> found.value, found.n_items, found.n_unspoken
    (5.5, 8, 0)
    """
    y, codes = np.asarray(drawn, dtype=np.float64), np.asarray(stratum, dtype=np.int64)
    if len(y) != len(codes):
        raise InvalidValue("estimate", f"{len(y)} labels stand beside {len(codes)} strata; give one per item")
    used, whole = _spoken(y, codes)
    absent = used & (np.zeros(len(y), dtype=np.bool_) if missing is None else np.asarray(missing, dtype=np.bool_))
    if absent.any():
        told = np.where(used, codes, COUNTED)
        ends = [
            total_from_samples(known, told, predicted, tuning=tuning, confidence_level=confidence_level)
            for known in (y, np.where(absent, 0.0, y), np.where(absent, 1.0, y))
        ]
        return replace(
            ends[0],
            low=min(ends[0].value, ends[1].low),
            high=max(ends[0].value, ends[2].high),
            n_unspoken=int((~used & (codes != COUNTED)).sum()),
            n_missing=int(absent.sum()),
        )
    part = used & ~whole
    n_items, n_drawn = int(used.sum()), int((~np.isnan(y[used])).sum())
    n_unspoken = int((~used & (codes != COUNTED)).sum())
    certain, n = float(y[whole].sum()), int(part.sum())
    if not n:
        design = "every item was looked at" if n_items else "nothing was drawn"
        return Total(certain, certain, certain, n_items, n_drawn, n_unspoken, 0.0, design, 0.0)
    f = None if predicted is None or n_drawn < ENOUGH_TO_TUNE else np.asarray(predicted, dtype=np.float64)[part]
    found = stratified_mean(y[part], codes[part], f, tuning=tuning, confidence_level=confidence_level)
    return Total(
        value=certain + n * found.value,
        low=certain + n * found.low,
        high=certain + n * found.high,
        n_items=n_items,
        n_drawn=n_drawn,
        n_unspoken=n_unspoken,
        variance=n**2 * _variance(found),
        design=found.design,
        tuning=found.tuning,
    )


def spoken_for(drawn: ArrayLike, stratum: ArrayLike) -> Bools:
    """Mark the items whose stratum has a sample that speaks of them: two drawn items or more, or all; (N,) bool."""
    return _spoken(np.asarray(drawn, dtype=np.float64), np.asarray(stratum, dtype=np.int64))[0]


def _spoken(y: Floats, codes: NDArray[np.int64]) -> tuple[Bools, Bools]:
    """Mark the items of strata that a sample speaks of, and among them those of strata looked through whole."""
    place = codes - COUNTED
    size = np.bincount(place, minlength=1)
    asked = np.bincount(place[~np.isnan(y)], minlength=len(size))
    speaks = (asked >= _FEWEST) | (asked == size)
    speaks[0] = False
    return speaks[place], (speaks & (asked == size))[place]


def _variance(found: Estimate) -> float:
    """V of an estimate by what it is worth in plain labels: p(1 − p)/n', less what a finite population takes off."""
    p = min(max(found.value, 0.0), 1.0)
    spread = (found.n_labelled * p * (1 - p) + PSEUDO_RESIDUALS) / (found.n_labelled + PSEUDO_RESIDUALS)
    worth = found.effective_sample_size
    return spread * max(0.0, 1 / worth - 1 / found.n_population) if worth > 0 else 0.0
