"""Gold in files: every way a label may be written comes to the task's own form, or is refused by its line."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from labelwright.adapters.formats.gold_file import read_gold
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.errors import InvalidFile

TONE = Question(QuestionName("tone"), "classification", {"labels": ["good", "1"]})
TOPICS = Question(QuestionName("topics"), "multilabel", {"labels": ["price", "screen"]})
STARS = Question(QuestionName("stars"), "rating", {"min": 1, "max": 5})
PLACES = Question(QuestionName("places"), "spans", {"labels": ["city"]})


def test_a_csv_cell_is_text_or_json(tmp_path: Path) -> None:
    file = tmp_path / "gold.csv"
    file.write_text('id,tone,topics,stars\na,good,"[""screen"", ""price""]",4\nb,1,[],\n\nc,,,5\n')
    found = read_gold(file, [TONE, TOPICS, STARS])
    assert found.values["tone"] == {"a": "good", "b": "1"}
    assert found.values["topics"] == {"a": ["price", "screen"], "b": []}
    assert found.values["stars"] == {"a": 4, "c": 5}


def test_json_lines_may_leave_questions_out_and_be_packed(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl.gz"
    rows = [{"id": 7, "tone": 1}, {"id": "b", "stars": 2, "other": None}]
    file.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    found = read_gold(file, [TONE, STARS])
    assert found.values == {"tone": {"7": "1"}, "stars": {"b": 2}}


def test_a_span_of_several_pieces_is_never_taken_for_all_between_them(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    pieces = [{"start": 0, "end": 4}, {"start": 15, "end": 19}]
    span = {"start": 0, "end": 19, "pieces": pieces}
    file.write_text(json.dumps({"id": "a", "label": [{**span, "type": "city"}]}) + "\n")
    split = Question(PLACES.name, PLACES.type, {**PLACES.settings, "discontinuous": True})
    assert read_gold(file, [split]).values["places"] == {"a": [{**span, "label": "city"}]}
    with pytest.raises(InvalidFile, match=r"gold\.jsonl.*line 1"):
        read_gold(file, [PLACES])


def test_spans_are_read_as_recordings_write_them(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    span = {"start": 0, "end": 4, "type": "city", "text": "Bern"}
    file.write_text(json.dumps({"id": "a", "label": [{**span, "field": "text"}]}) + "\n")
    (kept,) = read_gold(file, [PLACES]).values["places"].values()
    assert isinstance(kept, list)
    assert len(kept) == 1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("gold.jsonl", '{"id": "a", "tone": "bad"}\n', "line 1: tone: .*'bad' is not in the schema"),
        ("gold.jsonl", '{"id": "a", "tone": "good"}\n{"tone": "good"}\n', "line 2: has no id here"),
        ("gold.jsonl", '{"id": "a"\n', "line 1: is not valid JSON"),
        ("gold.jsonl", "[1]\n", "line 1: must hold one JSON object"),
        ("gold.csv", "id,tone\na,good,more\n", "line 2: has another number of fields"),
        ("gold.txt", "a good\n", "ends in '.txt'"),
    ],
)
def test_what_is_wrong_is_told_by_its_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(InvalidFile, match=message):
        read_gold(file, [TONE])


def test_a_missing_file_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text("")
    with pytest.raises(InvalidFile, match=r"no such file; did you mean 'gold.jsonl'"):
        read_gold(tmp_path / "gold.json", [TONE])


def test_a_path_of_a_taxonomy_stands_in_a_table_as_json(tmp_path: Path) -> None:
    kind = Question(QuestionName("kind"), "taxonomy", {"tree": [{"value": "animal", "children": ["cat"]}, "stone"]})
    (tmp_path / "gold.csv").write_text('id,kind\na,"[""animal"", ""cat""]"\n')
    (tmp_path / "gold.jsonl").write_text('{"id": "a", "kind": ["animal", "cat"]}\n')
    for name in ("gold.csv", "gold.jsonl"):
        assert read_gold(tmp_path / name, [kind]).values == {"kind": {"a": ["animal", "cat"]}}


@pytest.mark.parametrize(
    ("question", "value"),
    [
        (
            Question(QuestionName("who"), "labelwright/ranges", {"labels": ["ada"], "transcript": "optional"}),
            [{"start": 0.5, "end": 2.25, "label": "ada", "text": "Hi, Bo"}],
        ),
        (
            Question(QuestionName("who"), "labelwright/tracks", {"labels": ["ada"], "fps": 25}),
            [{"label": "ada", "keyframes": [{"frame": 3, "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}]}],
        ),
    ],
    ids=["ranges", "tracks"],
)
def test_marks_in_time_are_read_from_lines_and_from_tables(tmp_path: Path, question: Question, value: object) -> None:
    lines, table = tmp_path / "gold.jsonl", tmp_path / "gold.csv"
    lines.write_text(json.dumps({"id": "a", "who": value}) + "\n")
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "who"], ["a", json.dumps(value)]])
    for file in (lines, table):
        assert read_gold(file, [question]).values == {"who": {"a": value}}
