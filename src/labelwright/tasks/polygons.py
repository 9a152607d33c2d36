"""Draw polygons around things in an image, each with a label."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.tasks.answer_schema import list_of_objects, one_label
from labelwright.tasks.label_list import (
    Label,
    LabelledMarks,
    describe_labels,
    label_names,
    read_labels,
)
from labelwright.tasks.outlines import Corner, crossing_sides, outline_overlap, signed_area
from labelwright.tasks.protocol import Ballots, Posterior, Shown
from labelwright.tasks.read_settings import list_of, object_of, read_share, read_text
from labelwright.tasks.read_settings import shown as in_short
from labelwright.tasks.regions import (
    DIGITS,
    ballots_of,
    checked_once,
    clusters_of,
    drawn,
    matched_distance,
    medoid,
    read_coordinate,
    read_label,
    read_same,
    regions_schema,
)

MOST_POLYGONS = 500
MOST_POINTS = 500


class Polygon(NamedTuple):
    """Corners as shares of the image's width and height, clockwise from the leftmost (of several the uppermost)."""

    points: tuple[Corner, ...]
    label: str


@dataclass(frozen=True)
class PolygonsTask:
    """Every cluster of polygons that mean the same thing is a unit, yes or no; its shape is the most typical one's.

    `distance` is 1 − the mean overlap (intersection over union) of the best one-to-one matching of equal labels, over
    the larger number of polygons.  same: from which overlap on two people's polygons mean the same thing.
    """

    labels: tuple[Label, ...]
    same: float = 0.5
    field: str | None = None
    tolerance: float = 0.0
    name: str = "labelwright/polygons"

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {label.value: place for place, label in enumerate(self.labels)}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return label_names(self.labels)

    def parse(self, raw: object) -> tuple[Polygon, ...]:
        return self._read(raw, {})

    def _read(self, raw: object, names: Mapping[str, str]) -> tuple[Polygon, ...]:
        found: list[Polygon] = []
        for place, one in enumerate(list_of(raw, "polygons", most=MOST_POLYGONS)):
            path = f"[{place}]"
            given = object_of(one, ("points", "label"), path, "polygon")
            points = _read_points(given["points"], f"{path}.points")
            found.append(Polygon(points, read_label(given["label"], self._index, f"{path}.label", names=names)))
        return self._in_order(checked_once(found, "polygon"))

    def _in_order(self, polygons: set[Polygon]) -> tuple[Polygon, ...]:
        return tuple(sorted(polygons, key=lambda one: (one.points, self._index[one.label])))

    def check_item(self, value: tuple[Polygon, ...], content: Mapping[str, Json]) -> None:
        """A polygon is a share of whatever image there is."""

    def dump(self, value: tuple[Polygon, ...]) -> Json:
        return [{"points": [list(point) for point in one.points], "label": one.label} for one in value]

    def answer_schema(self) -> dict[str, Json]:
        point: dict[str, Json] = {"type": "array", "items": {"type": "number"}}
        return list_of_objects({"label": one_label(self.labels), "points": {"type": "array", "items": point}})

    def read_answer(self, raw: object, shown: Shown) -> tuple[Polygon, ...]:
        return self._read(raw, self._names)

    def write_answer(self, value: tuple[Polygon, ...], shown: Shown) -> Json:
        return self.dump(value)

    def describe(self) -> str:
        where = f" in the image `{self.field}`" if self.field else ""
        return (
            f"Draw a polygon around everything{where} that one of these labels applies to (an empty list when there "
            f"is nothing):\n{describe_labels(self.labels)}\n"
            'The answer is a list of {"label", "points"}; points is a list of [x, y], at least three, going round once '
            "without crossing, numbers from 0 to 1: shares of the image's width (x) and height (y), counted from the "
            "upper left corner. The last point is joined to the first; do not repeat it."
        )

    def decompose(self, values: Sequence[tuple[Polygon, ...]]) -> Ballots:
        return ballots_of(clusters_of(values, overlap_of, same=self.same), len(values))

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> tuple[Polygon, ...]:
        clusters = cast("Sequence[Sequence[Polygon]]", ballots.meaning)
        return self._in_order({medoid(members, overlap_of) for members in drawn(posterior, clusters)})

    def distance(self, a: tuple[Polygon, ...], b: tuple[Polygon, ...]) -> float:
        return matched_distance(a, b, overlap_of)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


def overlap_of(a: Polygon, b: Polygon) -> float:
    """Give the intersection over the union of two polygons, in [0, 1]."""
    return outline_overlap(a.points, b.points)


def _read_points(raw: object, path: str) -> tuple[Corner, ...]:
    stated = list_of(raw, "points", path=path, most=MOST_POINTS)
    if len(stated) < 3:
        raise InvalidValue(path, f"{len(stated)} points enclose nothing", "; at least three are needed")
    points: list[Corner] = []
    for place, one in enumerate(stated):
        at = f"{path}[{place}]"
        sides = list_of(one, "coordinates", path=at)
        if len(sides) != 2:
            raise InvalidValue(at, f"{in_short(sides)} is no point", "; [x, y] is needed")
        x, y = (read_coordinate(side, 1.0, at) for side in sides)
        # -0.0 would be another text for the same place.
        points.append((abs(round(x, DIGITS)), abs(round(y, DIGITS))))
    for place, point in enumerate(points):
        if point in points[:place]:
            hint = "; leave it out: the last is joined to the first" if place == len(points) - 1 else "; leave one out"
            raise InvalidValue(f"{path}[{place}]", f"the point {list(point)} is there twice", hint)
    crossing = crossing_sides(points)
    if crossing is not None:
        one, other = crossing
        problem = f"the side from point {one + 1} meets the side from point {other + 1}"
        raise InvalidValue(path, problem, "; an outline goes round once and never crosses or touches itself")
    if math.isclose(signed_area(points), 0, abs_tol=1e-12):
        raise InvalidValue(path, "these points enclose nothing", "; move one")
    return _canonical(points)


def _canonical(points: Sequence[Corner]) -> tuple[Corner, ...]:
    """Write one outline one way: clockwise as people see it, from its first point in order."""
    turned = list(points) if signed_area(points) > 0 else list(points)[::-1]
    first = turned.index(min(turned))
    return tuple(turned[first:] + turned[:first])


class Polygons(LabelledMarks):
    """The task type."""

    name = "labelwright/polygons"
    alias = "polygons"

    def bind(self, settings: Mapping[str, Json]) -> PolygonsTask:
        return PolygonsTask(
            read_labels(settings, at_least=1, others=("same", "field", "tolerance")),
            read_same(settings, "polygons"),
            read_text(settings, "field"),
            read_share(settings, "tolerance", 0.0),
        )

    def settings_schema(self) -> dict[str, Json]:
        return regions_schema()


TASK_TYPE = Polygons()
