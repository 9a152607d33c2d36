import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from labelwright.adapters.formats.recorded_folder import read_recorded_folder
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.errors import InvalidFile
from labelwright.tasks.protocol import Shown
from labelwright.tasks.registry import bind

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


SPANS = {"name": "s", "type": "spans", "labels": ["who", "where"], "instruction": "mark", "content_fields": ["text"]}


def test_recorded_spans_are_places_and_are_answered_as_quotes(tmp_path: Path) -> None:
    stated = [
        {"text": "Rome", "type": "where", "start": 14, "end": 18, "confidence": 0.4},
        {"text": "Ada", "type": "who", "start": 7, "end": 10},
        {"text": "Ada", "type": "who", "start": 7, "end": 10},
        {"text": "Zeus", "type": "who", "start": -1, "end": -1},
    ]
    folder = read_recorded_folder(
        write(
            tmp_path,
            task=SPANS,
            items=[{"id": "a", "text": "Ada or Ada in Rome"}],
            gold=[{"id": "a", "label": stated[:2]}],
            llm=[{"id": "a", "model": "m", "label": stated}],
        )
    )
    ada, rome = {"start": 7, "end": 10, "label": "who"}, {"start": 14, "end": 18, "label": "where"}
    assert folder.gold == {"a": {"label": [ada, rome]}}
    said = folder.answers["m"]["a"].labels["label"]
    assert folder.answered("a", "label", said) == [
        {"quote": "Ada", "before": "or ", "label": "who"},
        {"quote": "Rome", "before": None, "label": "where"},
        {"quote": "Zeus", "before": None, "label": "who"},  # the model made it up, and so it is answered
    ]


def test_a_gold_span_of_an_unknown_label_is_refused(tmp_path: Path) -> None:
    gold = [{"id": "a", "label": [{"text": "x", "type": "whom", "start": 0, "end": 1}]}]
    with pytest.raises(InvalidFile, match="'whom' is not a label of question 'label'; did you mean 'who'"):
        read_recorded_folder(write(tmp_path, task=SPANS, gold=gold, llm=[{"id": "a", "model": "m", "label": []}]))


def test_recorded_ratings_and_preferences_have_the_settings_of_their_types(tmp_path: Path) -> None:
    rating = read_recorded_folder(write(tmp_path, task={**TASK, "type": "rating"}))
    assert rating.questions[0].settings == {"min": 1, "max": 2}
    assert rating.gold == {"a": {"label": 1}, "2": {"label": 2}}
    assert rating.answered("a", "label", 1) == 1
    labels = ["left", "right", "tie"]
    gold = [{"id": "a", "label": "left"}, {"id": 2, "label": "tie"}]
    task = {**TASK, "type": "preference", "labels": labels}
    pairs = read_recorded_folder(write(tmp_path, task=task, gold=gold))
    assert pairs.questions[0].settings == {"labels": ["left", "right"], "tie": "tie"}
    assert pairs.answered("a", "label", "left") == "left"
    assert pairs.answered("a", "label", "neither") == "neither", "what is no value stands as it was recorded"


@pytest.mark.parametrize("name", ["wikigold_ner_sc", "clinical_ner_mtsamples"])
def test_every_recorded_span_is_found_again_from_its_quote(shared_data: Path, name: str) -> None:
    folder = read_recorded_folder(shared_data / "llm" / name)
    task: Any = bind(Question(QuestionName("label"), "spans", folder.questions[0].settings))
    texts = {str(item["id"]): str(item["text"]) for item in folder.items}
    n_found = 0
    for rows in folder.answers.values():
        for item, answer in list(rows.items())[:150]:
            said: Any = answer.labels["label"]
            if any("quote" in one for one in said):
                continue
            written = folder.answered(item, "label", said)
            assert task.dump(task.read_answer(written, Shown({"text": texts[item]}))) == said
            n_found += len(said)
    assert n_found > 100
