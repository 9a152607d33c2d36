"""A made-up pool whose truth is known: items, a model with a stated accuracy and confidence, and people who err."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json, canonical_json
from labelwright.errors import InvalidValue
from labelwright.methods.economics import beta_items
from labelwright.methods.economics.scored_items import check_share
from labelwright.ports.sources import Row

LABELS = ("positive", "negative", "mixed")
_SURE = 0.6


@dataclass(frozen=True, slots=True)
class Crew:
    """The simulated people. seconds: mean time of an answer from scratch; review_seconds: of one with a suggestion.

    adopt: chance that a wrong suggestion is taken over.  overcorrect: chance that a right one is changed.
    """

    n: int = 3
    accuracy: float = 0.95
    seconds: float = 20.0
    review_seconds: float | None = None
    adopt: float = 0.1
    overcorrect: float = 0.02
    wage_per_hour: float = 18.0
    overhead: float = 0.0
    hours_per_week: float = 30.0

    def __post_init__(self) -> None:
        if self.n < 1:
            raise InvalidValue("people", f"{self.n} people label nothing; give at least 1")
        for name, value in (
            ("accuracy of people", self.accuracy),
            ("adopt", self.adopt),
            ("overcorrect", self.overcorrect),
        ):
            if not 0 <= value <= 1:
                raise InvalidValue(name, f"{value:g} is no share between 0 and 1")
        for name, value in (("seconds per label", self.seconds), ("hours per week", self.hours_per_week)):
            if value <= 0:
                raise InvalidValue(name, f"{value:g} is not above 0")
        if self.review_seconds is not None and self.review_seconds <= 0:
            raise InvalidValue("review seconds", f"{self.review_seconds:g} is not above 0")
        for name, value in (("wage per hour", self.wage_per_hour), ("overhead", self.overhead)):
            if value < 0:
                raise InvalidValue(name, f"{value:g} is below 0")

    def price(self, *, shown: bool) -> float:
        """USD of one answer, on average."""
        taken = self.review_seconds if shown and self.review_seconds is not None else self.seconds
        return taken * self.wage_per_hour * (1 + self.overhead) / 3600


@dataclass(frozen=True, slots=True)
class SimulatedWorld:
    """prevalence: of each label; empty = all alike.  items_per_minute: what the model's provider allows."""

    n_items: int
    model_accuracy: float
    auroc: float
    model_price: float
    crew: Crew = Crew()
    labels: tuple[str, ...] = LABELS
    prevalence: tuple[float, ...] = ()
    items_per_minute: float = 500.0
    budget: float | None = None

    def __post_init__(self) -> None:
        check_share("accuracy of the model", self.model_accuracy)
        if len(set(self.labels)) < 2:
            raise InvalidValue("labels", f"{len(set(self.labels))} label leaves nothing to decide; give at least 2")
        if len(set(self.labels)) < len(self.labels):
            raise InvalidValue("labels", f"{', '.join(self.labels)} names a label twice")
        if self.model_price < 0:
            raise InvalidValue("price of the model", f"{self.model_price:g} is below 0")
        shares = self.prevalence
        if shares and (len(shares) != len(self.labels) or min(shares) < 0 or abs(sum(shares) - 1) > 1e-6):
            raise InvalidValue("prevalence", "is not one share per label, adding up to 1")
        if not 10 <= self.n_items <= 200_000:
            raise InvalidValue("items", f"{self.n_items:,} items are not rehearsed; give 10 to 200,000")
        if self.items_per_minute <= 0:
            raise InvalidValue("items per minute", f"{self.items_per_minute:g} is not above 0")


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """One draw of a world; arrays of length N. truth, said: option codes.  confidence: as the model states it."""

    truth: NDArray[np.int64]
    said: NDArray[np.int64]
    confidence: NDArray[np.float64]


def draw_pool(world: SimulatedWorld, rng: np.random.Generator) -> Pool:
    """Draw truth, the model's labels and its confidence: in the right order, too sure, and in whole hundredths."""
    n, k = world.n_items, len(world.labels)
    shares = np.array(world.prevalence or [1 / k] * k)
    truth = rng.choice(k, n, p=shares / shares.sum())
    bins = beta_items(world.model_accuracy, world.auroc)
    right_chance = bins.right[rng.integers(0, len(bins.right), n)]
    is_right = rng.random(n) < right_chance
    said = np.where(is_right, truth, another(truth, k, rng))
    return Pool(truth.astype(np.int64), said.astype(np.int64), np.round(right_chance**_SURE, 2))


def another(option: NDArray[np.int64], n_options: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw another option than the one given, each alike."""
    return (option + 1 + rng.integers(0, n_options - 1, option.shape)) % n_options


@dataclass(frozen=True, slots=True)
class SyntheticRows:
    """The items as a file would give them."""

    n_items: int
    content_fields: tuple[str, ...] = ("text",)

    @property
    def name(self) -> str:
        """Name the source."""
        return "rehearsal"

    @property
    def hash(self) -> str:
        """Name its content."""
        return hashlib.sha256(canonical_json(["rehearsal", self.n_items, list(self.content_fields)])).hexdigest()

    @property
    def size(self) -> int:
        """Nothing is read."""
        return 0

    def position(self) -> int:
        """Nothing is read."""
        return 0

    def rows(self) -> Iterator[Row]:
        """Give one row per item."""
        for number in range(self.n_items):
            fields: dict[str, Json] = dict.fromkeys(self.content_fields, f"item {number} of the rehearsal")
            yield Row(number + 1, number + 1, {"id": f"s{number:06d}", **fields}, 40)


def item_number(id: str) -> int:
    """Give the place of an item in the pool.

    >>> item_number("s000012")
    12
    """
    return int(id[1:])


def crew_answer(crew: Crew, truth: int, suggestion: int | None, n_options: int, rng: np.random.Generator) -> int:
    """Give what a person answers: blind right with their accuracy; a wrong suggestion is adopted now and then."""

    def wrong() -> int:
        return int((truth + 1 + rng.integers(0, n_options - 1)) % n_options)

    if suggestion is not None:
        if suggestion == truth:
            return truth if rng.random() >= crew.overcorrect else wrong()
        if rng.random() < crew.adopt:
            return suggestion
    return truth if rng.random() < crew.accuracy else wrong()


def option_of(labels: Mapping[str, int], value: Json) -> int | None:
    """Give a label's code; None when it is none of them."""
    return labels.get(value) if isinstance(value, str) else None
