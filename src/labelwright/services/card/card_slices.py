"""Metadata fields that divide the items into a few parts, to be looked at one by one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.ports.storage import Views

MOST_VALUES = 12
MOST_FIELDS = 8
_CHUNK = 2_000


def slice_columns(views: Views, project: Project, keys: NDArray[np.int64]) -> dict[str, list[str | None]]:
    """Give the values of each field with 2 to 12 different ones, by ascending key; None = the item has none.

    Words, whole numbers and truth values divide; texts that differ from item to item, and measurements, do not.
    """
    place = {int(key): at for at, key in enumerate(keys)}
    columns: dict[str, list[str | None]] = {}
    seen: dict[str, set[str]] = {}
    after = 0
    while items := views.items(project.id, after=after, limit=_CHUNK):
        after = items[-1].key
        for item in items:
            at = place.get(int(item.key))
            if at is None:
                continue
            for field, value in item.metadata.items():
                values = seen.setdefault(field, set())
                if len(values) > MOST_VALUES:
                    continue
                words = _word(value)
                if words is None:
                    continue
                values.add(words)
                columns.setdefault(field, [None] * len(keys))[at] = words
    dividing = [field for field in sorted(columns) if 2 <= len(seen[field]) <= MOST_VALUES]
    return {field: columns[field] for field in dividing[:MOST_FIELDS]}


def _word(value: Json) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    return None
