"""Draw boxes in an image, each with a label; upright, or at an angle."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np

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
from labelwright.tasks.outlines import Corner, outline_overlap
from labelwright.tasks.protocol import Ballots, Posterior, Shown
from labelwright.tasks.read_settings import list_of, object_of, read_flag, read_one_of, read_share, read_text
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
    read_same,
    regions_schema,
)

MOST_BOXES = 500
ANGLE_DIGITS = 2
COORDINATES = ("fractions", "thousandths")
_THOUSAND = 1000
_MOST_ASPECT = 1000
_SIDES = ("x", "y", "width", "height")
_CORNERS = ("x_min", "y_min", "x_max", "y_max")
_TURN = ("rotation", "aspect")


class Box(NamedTuple):
    """Left, top, width and height as shares of the image's width and height."""

    x: float
    y: float
    width: float
    height: float
    label: str
    rotation: float = 0.0
    """Degrees clockwise about the centre, in [0, 360)."""
    aspect: float = 1.0
    """The image's width over its height: an angle means nothing without it."""


@dataclass(frozen=True)
class BoxesTask:
    """Every cluster of boxes that mean the same thing is a unit, yes or no; its geometry is the median of its boxes.

    `distance` is 1 − the mean overlap (intersection over union) of the best one-to-one matching of equal labels, over
    the larger number of boxes.  same: from which overlap on two people's boxes mean the same thing.  rotation: boxes
    may stand at an angle; a value then says it, and the image's aspect.
    """

    labels: tuple[Label, ...]
    coordinates: str = "fractions"
    same: float = 0.5
    field: str | None = None
    tolerance: float = 0.0
    rotation: bool = False
    name: str = "labelwright/boxes"

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {label.value: place for place, label in enumerate(self.labels)}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return label_names(self.labels)

    def parse(self, raw: object) -> tuple[Box, ...]:
        stated = list_of(raw, "boxes", most=MOST_BOXES)
        return self._checked([self._parse_box(one, f"[{place}]") for place, one in enumerate(stated)])

    def _parse_box(self, raw: object, path: str) -> Box:
        given = object_of(raw, (*_SIDES, "label", *(_TURN if self.rotation else ())), path, "box")
        x, y, width, height = (read_coordinate(given[side], 1.0, f"{path}.{side}") for side in _SIDES)
        label = read_label(given["label"], self._index, f"{path}.label")
        return self._turned(_box((x, y, x + width, y + height), label, path), given, path)

    def _turned(self, box: Box, given: Mapping[str, object], path: str) -> Box:
        if not self.rotation:
            return box
        degrees, aspect = given["rotation"], given["aspect"]
        if isinstance(degrees, bool) or not isinstance(degrees, int | float) or not -360 <= degrees <= 360:
            problem = f"{in_short(degrees)} is no angle"
            raise InvalidValue(f"{path}.rotation", problem, "; degrees clockwise are needed, from -360 to 360")
        if (
            isinstance(aspect, bool)
            or not isinstance(aspect, int | float)
            or not 1 / _MOST_ASPECT <= aspect <= _MOST_ASPECT
        ):
            problem = f"{in_short(aspect)} is no image's width over its height"
            raise InvalidValue(f"{path}.aspect", problem, "; 1.5 for an image of 600 by 400, say")
        return box._replace(rotation=round(degrees % 360, ANGLE_DIGITS) % 360, aspect=round(float(aspect), DIGITS))

    def _checked(self, boxes: Sequence[Box]) -> tuple[Box, ...]:
        return self._in_order(checked_once(boxes, "box"))

    def _in_order(self, boxes: set[Box]) -> tuple[Box, ...]:
        return tuple(sorted(boxes, key=lambda box: (box[:4], self._index[box.label], box[5:])))

    def check_item(self, value: tuple[Box, ...], content: Mapping[str, Json]) -> None:
        """A box is a share of whatever image there is."""

    def dump(self, value: tuple[Box, ...]) -> Json:
        names = (*_SIDES, "label", *(_TURN if self.rotation else ()))
        return [{name: getattr(box, name) for name in names} for box in value]

    def answer_schema(self) -> dict[str, Json]:
        number = "integer" if self.coordinates == "thousandths" else "number"
        properties: dict[str, Json] = {
            "label": one_label(self.labels),
            **{corner: {"type": number} for corner in _CORNERS},
            **({name: {"type": "number"} for name in _TURN} if self.rotation else {}),
        }
        return list_of_objects(properties)

    def read_answer(self, raw: object, shown: Shown) -> tuple[Box, ...]:
        whole = float(_THOUSAND) if self.coordinates == "thousandths" else 1.0
        boxes: list[Box] = []
        for place, one in enumerate(list_of(raw, "boxes", most=MOST_BOXES)):
            path = f"[{place}]"
            given = object_of(one, ("label", *_CORNERS, *(_TURN if self.rotation else ())), path, "box")
            left, top, right, bottom = (
                read_coordinate(given[corner], whole, f"{path}.{corner}") for corner in _CORNERS
            )
            label = read_label(given["label"], self._index, f"{path}.label", names=self._names)
            box = _box((left, top, right, bottom), label, path)
            boxes.append(self._turned(box, given, path))
        return self._checked(boxes)

    def write_answer(self, value: tuple[Box, ...], shown: Shown) -> Json:
        written: list[Json] = []
        for box in value:
            corners = [round(corner, DIGITS) for corner in _corners(box)]
            if self.coordinates == "thousandths":
                corners = [round(corner * _THOUSAND) for corner in corners]
            turn: dict[str, Json] = {"rotation": box.rotation, "aspect": box.aspect} if self.rotation else {}
            written.append({"label": box.label, **dict(zip(_CORNERS, corners, strict=True)), **turn})
        return written

    def describe(self) -> str:
        how = (
            "whole numbers from 0 to 1000: thousandths of the image's width (x) and height (y)"
            if self.coordinates == "thousandths"
            else "numbers from 0 to 1: shares of the image's width (x) and height (y)"
        )
        where = f" in the image `{self.field}`" if self.field else ""
        turn = (
            " These are the corners before the box is turned by `rotation` degrees clockwise about its centre (0 = "
            "upright); `aspect` is the image's width divided by its height."
            if self.rotation
            else ""
        )
        names = ", ".join(f'"{name}"' for name in ("label", *_CORNERS, *(_TURN if self.rotation else ())))
        return (
            f"Draw a box around everything{where} that one of these labels applies to (an empty list when there is "
            f"nothing):\n{describe_labels(self.labels)}\n"
            f"The answer is a list of {{{names}}}; coordinates are {how}, counted from the upper left corner.{turn}"
        )

    def decompose(self, values: Sequence[tuple[Box, ...]]) -> Ballots:
        return ballots_of(clusters_of(values, overlap_of, same=self.same), len(values))

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> tuple[Box, ...]:
        clusters = cast("Sequence[Sequence[Box]]", ballots.meaning)
        return self._in_order({_median(members) for members in drawn(posterior, clusters)})

    def distance(self, a: tuple[Box, ...], b: tuple[Box, ...]) -> float:
        return matched_distance(a, b, overlap_of)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


def overlap_of(a: Box, b: Box) -> float:
    """Give the intersection over the union of two boxes, in [0, 1]; of turned ones by the overlap of their outlines."""
    if a.rotation or b.rotation:
        return outline_overlap(outline_of(a), outline_of(b))
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return min(shared / (a.width * a.height + b.width * b.height - shared), 1.0)


def outline_of(box: Box) -> tuple[Corner, ...]:
    """Give the four corners as shares of the image, turned as people see it: in pixels, not in shares."""
    across, down = box.x + box.width / 2, box.y + box.height / 2
    cos, sin = math.cos(math.radians(box.rotation)), math.sin(math.radians(box.rotation))
    halves = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    offsets = ((x * box.width * box.aspect / 2, y * box.height / 2) for x, y in halves)
    return tuple((across + (x * cos - y * sin) / box.aspect, down + x * sin + y * cos) for x, y in offsets)


def _corners(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.x + box.width, box.y + box.height


def _box(corners: tuple[float, float, float, float], label: str, path: str) -> Box:
    left, top, right, bottom = (round(corner, DIGITS) for corner in corners)
    if right > 1 or bottom > 1:
        raise InvalidValue(path, "the box reaches beyond the image", "; x + width and y + height are at most 1")
    if left >= right or top >= bottom:
        raise InvalidValue(path, "the box has no width or no height", "; give it some")
    return Box(left, top, round(right - left, DIGITS), round(bottom - top, DIGITS), label)


def _median(boxes: Sequence[Box]) -> Box:
    left, top, right, bottom = np.median(np.array([_corners(box) for box in boxes]), axis=0).tolist()
    upright = _box((left, top, right, bottom), boxes[0].label, "")
    # Angles go round, so there is no median: the angle nearest to the others' is somebody's own, and so is the aspect.
    turns = sorted((box.rotation, box.aspect) for box in boxes)

    def apart(turn: tuple[float, float]) -> tuple[float, float]:
        rotation, aspect = turn
        return sum(_between(rotation, box.rotation) for box in boxes), sum(abs(aspect - box.aspect) for box in boxes)

    rotation, aspect = min(turns, key=apart)
    return upright._replace(rotation=rotation, aspect=aspect)


def _between(one: float, other: float) -> float:
    """Give the degrees between two directions."""
    apart = abs(one - other) % 360
    return min(apart, 360 - apart)


class Boxes(LabelledMarks):
    """The task type."""

    name = "labelwright/boxes"
    alias = "boxes"

    def bind(self, settings: Mapping[str, Json]) -> BoxesTask:
        return BoxesTask(
            read_labels(settings, at_least=1, others=("coordinates", "same", "field", "tolerance", "rotation")),
            read_one_of(settings, "coordinates", COORDINATES),
            read_same(settings, "boxes"),
            read_text(settings, "field"),
            read_share(settings, "tolerance", 0.0),
            read_flag(settings, "rotation", default=False),
        )

    def settings_schema(self) -> dict[str, Json]:
        return regions_schema(
            {
                "coordinates": {"enum": list(COORDINATES)},
                "rotation": {"type": "boolean"},
            }
        )


TASK_TYPE = Boxes()
