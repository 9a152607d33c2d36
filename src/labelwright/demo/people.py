"""What simulated people answer: recorded votes where there are any, else the truth with a stated rate of errors.

Every draw is keyed by (seed, item, question, slot), so that an answer never depends on who came first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.tasks.protocol import Ballots, Posterior, Task

Source: TypeAlias = Literal["recorded", "gold"]
Votes: TypeAlias = Mapping[str, Sequence[tuple[str, Mapping[str, Json]]]]
CONSENSUS = 3


@dataclass(frozen=True, slots=True)
class AnswerBook:
    """What the simulated people know.

    gold: item -> question -> value.  humans: item -> (person, question -> value), as recorded.
    error: share of answers drawn from gold that are made wrong.  adopt: chance that a wrong suggestion, once seen, is
    taken over.
    """

    tasks: Mapping[str, Task[object]]
    gold: Mapping[str, Mapping[str, Json]]
    humans: Votes
    seed: int
    error: float
    adopt: float

    def own_answer(self, item: str, question: str, slot: int) -> Json:
        """Give what the person at this slot thinks, unaided; None when nothing is known about the item.

        Slots of one item are different recorded people, in a drawn order.
        """
        votes = self._recorded(item, question)
        if slot < len(votes):
            order = np.random.default_rng(self._key("order", item, question, 0)).permutation(len(votes))
            return votes[int(order[slot])]
        truth = self.gold.get(item, {}).get(question)
        if truth is None:
            return None
        rng = np.random.default_rng(self._key("error", item, question, slot))
        return truth if rng.random() >= self.error else one_mistake(self.tasks[question], truth, rng)

    def answer(self, item: str, question: str, slot: int, suggestion: Json) -> Json:
        """Give what they submit after seeing a suggestion (None = blind)."""
        own = self.own_answer(item, question, slot)
        truth = self.gold.get(item, {}).get(question)
        if suggestion is None or truth is None or self._equal(question, suggestion, truth):
            return own
        adopted = np.random.default_rng(self._key("adopt", item, question, slot)).random() < self.adopt
        return suggestion if adopted else own

    def votes_per_item(self) -> int:
        """Give how many blind votes an item can have: three where every item has three recorded people, else one."""
        questions = list(self.tasks)
        fewest = min((len(self._recorded(item, q)) for item in self.gold for q in questions), default=0)
        return CONSENSUS if fewest >= CONSENSUS else 1

    def source(self) -> Source:
        """Say where answers come from, if from recorded people at all."""
        return "recorded" if self.humans else "gold"

    def _recorded(self, item: str, question: str) -> list[Json]:
        votes: dict[str, Json] = {}
        for person, labels in self.humans.get(item, ()):
            value = valid_or_none(self.tasks[question], labels.get(question))
            if value is not None:
                votes.setdefault(person, value)
        return list(votes.values())

    def _equal(self, question: str, a: Json, b: Json) -> bool:
        task = self.tasks[question]
        return task.distance(task.parse(a), task.parse(b)) == 0

    def _key(self, purpose: str, item: str, question: str, slot: int) -> int:
        text = f"{self.seed}\0{purpose}\0{item}\0{question}\0{slot}"
        return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "big")


def valid_or_none(task: Task[object], value: Json) -> Json:
    """Give the value in its canonical form, None when it is absent or no answer to the question."""
    if value is None:
        return None
    try:
        return task.dump(task.parse(value))
    except InvalidValue:
        return None


def one_mistake(task: Task[object], value: Json, rng: np.random.Generator) -> Json:
    """Change one unit of a value to another of its options, drawn uniformly: another label, or one label flipped.

    Where a value has no unit or no other option to change to (a list of no spans, a free text), it stays.
    """
    ballots = task.decompose([task.parse(value)])
    if not ballots.n_units or ballots.n_options == 1:
        return value
    options = _options(ballots)
    unit = int(rng.integers(len(options)))
    options[unit] = (options[unit] + 1 + int(rng.integers(ballots.n_options - 1))) % ballots.n_options
    return compose_options(task, options, ballots)


def unit_options(task: Task[object], value: Json) -> list[int]:
    """Unpick one value into its option per unit."""
    return _options(task.decompose([task.parse(value)]))


def compose_options(task: Task[object], options: Sequence[int], ballots: Ballots) -> Json:
    """Put a value together from one certain option per unit of these ballots."""
    certain = np.eye(ballots.n_options)
    return task.dump(task.compose([cast(Posterior, certain[option]) for option in options], ballots))


def _options(ballots: Ballots) -> list[int]:
    options = [0] * ballots.n_units
    for unit, option in zip(ballots.unit, ballots.option, strict=True):
        options[unit] = option
    return options
