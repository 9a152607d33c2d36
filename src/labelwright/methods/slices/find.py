"""Search a lattice of slices and confusions for where a model is wrong more often, and keep what is not the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.methods.slices.cells import CELL_SHARE, Confusable, Labelled, find_cells, main_cell
from labelwright.methods.slices.fields import Field
from labelwright.methods.slices.finding import Conditions, Finding, finding_of, handicaps
from labelwright.methods.slices.search import MIN_RATIO, MIN_SUPPORT, N_PERMUTATIONS, slice_tests

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FALSE_DISCOVERY_RATE = 0.1
MOST_PAIRS = 1_000
_SAME = 0.9
_STILL_WORSE = 0.05


@dataclass(frozen=True, slots=True)
class SliceSearch:
    """findings: most certain first.  n_slices, n_cells: how many were looked at.  n_audited, n_wrong: plain counts."""

    findings: tuple[Finding, ...]
    n_slices: int
    n_cells: int
    n_audited: int
    n_wrong: int
    error: float


def find_slices(
    fields: Sequence[Field],
    wrong: ArrayLike,
    *,
    rng: np.random.Generator,
    inclusion: ArrayLike | None = None,
    said: Sequence[str | None] | None = None,
    truth: Sequence[str | None] | None = None,
    said_field: str | None = None,
    confusable: Confusable | None = None,
    q: float = FALSE_DISCOVERY_RATE,
    min_support: int = MIN_SUPPORT,
    min_ratio: float = MIN_RATIO,
    n_permutations: int = N_PERMUTATIONS,
    depth: int = 2,
) -> SliceSearch:
    """Find where a model is wrong more often than elsewhere; the chance that any finding is false is at most q.

    fields: over the n audited items.  wrong: (n,) bool.  inclusion: (n,) each item's probability to be audited.
    said, truth: labels, for questions with a few options; confusions are then looked at too.  said_field: the field
    that is `said` itself, in which a confusion is not looked at.  confusable: the same for other labels, such as tags.
    Slices of one condition, and of two from different fields where that is not nearly one of the two, are tested
    together (`slice_tests`). Of those found, one is kept where the items of those kept before are not what makes it
    worse; this drops only what says the same, so that the promise stays.
    A confusion "said a, is b" is tested among the items said a: is b more often the truth in the slice than elsewhere?
    Source: Chung, Kraska, Polyzotis, Tae & Whang (2019), ICDE (SliceFinder); Sagadeeva & Boehm (2021), SIGMOD
    (SliceLine), for the lattice.
    """
    y = np.asarray(wrong, dtype=np.bool_)
    chance = None if inclusion is None else np.asarray(inclusion, dtype=np.float64)
    single: list[Conditions] = [
        ((place, code),) for place, field in enumerate(fields) for code in range(len(field.values))
    ]
    rows = _members(fields, single, len(y))
    enough = (rows.sum(axis=1) >= min_support) & (rows.sum(axis=1) <= len(y) - min_support)
    single = [conditions for conditions, keep in zip(single, enough, strict=True) if keep]
    rows = rows[enough]
    conditions, everything, parents = _with_pairs(fields, single, rows, min_support if depth > 1 else len(y) + 1)
    tests = slice_tests(
        everything,
        y,
        rng=rng,
        inclusion=chance,
        parents=parents,
        handicap=handicaps(fields, conditions, everything),
        n_permutations=n_permutations,
        min_support=min_support,
        min_ratio=min_ratio,
    )
    labelled = confusable if said is None or truth is None else Labelled(said, truth, y, chance)
    corrected = np.minimum(tests.q / (1.0 if labelled is None else 1.0 - CELL_SHARE), 1.0)
    found = [
        finding_of(fields, conditions[at], (tests, at, everything[at]), float(corrected[at]))
        for at in sorted(range(len(conditions)), key=lambda at: (corrected[at], tests.p[at]))
        if corrected[at] <= q
    ]
    kept = _distinct(found, y, chance, min_support, min_ratio)
    n_cells = 0
    if labelled is not None:
        kept = [replace(one, cell=main_cell(labelled, one.member)) for one in kept]
        apart = [at for at, one in enumerate(single) if fields[one[0][0]].name != said_field]
        more, n_cells = find_cells(
            fields,
            [single[at] for at in apart],
            rows[apart],
            labelled,
            q=q,
            rng=rng,
            n_permutations=n_permutations,
            min_support=min_support,
            min_ratio=min_ratio,
        )
        for one in more:
            if not any(_covers(other, one) for other in kept):
                kept.append(one)
    weight = np.ones(len(y)) if chance is None else 1 / chance
    error = float((weight * y).sum() / weight.sum()) if len(y) else float("nan")
    return SliceSearch(tuple(kept), len(conditions), n_cells, len(y), int(y.sum()), error)


def _members(fields: Sequence[Field], conditions: Sequence[Conditions], n: int) -> Bools:
    rows = np.ones((len(conditions), n), dtype=np.bool_)
    for row, one in enumerate(conditions):
        for place, code in one:
            rows[row] &= fields[place].code == code
    return rows


def _with_pairs(
    fields: Sequence[Field], single: Sequence[Conditions], rows: Bools, min_support: int
) -> tuple[list[Conditions], Bools, Ints]:
    """Add where two slices meet, the largest first; what is nearly all of one of the two says nothing new.

    Gives all conditions, their members, and of each pair the two rows it is made of.
    """
    size = rows.sum(axis=1)
    together = rows.astype(np.float32) @ rows.T.astype(np.float32)
    pairs: list[tuple[float, int, int]] = []
    for i in range(len(single)):
        first = fields[single[i][0][0]]
        for j in range(i + 1, len(single)):
            second = fields[single[j][0][0]]
            if first is second or (first.group and first.group == second.group):
                continue
            if min_support <= together[i, j] < _SAME * min(size[i], size[j]):
                pairs.append((-float(together[i, j]), i, j))
    chosen = [(i, j) for _, i, j in sorted(pairs)[:MOST_PAIRS]]
    conditions = [*single, *((*single[i], *single[j]) for i, j in chosen)]
    parents = np.vstack([np.full((len(single), 2), -1), np.array(chosen, dtype=np.int64).reshape(-1, 2)])
    met = [rows[i] & rows[j] for i, j in chosen]
    return conditions, np.vstack([rows, *met]) if met else rows, parents.astype(np.int64)


def _distinct(
    found: Sequence[Finding], wrong: Bools, chance: Floats | None, min_support: int, min_ratio: float
) -> list[Finding]:
    """Keep a finding where what is left of it, without the items of those kept, is still worse than what is left."""
    kept: list[Finding] = []
    covered = np.zeros(len(wrong), dtype=np.bool_)
    for one in found:
        left = ~covered
        if kept:
            tests = slice_tests(
                one.member[None, left],
                wrong[left],
                rng=np.random.default_rng(0),
                inclusion=None if chance is None else chance[left],
                n_permutations=0,
                min_support=min_support,
                min_ratio=min_ratio,
            )
            if not (tests.p[0] <= _STILL_WORSE and tests.ratio[0] >= min_ratio):
                nearest = max(range(len(kept)), key=lambda at: int((kept[at].member & one.member).sum()))
                kept[nearest] = replace(kept[nearest], others=(*kept[nearest].others, one.name))
                continue
        kept.append(one)
        covered |= one.member
    return kept


def _covers(whole: Finding, part: Finding) -> bool:
    """Whether a confusion is no news: where everything is wrong more often, so is each confusion."""
    return set(whole.conditions) <= set(part.conditions)
