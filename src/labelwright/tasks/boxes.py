"""Draw boxes in an image, each with a label."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.label_list import Label, describe_labels, label_list_schema, label_names, read_labels
from labelwright.tasks.protocol import Ballots, Posterior, Shown
from labelwright.tasks.read_settings import list_of, object_of, read_one_of, read_share, read_text
from labelwright.tasks.read_settings import shown as in_short

DIGITS = 6
"""Coordinates are kept to a millionth of the image: finer than any pixel."""
MOST_BOXES = 500
COORDINATES = ("fractions", "thousandths")
_THOUSAND = 1000
_NO, _YES = 0, 1
_SIDES = ("x", "y", "width", "height")
_CORNERS = ("x_min", "y_min", "x_max", "y_max")


class Box(NamedTuple):
    """Left, top, width and height as shares of the image's width and height."""

    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True)
class BoxesTask:
    """Every cluster of boxes that mean the same thing is a unit, yes or no; its geometry is the median of its boxes.

    `distance` is 1 − the mean overlap (intersection over union) of the best one-to-one matching of equal labels, over
    the larger number of boxes.  same: from which overlap on two people's boxes mean the same thing.
    """

    labels: tuple[Label, ...]
    coordinates: str = "fractions"
    same: float = 0.5
    field: str | None = None
    tolerance: float = 0.0
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
        given = object_of(raw, (*_SIDES, "label"), path, "box")
        x, y, width, height = (_share(given[side], 1.0, f"{path}.{side}") for side in _SIDES)
        label = self._label(given["label"], f"{path}.label")
        return _box((x, y, x + width, y + height), label, path)

    def _label(self, raw: object, path: str) -> str:
        if not isinstance(raw, str) or raw not in self._index:
            raise InvalidValue(path, f"label {in_short(raw)} is not in the schema", did_you_mean(raw, self._index))
        return raw

    def _checked(self, boxes: Sequence[Box]) -> tuple[Box, ...]:
        seen: set[Box] = set()
        for place, box in enumerate(boxes):
            if box in seen:
                raise InvalidValue(f"[{place}]", f"this box of {box.label!r} is there twice", "; remove one")
            seen.add(box)
        return self._in_order(seen)

    def _in_order(self, boxes: set[Box]) -> tuple[Box, ...]:
        return tuple(sorted(boxes, key=lambda box: (box[:4], self._index[box.label])))

    def check_item(self, value: tuple[Box, ...], content: Mapping[str, Json]) -> None:
        """A box is a share of whatever image there is."""

    def dump(self, value: tuple[Box, ...]) -> Json:
        return [box._asdict() for box in value]

    def answer_schema(self) -> dict[str, Json]:
        number = "integer" if self.coordinates == "thousandths" else "number"
        properties: dict[str, Json] = {
            "label": {"type": "string", "enum": [label.value for label in self.labels]},
            **{corner: {"type": number} for corner in _CORNERS},
        }
        box: dict[str, Json] = {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
        return {"type": "array", "items": box}

    def read_answer(self, raw: object, shown: Shown) -> tuple[Box, ...]:
        whole = float(_THOUSAND) if self.coordinates == "thousandths" else 1.0
        boxes: list[Box] = []
        for place, one in enumerate(list_of(raw, "boxes", most=MOST_BOXES)):
            path = f"[{place}]"
            given = object_of(one, ("label", *_CORNERS), path, "box")
            left, top, right, bottom = (_share(given[corner], whole, f"{path}.{corner}") for corner in _CORNERS)
            label = given["label"]
            named = self._names.get(label, label) if isinstance(label, str) else label
            boxes.append(_box((left, top, right, bottom), self._label(named, f"{path}.label"), path))
        return self._checked(boxes)

    def write_answer(self, value: tuple[Box, ...], shown: Shown) -> Json:
        written: list[Json] = []
        for box in value:
            corners = [round(corner, DIGITS) for corner in _corners(box)]
            if self.coordinates == "thousandths":
                corners = [round(corner * _THOUSAND) for corner in corners]
            written.append({"label": box.label, **dict(zip(_CORNERS, corners, strict=True))})
        return written

    def describe(self) -> str:
        how = (
            "whole numbers from 0 to 1000: thousandths of the image's width (x) and height (y)"
            if self.coordinates == "thousandths"
            else "numbers from 0 to 1: shares of the image's width (x) and height (y)"
        )
        where = f" in the image `{self.field}`" if self.field else ""
        return (
            f"Draw a box around everything{where} that one of these labels applies to (an empty list when there is "
            f"nothing):\n{describe_labels(self.labels)}\n"
            f'The answer is a list of {{"label", "x_min", "y_min", "x_max", "y_max"}}; coordinates are {how}, counted '
            "from the upper left corner."
        )

    def decompose(self, values: Sequence[tuple[Box, ...]]) -> Ballots:
        clusters = self._clusters(values)
        unit = [u for u in range(len(clusters)) for _ in values]
        annotator = [a for _ in clusters for a in range(len(values))]
        option = [_YES if a in members else _NO for members in clusters for a in range(len(values))]
        meaning = [list(members.values()) for members in clusters]
        return Ballots(unit, annotator, option, len(clusters), 2, "local", meaning=meaning)

    def _clusters(self, values: Sequence[tuple[Box, ...]]) -> list[dict[int, Box]]:
        """Join boxes of one label, the best overlaps first, so that each person has one box in a cluster at most."""
        cluster = {(a, box): {a: box} for a, value in enumerate(values) for box in value}
        pairs = [
            (overlap, one, other)
            for one in cluster
            for other in cluster
            if one[0] < other[0] and one[1].label == other[1].label
            if (overlap := overlap_of(one[1], other[1])) >= self.same
        ]
        # By overlap, then by place: the order of the people decides nothing.
        pairs.sort(key=lambda pair: (-pair[0], sorted((pair[1][1], pair[2][1])), pair[1][0], pair[2][0]))
        for _, one, other in pairs:
            first, second = cluster[one], cluster[other]
            if first is not second and not first.keys() & second.keys():
                first.update(second)
                for key in second.items():
                    cluster[key] = first
        distinct = {id(members): members for members in cluster.values()}.values()
        return sorted(distinct, key=lambda members: sorted(members.values()))

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> tuple[Box, ...]:
        pairs = zip(cast("Sequence[Sequence[Box]]", ballots.meaning), posterior, strict=True)
        return self._in_order({_median(members) for members, p in pairs if float(p[_YES]) > float(p[_NO])})

    def distance(self, a: tuple[Box, ...], b: tuple[Box, ...]) -> float:
        if a == b:
            return 0.0
        if not a or not b:
            return 1.0
        from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - a tenth of a second, for images only

        # Always laid out the same way, so that the distance there is the distance back.
        first, second = sorted((a, b))
        overlaps = np.array(
            [[overlap_of(one, other) if one.label == other.label else 0.0 for other in second] for one in first]
        )
        matched = cast("tuple[Sequence[int], Sequence[int]]", linear_sum_assignment(overlaps, maximize=True))
        total = math.fsum(float(overlaps[i, j]) for i, j in zip(*matched, strict=True))
        return min(max(1.0 - total / max(len(a), len(b)), 1e-9), 1.0)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


def overlap_of(a: Box, b: Box) -> float:
    """Give the intersection over the union of two boxes, in [0, 1]."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return min(shared / (a.width * a.height + b.width * b.height - shared), 1.0)


def _share(raw: object, whole: float, path: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 <= raw <= whole:
        raise InvalidValue(path, f"{in_short(raw)} is not in the image", f"; a number from 0 to {whole:g} is needed")
    return raw / whole


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
    return _box((left, top, right, bottom), boxes[0].label, "")


class Boxes:
    """The task type."""

    name = "labelwright/boxes"
    alias = "boxes"

    def bind(self, settings: Mapping[str, Json]) -> BoxesTask:
        same = read_share(settings, "same", 0.5)
        if same == 0:
            raise InvalidValue("same", "same is 0", "; boxes that do not overlap cannot mean the same thing")
        return BoxesTask(
            read_labels(settings, at_least=1, others=("coordinates", "same", "field", "tolerance")),
            read_one_of(settings, "coordinates", COORDINATES),
            same,
            read_text(settings, "field"),
            read_share(settings, "tolerance", 0.0),
        )

    def settings_schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "properties": {
                "labels": label_list_schema(1),
                "coordinates": {"enum": list(COORDINATES)},
                "same": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
                "field": {"type": "string"},
                "tolerance": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
            },
            "required": ["labels"],
            "additionalProperties": False,
        }


TASK_TYPE = Boxes()
