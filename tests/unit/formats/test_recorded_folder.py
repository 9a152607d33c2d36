import gzip
import json
from pathlib import Path

import pytest

from labelwright.adapters.formats.recorded_folder import read_recorded_folder
from labelwright.errors import InvalidFile

TASK = {"name": "t", "type": "some-type", "labels": [1, 2], "instruction": "rate it", "content_fields": ["text"]}
ITEMS = [{"id": "a", "text": "x"}, {"id": 2, "text": "y"}]
GOLD = [{"id": "a", "label": 1}, {"id": 2, "label": 2}]
ANSWERS = [
    {"id": "a", "model": "m", "label": 1, "confidence": 90, "confidence_kind": "said 0-100"},
    {"id": 2, "model": "m", "label": 2, "confidence": 1, "confidence_kind": "said 0-100"},
    {"id": "a", "model": "m", "prompt": "p", "sample": 0, "label": 2, "confidence": 0.5, "confidence_kind": "0-100"},
    {"id": "a", "model": "n", "label": None},
]


def write(folder: Path, **parts: object) -> Path:
    files = {"task": TASK, "items": ITEMS, "gold": GOLD, "llm": ANSWERS, **parts}
    for name, rows in files.items():
        if rows is None:
            continue
        if name == "task":
            (folder / "task.json").write_text(json.dumps(rows))
        elif isinstance(rows, list):
            (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_labels_become_text_and_variants_are_told_apart(tmp_path: Path) -> None:
    folder = read_recorded_folder(write(tmp_path))
    assert folder.questions[0].labels == ("1", "2")
    assert folder.gold == {"a": {"label": "1"}, "2": {"label": "2"}}
    assert list(folder.answers) == ["m", "m/p/0", "n"]
    assert folder.answers["m/p/0"]["a"].variant == "m/p/0"
    assert folder.answers["n"]["a"].labels == {}
    assert folder.variants_of("m") == ("m", "m/p/0")
    assert folder.best_variant() == "m"


def test_a_confidence_is_scaled_by_its_values_and_not_by_its_name(tmp_path: Path) -> None:
    folder = read_recorded_folder(write(tmp_path))
    assert folder.answers["m"]["a"].confidence == {"label": 0.9}
    assert folder.answers["m"]["2"].confidence == {"label": 0.01}
    assert folder.answers["m/p/0"]["a"].confidence == {"label": 0.5}
    assert folder.answers["n"]["a"].confidence == {"label": None}


def test_the_best_variant_has_the_most_items_right_of_the_whole_pool(tmp_path: Path) -> None:
    ids = [f"i{n}" for n in range(10)]
    few = [{"id": i, "model": "few", "label": "1"} for i in ids[:4]]  # always right, and asked about four items
    many = [{"id": i, "model": "many", "label": "1" if n < 7 else "2"} for n, i in enumerate(ids)]
    rows = {
        "items": [{"id": i, "text": i} for i in ids],
        "gold": [{"id": i, "label": "1"} for i in ids],
        "llm": [*few, *many],
    }
    named = {**TASK, "best": {"model": "few", "prompt": None}}
    assert read_recorded_folder(write(tmp_path, task=named, **rows)).best_variant() == "many"
    assert read_recorded_folder(write(tmp_path, task=TASK, **rows)).best_variant() == "few"  # nothing was measured


def test_several_questions_have_an_entry_each(tmp_path: Path) -> None:
    task = {
        "questions": [{"name": "q", "type": "s", "labels": ["x"]}, {"name": "r", "type": "s", "labels": ["y", "z"]}]
    }
    folder = read_recorded_folder(
        write(
            tmp_path,
            task=task,
            gold=[{"id": "a", "label": {"q": "x", "r": ["z", "y"]}}],
            llm=[{"id": "a", "model": "m", "label": {"q": "x", "r": []}, "confidence": {"q": 0.4}}],
            humans=[{"id": "a", "annotator": "h", "label": {"q": "x", "r": ["y"]}}],
        )
    )
    assert folder.content_fields == ("text",)  # every field but the id, where the task names none
    assert folder.gold["a"] == {"q": "x", "r": ["z", "y"]}
    assert folder.answers["m"]["a"].confidence == {"q": 0.4, "r": None}
    assert folder.humans["a"] == (("h", {"q": "x", "r": ["y"]}),)


def test_any_file_may_be_gzipped(tmp_path: Path) -> None:
    write(tmp_path)
    plain = tmp_path / "items.jsonl"
    (tmp_path / "items.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    assert len(read_recorded_folder(tmp_path).items) == 2


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"task": None}, "task.json: is missing"),
        ({"task": {"labels": ["a"]}}, "lacks 'type'"),
        ({"items": None}, "neither items.jsonl nor items.jsonl.gz"),
        ({"items": []}, "holds no items"),
        ({"items": [*ITEMS, {"id": "a"}]}, "line 3: id 'a' was already used on line 1"),
        ({"items": [{"text": "x"}]}, "line 1: field 'id' is missing"),
        ({"gold": [{"id": "b", "label": 1}]}, "line 1: id 'b' is not in the items file"),
        ({"gold": [{"id": "a", "label": 3}]}, "line 1: gold label '3' is not a label of question 'label'"),
        ({"llm": [{"id": "a", "label": 1}]}, "line 1: field 'model' is missing"),
        ({"llm": [ANSWERS[0], ANSWERS[0]]}, "line 2: m already answered item 'a'"),
        ({"llm": [{**ANSWERS[0], "confidence": "high"}]}, "line 1: confidence 'high' is not a number"),
        ({"llm": [{**ANSWERS[0], "confidence": -1}]}, "confidence -1 is not a number between 0 and 1"),
        ({"humans": [{"id": "a", "label": 1}]}, "line 1: field 'annotator' is missing"),
    ],
)
def test_what_is_missing_or_wrong_is_named(tmp_path: Path, parts: dict[str, object], expected: str) -> None:
    with pytest.raises(InvalidFile) as raised:
        read_recorded_folder(write(tmp_path, **parts))
    assert expected in str(raised.value)


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "gold.jsonl").write_text('{"id": "a", "label": 1}\n\n{"id": 2,\n')
    with pytest.raises(InvalidFile, match=r"gold\.jsonl, line 3: not valid JSON"):
        read_recorded_folder(tmp_path)
    (tmp_path / "gold.jsonl").write_bytes(b'{"id": "a", "label": "\xff"}\n')
    with pytest.raises(InvalidFile, match=r"gold\.jsonl, line 1: not valid JSON"):
        read_recorded_folder(tmp_path)


def test_every_recorded_set_reads(shared_data: Path) -> None:
    folders = sorted(file.parent for file in (shared_data / "llm").glob("*/task.json"))
    assert folders
    for path in folders:
        folder = read_recorded_folder(path)
        assert folder.best_variant() in folder.answers
        assert all(
            confidence is None or 0 <= confidence <= 1
            for rows in folder.answers.values()
            for answer in rows.values()
            for confidence in answer.confidence.values()
        )
