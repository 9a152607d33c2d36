"""An agreement coefficient never travels without its interval, scale and n."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_WEIGHTS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient with its interval by resampling units; nan with a `reason` where it is undefined.

    n_units: units with at least two votes, which are all that count.  scale: "nominal".
    """

    name: str
    coefficient: float
    low: float
    high: float
    confidence_level: float
    n_units: int
    n_votes: int
    scale: str
    reason: str | None


def with_interval(
    name: str,
    statistics_US: Floats,
    coefficient: Callable[[Floats], Floats],
    *,
    n_votes: int,
    rng: np.random.Generator,
    n_bootstrap: int,
    confidence_level: float,
) -> Agreement:
    """Evaluate `coefficient` on the summed unit statistics, and on 2.5–97.5% of resampled sums.

    statistics_US: (units, statistics), additive over units.  coefficient: (B, statistics) → (B,), nan where undefined.
    """
    n_units = len(statistics_US)
    if not n_units:
        return undefined(name, "no unit has two votes", confidence_level=confidence_level, n_units=0, n_votes=n_votes)
    value = float(coefficient(statistics_US.sum(axis=0)[None, :])[0])
    if np.isnan(value):
        reason = "all votes name one option, so chance alone explains full agreement"
        return undefined(name, reason, confidence_level=confidence_level, n_units=n_units, n_votes=n_votes)
    batch = max(1, min(n_bootstrap, _WEIGHTS_AT_ONCE // n_units))
    drawn: list[Floats] = []
    for begin in range(0, n_bootstrap, batch):
        size = min(batch, n_bootstrap - begin)
        weights = rng.multinomial(n_units, np.full(n_units, 1 / n_units), size=size)
        drawn.append(coefficient(weights @ statistics_US))
    replicates = np.concatenate(drawn) if drawn else np.empty(0)
    replicates = replicates[~np.isnan(replicates)]
    tail = (1 - confidence_level) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail]) if replicates.size else (np.nan, np.nan)
    return Agreement(name, value, float(low), float(high), confidence_level, n_units, n_votes, "nominal", None)


def undefined(name: str, reason: str, *, confidence_level: float, n_units: int, n_votes: int) -> Agreement:
    """Give nan with the reason."""
    nan = float("nan")
    return Agreement(name, nan, nan, nan, confidence_level, n_units, n_votes, "nominal", reason)


def ratio_or_nan(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, nan where the denominator vanishes."""
    safe = denominator > 1e-12
    return np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=safe)
