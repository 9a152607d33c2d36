"""How many blind random labels a promise takes: to certify a part of the labels, or to know how good they are."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from labelwright.errors import InvalidValue
from labelwright.methods.economics.scored_items import Floats, ScoredItems
from labelwright.methods.routing.planner import (
    check_target,
    critical_errors,
    power,
    size_for_errors,
    start_size,
)

POWER = 0.9
_MOST = 30_000
_GRID = 60
_Z = 1.959964


@dataclass(frozen=True, slots=True, eq=False)
class CertifiableParts:
    """What can be certified at one target, and with how much gold; arrays of length C, by rising coverage.

    coverage: share of the items, the surest.  error: among them.  gold: blind random labels of the whole pool for which
    such a part is certified with chance 90%; inf where no reasonable number would do.
    """

    target_error: float
    delta: float
    coverage: Floats
    error: Floats
    gold: Floats

    @property
    def least(self) -> int | None:
        """Fewest labels that certify anything; None when none do."""
        return int(self.gold.min()) if np.isfinite(self.gold).any() else None

    def reached_with(self, n_gold: float) -> float:
        """Give the largest share that so much gold certifies with chance 90%; 0 when none."""
        fits = self.gold <= n_gold
        return float(self.coverage[fits].max()) if fits.any() else 0.0


def certifiable_parts(items: ScoredItems, *, target_error: float, delta: float = 0.05) -> CertifiableParts:
    """Reckon, for parts of the pool from the surest down, how much gold certifies them (A5).

    An estimate: the test in order of thresholds must also pass above, and the pool is taken as large.
    """
    check_target(target_error, delta)
    covered, error = items.error_above()
    wanted = np.unique(np.searchsorted(-covered, -np.linspace(0.02, 1, _GRID), side="right") - 1)
    wanted = wanted[wanted >= 0][::-1]
    sizes = np.array([_size(float(error[i]), target_error, delta) for i in wanted])
    gold = np.ceil(sizes / covered[wanted])
    return CertifiableParts(target_error, delta, covered[wanted], error[wanted], gold)


def gold_for_width(accuracy: float, half_width: float = 0.025) -> int:
    """Give the labels after which the model's accuracy is known to ± `half_width` (95%).

    >>> gold_for_width(0.82)
    908
    """
    if not 0 < half_width < 1:
        raise InvalidValue("width", f"{half_width:g} is not between 0 and 1; 0.025 stands for ± 2.5 points")
    return ceil(_Z**2 * accuracy * (1 - accuracy) / half_width**2)


def _size(true_error: float, target_error: float, delta: float) -> float:
    """Fewest accepted labels that certify with chance 90%, never fewer than the first test takes; inf beyond 30,000.

    By bisection, since the power of a certain size is nearly monotone; then down to where its errors are just allowed.
    """
    start = start_size(target_error, delta)
    if true_error >= target_error:
        return float("inf")

    def chance(n: int) -> float:
        return power(n, true_error=true_error, target_error=target_error, delta=delta)

    if chance(start) >= POWER:
        return float(start)
    if chance(_MOST) < POWER:
        return float("inf")
    low, high = start, _MOST
    while high - low > max(1, low // 200):
        middle = (low + high) // 2
        low, high = (low, middle) if chance(middle) >= POWER else (middle, high)
    return float(max(start, size_for_errors(critical_errors(high, target_error, delta), target_error, delta)))
