"""Single confusions ("said a, is b") that are more frequent in a slice than elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.slices.fields import Field
from labelwright.methods.slices.finding import Conditions, Finding, finding_of, handicaps
from labelwright.methods.slices.search import slice_tests

Bools = NDArray[np.bool_]
Cell = tuple[str, str]

CELL_SHARE = 0.05
"""So much of the rate is spent on single confusions, the rest on slices as a whole."""
_MOST_CELLS = 10
_FEWEST_MISTAKES = 5


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """n audited items: what the model said, what is true, whether that is wrong, and the probability to be audited.

    inclusion: None = all alike.
    """

    said: Sequence[str | None]
    truth: Sequence[str | None]
    wrong: Bools
    inclusion: NDArray[np.float64] | None = None

    def cells(self, where: Bools) -> Counter[Cell]:
        """Count the confusions among some items."""
        counts: Counter[Cell] = Counter()
        for at in np.flatnonzero(where & self.wrong).tolist():
            said, truth = self.said[at], self.truth[at]
            if said is not None and truth is not None:
                counts[said, truth] += 1
        return counts

    def main_cell(self, where: Bools) -> Cell | None:
        """Give the confusion that makes at least half of the mistakes among some items, if one does."""
        counts = self.cells(where)
        if not counts:
            return None
        cell = min(counts, key=lambda one: (-counts[one], one))
        return cell if 2 * counts[cell] >= int((where & self.wrong).sum()) else None


def find_cells(
    fields: Sequence[Field],
    conditions: Sequence[Conditions],
    rows: Bools,
    labelled: Labelled,
    *,
    q: float,
    rng: np.random.Generator,
    n_permutations: int,
    min_support: int,
    min_ratio: float,
) -> tuple[list[Finding], int]:
    """Test each frequent confusion in each slice, among the items that the model said so of.

    Is b more often the truth in the slice than elsewhere, where a was said? Which confusions are frequent is told by
    their counts alone, which the test holds fixed. Gives the findings, and how many pairs were looked at.
    """
    counts = labelled.cells(np.ones(len(labelled.wrong), dtype=np.bool_))
    frequent = [cell for cell in counts if counts[cell] >= _FEWEST_MISTAKES]
    cells = sorted(frequent, key=lambda cell: (-counts[cell], cell))[:_MOST_CELLS]
    said, truth = np.array(labelled.said, dtype=object), np.array(labelled.truth, dtype=object)
    handicap = handicaps(fields, conditions, rows)
    found: list[Finding] = []
    for cell in cells:
        among: Bools = np.asarray(said == cell[0], dtype=np.bool_)
        outcome: Bools = np.asarray(truth[among] == cell[1], dtype=np.bool_) & labelled.wrong[among]
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
