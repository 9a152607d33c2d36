"""The files of a card: page, datasheet, Croissant."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labelwright.adapters.formats.card_files import card_files
from labelwright.adapters.formats.croissant import Publication
from labelwright.adapters.report.card_page import card_page
from labelwright.adapters.report.card_words import ORIGINS, SHORT_ORIGINS
from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.ports.sinks import ExportedFile
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.card.card import ORIGIN_OF
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.dashboard import STATES
from tests.story.card_project import card_of, exported, the_project
from tests.story.small_project import TONE, TOPICS, SmallProject, configuration
from tests.story.test_conditional_questions import WHY, submit

HOSTILE = '<script>alert("x")</script> | [x](javascript:1)'


def test_croissant_describes_every_exported_file_by_its_hash(tmp_path: Path) -> None:
    small, _ = the_project()
    about = Publication(license="https://spdx.org/licenses/CC0-1.0", url="https://example.org/data", creator="A lab")
    report = exported(small, tmp_path, about=about, weights=True)
    described = json.loads((tmp_path / "croissant.json").read_bytes())
    assert described["@type"] == "sc:Dataset"
    assert described["conformsTo"] == ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"]
    assert (described["license"], described["creator"]["name"]) == (about.license, "A lab")
    files = {one["name"]: one["sha256"] for one in described["distribution"]}
    assert set(files) == {"data.jsonl", "data.csv", "weights.jsonl", "card.json"}
    assert all(files[name] == report.files[name].sha256 for name in files)
    ids = [one["@id"] for one in (*described["distribution"], *described["recordSet"])]
    ids += [field["@id"] for records in described["recordSet"] for field in records["field"]]
    assert len(ids) == len(set(ids))
    header = (tmp_path / "data.csv").read_text().splitlines()[0].split(",")
    items = described["recordSet"][0]
    assert all(field["source"]["extract"]["column"] in header for field in items["field"])
    assert [row["classes-of-tone/name"] for row in described["recordSet"][1]["data"]] == ["good", "bad"]
    assert "labelled blind" in described["rai:dataAnnotationAnalysis"]
    assert "The model says 'good' too often" in described["rai:dataBiases"][0]


def test_croissants_own_loader_accepts_it_and_reads_the_labels(tmp_path: Path) -> None:
    loader: Any = pytest.importorskip("mlcroissant", reason="the second opinion on Croissant is not installed")
    small, _ = the_project()
    exported(small, tmp_path)
    rows = list(loader.Dataset(jsonld=tmp_path / "croissant.json").records("items"))
    assert len(rows) == 400
    assert {row["items/tone"] for row in rows} == {b"good", b"bad"}


def test_the_datasheet_answers_what_the_ledger_knows_and_marks_the_rest(tmp_path: Path) -> None:
    small, _ = the_project()
    exported(small, tmp_path)
    sheet = (tmp_path / "DATASHEET.md").read_text(encoding="utf-8")
    for heading in ("Motivation", "Composition", "Collection process", "Uses", "Distribution", "Maintenance"):
        assert f"## {heading}" in sheet
    assert sheet.count("Not known to Labelwright") == 5
    assert "Good is good." in sheet
    assert "the 400 labels agree with what people say" in sheet


def test_where_there_is_no_model_no_sample_and_no_answer_nothing_is_said_of_them(tmp_path: Path) -> None:
    small = SmallProject.made(replace(configuration(), models=()), n_items=3)
    exported(small, tmp_path)
    sheet = (tmp_path / "DATASHEET.md").read_text(encoding="utf-8")
    for words in ("labelled blind", "suggestion", "inherit the model's errors", "has intervals that hold", "interval"):
        assert words not in sheet, words
    assert "| labels of record |" not in sheet
    described = json.loads((tmp_path / "croissant.json").read_bytes())
    assert described["description"].startswith("3 items, labelled by people: tone.")


def test_every_status_of_a_label_has_an_origin_and_every_origin_its_words() -> None:
    assert set(ORIGIN_OF) == set(STATES)
    assert set(ORIGIN_OF.values()) <= set(ORIGINS)
    assert set(ORIGINS) == set(SHORT_ORIGINS)


def test_a_question_that_does_not_arise_is_exported_with_its_card(tmp_path: Path) -> None:
    small = SmallProject.made(replace(configuration(questions=(TONE, WHY)), models=()), n_items=4)
    route(small.id, storage=small.storage, world=small.world)
    for n, told in enumerate(({"tone": "good"}, {"tone": "bad", "why": "price"}, {"tone": "good"})):
        submit(small, dict(told), key=str(n))
    aggregate(small.id, storage=small.storage, world=small.world)
    exported(small, tmp_path)
    assert "| does not arise, as other labels say | 2 | 50.0% | – |" in (tmp_path / "DATASHEET.md").read_text()
    card = json.loads((tmp_path / "card.json").read_bytes())["questions"][1]["card"]
    assert (card["n_labels"], card["n_by_people"]) == (1, 1), "what does not arise is no label"


def test_the_description_of_several_questions_says_which_figure_is_whose(tmp_path: Path) -> None:
    small = SmallProject.made(configuration(questions=(TONE, TOPICS)), n_items=3)
    exported(small, tmp_path)
    said = json.loads((tmp_path / "croissant.json").read_bytes())["description"]
    assert "tone: How accurate the labels are is not known" in said
    assert "topics: How accurate the labels are is not known" in said


def test_what_people_wrote_is_text_on_the_page_and_in_the_datasheet(tmp_path: Path) -> None:
    small, _ = the_project()
    card: dict[str, Any] = card_of(small)
    card["project"] = HOSTILE
    card["questions"][0]["card"]["prevalence"][0]["label"] = HOSTILE
    card["questions"][0]["card"]["accuracy"]["by_class"][0]["label"] = HOSTILE
    page = card_page(card)
    assert "<script" not in page
    assert "&lt;script" in page
    written = card_files(card, {"data.csv": ExportedFile("0" * 64, 1, 1)})
    assert b"<script" not in written["DATASHEET.md"]


def test_the_page_needs_nothing_else_and_its_pictures_say_what_they_show() -> None:
    small, _ = the_project()
    page = card_page(card_of(small))
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert page.count("<svg") >= 3
    assert page.count('role="img"') == page.count("<svg")
    assert "prefers-color-scheme:dark" in page


@pytest.mark.parametrize("n_classes", [2, 14])
def test_a_page_is_drawn_whatever_is_known_and_however_many_classes_there_are(n_classes: int) -> None:
    labels = [f"class number {n}" for n in range(n_classes)]
    question = Question(QuestionName("tone"), "classification", {"labels": labels})
    small = SmallProject.made(configuration(questions=(question,), calibration_size=100), n_items=250)
    keys = small.keys()
    said: dict[int, Json] = {key: labels[n % n_classes] for n, key in enumerate(keys)}
    small.predict(said, dict.fromkeys(keys, 0.8))
    calibrate(small.id, storage=small.storage, world=small.world)
    assert "not known" in card_page(card_of(small))
    small.work_queue(lambda item, _q, _n: said[item] if item % 5 else labels[0])
    calibrate(small.id, storage=small.storage, world=small.world)
    card = card_of(small)
    page = card_page(card)
    assert all(label in page for label in labels[:2])
    sheet = card_files(card, {"data.csv": ExportedFile("0" * 64, 1, 1)})["DATASHEET.md"].decode()
    assert "| class number 1 | class number 0 | " in sheet
    assert "| class number 0 | class number 1 | " not in sheet, "nobody said so"
    confusion = card["questions"][0]["card"]["confusion"]
    cells = {(row["said"], row["truth"]) for row in confusion["rows"]}
    assert {(label, label) for label in labels} <= cells
    assert (len(cells) == n_classes**2) == (n_classes <= 12)
    for row in confusion["rows"]:
        assert 0 <= row["low"] <= row["share"] <= row["high"] <= 1
