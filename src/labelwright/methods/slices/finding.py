"""A slice in which a model is wrong more often than outside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.slices.fields import Field
from labelwright.methods.slices.search import SliceTests

Bools = NDArray[np.bool_]

Conditions: TypeAlias = tuple[tuple[int, int], ...]
"""(field, code) pairs, one or two."""
DEPTH_HANDICAP = 20.0
"""A slice of two conditions must be that much more striking: there are twenty of them for each of one condition."""
_SMALL = 50


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A slice in which the model is wrong more often than outside it.

    conditions: (field, code) pairs, one or two.  name: in words.  cell: the confusion (said, truth) it is about; of a
    slice as a whole, the one that makes most of its mistakes, None when none does.  is_of_cell: only that confusion is
    more frequent; n and n_wrong then count the items said so, and those of them that are the other.
    n, n_wrong: audited items, plain counts.  error, rest_error: weighted.  p: by itself.  q: among all that was tested.
    member: (n,) the audited items in it.  others: names of findings that say the same and are left out.
    """

    conditions: Conditions
    name: str
    cell: tuple[str, str] | None
    is_of_cell: bool
    n: int
    n_wrong: int
    error: float
    rest_error: float
    ratio: float
    p: float
    q: float
    member: Bools
    others: tuple[str, ...] = ()


def finding_of(
    fields: Sequence[Field], conditions: Conditions, row: tuple[SliceTests, int, Bools], q: float
) -> Finding:
    """Make a finding of one row of the tests. row: the tests, its place there, and who is in it."""
    tests, at, member = row
    return Finding(
        conditions=conditions,
        name=" and ".join(fields[place].words(code) for place, code in conditions),
        cell=None,
        is_of_cell=False,
        n=int(tests.n[at]),
        n_wrong=int(tests.n_wrong[at]),
        error=float(tests.error[at]),
        rest_error=float(tests.rest_error[at]),
        ratio=float(tests.ratio[at]),
        p=float(tests.p[at]),
        q=q,
        member=member,
    )


def handicaps(fields: Sequence[Field], conditions: Sequence[Conditions], members: Bools) -> NDArray[np.float64]:
    """Say by how much more striking each slice must be than a plain, small one of one condition; (S,).

    A large slice that is clearly worse shows whatever is asked of it; what it can spare, the small ones need. None of
    it looks at an answer, so that any choice would be right, and this one finds more.
    """
    own = [np.prod([fields[place].handicap for place, _ in one]) for one in conditions]
    deep = [DEPTH_HANDICAP if len(one) > 1 else 1.0 for one in conditions]
    large = np.sqrt(np.maximum(members.sum(axis=1) / _SMALL, 1.0))
    return np.array(own, dtype=np.float64) * np.array(deep, dtype=np.float64) * large
