"""What questions about regions of an image share: which regions mean the same, and how far answers are apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks import matching
from labelwright.tasks.label_list import label_list_schema
from labelwright.tasks.matching import Overlaps, joined
from labelwright.tasks.protocol import Ballots, Posterior
from labelwright.tasks.read_settings import read_share
from labelwright.tasks.read_settings import shown as in_short

DIGITS = 6
"""Coordinates are kept to a millionth of the image: finer than any pixel."""
NO, YES = 0, 1


class Region(Protocol):
    """A labelled part of an image; regions of one kind can be ordered and hashed."""

    @property
    def label(self) -> str:
        """Give its label."""
        ...


R = TypeVar("R", bound=Region)


def clusters_of(values: Sequence[Sequence[R]], likeness: Callable[[R, R], float], *, same: float) -> list[dict[int, R]]:
    """Join regions of one label, the best overlaps first, so that each person has one in a cluster at most."""

    def overlaps(a: Sequence[R], b: Sequence[R]) -> Overlaps:
        return _likenesses(a, b, likeness)

    return [{a: values[a][i] for a, i in members.items()} for members in joined(values, overlaps, same=same)]


def ballots_of(clusters: Sequence[Mapping[int, R]], people: int) -> Ballots:
    """Ask of each cluster whether this person drew it, yes or no."""
    unit = [u for u in range(len(clusters)) for _ in range(people)]
    annotator = [a for _ in clusters for a in range(people)]
    option = [YES if a in members else NO for members in clusters for a in range(people)]
    meaning = [list(members.values()) for members in clusters]
    return Ballots(unit, annotator, option, len(clusters), 2, "local", meaning=meaning)


def drawn(posterior: Sequence[Posterior], clusters: Sequence[Sequence[R]]) -> list[Sequence[R]]:
    """Give the clusters that people say are there: each one's members. A tie is no."""
    return [members for members, p in zip(clusters, posterior, strict=True) if float(p[YES]) > float(p[NO])]


def matched_distance(a: Sequence[R], b: Sequence[R], likeness: Callable[[R, R], float]) -> float:
    """Give 1 − the mean likeness of the best one-to-one matching of equal labels, over the larger number of regions.

    0 only for equal answers: what cannot be told apart by likeness alone is a billionth away.
    """
    if a == b:
        return 0.0
    # Always laid out the same way, so that the distance there is the distance back.
    first, second = sorted(cast("list[Any]", [a, b]))
    return matching.matched_distance(_likenesses(first, second, likeness))


def _likenesses(a: Sequence[R], b: Sequence[R], likeness: Callable[[R, R], float]) -> Overlaps:
    """Lay out how much each region of one answer is like each of another; 0 where the labels differ."""
    table = [[likeness(one, other) if one.label == other.label else 0.0 for other in b] for one in a]
    return np.array(table, dtype=np.float64).reshape(len(a), len(b))


def medoid(regions: Sequence[R], likeness: Callable[[R, R], float]) -> R:
    """Give the region most like all the others; of several the one most people drew, then the first in order."""
    distinct = sorted(cast("list[Any]", list(set(regions))))

    def rank(one: R) -> tuple[float, int]:
        return (-round(math.fsum(likeness(one, other) for other in regions), 9), -regions.count(one))

    return min(distinct, key=rank)


def read_same(settings: Mapping[str, Json], what: str) -> float:
    """Read from which overlap on two people's regions mean the same thing. Raises InvalidValue."""
    same = read_share(settings, "same", 0.5)
    if same == 0:
        raise InvalidValue("same", "same is 0", f"; {what} that do not overlap cannot mean the same thing")
    return same


def regions_schema(more: Mapping[str, Json] | None = None, *, required: Sequence[str] = ("labels",)) -> dict[str, Json]:
    """Give the JSON schema of the settings all kinds of regions have, and what a kind has more."""
    return {
        "type": "object",
        "properties": {
            "labels": label_list_schema(1),
            **(more or {}),
            "same": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "field": {"type": "string"},
            "tolerance": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
        },
        "required": list(required),
        "additionalProperties": False,
    }


def read_coordinate(raw: object, whole: float, path: str) -> float:
    """Read a place as a share of the image. Raises InvalidValue."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 <= raw <= whole:
        raise InvalidValue(path, f"{in_short(raw)} is not in the image", f"; a number from 0 to {whole:g} is needed")
    return raw / whole


def read_label(raw: object, known: Mapping[str, int], path: str, *, names: Mapping[str, str] | None = None) -> str:
    """Read a label of the schema, or one of its other names. Raises InvalidValue with the nearest choice."""
    named = names.get(raw, raw) if names is not None and isinstance(raw, str) else raw
    if not isinstance(named, str) or named not in known:
        raise InvalidValue(path, f"label {in_short(named)} is not in the schema", did_you_mean(named, known))
    return named


def checked_once(regions: Sequence[R], what: str) -> set[R]:
    """Refuse a region that is there twice. Raises InvalidValue."""
    seen: set[R] = set()
    for place, one in enumerate(regions):
        if one in seen:
            raise InvalidValue(f"[{place}]", f"this {what} of {one.label!r} is there twice", "; remove one")
        seen.add(one)
    return seen
