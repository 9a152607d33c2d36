"""COCO's JSON for detection, segmentation and keypoints: written at an export, read as gold. There and back, the same.

Beside what COCO has, `item_id` and `labelled` on an image say which item it is and which questions have a label there,
`question` on an annotation whose it is, and `attributes.rotation` the angle of a box (as CVAT writes it).
Places are in pixels of the upright image.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import orjson

from labelwright.adapters.formats.image_size import ImageSize, image_size
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidInput, InvalidValue
from labelwright.ports.sinks import ExportRecord

DIGITS = 6
_Region = Mapping[str, Any]


class CocoWriter:
    """`coco.json`: images, categories and annotations of every question whose labels are regions of an image.

    It is one JSON object, so it is held until the end. An item whose label is missing is left out; one with nothing in
    it is an image without annotations.
    media: the folder under which the paths in the content are files.
    """

    file = "coco.json"

    def __init__(self, media: Path | None) -> None:
        self._media = media
        self._images: list[dict[str, Json]] = []
        self._annotations: list[dict[str, Any]] = []
        self._categories: dict[str, dict[str, Json]] = {}

    def head(self) -> bytes:
        """Begin the file."""
        return b""

    def lines(self, records: Sequence[ExportRecord]) -> bytes:
        """Take records in. Raises InvalidInput: the size of an image cannot be told."""
        for record in records:
            found = {name: label.value for name, label in record.labels.items() if _is_regions(label.value)}
            # An empty list may be the answer to another kind of question about a text.
            if any(found.values()) or (found and self._size(record) is not None):
                self._add(record, cast("dict[str, Sequence[_Region]]", found))
        return b""

    def _add(self, record: ExportRecord, found: Mapping[str, Sequence[_Region]]) -> None:
        size, name = self._image(record, found)
        number = len(self._images) + 1
        self._images.append(
            {
                "id": number,
                "width": size.width,
                "height": size.height,
                "file_name": name,
                "item_id": record.id,
                "labelled": list(found),
            }
        )
        for question, regions in found.items():
            for region in regions:
                self._annotations.append(
                    {
                        "id": len(self._annotations) + 1,
                        "image_id": number,
                        "category_id": self._category(region),
                        **_written(region, size),
                        "iscrowd": 0,
                        "question": question,
                    }
                )

    def _image(self, record: ExportRecord, found: Mapping[str, Sequence[_Region]]) -> tuple[ImageSize, str]:
        told = self._size(record)
        if told is not None:
            return told
        stated = [one["size"] for regions in found.values() for one in regions if "counts" in one]
        if stated:
            height, width = stated[0]
            return ImageSize(width, height), record.id
        raise InvalidInput(
            f"--format coco: the pixels of item {record.id!r} cannot be counted; its content needs one image, as a "
            "data URL or the path of a file in the workspace (PNG, JPEG, GIF, WebP or BMP)"
        )

    def _size(self, record: ExportRecord) -> tuple[ImageSize, str] | None:
        for value in record.content.values():
            size = image_size(value, self._media)
            if size is not None and isinstance(value, str):
                return size, record.id if value.startswith("data:") else value
        return None

    def _category(self, region: _Region) -> int:
        names: list[Json] = list(region["points"]) if isinstance(region.get("points"), Mapping) else []
        known = self._categories.setdefault(
            str(region["label"]), {"id": len(self._categories) + 1, "name": region["label"], "supercategory": ""}
        )
        if names:
            known |= {"keypoints": names, "skeleton": []}
        return cast("int", known["id"])

    def tail(self) -> bytes:
        """End the file: all of it."""
        return orjson.dumps(
            {
                "info": {"description": "exported by Labelwright", "version": "1.0"},
                "licenses": [],
                "images": self._images,
                "categories": list(self._categories.values()),
                "annotations": self._annotations,
            },
            option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
        )


def _is_regions(value: Json) -> bool:
    """Say whether a label is a list of regions; an empty list may be one, so it is taken for one."""
    return isinstance(value, list | tuple) and all(
        isinstance(one, Mapping)
        and "label" in one
        and ({"width", "height"} <= one.keys() or "points" in one or "counts" in one)
        for one in value
    )


def _written(region: _Region, size: ImageSize) -> dict[str, Any]:
    points = region.get("points")
    if "counts" in region:
        from labelwright.tasks.run_lengths import decode_counts, painted  # noqa: PLC0415 - masks alone need it

        counts = decode_counts(region["counts"])
        return {
            "segmentation": {"size": list(region["size"]), "counts": region["counts"]},
            "area": painted(counts),
            "bbox": _around_runs(counts, region["size"][0]),
        }
    if isinstance(points, Mapping):
        placed = cast("Mapping[str, Mapping[str, float]]", points).values()
        flat = [side for one in placed for side in (one["x"] * size.width, one["y"] * size.height, one["visibility"])]
        seen = [(flat[at], flat[at + 1]) for at in range(0, len(flat), 3) if flat[at + 2]]
        box = _around(seen)
        return {"keypoints": flat, "num_keypoints": len(seen), "bbox": box, "area": box[2] * box[3], "segmentation": []}
    if points is not None:
        corners = [(x * size.width, y * size.height) for x, y in points]
        area = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, corners[1:] + corners[:1], strict=True))) / 2
        return {"segmentation": [[side for one in corners for side in one]], "area": area, "bbox": _around(corners)}
    x, y, width, height = (region[side] for side in ("x", "y", "width", "height"))
    box = [x * size.width, y * size.height, width * size.width, height * size.height]
    turned = {"attributes": {"rotation": region["rotation"]}} if "rotation" in region else {}
    return {"bbox": box, "area": box[2] * box[3], "segmentation": [], **turned}


def _around(points: Sequence[tuple[float, float]]) -> list[float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)] if points else [0, 0, 0, 0]


def _around_runs(counts: Sequence[int], height: int) -> list[float]:
    """Give the box around the painted pixels, without the bitmap."""
    at, columns, rows = 0, list[int](), list[int]()
    for place, count in enumerate(counts):
        if place % 2 and count:
            columns += [at // height, (at + count - 1) // height]
            # A run that goes on in the next column covers the lowest and the uppermost row.
            crosses = columns[-2] != columns[-1]
            rows += [0, height - 1] if crosses else [at % height, (at + count - 1) % height]
        at += count
    return [min(columns), min(rows), max(columns) - min(columns) + 1, max(rows) - min(rows) + 1]


def read_coco(text: str, kinds: Mapping[str, str]) -> list[dict[str, Json]]:
    """Read COCO's JSON as rows {"id", question: regions}.

    kinds: question -> the alias of its type, of those that are asked about images. An annotation that names no question
    is the only one's; an image without `item_id` is the item of its file name.
    Raises: InvalidValue, with the annotation: no such image, no such category, a shape the question does not take.
    """
    try:
        stated = orjson.loads(text)
        images = {one["id"]: one for one in stated["images"]}
        categories = {one["id"]: one for one in stated["categories"]}
        annotations: list[dict[str, Any]] = stated["annotations"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as problem:
        hint = "; an object with images, categories and annotations is needed"
        raise InvalidValue("", f"this is not COCO's JSON ({problem})", hint) from problem
    asked = [name for name, kind in kinds.items() if kind in _READERS]
    rows: dict[Any, dict[str, Any]] = {
        number: {"id": str(one.get("item_id", one.get("file_name", number)))}
        | {name: [] for name in one.get("labelled", asked) if name in asked}
        for number, one in images.items()
    }
    for place, one in enumerate(annotations):
        path = f"annotations[{place}]"
        question = one.get("question", asked[0] if len(asked) == 1 else None)
        if question not in asked:
            hint = f'; write "question": one of {", ".join(asked)}' if asked else ""
            raise InvalidValue(path, f"{question!r} is no question about images of this project", hint)
        image, category = images.get(one.get("image_id")), categories.get(one.get("category_id"))
        if image is None or category is None:
            raise InvalidValue(path, "its image_id or category_id is none of this file's", "")
        size = ImageSize(int(image["width"]), int(image["height"]))
        try:
            regions = _READERS[kinds[question]](one, size, category)
        except (KeyError, TypeError, IndexError, ValueError) as problem:
            raise InvalidValue(path, f"this is no shape for {kinds[question]} ({problem})", "") from problem
        rows[one["image_id"]].setdefault(question, []).extend(
            {**region, "label": category["name"]} for region in regions
        )
    return list(rows.values())


def takes_regions(kind: str) -> bool:
    """Whether a type, by its alias, is read from COCO's annotations."""
    return kind in _READERS


def _read_box(one: Mapping[str, Any], size: ImageSize, _category: Mapping[str, Any]) -> list[dict[str, Any]]:
    x, y, width, height = one["bbox"]
    # Ends are rounded, not sizes, so that a box at the edge stays within the image.
    left, top = _share(x, size.width), _share(y, size.height)
    box = {
        "x": left,
        "y": top,
        "width": round(_share(x + width, size.width) - left, DIGITS),
        "height": round(_share(y + height, size.height) - top, DIGITS),
    }
    rotation = one.get("attributes", {}).get("rotation")
    if rotation is None:
        return [box]
    return [{**box, "rotation": rotation, "aspect": round(size.width / size.height, DIGITS)}]


def _read_polygons(one: Mapping[str, Any], size: ImageSize, _category: Mapping[str, Any]) -> list[dict[str, Any]]:
    if isinstance(one["segmentation"], dict):
        raise ValueError("a bitmap; ask with type masks")  # noqa: TRY004 - the caller tells of both alike
    return [
        {"points": [[_share(flat[at], size.width), _share(flat[at + 1], size.height)] for at in range(0, len(flat), 2)]}
        for flat in one["segmentation"]
    ]


def _read_keypoints(one: Mapping[str, Any], size: ImageSize, category: Mapping[str, Any]) -> list[dict[str, Any]]:
    flat, names = one["keypoints"], category["keypoints"]
    points = {
        name: {
            "x": _share(flat[3 * at], size.width) if flat[3 * at + 2] else 0,
            "y": _share(flat[3 * at + 1], size.height) if flat[3 * at + 2] else 0,
            "visibility": flat[3 * at + 2],
        }
        for at, name in enumerate(names)
    }
    return [{"points": points}]


def _read_mask(one: Mapping[str, Any], _size: ImageSize, _category: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not isinstance(one["segmentation"], dict):
        raise ValueError("an outline; ask with type polygons")  # noqa: TRY004 - the caller tells of both alike
    segmentation = cast("dict[str, Any]", one["segmentation"])
    return [{"size": segmentation["size"], "counts": segmentation["counts"]}]


def _share(pixels: float, whole: int) -> float:
    return min(max(round(pixels / whole, DIGITS), 0), 1)


_READERS: Mapping[str, Callable[[Mapping[str, Any], ImageSize, Mapping[str, Any]], list[dict[str, Any]]]] = {
    "boxes": _read_box,
    "polygons": _read_polygons,
    "keypoints": _read_keypoints,
    "masks": _read_mask,
}
