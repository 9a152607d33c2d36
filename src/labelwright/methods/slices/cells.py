"""Single confusions ("said a, is b", "tag missed") that are more frequent in a slice than elsewhere."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.slices.fields import Field
from labelwright.methods.slices.finding import Conditions, Finding, finding_of, handicaps
from labelwright.methods.slices.search import slice_tests

Bools = NDArray[np.bool_]
Cell = tuple[str, str]
"""(said, true); of tags, where any number belong to an item, ("", tag) = missed, (tag, "") = given wrongly."""

CELL_SHARE = 0.05
"""So much of the rate is spent on single confusions, the rest on slices as a whole."""
_MOST_CELLS = 10
_FEWEST_MISTAKES = 5
_FINER = 4
_MOST_PERMUTATIONS = 20_000


class Confusable(Protocol):
    """n audited items whose mistakes are of kinds. wrong: (n,).  inclusion: probability to be audited, None = alike."""

    @property
    def wrong(self) -> Bools: ...
    @property
    def inclusion(self) -> NDArray[np.float64] | None: ...
    def cells(self, where: Bools) -> Counter[Cell]:
        """Count the kinds of mistakes among some items."""
        ...

    def among(self, cell: Cell) -> Bools:
        """Mark the items of which the model said so."""
        ...

    def outcome(self, cell: Cell) -> Bools:
        """Mark those of them that are this mistake."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Items with one label each: what the model said, what is true, and whether that is wrong."""

    said: Sequence[str | None]
    truth: Sequence[str | None]
    wrong: Bools
    inclusion: NDArray[np.float64] | None = None

    def cells(self, where: Bools) -> Counter[Cell]:
        counts: Counter[Cell] = Counter()
        for at in np.flatnonzero(where & self.wrong).tolist():
            said, truth = self.said[at], self.truth[at]
            if said is not None and truth is not None:
                counts[said, truth] += 1
        return counts

    def among(self, cell: Cell) -> Bools:
        return np.array([said == cell[0] for said in self.said], dtype=np.bool_)

    def outcome(self, cell: Cell) -> Bools:
        return self.among(cell) & np.array([truth == cell[1] for truth in self.truth], dtype=np.bool_) & self.wrong


@dataclass(frozen=True, slots=True, eq=False)
class Tagged:
    """Items with any number of tags. said, truth: (n, K) bool, for the K tags."""

    tags: Sequence[str]
    said: Bools
    truth: Bools
    wrong: Bools
    inclusion: NDArray[np.float64] | None = None

    def cells(self, where: Bools) -> Counter[Cell]:
        counts: Counter[Cell] = Counter()
        for place, tag in enumerate(self.tags):
            said, truth = self.said[where, place], self.truth[where, place]
            missed, false = int((~said & truth).sum()), int((said & ~truth).sum())
            counts |= Counter({("", tag): missed, (tag, ""): false})
        return +counts

    def among(self, cell: Cell) -> Bools:
        column = self.said[:, self.tags.index(cell[0] or cell[1])]
        return column if cell[0] else ~column

    def outcome(self, cell: Cell) -> Bools:
        return self.among(cell) & (self.truth[:, self.tags.index(cell[0] or cell[1])] == (not cell[0]))


def cell_words(cell: Cell) -> str:
    """Say a confusion.

    >>> cell_words(("bug", "praise")), cell_words(("", "price")), cell_words(("price", ""))
    ('bug → praise', 'price is missed', 'price is given wrongly')
    """
    said, truth = cell
    return f"{said} → {truth}" if said and truth else f"{said} is given wrongly" if said else f"{truth} is missed"


def main_cell(labelled: Confusable, where: Bools) -> Cell | None:
    """Give the confusion that is in at least half of the mistakes among some items, if one is."""
    counts = labelled.cells(where)
    if not counts:
        return None
    cell = min(counts, key=lambda one: (-counts[one], one))
    return cell if 2 * counts[cell] >= int((where & labelled.wrong).sum()) else None


def find_cells(
    fields: Sequence[Field],
    conditions: Sequence[Conditions],
    rows: Bools,
    labelled: Confusable,
    *,
    q: float,
    rng: np.random.Generator,
    n_permutations: int,
    min_support: int,
    min_ratio: float,
) -> tuple[list[Finding], int]:
    """Test each frequent confusion in each slice, among the items that the model said so of.

    Is b more often the truth in the slice than elsewhere, where a was said? Is a tag missed more often, where it was
    not given; is it wrong more often, where it was? Which confusions are frequent is told by their counts alone, which
    the test holds fixed. Gives the findings, and how many pairs were looked at.
    """
    counts = labelled.cells(np.ones(len(labelled.wrong), dtype=np.bool_))
    frequent = [cell for cell in counts if counts[cell] >= _FEWEST_MISTAKES]
    cells = sorted(frequent, key=lambda cell: (-counts[cell], cell))[:_MOST_CELLS]
    # A rate is as fine as there are trials: what is shared by all cells must not hide the most striking there could be.
    enough = math.ceil(_FINER * len(cells) / (CELL_SHARE * q))
    n_permutations = max(n_permutations, min(enough, _MOST_PERMUTATIONS))
    handicap = handicaps(fields, conditions, rows)
    found: list[Finding] = []
    for cell in cells:
        among = labelled.among(cell)
        outcome = labelled.outcome(cell)[among]
        tests = slice_tests(
            rows[:, among],
            outcome,
            rng=rng,
            inclusion=None if labelled.inclusion is None else labelled.inclusion[among],
            handicap=handicap,
            n_permutations=n_permutations,
            min_support=min_support,
            min_ratio=min_ratio,
        )
        corrected = np.minimum(tests.q * len(cells) / CELL_SHARE, 1.0)
        for at in np.flatnonzero(corrected <= q).tolist():
            of_cell = finding_of(fields, conditions[at], (tests, at, rows[at] & among), float(corrected[at]))
            found.append(replace(of_cell, cell=cell, is_of_cell=True))
    found.sort(key=lambda one: (one.q, one.p, one.name))
    return found, len(cells) * len(conditions)
