"""Put candidates in order, the best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.label_list import (
    Label,
    ManyLabels,
    describe_labels,
    label_list_schema,
    label_names,
    read_labels,
)
from labelwright.tasks.protocol import MAIN_LABELS, Ballots, Labels, Posterior, Shown
from labelwright.tasks.read_settings import list_of, read_share, shown
from labelwright.tasks.renaming import RENAME_ONLY, labels_at

MOST_EXACT = 10
"""Up to so many candidates the Kemeny order is found exactly; beyond, by the pairs each candidate wins."""
MOST_CANDIDATES = 50
_FIRST, _SECOND = 0, 1


@dataclass(frozen=True)
class RankingTask:
    """Each pair of candidates is a unit: does the one or the other come first?  A value is the whole order."""

    labels: tuple[Label, ...]
    tolerance: float = 0.0
    name: str = "labelwright/ranking"

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Give every pair of candidates, by their places in the schema."""
        return tuple(combinations(range(len(self.labels)), 2))

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {label.value: place for place, label in enumerate(self.labels)}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return label_names(self.labels)

    def parse(self, raw: object) -> tuple[str, ...]:
        order: list[str] = []
        for place, one in enumerate(list_of(raw, "candidates", most=MOST_CANDIDATES)):
            if not isinstance(one, str) or one not in self._index:
                raise InvalidValue(f"[{place}]", f"{shown(one)} is no candidate", did_you_mean(one, self._index))
            if one in order:
                raise InvalidValue(f"[{place}]", f"{one!r} is there twice", "; name each candidate once")
            order.append(one)
        missing = [name for name in self._index if name not in order]
        if missing:
            raise InvalidValue("", f"{missing[0]!r} is not in the order", f"; put all {len(self._index)} in order")
        return tuple(order)

    def check_item(self, value: tuple[str, ...], content: Mapping[str, Json]) -> None:
        """Any order may be any item's."""

    def dump(self, value: tuple[str, ...]) -> Json:
        return list(value)

    def answer_schema(self) -> dict[str, Json]:
        return {"type": "array", "items": {"type": "string", "enum": [label.value for label in self.labels]}}

    def read_answer(self, raw: object, shown: Shown) -> tuple[str, ...]:
        if not isinstance(raw, list):
            return self.parse(raw)
        stated = cast("list[object]", raw)
        return self.parse([self._names.get(one, one) if isinstance(one, str) else one for one in stated])

    def write_answer(self, value: tuple[str, ...], shown: Shown) -> Json:
        return list(value)

    def describe(self) -> str:
        listed = describe_labels(self.labels)
        return f"Put all {len(self.labels)} of these in order, the best first, each once:\n{listed}"

    def decompose(self, values: Sequence[tuple[str, ...]]) -> Ballots:
        places = [{self._index[name]: at for at, name in enumerate(value)} for value in values]
        unit = [u for u in range(len(self.pairs)) for _ in places]
        annotator = [a for _ in self.pairs for a in range(len(places))]
        option = [_FIRST if place[i] < place[j] else _SECOND for i, j in self.pairs for place in places]
        return Ballots(unit, annotator, option, len(self.pairs), 2, "local")

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> tuple[str, ...]:
        """Give the order that the pairs contradict least (Kemeny); of equals, the first in the schema's order."""
        n = len(self.labels)
        before = [[0.0] * n for _ in range(n)]
        for (i, j), p in zip(self.pairs, posterior, strict=True):
            before[i][j], before[j][i] = float(p[_FIRST]), float(p[_SECOND])
        order = _kemeny(before) if n <= MOST_EXACT else _by_wins(before)
        return tuple(self.labels[at].value for at in order)

    def distance(self, a: tuple[str, ...], b: tuple[str, ...]) -> float:
        """Give the share of pairs that stand the other way round: Kendall's tau distance."""
        place = {name: at for at, name in enumerate(b)}
        turned = sum(place[first] > place[second] for first, second in combinations(a, 2))
        return turned / len(self.pairs)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


def _kemeny(before: list[list[float]]) -> list[int]:
    """Find the order of least disagreement by dynamic programming over sets of candidates.

    Source: Kemeny (1959), Daedalus 88; the recursion of Held & Karp (1962) on what follows.
    """
    n = len(before)
    everyone = (1 << n) - 1
    # cost[left]: the least disagreement among those not yet placed; chosen[left]: who of them comes first.
    cost = [0.0] * (1 << n)
    chosen = [0] * (1 << n)
    for left in range(1, 1 << n):
        members = [i for i in range(n) if left >> i & 1]
        options = [
            (cost[left & ~(1 << first)] + sum(before[other][first] for other in members if other != first), first)
            for first in members
        ]
        least = min(total for total, _ in options)
        chosen[left] = next(first for total, first in options if total <= least + 1e-9)
        cost[left] = least
    order: list[int] = []
    left = everyone
    while left:
        order.append(chosen[left])
        left &= ~(1 << chosen[left])
    return order


def _by_wins(before: list[list[float]]) -> list[int]:
    """Order by how many others a candidate beats (Copeland), then by its summed shares (Borda)."""
    everyone = range(len(before))
    wins = [sum(before[i][j] > before[j][i] for j in everyone) for i in everyone]
    points = [round(sum(before[i]), 9) for i in everyone]
    return sorted(everyone, key=lambda at: (-wins[at], -points[at]))


class Ranking(ManyLabels):
    """The task type."""

    name = "labelwright/ranking"
    alias = "ranking"

    def label_lists(self, settings: Mapping[str, Json]) -> Mapping[str, Labels]:
        """Candidates have names; two of them cannot be one, nor one of them two."""
        return {MAIN_LABELS: labels_at(settings, MAIN_LABELS, RENAME_ONLY)}

    def bind(self, settings: Mapping[str, Json]) -> RankingTask:
        labels = read_labels(settings, at_least=2, others=("tolerance",))
        if len(labels) > MOST_CANDIDATES:
            raise InvalidValue("labels", f"{len(labels)} candidates are too many", f"; the most is {MOST_CANDIDATES}")
        return RankingTask(labels, read_share(settings, "tolerance", 0.0))

    def settings_schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "properties": {
                "labels": {**label_list_schema(2), "maxItems": MOST_CANDIDATES},
                "tolerance": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
            },
            "required": ["labels"],
            "additionalProperties": False,
        }


TASK_TYPE = Ranking()
