"""Whether an interval can hold in 95% at all, within two standard errors of a thousand samples.

Fifty labels of a class of 2% show 0, 1, 2 or 3 of it, and hardly anything else. An interval that holds whenever up to 2
are seen holds in 92.2%, one that holds up to 3 in 98.2%: none is between. And nobody knows before the labels are there
whether a model is good; a width that is right for a good one may be too narrow for a useless one.

So every method is tried at all widths, in one data set whose share is exactly the stated one: both ends of each
interval are moved away from the estimate, or towards it, by a factor. A cell is attainable when some factor brings its
coverage within the bar, and keeps that of the other model from falling below it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.estimation import Estimate

LEVEL = 0.95
BAR = 2 * (LEVEL * (1 - LEVEL) / 1_000) ** 0.5
DRAWS = 1_500
WORLD_SEED, DRAW_SEED = 7, 5
FACTORS = np.linspace(0.3, 2.0, 341)
_NO_WIDTH = 1e-12

Floats: TypeAlias = NDArray[np.float64]
Drawn: TypeAlias = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Attainable:
    """below, above: the coverages nearest to the stated one that a factor gives."""

    is_attainable: bool
    below: float
    above: float


def scales_of(
    draw: Callable[[np.random.Generator, bool], Drawn],
    estimates: Callable[[np.random.Generator, Drawn], Mapping[str, Estimate]],
    *,
    prevalence: float,
    draws: int = DRAWS,
) -> dict[bool, dict[str, Floats]]:
    """Give, by model and method, the factor at which each sample's interval just holds the truth; (draws,).

    draw: labels and probabilities of a world, for a useful model or a useless one.
    """
    found: dict[bool, dict[str, Floats]] = {}
    for is_useful in (True, False):
        worlds, rng = np.random.default_rng(WORLD_SEED), np.random.default_rng(DRAW_SEED)
        world = draw(worlds, is_useful)
        while world[0].sum() != round(prevalence * len(world[0])):
            world = draw(worlds, is_useful)
        rows: dict[str, list[float]] = {}
        for _ in range(draws):
            for method, one in estimates(rng, world).items():
                rows.setdefault(method, []).append(factor_needed(one, float(world[0].mean())))
        found[is_useful] = {method: np.array(factors) for method, factors in rows.items()}
    return found


def factor_needed(one: Estimate, truth: float) -> float:
    """Say by how much an interval's half has to be stretched to hold the truth."""
    half = one.high - one.value if truth >= one.value else one.value - one.low
    return abs(truth - one.value) / max(half, _NO_WIDTH)


def attainable(own: Floats, others: Floats) -> Attainable:
    """Judge one cell. own, others: the factors needed with this model and with the other."""
    covers, spared = (np.array([(needed <= factor + 1e-9).mean() for factor in FACTORS]) for needed in (own, others))
    inside = (np.abs(covers - LEVEL) <= BAR) & (spared >= LEVEL - BAR)
    return Attainable(
        bool(inside.any()),
        float(covers[covers < LEVEL].max(initial=0.0)),
        float(covers[covers >= LEVEL].min(initial=1.0)),
    )
