"""What items are divided by: words, numbers in bands, texts by script and language, clusters of similar wording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]

MOST_VALUES = 50
_FEWEST_DISTINCT = 10
"""A field of numbers with fewer different ones is read as words: stars, years of a short span."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One way to divide n items.  code: (n,), −1 = in no part.  values: what each code means, in words.

    handicap: by how much more striking its slices must be than those of a plain field (`slice_tests`).
    group: fields of one group divide by the same thing, and are never combined with one another.
    """

    name: str
    code: Ints
    values: tuple[str, ...]
    handicap: float = 1.0
    group: str = ""

    def words(self, code: int) -> str:
        """Name one part."""
        return f"{self.name} = {self.values[code]}"


@dataclass(frozen=True, slots=True)
class Words:
    """A field whose values are words, the most frequent first."""

    name: str
    values: tuple[str, ...]

    @classmethod
    def fitted(cls, name: str, values: Sequence[str | None]) -> Words:
        """Take the values that occur most; ties by name."""
        counts = Counter(value for value in values if value is not None)
        kept = sorted(counts, key=lambda value: (-counts[value], value))[:MOST_VALUES]
        return cls(name, tuple(kept))

    def field(self, values: Sequence[str | None]) -> Field:
        """Divide items by it; a value that was not seen is in no part."""
        code = {value: place for place, value in enumerate(self.values)}
        found = [-1 if value is None else code.get(value, -1) for value in values]
        return Field(self.name, np.array(found, dtype=np.int64), self.values)


@dataclass(frozen=True, slots=True)
class Bands:
    """A field of numbers, cut into bands.  edges: upper ends, the last band has none; a value on an edge is below."""

    name: str
    edges: tuple[float, ...]

    @classmethod
    def fitted(cls, name: str, numbers: ArrayLike, *, n_bands: int = 4) -> Bands:
        """Cut so that each band holds about as many; equal numbers stay together."""
        known = np.asarray(numbers, dtype=np.float64)
        known = known[np.isfinite(known)]
        if not len(known):
            return cls(name, ())
        cuts = np.quantile(known, np.arange(1, n_bands) / n_bands, method="inverted_cdf")
        inside = [float(cut) for cut in np.unique(cuts) if cut < known.max()]
        return cls(name, tuple(inside))

    def field(self, numbers: ArrayLike) -> Field:
        """Divide items by it; what is unknown is in no part.

        >>> Bands("length", (10.0, 20.0)).field([5, 10, 15, 99, float("nan")]).code.tolist()
        [0, 0, 1, 2, -1]
        """
        values = np.asarray(numbers, dtype=np.float64)
        code = np.searchsorted(np.array(self.edges), values, side="left").astype(np.int64)
        return Field(self.name, np.where(np.isfinite(values), code, -1), self._names())

    def _names(self) -> tuple[str, ...]:
        if not self.edges:
            return ("any",)
        said = [f"{edge:.6g}" for edge in self.edges]
        between = [f"over {low} to {high}" for low, high in pairwise(said)]
        return (f"up to {said[0]}", *between, f"over {said[-1]}")


def is_measured(values: Sequence[object]) -> bool:
    """Whether a field's values are numbers that say how much, and not names that happen to be digits."""
    known = [value for value in values if value is not None]
    return (
        bool(known)
        and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)
        and len(set(known)) > _FEWEST_DISTINCT
    )
