"""From a recorded folder to a project that can be applied."""

import json
from pathlib import Path
from typing import Any

import pytest

from labelwright.demo.folder import MARK, take_folder
from labelwright.demo.prepare import (
    BUILT_IN,
    GUIDELINE_FILE,
    Settings,
    affordable_calibration,
    answer_book,
    choose,
    guideline_of,
    items_of,
    project_file,
    read_folder,
)
from labelwright.errors import AlreadyExists, InvalidFile, InvalidValue
from labelwright.settings import read_project_file
from labelwright.tasks.registry import bind


def recorded(folder: Path, *, rows: list[dict[str, Any]] | None = None, **task: object) -> Path:
    told = {"name": "tones", "type": "classification", "labels": [1, 2], "instruction": "How good?"} | task
    told |= {"content_fields": ["text"]} if "content_fields" not in task else {}
    (folder / "task.json").write_text(json.dumps(told))
    (folder / "items.jsonl").write_text("".join(f'{{"id": {n}, "text": "text {n}"}}\n' for n in range(9)))
    (folder / "gold.jsonl").write_text("".join(f'{{"id": {n}, "label": {n % 2 + 1}}}\n' for n in range(9)))
    answers = rows or [{"id": n, "model": m, "label": 1} for m in ("small", "large") for n in range(9)]
    (folder / "llm.jsonl").write_text("".join(json.dumps(row) + "\n" for row in answers))
    return folder


def test_the_written_project_is_read_back_with_its_labels_as_text(tmp_path: Path) -> None:
    source = tmp_path / "recorded"
    source.mkdir()
    folder = read_folder(recorded(source, labels=[1, 2, "yes"], name="Is it: good?"))
    roles = choose(folder, "large")
    settings = Settings(target_error=0.2, seed=7)
    text = project_file(folder, roles, settings, base_url="http://127.0.0.1:9/v1", votes=3, calibration_size=5)
    (tmp_path / "project.yaml").write_text(text)
    (tmp_path / GUIDELINE_FILE).write_text(guideline_of(folder))
    read = read_project_file(tmp_path / "project.yaml")
    assert read.name == "Is-it-good"
    assert [m.model for m in read.config.models] == ["large", "small"]
    assert read.config.confidence == "agreement"
    assert read.config.recorded
    assert (read.config.policy.target_error, read.config.policy.calibration_votes) == (0.2, 3)
    assert (read.config.policy.seed, read.config.policy.calibration_size) == (7, 5)
    assert bind(read.config.schema.questions[0]).parse("1") == "1"
    assert "How good?" in read.config.guideline.text


def test_the_built_in_data_asks_two_questions_under_its_own_guideline() -> None:
    folder = read_folder(BUILT_IN)
    assert [question.name for question in folder.questions] == ["sentiment", "aspects"]
    assert guideline_of(folder).startswith("# Guideline: reviews")
    assert len(list(items_of(folder))) == 800
    assert choose(folder, None).confidence == "verbalised"
    assert choose(folder, None).votes == ()


def test_the_built_in_data_is_what_was_delivered(shared_demo: Path) -> None:
    for file in shared_demo.iterdir():
        assert (BUILT_IN / file.name).read_bytes() == file.read_bytes()


def test_the_labelling_model_never_votes_on_itself(tmp_path: Path) -> None:
    rows = [{"id": 0, "model": "m", "prompt": p, "label": 1} for p in ("a", "b", "c")]
    roles = choose(read_folder(recorded(tmp_path, rows=rows)), "m/b")
    assert roles.labels == "m/b"
    assert roles.votes == ("m/a", "m/c")


def test_a_lone_model_without_confidence_has_no_score_at_all(tmp_path: Path) -> None:
    roles = choose(read_folder(recorded(tmp_path, rows=[{"id": 0, "model": "m", "label": 1}])), None)
    assert roles.confidence == "none"
    assert "nothing can be accepted" in roles.score()


def test_the_default_says_that_a_real_project_could_not_know_it(tmp_path: Path) -> None:
    folder = read_folder(recorded(tmp_path, best={"model": "large", "prompt": None}))
    assert choose(folder, None).labels == "large"
    assert "a real project cannot know" in choose(folder, None).why()
    assert "--model" in choose(folder, "small").why()


def test_an_unknown_model_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="did you mean 'large'"):
        choose(read_folder(recorded(tmp_path)), "larg")


@pytest.mark.parametrize(
    ("task", "problem"),
    [
        ({"text_present": False}, "text is not here"),
        ({"content_fields": []}, "text is not here"),
        ({"type": "sounds"}, "is of type 'sounds', which cannot be labelled yet; supported: boxes, classification, "),
        ({"labels": {"note": "each item has its own"}}, "differ from item to item"),
    ],
)
def test_what_cannot_be_labelled_is_said_clearly(tmp_path: Path, task: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidFile, match=problem):
        read_folder(recorded(tmp_path, **task))


def test_a_schema_with_one_label_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    source = recorded(tmp_path, labels=[1])
    (source / "gold.jsonl").write_text('{"id": 0, "label": 1}\n')
    with pytest.raises(InvalidFile, match="1 label leaves nothing to decide"):
        read_folder(source)


def test_a_folder_without_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"task\.json"):
        read_folder(tmp_path)


@pytest.mark.parametrize("wrong", [{"target_error": 10}, {"confidence_level": 1}, {"adopt": -1}, {"budget_human": 0}])
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="--"):
        Settings(**wrong)


def test_the_calibration_sample_shrinks_to_the_budget(tmp_path: Path) -> None:
    folder = read_folder(recorded(tmp_path))  # 9 items: the usual sample is 3 of them
    assert affordable_calibration(folder, votes=3, budget=None) is None
    assert affordable_calibration(folder, votes=3, budget=9) is None
    assert affordable_calibration(folder, votes=3, budget=8) == 2
    with pytest.raises(InvalidValue, match="it takes 3 answers"):
        affordable_calibration(folder, votes=3, budget=2)
    assert answer_book(folder, Settings()).votes_per_item() == 1


def test_only_a_folder_that_a_demonstration_made_is_replaced(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    take_folder(mine)
    (mine / "old").write_text("")
    assert not (take_folder(mine) / "old").exists()
    other.mkdir()
    (other / "precious").write_text("")
    with pytest.raises(AlreadyExists, match="no demonstration made it"):
        take_folder(other)
    assert (other / "precious").exists()


def test_a_folder_in_use_by_a_running_demonstration_is_left_alone(tmp_path: Path) -> None:
    place = take_folder(tmp_path / "demo")
    (place / MARK).write_text("1\n")  # process 1 always runs
    with pytest.raises(AlreadyExists, match="process 1"):
        take_folder(place)
