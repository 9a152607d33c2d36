"""A detector's results come in as a model's answers: all of them or none, with a confidence for each image."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import labelwright
from labelwright.cli.main import run
from labelwright.errors import InvalidFile, InvalidInput

PROJECT = """\
name: shop
content_fields: [image]
image_fields: [image]
questions:
  - name: things
    type: boxes
    labels: [cat, dog]
models:
  - model: detector
    base_url: http://127.0.0.1:9/v1
"""
FRAME = {
    "images": [{"id": n, "width": 100, "height": 50, "file_name": f"{n}.jpg"} for n in (1, 2, 3, 4)],
    "categories": [{"id": 7, "name": "cat"}, {"id": 9, "name": "dog"}],
    "annotations": [],
}


def found(image: int, category: int, score: float, *box: float) -> dict[str, Any]:
    return {"image_id": image, "category_id": category, "bbox": list(box or (10, 5, 20, 10)), "score": score}


RESULTS = [found(1, 7, 0.9), found(1, 9, 0.8, 0, 0, 100, 50), found(1, 9, 0.3), found(2, 7, 0.1), found(4, 7, 0.9)]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    assert run(["init", str(tmp_path / "shop")]) == 0
    folder = tmp_path / "shop"
    (folder / "project.yaml").write_text(PROJECT)
    assert run(["apply", "-w", str(folder)]) == 0
    with labelwright.open(folder) as workspace:
        workspace.project().import_items([{"id": f"{n}.jpg", "image": f"{n}.jpg"} for n in (1, 2, 3)])
    return folder


def files(folder: Path, results: object, frame: object = FRAME) -> tuple[Path, Path]:
    (folder / "results.json").write_text(results if isinstance(results, str) else json.dumps(results, indent=1))
    (folder / "frame.json").write_text(json.dumps(frame))
    return folder / "results.json", folder / "frame.json"


def answers(folder: Path) -> Sequence[Mapping[str, Any]]:
    with labelwright.open(folder) as workspace:
        project = workspace.project()
        with workspace.storage.reading() as views:
            columns = views.predictions(project.id, "things", "detector")  # type: ignore[arg-type]
            ids = views.item_ids(project.id)
            return [
                {"item": ids[int(key)], "value": value, "confidence": float(sure)}
                for key, value, sure in zip(columns.item, columns.value, columns.confidence, strict=True)
            ]


def test_results_are_the_models_answers_and_the_same_file_twice_is_recorded_once(shop: Path) -> None:
    results, frame = files(shop, RESULTS)
    with labelwright.open(shop) as workspace:
        project = workspace.project()
        assert not project.bring_coco_results(results, frame, dry_run=True).applied
        report = project.bring_coco_results(results, frame)
        assert (report.recorded, report.unknown, report.without_confidence, report.is_labeller) == (3, 1, 1, True)
        assert project.bring_coco_results(results, frame).was_complete
        assert project.status().prelabelled == {"detector": 3}
        workspace.storage.verify()
    first, second, third = answers(shop)
    assert first["item"] == "1.jpg"
    assert first["confidence"] == pytest.approx(0.7)  # of leaving the third region out; the weakest kept has 0.8
    assert [one["label"] for one in first["value"]] == ["dog", "cat"]
    assert first["value"][1] == {"x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2, "label": "cat"}
    assert (second["value"], second["confidence"]) == ([], 0.9)
    assert third["value"] == []
    assert third["confidence"] != third["confidence"]  # nothing was said of it: unknown, and so never accepted


def test_a_lower_limit_keeps_more(shop: Path) -> None:
    results, frame = files(shop, RESULTS)
    words = ["answers", str(results), "--of", str(frame), "-w", str(shop), "--least", "0.05"]
    assert run([*words, "--dry-run"]) == 0
    assert run(words) == 0
    assert [len(one["value"]) for one in answers(shop)] == [3, 1, 0]


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ("[{", r"results\.json, line 1: is not valid JSON"),
        ({"images": []}, "these are not COCO's results"),
        ([found(1, 7, 1.5)], r"\[0\]: score is 1.5"),
        ([found(1, 7, 0.9), found(8, 7, 0.9)], r"\[1\]: image_id 8 is none of frame\.json"),
        ([found(1, 8, 0.9)], r"\[0\]: category_id 8 is none"),
        ([found(1, 7, 0.2), {**found(1, 7, 0.9), "bbox": [1, 2]}], r"\[1\]: this is no shape"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_recorded(shop: Path, results: object, said: str) -> None:
    with labelwright.open(shop) as workspace, pytest.raises(InvalidFile, match=said):
        workspace.project().bring_coco_results(*files(shop, results))
    assert answers(shop) == []


def test_results_about_other_items_are_refused(shop: Path) -> None:
    frame = {**FRAME, "images": [{"id": 1, "width": 100, "height": 50, "file_name": "11.jpg"}]}
    with labelwright.open(shop) as workspace:
        with pytest.raises(InvalidInput, match=r"none of the 1 answers is about an item of 'shop'.*'1.jpg'"):
            workspace.project().bring_coco_results(*files(shop, [found(1, 7, 0.9)], frame))
        with pytest.raises(InvalidInput, match="question 'tone' asks for no regions"):
            workspace.project().bring_coco_results(*files(shop, RESULTS), question="tone")
