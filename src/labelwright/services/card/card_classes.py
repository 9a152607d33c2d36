"""The options of a question as columns, where an option means the same on every item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json, canonical_json
from labelwright.tasks.protocol import Ballots, Task

Bools = NDArray[np.bool_]

MOST_CLASSES = 200


@dataclass(frozen=True, slots=True)
class Classes:
    """The names of C classes.  is_exclusive: every label is exactly one of them; else any number, such as tags."""

    task: Task[object]
    labels: tuple[str, ...]
    is_exclusive: bool

    def members(self, values: Sequence[Json]) -> Bools:
        """Say which classes each value names: (n, C); a row of None names none."""
        found = np.zeros((len(values), len(self.labels)), dtype=np.bool_)
        rows: dict[str | bytes, Bools] = {}
        for at, value in enumerate(values):
            if value is None:
                continue
            key = value if isinstance(value, str) else canonical_json(value)
            if key not in rows:
                rows[key] = self._row(value)
            found[at] = rows[key]
        return found

    def spread(self, values: Mapping[int, Json], n: int) -> Bools:
        """Do the same for values by position, over n items."""
        column: list[Json] = [None] * n
        for at, value in values.items():
            column[at] = value
        return self.members(column)

    def _row(self, value: Json) -> Bools:
        ballots = self.task.decompose([self.task.parse(value)])
        row = np.zeros(len(self.labels), dtype=np.bool_)
        for unit, option in zip(ballots.unit, ballots.option, strict=True):
            if self.is_exclusive:
                row[option] = True
            elif option == 1:
                row[unit] = True
        return row


def classes_of(task: Task[object], values: Iterable[Json]) -> Classes | None:
    """Name the classes of a question; None where options are an item's own, or too many for a table.

    values: some labels, of which the first shows how they come apart.
    """
    first = next((value for value in values if value is not None), None)
    if first is None:
        return None
    ballots = task.decompose([task.parse(first)])
    if ballots.option_space != "shared":
        return None
    if ballots.n_units == 1:
        if not 1 < ballots.n_options <= MOST_CLASSES:
            return None
        names = [_text(task.dump(task.compose([one_hot(ballots, o)], ballots))) for o in range(ballots.n_options)]
        return Classes(task, tuple(names), is_exclusive=True)
    if ballots.n_options != 2 or ballots.n_units > MOST_CLASSES:
        return None
    tags = [task.dump(task.compose(_only(ballots, unit), ballots)) for unit in range(ballots.n_units)]
    names = [_text(tag[0]) for tag in tags if isinstance(tag, list) and len(tag) == 1]
    return Classes(task, tuple(names), is_exclusive=False) if len(names) == ballots.n_units else None


def one_hot(ballots: Ballots, option: int) -> NDArray[np.float64]:
    """Give the posterior that is sure of one option."""
    posterior = np.zeros(ballots.n_options)
    posterior[option] = 1.0
    return posterior


def _only(ballots: Ballots, unit: int) -> list[NDArray[np.float64]]:
    return [one_hot(ballots, int(other == unit)) for other in range(ballots.n_units)]


def _text(value: Json) -> str:
    return value if isinstance(value, str) else canonical_json(value).decode()
