"""How sure a plan is of itself: intervals from all that is only about known, and what each figure is worth knowing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from labelwright.methods.economics.allocation import Allocation
from labelwright.methods.economics.known import Known
from labelwright.methods.economics.scored_items import Floats
from labelwright.methods.economics.world import AMOUNTS, SHARES, KnownWorld, World, menu_of

DRAWS = 200


@dataclass(frozen=True, slots=True)
class Band:
    """A 95% interval."""

    low: float
    high: float


def accuracy_bands(
    known: KnownWorld, allocations: Sequence[Allocation], *, rng: np.random.Generator, n_draws: int = DRAWS
) -> list[Band]:
    """Give the interval of each allocation's final accuracy: over what is uncertain, and over chance itself.

    Every draw is one world in which all allocations are judged; chance adds the spread of `n_items` labels.
    """
    worlds = known.draws(n_draws, rng) if any(not k.is_certain for k in known.known.values()) else [known.world]
    judged = [(world, menu_of(world)) for world in worlds]
    accuracy_DA = np.array([[one.correct_in(*world) for one in allocations] for world in judged])
    accuracy_DA = np.clip(accuracy_DA / known.world.n_items, 0.0, 1.0)
    spread_A = np.array([_chance(one) for one in allocations])
    if len(worlds) == 1:
        z = float(special.ndtri(0.975))
        return [Band(max(0.0, a - z * s), min(1.0, a + z * s)) for a, s in zip(accuracy_DA[0], spread_A, strict=True)]
    # The same luck for all of them: what differs along a frontier is the money, not the draw.
    noisy = np.clip(accuracy_DA + rng.standard_normal((len(worlds), 1)) * spread_A, 0.0, 1.0)
    low, high = np.quantile(noisy, [0.025, 0.975], axis=0, method="weibull")
    return [Band(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def cost_band(
    known: KnownWorld, allocation: Allocation, *, rng: np.random.Generator, n_draws: int = DRAWS
) -> Band | None:
    """Give the interval of what an allocation costs; None when all prices are certain."""
    if all(known.known[name].is_certain for name in AMOUNTS if name in known.known):
        return None
    cost = [allocation.cost_in(world) for world in known.draws(n_draws, rng)]
    low, high = np.quantile(cost, [0.025, 0.975], method="weibull")
    return Band(float(low), float(high))


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What the answer would be with one figure at either end. is_assumed: nobody gave an interval; a usual one is used.

    at_low, at_high: of the outcome, None = no plan is possible there.
    """

    name: str
    value: float
    low: float
    high: float
    is_assumed: bool
    at_low: float | None
    at_high: float | None

    @property
    def swing(self) -> float:
        """How far the outcome moves: beyond all where it makes the plan impossible.

        The size of the gold is chosen and not learnt: that twice as much is too dear says nothing about the answer.
        """
        ends = [end for end in (self.at_low, self.at_high) if end is not None]
        if len(ends) == 2:
            return max(ends) - min(ends)
        return 0.0 if self.name == "gold" else float("inf")


def sensitivities(
    known: KnownWorld, outcome: Callable[[World], float | None], *, gold: tuple[Known, Callable[[float], float | None]]
) -> list[Sensitivity]:
    """Plan again with each figure at its ends, and sort by how much that changes: the first is worth learning about.

    outcome: of the best plan in a world.  gold: its size and the sizes to try, and the outcome with another size.
    """
    found: list[Sensitivity] = []
    for name in (*SHARES, *AMOUNTS):
        one = known.interval(name)
        if one is None or (name not in known.known and name == "overcorrect" and known.world.adopt is None):
            continue
        tried = _usual(name, one) if one.is_certain else one
        ends = [outcome(known.with_value(name, end)) for end in (tried.low, tried.high)]
        found.append(Sensitivity(name, one.value, tried.low, tried.high, one.is_certain, *ends))
    size, with_gold = gold
    if size.value > 0:
        ends = [with_gold(size.low), with_gold(size.high)]
        found.append(Sensitivity("gold", size.value, size.low, size.high, True, *ends))  # noqa: FBT003
    return sorted(found, key=lambda one: -one.swing)


def _usual(name: str, one: Known) -> Known:
    """Try a figure without an interval a fifth up and down; a share, by a quarter of its log odds."""
    if name in AMOUNTS:
        return Known(one.value, one.value / 1.2, one.value * 1.2)
    base, scale = (0.5, 2.0) if name == "auroc" else (0.0, 1.0)
    share = min(max((one.value - base) * scale, 1e-3), 1 - 1e-3)
    low, high = (base + float(special.expit(special.logit(share) + d)) / scale for d in (-0.25, 0.25))
    return Known(one.value, low, high)


def _chance(allocation: Allocation) -> float:
    """Standard deviation of the realised accuracy: of labels that are right or wrong by their own chance.

    Where the chances themselves are only known as a distribution, which of them these items have is chance too.
    """
    n = allocation.world.n_items
    if allocation.world.measured is None:
        return float(np.sqrt(max(0.0, allocation.accuracy * (1 - allocation.accuracy)) / n))
    right = allocation.menu.right
    variance: Floats = allocation.counts * right * (1 - right)
    gold = allocation.world.gold_accuracy
    return float(np.sqrt(float(variance.sum()) + allocation.gold * gold * (1 - gold))) / n
