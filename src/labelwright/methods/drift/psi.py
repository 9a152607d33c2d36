"""Population stability: how far the shares of a set of groups have moved, and how far chance alone moves them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PSI_LIMIT = 0.2
_N_SHUFFLES = 2_000
_SMOOTHING = 0.5


@dataclass(frozen=True, slots=True)
class Stability:
    """value: the index, 0 = the same shares.  by_chance: its mean when nothing has changed; it is never 0.

    p_value: of "nothing has changed": the share of shuffles that move as far.
    """

    value: float
    by_chance: float
    p_value: float
    n_before: int
    n_after: int


def category_stability(
    before_K: ArrayLike, after_K: ArrayLike, *, rng: np.random.Generator, n_shuffles: int = _N_SHUFFLES
) -> Stability:
    """Compare two tables of counts over the same K groups: Σ (q - p) ln(q/p).

    before_K, after_K: (K,) counts; half a count is added to each group that occurs.
    With few items the index is large by chance: about (K - 1)(1/n + 1/m). The p-value knows that, the usual limit of
    0.2 does not.
    Source: Yurdakul & Naranjo (2020), Journal of Risk Model Validation 14(4), for the index and its mean by chance; the
    null distribution here is the exact one, drawn by shuffling which item came when.
    Raises: InvalidValue, when a side is empty or the tables differ in length.

    >>> found = category_stability([50, 50], [50, 50], rng=np.random.default_rng(1))
    >>> found.value, found.p_value
    (0.0, 1.0)
    """
    before, after = np.asarray(before_K, dtype=np.int64), np.asarray(after_K, dtype=np.int64)
    if before.shape != after.shape or before.ndim != 1:
        raise InvalidValue("drift", f"counts of {before.size} groups stand beside {after.size}", "; give one per group")
    n, m = int(before.sum()), int(after.sum())
    if not n or not m:
        raise InvalidValue("drift", "one of the two sides has no items", "; there is nothing to compare")
    occurs = before + after > 0
    before, after = before[occurs], after[occurs]
    value = float(_index(before, after))
    pooled = before + after
    shuffled = rng.multivariate_hypergeometric(pooled, n, size=n_shuffles, method="marginals")
    by_chance = _index(shuffled, pooled - shuffled)
    at_least = int(np.count_nonzero(by_chance >= value - 1e-12))
    return Stability(value, float(by_chance.mean()), (1 + at_least) / (1 + n_shuffles), n, m)


def score_stability(
    before_N: ArrayLike,
    after_M: ArrayLike,
    *,
    rng: np.random.Generator,
    n_bins: int = 10,
    n_shuffles: int = _N_SHUFFLES,
) -> Stability:
    """Compare two samples of a number, over bins that hold equally many of both samples together; nan is left out."""
    before, after = _known(before_N), _known(after_M)
    if not before.size or not after.size:
        raise InvalidValue("drift", "one of the two sides has no numbers", "; there is nothing to compare")
    pooled = np.concatenate([before, after])
    edge = np.unique(np.quantile(pooled, np.linspace(0, 1, n_bins + 1)[1:-1]))
    counts = [
        np.bincount(np.searchsorted(edge, side, side="left"), minlength=edge.size + 1) for side in (before, after)
    ]
    return category_stability(counts[0], counts[1], rng=rng, n_shuffles=n_shuffles)


def _index(before: Ints, after: Ints) -> Floats:
    n_groups = before.shape[-1]
    p, q = (
        (counts + _SMOOTHING) / (counts.sum(axis=-1, keepdims=True) + _SMOOTHING * n_groups)
        for counts in (before, after)
    )
    return np.asarray(np.sum((q - p) * np.log(q / p), axis=-1), dtype=np.float64)


def _known(values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    return numbers[~np.isnan(numbers)]
