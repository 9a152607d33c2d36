"""Parts of the accepted items that can be told apart without asking anybody: label, confidence, length, metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.item import Item
from labelwright.domain.project import Project
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.ports.storage import Views

LABEL: Final = "label"
CONFIDENCE: Final = "confidence"
LENGTH: Final = "length"
MOST_VALUES: Final = 12
MOST_LABELS: Final = 20
MOST_ITEMS: Final = 100_000
"""In a larger pool, texts and metadata are not read: a report must not take minutes."""
_CHUNK = 5_000
_BANDS = {2: ("short", "long"), 3: ("short", "middle", "long")}


@dataclass(frozen=True, slots=True, eq=False)
class Slicing:
    """One way to divide.  words: the name of each part.  code: (N,) index into `words`; −1 = in none."""

    name: str
    words: tuple[str, ...]
    code: NDArray[np.int64]

    def part(self, place: int) -> str:
        """Name a part as `--slice` takes it."""
        return f"{self.name}={self.words[place]}"


def slicings(
    views: Views, project: Project, items: NDArray[np.int64], values: Sequence[Json], score: NDArray[np.float64]
) -> list[Slicing]:
    """Divide items by what is known of them before any person looks; only ways with two parts or more.

    items, values, score: of the accepted, (N,) each, by ascending key.
    """
    found = [_named(LABEL, [_word(value) for value in values], MOST_LABELS), _by_confidence(score)]
    if 0 < len(items) <= MOST_ITEMS:
        length, metadata = _read(views, project, items)
        found.append(_by_length(length))
        taken = {LABEL, CONFIDENCE, LENGTH}
        found += [_named(name, words, MOST_VALUES) for name, words in sorted(metadata.items()) if name not in taken]
    return [one for one in found if one is not None]


def slice_named(found: Sequence[Slicing], words: str) -> NDArray[np.bool_]:
    """Mark the items of the slice `field=value`; (N,).  Raises InvalidValue, naming the nearest there is."""
    name, equals, value = words.partition("=")
    parts = [one.part(place) for one in found for place in range(len(one.words))]
    for one in found:
        if equals and one.name == name.strip() and value.strip() in one.words:
            return one.code == one.words.index(value.strip())
    hint = did_you_mean(words, parts) or "; nothing that is accepted can be divided"
    raise InvalidValue("slice", f"no accepted items are called {words!r}{hint}")


def _named(name: str, words: Sequence[str | None], most: int) -> Slicing | None:
    distinct = sorted({word for word in words if word is not None})
    if not 2 <= len(distinct) <= most:
        return None
    place = {word: at for at, word in enumerate(distinct)}
    code = np.array([-1 if word is None else place[word] for word in words], dtype=np.int64)
    return Slicing(name, tuple(distinct), code)


def _by_confidence(score: NDArray[np.float64]) -> Slicing | None:
    """Divide by quarters; equal scores stay together."""
    if len(score) < 2:
        return None
    edges = np.unique(np.quantile(score, [0.25, 0.5, 0.75]))
    code = np.searchsorted(edges, score, side="left")
    used = np.unique(code)
    if len(used) < 2:
        return None
    code = np.searchsorted(used, code)
    bands = [score[code == place] for place in range(len(used))]
    digits = next((n for n in (3, 6, 12) if len({_band(one, n) for one in bands}) == len(bands)), 17)
    return Slicing(CONFIDENCE, tuple(_band(one, digits) for one in bands), code.astype(np.int64))


def _band(score: NDArray[np.float64], digits: int) -> str:
    low, high = float(score.min()), float(score.max())
    return f"{low:.{digits}g}" if low == high else f"{low:.{digits}g} to {high:.{digits}g}"


def _by_length(length: NDArray[np.int64]) -> Slicing | None:
    edges = np.unique(np.quantile(length, [1 / 3, 2 / 3]))
    code = np.searchsorted(edges, length, side="left")
    used = np.unique(code)
    if len(used) < 2:
        return None
    return Slicing(LENGTH, _BANDS[len(used)], np.searchsorted(used, code).astype(np.int64))


def _read(
    views: Views, project: Project, items: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Mapping[str, list[str | None]]]:
    """Give how long each item's shown text is, and the scalar metadata fields."""
    length = np.zeros(len(items), dtype=np.int64)
    columns: dict[str, list[str | None]] = {}
    for first in range(0, len(items), _CHUNK):
        for place, item in enumerate(views.items_by_key(project.id, items[first : first + _CHUNK].tolist()), first):
            length[place] = _length(item, project.config.content_fields)
            for name, value in item.metadata.items():
                if isinstance(value, str | int | bool) and (not isinstance(value, str) or len(value) <= 60):
                    columns.setdefault(name, [None] * len(items))[place] = _word(value)
    return length, columns


def _length(item: Item, fields: Sequence[str]) -> int:
    return sum(len(value) for name in fields if isinstance(value := item.content.get(name), str))


def _word(value: Json) -> str:
    return value if isinstance(value, str) else canonical_json(value).decode()
