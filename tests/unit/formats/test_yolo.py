"""YOLO's labels: written and read again they are the same; a mistake is named by file and line."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.formats.gold_file import read_gold
from labelwright.adapters.formats.yolo import YoloWriter
from labelwright.adapters.formats.yolo_labels import classes_of
from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.errors import InvalidFile, InvalidInput, InvalidValue
from labelwright.ports.sinks import ExportRecord, LabelRecord
from labelwright.tasks.registry import bind

LABELS = ["cat", "dog: big", 'a "quoted" one']
BOXES = Question(QuestionName("things"), "boxes", {"labels": LABELS})
POLYGONS = Question(QuestionName("outlines"), "polygons", {"labels": LABELS})
TONE = Question(QuestionName("tone"), "classification", {"labels": ["good", "bad"]})


def record(item: str, content: Mapping[str, Json], **labels: Json) -> ExportRecord:
    told = {name: LabelRecord(value, "human", None, None, None, ()) for name, value in labels.items()}
    return ExportRecord(item, content, {}, told)


def packed(questions: list[Question], *records: ExportRecord) -> bytes:
    writer = YoloWriter(classes_of(questions), None)
    return writer.head() + writer.lines(records) + writer.tail()


def there_and_back(folder: Path, questions: list[Question], *records: ExportRecord) -> Mapping[str, Mapping[str, Json]]:
    file = folder / "yolo.zip"
    file.write_bytes(packed(questions, *records))
    return read_gold(file, questions).values


def names_in(archive: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        return found.namelist()


SHARE = st.integers(0, 999_999)
BOX = st.tuples(SHARE, SHARE, SHARE, SHARE, st.sampled_from(LABELS))
CORNER = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))


@given(st.lists(st.lists(BOX, max_size=4), min_size=1, max_size=3))
def test_no_box_loses_a_digit(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[list[tuple[int, int, int, int, str]]]
) -> None:
    task = bind(BOXES)
    values: dict[str, Json] = {}
    for number, boxes in enumerate(drawn):
        stated: list[Json] = []
        for x, y, width, height, label in dict.fromkeys(boxes):
            sides = (x, y, min(width, 999_999 - x) + 1, min(height, 999_999 - y) + 1)
            one = dict(zip(("x", "y", "width", "height"), (side / 1e6 for side in sides), strict=True))
            stated += [{**one, "label": label}] if {**one, "label": label} not in stated else []
        values[f"item/{number} é"] = task.dump(task.parse(stated))
    records = [record(item, {"image": "data:image/png;base64,"}, things=value) for item, value in values.items()]
    assert there_and_back(tmp_path_factory.mktemp("yolo"), [BOXES, TONE], *records)["things"] == values


@given(st.lists(st.lists(CORNER, min_size=3, max_size=6, unique=True), min_size=1, max_size=3))
def test_no_outline_loses_a_digit(tmp_path_factory: pytest.TempPathFactory, drawn: list[list[tuple[int, int]]]) -> None:
    task = bind(POLYGONS)
    stated: list[Json] = []
    for corners in drawn:
        try:
            one: Json = {"points": [[x / 1e6, y / 1e6] for x, y in corners], "label": "cat"}
            task.parse([*stated, one])
        except InvalidValue:
            continue
        stated.append(one)
    plain = task.dump(task.parse(stated))
    folder = tmp_path_factory.mktemp("yolo")
    assert there_and_back(folder, [POLYGONS], record("a", {"image": "a.jpg"}, outlines=plain))["outlines"] == {
        "a": plain
    }


def test_the_archive_is_what_a_trainer_expects_and_the_same_bytes_again() -> None:
    box = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4, "label": "dog: big"}
    records = [
        record("1", {"text": "hi", "image": "photos/a.jpg"}, things=[box]),
        record("2", {"image": "b.png"}, things=[]),
    ]
    archive = packed([BOXES], *records)
    assert archive == packed([BOXES], *records)
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        assert found.namelist() == ["data.yaml", "items.jsonl", "labels/photos/a.txt", "labels/b.txt"]
        assert found.read("labels/photos/a.txt") == b"1 0.25 0.4 0.3 0.4\n"
        assert found.read("labels/b.txt") == b""
        assert '  1: "dog: big"\n' in found.read("data.yaml").decode()


def test_several_questions_have_a_folder_each(tmp_path: Path) -> None:
    both = record("a", {"image": "a.jpg"}, things=[], outlines=[])
    assert "things/labels/a.txt" in names_in(packed([BOXES, POLYGONS], both))
    assert there_and_back(tmp_path, [BOXES, POLYGONS], both) == {"things": {"a": []}, "outlines": {"a": []}}


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (
            [
                record(
                    "a",
                    {"image": "a.jpg"},
                    things=[{"x": 0, "y": 0, "width": 1, "height": 1, "label": "cat", "rotation": 5}],
                )
            ],
            "turned box",
        ),
        (
            [record("a", {"image": "a.jpg"}, things=[]), record("b", {"image": "a.png"}, things=[])],
            "would share labels/a.txt",
        ),
    ],
)
def test_what_has_no_place_is_refused(records: list[ExportRecord], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        packed([BOXES], *records)


def test_a_question_without_regions_has_no_such_export() -> None:
    with pytest.raises(InvalidInput, match="no question asks for boxes or polygons"):
        packed([TONE])


def dataset(
    folder: Path, lines: str, head: str = "names: [cat, 'dog: big']\n", name: str = "labels/train/a.txt"
) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(lines)
    (folder / "data.yaml").write_text(head)
    return folder / "data.yaml"


def test_a_folder_of_another_tool_is_read_by_the_names_of_its_images(tmp_path: Path) -> None:
    head = "path: ../datasets\ntrain: images/train\nnames:\n  0: cat\n  1: 'dog: big'\n"
    file = dataset(tmp_path, "1 0.5 0.5 1.00001 0.5\n\n0 0.1 0.1 0.2 0.2\n", head)
    (tmp_path / "labels/train/classes.txt").write_text("cat\n")
    values = read_gold(file, [BOXES]).values["things"]
    assert values == {
        "a": [
            {"x": 0.0, "y": 0.0, "width": 0.2, "height": 0.2, "label": "cat"},
            {"x": 0.0, "y": 0.25, "width": 1.0, "height": 0.5, "label": "dog: big"},
        ]
    }


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("0 0.5 0.5 0.1\n", r"a\.txt, line 1: 3 numbers follow the class; a box has 4"),
        ("0 .5 .5 .1 .1\n\n7 .5 .5 .1 .1", r"line 3: '7' is no class of data\.yaml"),
        ("cat .5 .5 .1 .1", "line 1: 'cat' is no class"),
        ("0 .5 .5 .1 x", "line 1: 'x' is no number"),
        ("0 .5 .5 .1 nan", "line 1: nan is no share"),
        ("0 50 50 10 10", "line 1: 50 is no share of the image"),
        ("0 .9 .5 .4 .1", "line 1: the box reaches beyond the image"),
        ("0 .5 .5 0 .1", "line 1: the box has no width"),
        ("0 .5 .5 .1 .1\n0 .5 .5 .1 .1", "line 2: is there twice"),
        ("0 .1 .1 .2 .1 .2 .2", "a question of type polygons"),
        ("0 .1 .1 .2 .1 .9", "5 numbers follow"),
    ],
)
def test_a_mistake_is_named_by_file_and_line(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(InvalidFile, match=said):
        read_gold(dataset(tmp_path, lines), [BOXES])


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("train: images\n", "names no classes"),
        ("names: 3\n", "names no classes"),
        ("names: [cat]\nquestion: tone\n", "does not ask for boxes"),
        ("names: [cow]\n", r"a\.txt: things: .*'cow' is not in the schema"),
        ("names: [cat\n", r"data\.yaml"),
    ],
)
def test_a_head_that_cannot_be_is_refused(tmp_path: Path, head: str, said: str) -> None:
    with pytest.raises(InvalidFile, match=said):
        read_gold(dataset(tmp_path, "0 .5 .5 .1 .1", head), [BOXES, TONE])


def test_an_archive_that_is_none_or_bursts_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "yolo.zip"
    file.write_bytes(b"PK nonsense")
    with pytest.raises(InvalidFile, match="no whole zip archive"):
        read_gold(file, [BOXES])
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.yaml", "names: [cat]")
        archive.writestr("labels/a.txt", "0 " * 3_000_000)
    with pytest.raises(InvalidFile, match=r"a\.txt: has 6,000,000 bytes"):
        read_gold(file, [BOXES])
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("labels/a.txt", "0 .5 .5 .1 .1")
    with pytest.raises(InvalidFile, match=r"has no data\.yaml"):
        read_gold(file, [BOXES])


def test_items_are_those_the_archive_names(tmp_path: Path) -> None:
    file = dataset(tmp_path, "0 .5 .5 .1 .1")
    (tmp_path / "items.jsonl").write_text(json.dumps({"file": "labels/train/a.txt", "id": "item 7"}) + "\n{}\n")
    with pytest.raises(InvalidFile, match=r"items\.jsonl, line 2: is no row"):
        read_gold(file, [BOXES])
    (tmp_path / "items.jsonl").write_text(json.dumps({"file": "labels/train/a.txt", "id": "item 7"}) + "\n")
    assert list(read_gold(file, [BOXES]).values["things"]) == ["item 7"]
