"""What a labelling project costs and how good everybody in it is: the planner's input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from labelwright.errors import InvalidValue
from labelwright.methods.economics.known import Known, certain
from labelwright.methods.economics.people import assisted_accuracy, majority_accuracy
from labelwright.methods.economics.scored_items import Floats, ScoredItems, beta_items, check_share, moved

MOST_VOTES = 9


@dataclass(frozen=True, slots=True)
class DearerModel:
    """A model to which some items go after the first.

    price: USD per item.  accuracy: over all items.  sharing: how much its mistakes fall on the items the first finds
    hard; 1 = they rank items alike, 0 = the first's confidence says nothing about the second's.
    """

    name: str
    price: float
    accuracy: float
    sharing: float = 0.7

    def __post_init__(self) -> None:
        check_share(f"accuracy of {self.name}", self.accuracy)
        if self.price < 0:
            raise InvalidValue(f"price of {self.name}", f"{self.price:g} is below 0")
        if not 0 <= self.sharing <= 1:
            raise InvalidValue(f"sharing of {self.name}", f"{self.sharing:g} is no share between 0 and 1")


@dataclass(frozen=True, slots=True)
class World:
    """Prices in USD: the model's per item, people's per answer.

    measured: calibrated chances of a real pool; None = a Beta distribution of this accuracy and AUROC.
    accuracy_votes: people per label that `accuracy` and `measured` were held against; None = they are about the truth.
    adopt: chance that a reviewer takes a wrong suggestion over; None = reviewers see no suggestion.
    overcorrect: chance that a reviewer changes a right suggestion.  most_votes: people per item at most (odd).
    fixed: what is paid whatever is labelled.
    What exists already costs nothing more. gold_there: gold items.  gold_votes_there: answers to further ones, of which
    not all are in.  audit_there: audited items.  seen_there: items that people labelled otherwise, the ones that
    `measured` marks; they stay as they are.  model_there: items that the model has labelled.
    """

    n_items: int
    accuracy: float
    auroc: float
    human_accuracy: float
    model_price: float
    human_price: float
    review_price: float | None = None
    gold_price: float | None = None
    adopt: float | None = None
    overcorrect: float = 0.02
    most_votes: int = 1
    gold_votes: int = 1
    vote_correlation: float = 0.0
    dearer: tuple[DearerModel, ...] = ()
    fixed: float = 0.0
    measured: ScoredItems | None = None
    accuracy_votes: int | None = None
    gold_there: int = 0
    gold_votes_there: int = 0
    audit_there: int = 0
    seen_there: int = 0
    model_there: int = 0

    def __post_init__(self) -> None:
        if self.n_items < 1:
            raise InvalidValue("items", f"{self.n_items} items need no plan; give at least 1")
        check_share("accuracy of the model", self.accuracy)
        if not 0 < self.human_accuracy <= 1:
            raise InvalidValue("accuracy of people", f"{self.human_accuracy:g} is not above 0 and at most 1")
        for name, value in (("adopt", self.adopt), ("overcorrect", self.overcorrect)):
            if value is not None and not 0 <= value <= 1:
                raise InvalidValue(name, f"{value:g} is no share between 0 and 1")
        for name, price in (
            ("price of the model", self.model_price),
            ("price of people", self.human_price),
            ("price of a review", self.review_price),
            ("price of gold", self.gold_price),
            ("fixed", self.fixed),
        ):
            if price is not None and price < 0:
                raise InvalidValue(name, f"{price:g} is below 0")
        for name, votes in (("votes", self.most_votes), ("votes of gold", self.gold_votes)):
            if votes % 2 == 0 or not 1 <= votes <= MOST_VOTES:
                raise InvalidValue(name, f"{votes} is no odd number from 1 to {MOST_VOTES}", "; an even one may tie")

    @property
    def items(self) -> ScoredItems:
        """How the chances of being right are spread."""
        if self.measured is None:
            return beta_items(self.accuracy, self.auroc)
        return moved(self.measured, accuracy=self.accuracy, auroc=self.auroc)

    @property
    def gold_accuracy(self) -> float:
        """How right a gold label is."""
        return majority_accuracy(self.human_accuracy, self.gold_votes, correlation=self.vote_correlation)

    @property
    def gold_agrees(self) -> float:
        """How many of the model's labels that count as right a gold label agrees with.

        Labels that were held against people's agree with people's: those people's errors are in them already.
        """
        if self.accuracy_votes is None:
            return self.gold_accuracy
        held_against = majority_accuracy(self.human_accuracy, self.accuracy_votes, correlation=self.vote_correlation)
        return self.gold_accuracy / held_against

    @property
    def gold_cost(self) -> float:
        """What a gold item costs, all its votes together."""
        return self.gold_votes * (self.human_price if self.gold_price is None else self.gold_price)

    def gold_bill(self, gold: float) -> float:
        """What so much gold costs from now on."""
        more = max(gold - self.gold_there, 0.0)
        return self.gold_cost * max(more - self.gold_votes_there / self.gold_votes, 0.0)

    def audit_bill(self, audit: float) -> float:
        """What so many audited items cost from now on."""
        return self.human_price * max(audit - self.audit_there, 0.0)

    @property
    def model_bill(self) -> float:
        """What the first model costs from now on, with what is paid whatever is labelled."""
        return self.fixed + self.model_price * max(self.n_items - self.model_there, 0)

    @property
    def n_open(self) -> int:
        """Items that gold may be drawn from, or that may be labelled otherwise."""
        return max(self.n_items - self.seen_there, 0)

    @property
    def seen_accuracy(self) -> float:
        """How right the labels are that people gave already: as those of a review are."""
        if self.adopt is None:
            return self.human_accuracy
        right = np.array([self.items.seen_right])
        return float(assisted_accuracy(right, self.human_accuracy, adopt=self.adopt, overcorrect=self.overcorrect)[0])

    @property
    def review_cost(self) -> float:
        """What a review costs."""
        return self.human_price if self.review_price is None else self.review_price


@dataclass(frozen=True, slots=True)
class Option:
    """One way to label an item. model: index into the models (0 = the first).  votes: 0 = nobody looks."""

    model: int
    kind: str
    votes: int


@dataclass(frozen=True, slots=True, eq=False)
class Menu:
    """All ways to label an item; the first costs nothing more. right: (O, B).  cost: (O,) USD beyond the first."""

    options: tuple[Option, ...]
    right: Floats
    cost: Floats


def menu_of(world: World) -> Menu:
    """List the ways: the model's word, a dearer model's, each reviewed or not, and fresh labels by 1, 3, 5 … people.

    Without suggestions a review is a fresh label by its price: then there is only one of the two.
    """
    items = world.items
    models = [(0.0, items.right)]
    models += [(model.price, _dearer(items, model)) for model in world.dearer]
    options: list[Option] = []
    right: list[Floats] = []
    cost: list[float] = []
    for place, (price, p) in enumerate(models):
        options.append(Option(place, "model", 0))
        right.append(p)
        cost.append(price)
        if world.adopt is not None:
            options.append(Option(place, "review", 1))
            right.append(assisted_accuracy(p, world.human_accuracy, adopt=world.adopt, overcorrect=world.overcorrect))
            cost.append(price + world.review_cost)
    kind = "review" if world.adopt is None else "fresh"
    each = world.review_cost if world.adopt is None else world.human_price
    for votes in range(1, world.most_votes + 1, 2):
        alone = majority_accuracy(world.human_accuracy, votes, correlation=world.vote_correlation)
        options.append(Option(0, kind, votes))
        right.append(np.full(len(items.right), alone))
        cost.append(votes * each)
    return Menu(tuple(options), np.stack(right), np.array(cost))


def _dearer(items: ScoredItems, model: DearerModel) -> Floats:
    """Chances of a second model being right, where the first's are these: its log odds follow by `sharing`."""
    stretched = moved(items, accuracy=model.accuracy, auroc=0.5 + (items.auroc - 0.5) * model.sharing)
    return stretched.right


# ---------------------------------------------------------------- a world that is only about known

SHARES = ("accuracy", "auroc", "human_accuracy", "adopt", "overcorrect")
AMOUNTS = ("model_price", "human_price", "review_price", "gold_price")


@dataclass(frozen=True, slots=True)
class KnownWorld:
    """A world and, for some of its figures, how far they may be off."""

    world: World
    known: Mapping[str, Known] = field(default_factory=dict[str, Known])

    def interval(self, name: str) -> Known | None:
        """Give a figure as it is known; None where the world does not have it."""
        value = getattr(self.world, name)
        return None if value is None else self.known.get(name, certain(float(value)))

    def with_value(self, name: str, value: float) -> World:
        """Give the world with one figure changed, kept where it makes sense."""
        return replace(self.world, **{name: _inside(name, value)})

    def draws(self, n: int, rng: np.random.Generator) -> list[World]:
        """Draw worlds from all that is uncertain."""
        names = [name for name in (*SHARES, *AMOUNTS) if (one := self.interval(name)) and not one.is_certain]
        columns: dict[str, Floats] = {}
        for name in names:
            one = self.known[name]
            columns[name] = (
                _auroc_draws(one, n, rng)
                if name == "auroc"
                else (one.shares(n, rng) if name in SHARES else one.amounts(n, rng))
            )
        return [
            replace(self.world, **{name: _inside(name, float(column[i])) for name, column in columns.items()})
            for i in range(n)
        ]


def _auroc_draws(one: Known, n: int, rng: np.random.Generator) -> Floats:
    """Between chance and certainty: half the way from ½ to 1 is a share of its own."""
    scaled = Known(*(min(max(2 * end - 1, 0.0), 1.0) for end in (one.value, one.low, one.high)))
    return 0.5 + scaled.shares(n, rng) / 2


def _inside(name: str, value: float) -> float:
    match name:
        case "auroc":
            return min(max(value, 0.5), 0.9999)
        case "accuracy" | "human_accuracy":
            return min(max(value, 1e-3), 1 - 1e-3 if name == "accuracy" else 1.0)
        case "adopt" | "overcorrect":
            return min(max(value, 0.0), 1.0)
        case _:
            return max(value, 0.0)
