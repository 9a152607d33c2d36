"""COCO's JSON: written and read again, the labels are the same; its figures are those COCO defines."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.formats.coco import CocoWriter
from labelwright.adapters.formats.gold_file import read_gold
from labelwright.adapters.formats.image_size import ImageSize, image_size, size_of_bytes
from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.errors import InvalidFile, InvalidInput
from labelwright.ports.sinks import ExportRecord, LabelRecord
from labelwright.tasks.registry import bind

WIDTH, HEIGHT = 640, 427


def png(width: int = WIDTH, height: int = HEIGHT) -> str:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return "data:image/png;base64," + base64.b64encode(head).decode()


def jpeg(width: int, height: int, orientation: int) -> bytes:
    tiff = (
        b"MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01"
        + struct.pack(">H", orientation)
        + b"\0" * 6
    )
    exif = b"Exif\0\0" + tiff
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"\0" * 9
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + b"\xff\xc0" + struct.pack(">H", 17) + frame


BOXES = Question(QuestionName("things"), "labelwright/boxes", {"labels": ["cat", "dog"]})
ANGLED = Question(QuestionName("things"), "labelwright/boxes", {"labels": ["cat", "dog"], "rotation": True})
POLYGONS = Question(QuestionName("things"), "labelwright/polygons", {"labels": ["cat", "dog"]})
KEYPOINTS = Question(
    QuestionName("things"), "labelwright/keypoints", {"labels": ["cat", "dog"], "points": ["head", "tail"]}
)
MASKS = Question(QuestionName("things"), "labelwright/masks", {"labels": ["cat", "dog"]})


def record(item: str, content: Mapping[str, Json], **labels: Json) -> ExportRecord:
    return ExportRecord(
        item, content, {}, {name: LabelRecord(value, "human", None, None, None, ()) for name, value in labels.items()}
    )


def written(*records: ExportRecord, media: Path | None = None) -> dict[str, Any]:
    writer = CocoWriter(media)
    return json.loads(writer.head() + writer.lines(records) + writer.tail())


def there_and_back(folder: Path, question: Question, values: Mapping[str, Json]) -> Mapping[str, Json]:
    records = [record(item, {"image": png()}, things=value) for item, value in values.items()]
    file = folder / "coco.json"
    file.write_text(json.dumps(written(*records)))
    return read_gold(file, [question]).values["things"]


def box(x: float, y: float, width: float, height: float, **more: Json) -> dict[str, Json]:
    return {"x": x, "y": y, "width": width, "height": height, "label": "cat", **more}


VALUES: Sequence[tuple[Question, Json]] = (
    (BOXES, [box(0.1, 0.2, 0.3, 0.4), {**box(0, 0, 1, 1), "label": "dog"}, box(0.123457, 0.000001, 0.876543, 0.5)]),
    (ANGLED, [box(0.1, 0.2, 0.3, 0.4, rotation=30.25, aspect=round(WIDTH / HEIGHT, 6))]),
    (POLYGONS, [{"points": [[0.1, 0.1], [0.333333, 0.1], [0.2, 0.999999]], "label": "dog"}]),
    (
        KEYPOINTS,
        [
            {
                "label": "cat",
                "points": {
                    "head": {"x": 0.123457, "y": 0.2, "visibility": 1},
                    "tail": {"x": 0.0, "y": 0.0, "visibility": 0},
                },
            }
        ],
    ),
    (MASKS, [{"label": "cat", "size": [HEIGHT, WIDTH], "counts": [1000, 20, WIDTH * HEIGHT - 1020]}]),
)


@pytest.mark.parametrize(("question", "value"), VALUES, ids=lambda one: getattr(one, "type", ""))
def test_labels_come_back_the_same(tmp_path: Path, question: Question, value: Json) -> None:
    task = bind(question)
    plain = task.dump(task.parse(value))
    assert there_and_back(tmp_path, question, {"a": plain, "b": []}) == {"a": plain, "b": []}


@given(st.lists(st.tuples(*[st.integers(0, 999_999)] * 4), min_size=1, max_size=5))
def test_no_box_loses_a_digit(
    tmp_path_factory: pytest.TempPathFactory, corners: list[tuple[int, int, int, int]]
) -> None:
    task = bind(BOXES)
    stated: list[Json] = []
    for x, y, width, height in dict.fromkeys(corners):
        sizes = (min(width, 999_999 - x) + 1, min(height, 999_999 - y) + 1)
        stated.append(box(x / 1e6, y / 1e6, *(side / 1e6 for side in sizes)))
    plain = task.dump(task.parse(stated))
    assert there_and_back(tmp_path_factory.mktemp("coco"), BOXES, {"a": plain}) == {"a": plain}


def test_figures_are_in_pixels_as_coco_defines_them() -> None:
    made = written(record("a", {"image": png(200, 100)}, things=[box(0.1, 0.2, 0.3, 0.4)]))
    (image,), (annotation,), (category,) = made["images"], made["annotations"], made["categories"]
    assert (image["width"], image["height"], image["item_id"]) == (200, 100, "a")
    assert annotation["bbox"] == pytest.approx([20, 20, 60, 40])
    assert annotation["area"] == pytest.approx(2400)
    assert annotation["category_id"] == category["id"]
    # The painted pixels 3, 4, 5 and 6 of columns of 4: the last of the first column, three of the next.
    mask: Json = [{"label": "cat", "size": [4, 2], "counts": "341"}]
    (painted,) = written(record("a", {"image": png(2, 4)}, things=mask))["annotations"]
    assert (painted["area"], painted["bbox"]) == (4, [0, 0, 2, 4])


def test_a_file_of_somebody_else_is_read_by_its_file_names(tmp_path: Path) -> None:
    file = tmp_path / "instances.json"
    stated: dict[str, Any] = {
        "images": [
            {"id": 7, "file_name": "a.jpg", "width": 200, "height": 100},
            {"id": 8, "file_name": "b.jpg", "width": 9, "height": 9},
        ],
        "categories": [{"id": 3, "name": "dog"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [20, 20, 60, 40], "iscrowd": 0}],
    }
    file.write_text(json.dumps(stated))
    assert read_gold(file, [BOXES]).values["things"] == {
        "a.jpg": [{**box(0.1, 0.2, 0.3, 0.4), "label": "dog"}],
        "b.jpg": [],
    }
    stated["annotations"][0]["category_id"] = 4
    file.write_text(json.dumps(stated))
    with pytest.raises(InvalidFile, match=r"annotations\[0\]: its image_id or category_id"):
        read_gold(file, [BOXES])
    with pytest.raises(InvalidFile, match=r"annotations\[0\]"):
        read_gold(file, [MASKS])


def test_an_image_without_a_size_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="the pixels of item 'a' cannot be counted"):
        written(record("a", {"image": "gone.png"}, things=[box(0.1, 0.2, 0.3, 0.4)]), media=tmp_path)


def test_sizes_are_those_of_the_upright_image(tmp_path: Path) -> None:
    assert image_size(png(3, 4), None) == ImageSize(3, 4)
    assert size_of_bytes(jpeg(200, 100, 1)) == ImageSize(200, 100)
    assert size_of_bytes(jpeg(200, 100, 6)) == ImageSize(100, 200)
    assert size_of_bytes(b"GIF89a" + struct.pack("<HH", 5, 6)) == ImageSize(5, 6)
    assert size_of_bytes(b"BM" + b"\0" * 16 + struct.pack("<ii", 7, -8)) == ImageSize(7, 8)
    assert size_of_bytes(b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + b"\x08\0\0\x09\0\0") == ImageSize(9, 10)
    assert size_of_bytes(b"plain") is None
    (tmp_path / "inside").mkdir()
    (tmp_path / "photo.jpg").write_bytes(jpeg(20, 10, 1))
    assert image_size("photo.jpg", tmp_path) == ImageSize(20, 10)
    # Nothing beside the folder is opened.
    assert image_size("../photo.jpg", tmp_path / "inside") is None
