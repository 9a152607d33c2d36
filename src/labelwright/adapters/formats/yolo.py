"""YOLO's labels for detection and segmentation, in one archive: written at an export.

`data.yaml` names the classes in the schema's order, `labels/NAME.txt` holds a line per box (`class cx cy w h`) or
outline (`class x1 y1 x2 y2 ...`), as shares of the image, and `items.jsonl` says which item each file is about. Images
stay where they are: beside `labels`, under `images`, a trainer finds them by the same names.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final, cast
from urllib.parse import quote

import orjson

from labelwright.adapters.formats.image_size import image_size
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidInput
from labelwright.ports.sinks import ExportRecord

DATA, ITEMS, LABELS = "data.yaml", "items.jsonl", "labels/"
_DIGITS: Final = 7
"""A centre lies between two places of six digits."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_IMAGES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff")
_Region = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Classes:
    """What a question about images asks for: the names of its labels, in the schema's order."""

    question: str
    names: tuple[str, ...]


@dataclass(slots=True)
class _Dataset:
    """One question's part of the archive: file -> its lines, and the item each is about."""

    names: list[str]
    files: dict[str, str] = field(default_factory=dict[str, str])
    items: dict[str, str] = field(default_factory=dict[str, str])


class YoloWriter:
    """`yolo.zip`: the labels of every question that asks for boxes or outlines; of several, each in a folder.

    An item whose label is missing is left out; one with nothing in it has an empty file. Held until the end.
    media: the folder under which the paths in the content are files.
    Raises: InvalidInput, for what YOLO has no place for: turned boxes, two images of one name.
    """

    file = "yolo.zip"

    def __init__(self, classes: Sequence[Classes], media: Path | None) -> None:
        if not classes:
            raise InvalidInput("--format yolo: no question asks for boxes or polygons in images")
        self._media = media
        self._sets = {one.question: _Dataset(list(one.names)) for one in classes}

    def head(self) -> bytes:
        """Begin the file."""
        return b""

    def lines(self, records: Sequence[ExportRecord]) -> bytes:
        """Take records in."""
        for record in records:
            for question, dataset in self._sets.items():
                label = record.labels.get(question)
                if label is not None and isinstance(label.value, list | tuple):
                    self._add(record, dataset, cast("Sequence[_Region]", label.value))
        return b""

    def _add(self, record: ExportRecord, dataset: _Dataset, regions: Sequence[_Region]) -> None:
        name = f"{LABELS}{self._stem(record)}.txt"
        if name in dataset.files:
            raise InvalidInput(
                f"--format yolo: items {dataset.items[name]!r} and {record.id!r} would share {name}, since a trainer "
                "goes by an image's name without its ending; rename one image, or take --format coco"
            )
        dataset.files[name] = "".join(f"{_line(one, dataset.names, record.id)}\n" for one in regions)
        dataset.items[name] = record.id

    def _stem(self, record: ExportRecord) -> str:
        """Give the image's path without its ending; of an image that is no file, the item's id."""
        for value in record.content.values():
            if isinstance(value, str) and not value.startswith("data:") and len(value) < 1000:
                path = PurePosixPath(value.split("?")[0].split("://")[-1])
                is_image = path.suffix.lower() in _IMAGES or image_size(value, self._media) is not None
                if is_image and not path.is_absolute() and ".." not in path.parts:
                    return str(path.with_suffix(""))
        return quote(record.id, safe=" ").lstrip(".") or "item"

    def tail(self) -> bytes:
        """End the file: all of it."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for question, dataset in self._sets.items():
                folder = f"{quote(question, safe=' ')}/" if len(self._sets) > 1 else ""
                _put(archive, folder + DATA, _data_yaml(question, dataset.names))
                about = [{"file": name, "id": item} for name, item in dataset.items.items()]
                _put(archive, folder + ITEMS, b"".join(orjson.dumps(one) + b"\n" for one in about).decode())
                for name, text in dataset.files.items():
                    _put(archive, folder + name, text)
        return packed.getvalue()


def _line(region: _Region, names: list[str], item: str) -> str:
    if region.get("rotation"):
        raise InvalidInput(f"--format yolo: item {item!r} has a turned box, for which YOLO's detection has no place")
    label = str(region["label"])
    if label not in names:
        names.append(label)
    if "points" in region:
        figures = [side for point in region["points"] for side in point]
    else:
        x, y, width, height = (region[side] for side in ("x", "y", "width", "height"))
        figures = [x + width / 2, y + height / 2, width, height]
    return " ".join([str(names.index(label)), *(_written(one) for one in figures)])


def _written(share: float) -> str:
    text = f"{share:.{_DIGITS}f}".rstrip("0").rstrip(".")
    return text or "0"


def _data_yaml(question: str, names: Sequence[str]) -> str:
    def text(value: Json) -> str:
        return orjson.dumps(value).decode()

    listed = "".join(f"  {number}: {text(name)}\n" for number, name in enumerate(names))
    return (
        "# Put the images under images, by the same names as under labels.\n"
        f"path: .\ntrain: images\nval: images\nnc: {len(names)}\nnames:\n{listed}question: {text(question)}\n"
    )


def _put(archive: zipfile.ZipFile, name: str, text: str) -> None:
    # No clock: the same export is the same bytes.
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, text.encode())
