"""Mark named points of things in an image, and whether each can be seen: eyes, joints, corners."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.answer_schema import list_of_objects, one_label, strict_object
from labelwright.tasks.label_list import (
    Label,
    LabelledMarks,
    describe_labels,
    json_text,
    label_names,
    read_labels,
)
from labelwright.tasks.protocol import MAIN_LABELS, Ballots, Labels, Posterior, Shown
from labelwright.tasks.read_settings import list_of, object_of, read_share, read_text
from labelwright.tasks.read_settings import shown as in_short
from labelwright.tasks.regions import (
    DIGITS,
    ballots_of,
    checked_once,
    clusters_of,
    drawn,
    matched_distance,
    read_coordinate,
    read_label,
    regions_schema,
)
from labelwright.tasks.renaming import RENAME_ONLY, labels_at, renamed_list

MOST_OBJECTS = 500
_POINTS = "points"
MOST_NAMES = 100
NOT_THERE, HIDDEN, SEEN = 0, 1, 2
"""COCO's visibility: not marked, marked but covered, marked and seen."""
SMALLEST = 0.05
"""An object counts as at least this share of the image each way, so that one point alone has a size."""


class Point(NamedTuple):
    """A place as shares of the image's width and height; both 0 where it is not marked."""

    x: float
    y: float
    visibility: int


_ABSENT = Point(0.0, 0.0, NOT_THERE)


class Figure(NamedTuple):
    """One object: its points in the order of the settings."""

    points: tuple[Point, ...]
    label: str


@dataclass(frozen=True)
class KeypointsTask:
    """Every cluster of figures that mean the same thing is a unit, yes or no; each of its points goes by the median.

    `distance` is 1 − the mean likeness of the best one-to-one matching of equal labels, over the larger number of
    figures.  spread: the distance, as a share of the figure's size, at which two points count as alike by exp(−½).
    """

    labels: tuple[Label, ...]
    points: tuple[str, ...]
    skeleton: tuple[tuple[str, str], ...] = ()
    spread: float = 0.1
    same: float = 0.5
    field: str | None = None
    tolerance: float = 0.0
    name: str = "labelwright/keypoints"

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {label.value: place for place, label in enumerate(self.labels)}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return label_names(self.labels)

    def parse(self, raw: object) -> tuple[Figure, ...]:
        return self._read(raw, {})

    def _read(self, raw: object, names: Mapping[str, str]) -> tuple[Figure, ...]:
        found: list[Figure] = []
        for place, one in enumerate(list_of(raw, "objects", most=MOST_OBJECTS)):
            path = f"[{place}]"
            given = object_of(one, ("label", "points"), path, "object")
            stated = object_of(given["points"], self.points, f"{path}.points", "set of points")
            points = tuple(_point(stated[name], f"{path}.points.{name}") for name in self.points)
            if all(point.visibility == NOT_THERE for point in points):
                raise InvalidValue(f"{path}.points", "no point of this object is marked", "; mark one, or leave it out")
            found.append(Figure(points, read_label(given["label"], self._index, f"{path}.label", names=names)))
        return self._in_order(checked_once(found, "object"))

    def _in_order(self, figures: set[Figure]) -> tuple[Figure, ...]:
        return tuple(sorted(figures, key=lambda one: (one.points, self._index[one.label])))

    def check_item(self, value: tuple[Figure, ...], content: Mapping[str, Json]) -> None:
        """A place is a share of whatever image there is."""

    def dump(self, value: tuple[Figure, ...]) -> Json:
        return [
            {
                "label": figure.label,
                "points": {name: point._asdict() for name, point in zip(self.points, figure.points, strict=True)},
            }
            for figure in value
        ]

    def answer_schema(self) -> dict[str, Json]:
        visibility: dict[str, Json] = {"type": "integer", "enum": [NOT_THERE, HIDDEN, SEEN]}
        point = strict_object({"x": {"type": "number"}, "y": {"type": "number"}, "visibility": visibility})
        points = strict_object(dict.fromkeys(self.points, point))
        return list_of_objects({"label": one_label(self.labels), "points": points})

    def read_answer(self, raw: object, shown: Shown) -> tuple[Figure, ...]:
        return self._read(raw, self._names)

    def write_answer(self, value: tuple[Figure, ...], shown: Shown) -> Json:
        return self.dump(value)

    def describe(self) -> str:
        where = f" in the image `{self.field}`" if self.field else ""
        return (
            f"Mark the points of everything{where} that one of these labels applies to (an empty list when there is "
            f"nothing):\n{describe_labels(self.labels)}\n"
            f"Its points are {', '.join(json_text(name) for name in self.points)}. "
            'The answer is a list of {"label", "points"}; points gives for every name {"x", "y", "visibility"}: x and '
            "y from 0 to 1 are shares of the image's width and height, counted from the upper left corner; visibility "
            "is 2 for a point that is seen, 1 for one that is covered but whose place is known, and 0, with x and y 0, "
            "for one that is not in the image."
        )

    def decompose(self, values: Sequence[tuple[Figure, ...]]) -> Ballots:
        return ballots_of(clusters_of(values, self.likeness, same=self.same), len(values))

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> tuple[Figure, ...]:
        clusters = cast("Sequence[Sequence[Figure]]", ballots.meaning)
        return self._in_order({_together(members) for members in drawn(posterior, clusters)})

    def distance(self, a: tuple[Figure, ...], b: tuple[Figure, ...]) -> float:
        return matched_distance(a, b, self.likeness)

    def likeness(self, a: Figure, b: Figure) -> float:
        """Give the mean over the points that either marked of exp(−d² / 2·spread²); a point only one marked counts 0.

        Object keypoint similarity (COCO; Lin et al., 2014), made symmetric and free of the image's size: d is measured
        along each side of the box around both figures, as a share of that side.
        """
        pairs = [
            (one, other)
            for one, other in zip(a.points, b.points, strict=True)
            if one.visibility != NOT_THERE or other.visibility != NOT_THERE
        ]
        marked = [point for pair in pairs for point in pair if point.visibility != NOT_THERE]
        wide, high = (
            max(max(places) - min(places), SMALLEST)
            for places in ([point.x for point in marked], [point.y for point in marked])
        )
        total = math.fsum(
            math.exp(-(((one.x - other.x) / wide) ** 2 + ((one.y - other.y) / high) ** 2) / (2 * self.spread**2))
            for one, other in pairs
            if NOT_THERE not in (one.visibility, other.visibility)
        )
        return min(total / len(pairs), 1.0)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


def _point(raw: object, path: str) -> Point:
    given = object_of(raw, ("x", "y", "visibility"), path, "point")
    visibility = given["visibility"]
    if isinstance(visibility, bool) or visibility not in (NOT_THERE, HIDDEN, SEEN):
        hint = "; 0 = not marked, 1 = marked but covered, 2 = seen"
        raise InvalidValue(f"{path}.visibility", f"visibility is {in_short(visibility)}", hint)
    x, y = (round(read_coordinate(given[side], 1.0, f"{path}.{side}"), DIGITS) for side in ("x", "y"))
    if visibility == NOT_THERE and (x or y):
        raise InvalidValue(path, f"a point that is not marked is at {x}, {y}", "; write 0, 0, or visibility 1 or 2")
    # A JSON 2.0 is the same number as 2; -0.0 the same place as 0.
    return Point(abs(x), abs(y), int(cast("int", visibility)))


def _together(figures: Sequence[Figure]) -> Figure:
    """Give each point that most people marked the median of its places, and the visibility most of these give it."""
    points = tuple(_median(column) for column in zip(*(figure.points for figure in figures), strict=True))
    if all(point == _ABSENT for point in points):
        # No point has a majority: the figure that says most stands for all.
        return min(figures, key=lambda one: (-sum(point.visibility != NOT_THERE for point in one.points), one))
    return Figure(points, figures[0].label)


def _median(column: Sequence[Point]) -> Point:
    marked = [point for point in column if point.visibility != NOT_THERE]
    if len(marked) * 2 <= len(column):
        return _ABSENT
    x, y = np.median(np.array([point[:2] for point in marked]), axis=0).tolist()
    is_seen = sum(point.visibility == SEEN for point in marked) * 2 > len(marked)
    return Point(round(x, DIGITS), round(y, DIGITS), SEEN if is_seen else HIDDEN)


class Keypoints(LabelledMarks):
    """The task type."""

    name = "labelwright/keypoints"
    alias = "keypoints"

    def label_lists(self, settings: Mapping[str, Json]) -> Mapping[str, Labels]:
        """Points have names too: two of them cannot be one, nor one of them two."""
        return {MAIN_LABELS: labels_at(settings, MAIN_LABELS), _POINTS: labels_at(settings, _POINTS, RENAME_ONLY)}

    def with_labels(
        self, settings: Mapping[str, Json], among: str, written: Sequence[Json], moved: Mapping[str, Sequence[str]]
    ) -> dict[str, Json]:
        changed: dict[str, Json] = {**settings, among: list(written)}
        if among == _POINTS and isinstance(lines := settings.get("skeleton"), list | tuple):
            changed["skeleton"] = [renamed_list(line, moved) for line in lines]
        return changed

    def relabel(self, value: Json, names: Mapping[str, str], among: str = MAIN_LABELS) -> Json:
        if among != _POINTS:
            return super().relabel(value, names)
        return [_renamed_points(one, names) for one in value] if isinstance(value, list | tuple) else value

    def labels_in(self, value: Json, among: str = MAIN_LABELS) -> frozenset[str]:
        if among != _POINTS:
            return super().labels_in(value)
        figures = value if isinstance(value, list | tuple) else ()
        stated = (one.get(_POINTS) for one in figures if isinstance(one, Mapping))
        return frozenset(name for points in stated if isinstance(points, Mapping) for name in points)

    def bind(self, settings: Mapping[str, Json]) -> KeypointsTask:
        others = ("points", "skeleton", "spread", "same", "field", "tolerance")
        labels = read_labels(settings, at_least=1, others=others)
        points = _read_names(settings.get("points"))
        for key in ("same", "spread"):
            if settings.get(key) == 0:
                raise InvalidValue(key, f"{key} is 0", "; a number above 0 and below 1 is needed")
        return KeypointsTask(
            labels,
            points,
            _read_skeleton(settings.get("skeleton"), points),
            read_share(settings, "spread", 0.1),
            read_share(settings, "same", 0.5),
            read_text(settings, "field"),
            read_share(settings, "tolerance", 0.0),
        )

    def settings_schema(self) -> dict[str, Json]:
        name: dict[str, Json] = {"type": "string"}
        return regions_schema(
            {
                "points": {"type": "array", "items": name, "minItems": 1, "maxItems": MOST_NAMES},
                "skeleton": {
                    "type": "array",
                    "items": {"type": "array", "items": name, "minItems": 2, "maxItems": 2},
                },
                "spread": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            },
            required=("labels", "points"),
        )


def _renamed_points(figure: Json, names: Mapping[str, str]) -> Json:
    if not isinstance(figure, Mapping) or not isinstance(points := figure.get(_POINTS), Mapping):
        return figure
    return {**figure, _POINTS: {names.get(name, name): point for name, point in points.items()}}


def _read_names(raw: Json) -> tuple[str, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        raise InvalidValue("points", "a list of names is needed", ", such as points: [head, left hand, right hand]")
    if len(raw) > MOST_NAMES:
        raise InvalidValue("points", f"{len(raw)} points are too many", f"; the most is {MOST_NAMES}")
    for place, name in enumerate(raw):
        if not isinstance(name, str) or not name.strip() or name != name.strip():
            raise InvalidValue(f"points[{place}]", f"{in_short(name)} is no name", "; a text without spaces around it")
        if name in raw[:place]:
            raise InvalidValue(f"points[{place}]", f"the point {name!r} is there twice", "; remove one")
    return tuple(cast("Sequence[str]", raw))


def _read_skeleton(raw: Json, points: Sequence[str]) -> tuple[tuple[str, str], ...]:
    if raw is None:
        return ()
    lines: list[tuple[str, str]] = []
    for place, one in enumerate(list_of(raw, "lines", path="skeleton")):
        pair = list_of(one, "names", path=f"skeleton[{place}]")
        if len(pair) != 2 or pair[0] == pair[1]:
            raise InvalidValue(f"skeleton[{place}]", f"{in_short(pair)} is no line", "; the names of two points")
        for name in pair:
            if name not in points:
                problem = f"there is no point {in_short(name)}"
                raise InvalidValue(f"skeleton[{place}]", problem, did_you_mean(str(name), points))
        lines.append((str(pair[0]), str(pair[1])))
    return tuple(lines)


TASK_TYPE = Keypoints()
