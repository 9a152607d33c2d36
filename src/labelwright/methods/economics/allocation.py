"""One way to spend the money: how many items get gold, audit, review, fresh labels or a dearer model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from labelwright.errors import InvalidValue
from labelwright.methods.economics.scored_items import Floats
from labelwright.methods.economics.spend import Spent, Steps, purchase_steps, spend
from labelwright.methods.economics.world import Menu, World, menu_of

LEAST_AUDIT = 30


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """Counts of items; fractions of the last one included.

    gold: drawn at random and labelled blind.  audit: drawn from what the model labels alone, and labelled too.
    counts: (O, B) all others, by way of labelling (see `menu`) and bin.  cost: USD.  correct: expected right labels.
    rate: right labels that one more USD would buy, 0 = none.
    """

    world: World
    menu: Menu
    gold: float
    audit: float
    counts: Floats
    cost: float
    correct: float
    rate: float

    @property
    def accuracy(self) -> float:
        """Expected share of right labels."""
        return self.correct / self.world.n_items

    @property
    def reviewed(self) -> float:
        """Items a person reviews, least sure first."""
        return self._of("review")

    @property
    def fresh(self) -> float:
        """Items labelled from scratch."""
        return self._of("fresh")

    @property
    def unseen(self) -> float:
        """Items that keep a model's label unseen, audited ones among them."""
        return self._of("model")

    @property
    def votes(self) -> Mapping[int, float]:
        """Give, per number of people, how many items outside the gold get that many."""
        found: dict[int, float] = {}
        for option, count in zip(self.menu.options, self.counts.sum(axis=1), strict=True):
            if option.votes and count > 1e-9:
                found[option.votes] = found.get(option.votes, 0.0) + float(count)
        return found

    @property
    def models(self) -> Mapping[str, float]:
        """Give, per dearer model, how many items it is asked about."""
        found: dict[str, float] = {}
        for option, count in zip(self.menu.options, self.counts.sum(axis=1), strict=True):
            if option.model and count > 1e-9:
                name = self.world.dearer[option.model - 1].name
                found[name] = found.get(name, 0.0) + float(count)
        return found

    def correct_in(self, world: World, menu: Menu) -> float:
        """Expected right labels of this very allocation, if the world were another one: the order of items stays."""
        return _correct(world, menu, self.gold, self.audit, self.counts)

    def cost_in(self, world: World) -> float:
        """Cost of this very allocation at another world's prices."""
        menu = menu_of(world)
        labels = float(self.counts.sum(axis=1) @ menu.cost)
        return base_cost(world, self.gold, self.audit) + labels

    def _of(self, kind: str) -> float:
        rows = [place for place, option in enumerate(self.menu.options) if option.kind == kind]
        return float(self.counts[rows].sum())


def base_cost(world: World, gold: float, audit: float) -> float:
    """What is paid before any label is mended: model, gold and audit beyond what is there."""
    return world.model_bill + world.gold_bill(gold) + world.audit_bill(audit)


@dataclass(frozen=True, slots=True, eq=False)
class Shop:
    """All purchases for one world and one size of gold, ready for any sum of money."""

    world: World
    menu: Menu
    gold: float
    steps: Steps

    @classmethod
    def of(cls, world: World, gold: float) -> Shop:
        """Open it."""
        menu = menu_of(world)
        share = world.items.left
        size_B = share * max(world.n_open - gold, 0.0)
        cost_OB = np.repeat(menu.cost[:, None], len(share), axis=1)
        return cls(world, menu, gold, purchase_steps(menu.right, cost_OB, size_B))

    def buy(self, budget: float, *, audit: float = 0.0, audit_share: float = 0.0) -> Allocation:
        """Spend up to `budget`.

        audit: items; or audit_share: of those the model labels alone, at least 30.
        Raises: InvalidValue, when the budget does not pay for the model, the gold and the audit.
        """
        return self._settled(lambda money: spend(self.steps, money), budget, audit, audit_share)

    def reach(self, accuracy: float, *, audit: float = 0.0, audit_share: float = 0.0) -> Allocation | None:
        """Spend as little as reaches an expected accuracy; None when nothing does."""
        best = self.buy(float("inf"), audit=audit, audit_share=audit_share)
        if best.accuracy < accuracy - 1e-12:
            return None
        low, high = 0.0, best.cost
        for _ in range(60):
            middle = (low + high) / 2
            found = self._try(middle, audit, audit_share)
            low, high = (low, middle) if found is not None and found.accuracy >= accuracy else (middle, high)
        return self.buy(high, audit=audit, audit_share=audit_share)

    def keep(
        self, unseen_share: float, *, audit: float = 0.0, audit_share: float = 0.0, kind: str | None = None
    ) -> Allocation:
        """Leave the surest part to the model, and have people label all the rest in the best way for its price.

        kind: in this way alone (`review`, `fresh`), as a policy may prescribe; None = the cheapest, of equals the best.
        """
        size_B = self.steps.sizes
        covered = np.cumsum(size_B[::-1])[::-1]
        kept = np.clip(unseen_share * size_B.sum() - (covered - size_B), 0.0, size_B)
        return self._divided(self._cheapest(kind), kept, audit=audit, audit_share=audit_share)

    def keep_better(self) -> Allocation:
        """Have people label, in the best way for its price, what that makes more right; leave all else to the model."""
        cheapest = self._cheapest()
        helps = self.menu.right[cheapest] > self.menu.right[0]
        return self._divided(cheapest, np.where(helps, 0.0, self.steps.sizes))

    def _cheapest(self, kind: str | None = None) -> int:
        human = [
            place for place, option in enumerate(self.menu.options) if option.votes and kind in (None, option.kind)
        ]
        return min(human, key=lambda place: (self.menu.cost[place], -float(self.menu.right[place].mean())))

    def _divided(self, people: int, kept: Floats, *, audit: float = 0.0, audit_share: float = 0.0) -> Allocation:
        """Leave so many of each bin to the model, and all others to people in one way."""
        counts = np.zeros_like(self.menu.right)
        counts[0], counts[people] = kept, self.steps.sizes - kept

        def fixed(_money: float) -> Spent:
            return Spent(counts, float(counts.sum(axis=1) @ self.menu.cost), 0.0, 0.0)

        return self._settled(fixed, float("inf"), audit, audit_share)

    def least(self, *, audit: float = 0.0, audit_share: float = 0.0) -> Allocation:
        """Mend nothing: the model, the gold, the audit."""
        counts = np.zeros_like(self.menu.right)
        counts[0] = self.steps.sizes
        rate = float(self.steps.rate[0]) if len(self.steps.cost) else 0.0
        return self._settled(lambda _money: Spent(counts, 0.0, 0.0, rate), float("inf"), audit, audit_share)

    def _try(self, budget: float, audit: float, audit_share: float) -> Allocation | None:
        try:
            return self.buy(budget, audit=audit, audit_share=audit_share)
        except InvalidValue:
            return None

    def _settled(self, buying: Callable[[float], Spent], budget: float, audit: float, audit_share: float) -> Allocation:
        """Find how much is audited, which depends on what is left unseen, which depends on what the audit costs.

        Starting from no audit both only grow, so that this ends at the least that fits, or beyond the budget.
        """
        n_audit = audit
        while True:
            base = base_cost(self.world, self.gold, n_audit)
            if base > budget * (1 + 1e-12):
                raise InvalidValue("budget", _too_small(self.world, self.gold, n_audit, budget))
            bought = buying(budget - base)
            unseen = _unseen(self.menu, bought.counts)
            wanted = max(audit_share * unseen, LEAST_AUDIT) if audit_share > 0 else audit
            wanted = min(unseen, max(wanted, float(self.world.audit_there)))
            if wanted - n_audit < 0.5:
                break
            n_audit = wanted
        n_audit = min(n_audit, unseen)
        cost = base_cost(self.world, self.gold, n_audit) + bought.cost
        correct = _correct(self.world, self.menu, self.gold, n_audit, bought.counts)
        return Allocation(self.world, self.menu, self.gold, n_audit, bought.counts, cost, correct, bought.rate)


def _unseen(menu: Menu, counts: Floats) -> float:
    rows = [place for place, option in enumerate(menu.options) if option.kind == "model"]
    return float(counts[rows].sum())


def _correct(world: World, menu: Menu, gold: float, audit: float, counts: Floats) -> float:
    """Right labels: gold, all ways of labelling, and what the audit mends of what the model labels alone."""
    rows = [place for place, option in enumerate(menu.options) if option.kind == "model"]
    right = float((counts * menu.right).sum())
    unseen = float(counts[rows].sum())
    unseen_right = float((counts[rows] * menu.right[rows]).sum())
    mended = audit * (world.human_accuracy - unseen_right / unseen) if unseen > 0 else 0.0
    return gold * world.gold_accuracy + world.seen_there * world.seen_accuracy + right + mended


def _too_small(world: World, gold: float, audit: float, budget: float) -> str:
    more = max(gold - world.gold_there, 0.0)
    items = "more gold items" if world.gold_there else "gold items"
    return (
        f"${budget:,.2f} does not pay for the model (${world.model_bill:,.2f}), {more:,.0f} {items} "
        f"(${world.gold_bill(gold):,.2f}) and {max(audit - world.audit_there, 0.0):,.0f} audited ones "
        f"(${world.audit_bill(audit):,.2f}); "
        f"it takes ${base_cost(world, gold, audit):,.2f}{', or less gold' if more else ''}"
    )
