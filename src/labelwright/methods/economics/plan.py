"""The plan: the best use of a budget, or the cheapest way to a target, with its frontier and its doubts."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from labelwright.errors import InvalidValue
from labelwright.methods.economics.allocation import Allocation, Shop
from labelwright.methods.economics.gold_needed import Certifiable, certifiable, gold_for_width
from labelwright.methods.economics.known import Known
from labelwright.methods.economics.outlook import (
    Band,
    Sensitivity,
    accuracy_bands,
    cost_band,
    sensitivities,
)
from labelwright.methods.economics.people import majority_accuracy
from labelwright.methods.economics.world import KnownWorld, World

_POINTS = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked. Exactly one of budget, target_accuracy, or target_error alone, decides the plan.

    target_error: with a budget, gold must at least be able to certify something at it; without one, everything that
    people do not see must be certified at it.  gold: items, those that exist already among them; None = what is needed.
    audit_share: of what stays unseen.
    """

    budget: float | None = None
    target_accuracy: float | None = None
    target_error: float | None = None
    delta: float = 0.05
    gold: int | None = None
    audit_share: float = 0.0
    audit: int = 0

    def __post_init__(self) -> None:
        if self.budget is not None and self.target_accuracy is not None:
            raise InvalidValue("", "either a budget or a target accuracy decides the plan; give one of them")
        if self.budget is None and self.target_accuracy is None and self.target_error is None:
            raise InvalidValue("", "what is wanted? give a budget, a target accuracy or a target error")
        if self.budget is not None and not self.budget > 0:
            raise InvalidValue("budget", f"${self.budget:g} buys nothing")
        for name, value, usual in (
            ("target accuracy", self.target_accuracy, 0.95),
            ("target error", self.target_error, 0.05),
        ):
            if value is not None and not 0 < value < 1:
                raise InvalidValue(
                    name, f"{value:g} is not strictly between 0 and 1", f"; give a share, such as {usual}"
                )
        if not 0 <= self.audit_share <= 1:
            raise InvalidValue("audit share", f"{self.audit_share:g} is no share between 0 and 1")


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One step of the frontier."""

    allocation: Allocation
    band: Band
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ByHand:
    """People label all, without a model. votes: of how many per item."""

    votes: int
    accuracy: float
    cost: float


@dataclass(frozen=True, slots=True, eq=False)
class MoneyPlan:
    """What was found.  band: of the accuracy.  cost_band: None when prices are certain.

    next_100: right labels that $100 more would buy.  gold_needed: for what it has to decide (the certificate, or the
    model's accuracy to ± 2.5 points).  certifiable: None without a target error.
    certified_share: of the items outside the gold, what this much of it is expected to certify.
    all_reviewed: every item goes to a person, in the cheapest way.  well_reviewed: in that way, those items alone whose
    labels it makes more right.  by_hand: the cheapest way to do without the model that meets the wish as well; None =
    none is cheaper, or something is paid for already.  best: the most accuracy any money buys.
    """

    known: KnownWorld
    wish: Wish
    chosen: Allocation
    band: Band
    cost_band: Band | None
    next_100: float
    gold_needed: int
    certifiable: Certifiable | None
    certified_share: float | None
    all_reviewed: Allocation
    well_reviewed: Allocation
    by_hand: ByHand | None
    best: Allocation
    frontier: tuple[Point, ...]
    sensitivities: tuple[Sensitivity, ...]


def make_plan(known: KnownWorld, wish: Wish, *, seed: int = 1) -> MoneyPlan:
    """Plan, judge the plan in many possible worlds, and say what it depends on.

    Raises: InvalidValue, when the budget does not pay for the least there is to do, or no money reaches the target.
    """
    world = known.world
    parts = _certifiable(world, wish)
    needed = _gold_needed(world, parts)
    chosen = _chosen(world, wish, parts, needed)
    gold, audit = chosen.gold, {"audit": float(wish.audit), "audit_share": wish.audit_share}
    shop = Shop.of(world, gold)
    best = shop.buy(float("inf"), **audit)
    frontier = _frontier(shop, chosen, best, audit)
    rng = np.random.default_rng([seed, 21])
    bands = accuracy_bands(known, [chosen, *(one for one in frontier if one is not chosen)], rng=rng)
    others = iter(bands[1:])
    points = [Point(one, bands[0] if one is chosen else next(others), one is chosen) for one in frontier]
    return MoneyPlan(
        known=known,
        wish=wish,
        chosen=chosen,
        band=bands[0],
        cost_band=cost_band(known, chosen, rng=rng),
        next_100=_worth(shop, chosen, 100.0),
        gold_needed=needed,
        certifiable=parts,
        certified_share=None if parts is None else parts.reached_with(gold),
        all_reviewed=shop.keep(0.0),
        well_reviewed=shop.keep_better(),
        by_hand=_by_hand(world, wish, chosen),
        best=best,
        frontier=tuple(points),
        sensitivities=tuple(_what_matters(known, wish, gold)),
    )


def _certifiable(world: World, wish: Wish, n_gold: int | None = None) -> Certifiable | None:
    if wish.target_error is None:
        return None
    return certifiable(
        world.items,
        n_items=world.n_items,
        target_error=wish.target_error,
        delta=wish.delta,
        gold_agrees=world.gold_agrees,
        n_gold=n_gold,
    )


def _by_hand(world: World, wish: Wish, chosen: Allocation) -> ByHand | None:
    """Find what is cheaper than the plan and as right, without the model."""
    if world.model_there or world.gold_there or world.seen_there:
        return None
    wanted = chosen.accuracy - 1e-9
    if wish.budget is None:
        wanted = 0.0 if wish.target_accuracy is None else wish.target_accuracy - 1e-12
    for votes in range(1, world.most_votes + 1, 2):
        accuracy = majority_accuracy(world.human_accuracy, votes, correlation=world.vote_correlation)
        cost = world.fixed + votes * world.human_price * world.n_items
        if accuracy >= wanted:
            return ByHand(votes, accuracy, cost) if cost < chosen.cost - 0.005 else None
    return None


def _worth(shop: Shop, chosen: Allocation, money: float) -> float:
    """Right labels that so much more money buys, the audit left as it is."""
    if chosen.rate <= 0:
        return 0.0
    richer = shop.buy(chosen.cost + money, audit=chosen.audit)
    return max(0.0, richer.correct - chosen.correct)


def _gold_needed(world: World, parts: Certifiable | None) -> int:
    """The least for what gold has to decide, never more than a third of the pool."""
    needed = gold_for_width(world.accuracy)
    if parts is not None and parts.least is not None:
        needed = max(parts.least, min(needed, world.n_items // 3))
        return min(needed, world.n_items)
    return max(1, min(needed, world.n_items // 3))


def _chosen(world: World, wish: Wish, parts: Certifiable | None, needed: int) -> Allocation:
    audit = {"audit": float(wish.audit), "audit_share": wish.audit_share}
    gold = min(max(needed if wish.gold is None else wish.gold, world.gold_there), world.n_open)
    if wish.budget is not None:
        return Shop.of(world, gold).buy(wish.budget, **audit)
    if wish.target_accuracy is not None:
        found = Shop.of(world, gold).reach(wish.target_accuracy, **audit)
        if found is None:
            most = Shop.of(world, gold).buy(float("inf"), **audit).accuracy
            raise InvalidValue(
                "target accuracy",
                f"{wish.target_accuracy:.4g} is out of reach: {most:.4g} is the most that these people and models give",
                "; ask several people per item (--most-votes 3), or better ones",
            )
        return found
    assert parts is not None  # noqa: S101 - a wish has one of the three
    return _cheapest_certified(world, wish, parts, audit)


def _cheapest_certified(world: World, wish: Wish, parts: Certifiable, audit: dict[str, float]) -> Allocation:
    """More gold certifies more and costs more: the cheapest sum of both, people labelling all that is not certified."""
    there = min(world.gold_there, world.n_open)
    if wish.gold is not None:
        gold = min(max(wish.gold, there), world.n_open)
        return Shop.of(world, gold).keep(
            parts.reached_with(gold), audit=audit["audit"], audit_share=audit["audit_share"]
        )
    sizes = [float(size) for size in parts.gold if there < size <= world.n_open] + ([float(there)] if there else [])
    tried = [
        Shop.of(world, size).keep(parts.reached_with(size), audit=audit["audit"], audit_share=audit["audit_share"])
        for size in sizes
    ]
    everything = Shop.of(world, there).keep(0.0)
    # Of equal sums the one without gold that decides nothing.
    return min([everything, *tried], key=lambda one: round(one.cost, 6))


def _frontier(shop: Shop, chosen: Allocation, best: Allocation, audit: dict[str, float]) -> list[Allocation]:
    """Plans from the least to the most money that helps, the chosen one among them, by rising cost."""
    least = shop.least(**audit)
    found: list[Allocation] = []
    for cost in np.linspace(least.cost, max(best.cost, least.cost), _POINTS):
        one = least if cost == least.cost else shop.buy(float(cost) * (1 + 1e-9), **audit)
        if all(abs(one.cost - other.cost) > 1e-6 * max(1.0, one.cost) for other in (*found, chosen)):
            found.append(one)
    return sorted([*found, chosen], key=lambda one: one.cost)


def _what_matters(known: KnownWorld, wish: Wish, gold: float) -> list[Sensitivity]:
    """With a budget the accuracy moves; with a target the cost does."""
    size = ceil(gold)

    def outcome(world: World, n_gold: float | None = None) -> float | None:
        fixed = Wish(
            budget=wish.budget,
            target_accuracy=wish.target_accuracy,
            target_error=wish.target_error,
            delta=wish.delta,
            gold=min(world.n_open, size if n_gold is None else round(n_gold)),
            audit_share=wish.audit_share,
            audit=wish.audit,
        )
        parts = None
        if wish.budget is None and wish.target_accuracy is None and wish.target_error is not None:
            parts = _certifiable(world, wish, fixed.gold)
        try:
            found = _chosen(world, fixed, parts, size)
        except InvalidValue:
            return None
        return found.accuracy if wish.budget is not None else found.cost

    least, most = min(known.world.gold_there, size), known.world.n_open
    sizes = Known(float(size), float(max(size // 2, least)), float(max(min(2 * size, most), size)))
    return sensitivities(known, outcome, gold=(sizes, lambda n: outcome(known.world, n)))
