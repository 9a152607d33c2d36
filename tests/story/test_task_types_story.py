"""Every kind of question from project.yaml to the export: applied, shown, answered over HTTP, settled, written."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from labelwright.adapters.formats.export_folder import ExportFolder
from labelwright.errors import InvalidConfiguration
from labelwright.server.app import create_app
from labelwright.services.projects.export import export
from labelwright.workspace import Workspace
from tests.contract.serving import answer_entry, sign_in, take
from tests.story.test_annotate_story import queue_everything

PROJECT_FILE = """\
name: reviews
content_fields: [text, image, clip]
questions:
  - {name: stars, type: rating, max: 5, min_title: awful, tolerance: 1}
  - {name: better, type: preference, labels: [left, right], tie: tie, strengths: [slightly, much]}
  - {name: order, type: ranking, labels: [red, green, blue]}
  - {name: names, type: spans, field: text, overlap: none, labels: [{value: person, aliases: [PER]}, place]}
  - {name: who, type: relations, field: text, labels: [person, place], types: [met, lives_in]}
  - name: facts
    type: fields
    fields:
      - {name: count, type: number, required: true}
      - {name: day, type: date}
      - {name: kind, type: choice, labels: [visit, call]}
  - {name: words, type: text, max_length: 100}
  - {name: kind, type: taxonomy, tree: [{value: animal, children: [dog, cat]}, stone]}
  - {name: things, type: boxes, field: image, labels: [cat, dog]}
  - {name: voices, type: ranges, field: clip, labels: [ada, bo], overlap: labels, transcript: optional, min_length: 0.1}
  - {name: ways, type: tracks, field: clip, labels: [car], fps: 25}
models: []
"""
TEXT = "Ada 🦊 met Bo."
ADA, BO = {"start": 0, "end": 3, "label": "person"}, {"start": 10, "end": 12, "label": "person"}
ANSWERS: dict[str, Any] = {
    "stars": 4,
    "better": {"choice": "left", "strength": "much"},
    "order": ["blue", "red", "green"],
    "names": [ADA, BO],
    "who": {"spans": [ADA, BO], "relations": [{"head": 0, "tail": 1, "type": "met"}]},
    "facts": {"count": 2.5, "day": "2026-11-21", "kind": None},
    "words": "=1+1, said Ada",
    "kind": ["animal", "cat"],
    "things": [{"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4, "label": "cat"}],
    "voices": [
        {"start": 0.5, "end": 2.25, "label": "ada", "text": "Hi, Bo"},
        {"start": 2.0, "end": 3.0, "label": "bo", "text": ""},
    ],
    "ways": [
        {
            "label": "car",
            "keyframes": [
                {"frame": 0, "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4},
                {"frame": 9, "x": 0.5, "y": 0.2, "width": 0.3, "height": 0.4, "outside": True},
            ],
        }
    ],
}


async def test_every_kind_of_question_goes_from_the_project_file_to_the_export(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(PROJECT_FILE)
    (tmp_path / "items.jsonl").write_text(
        json.dumps({"id": "a", "text": TEXT, "image": "cat.png", "clip": "a.wav"}) + "\n"
    )
    with Workspace.create(tmp_path) as workspace:
        workspace.apply()
        project = workspace.project()
        assert project.import_items(tmp_path / "items.jsonl").accepted == 1
        queue_everything(project)
        async with await sign_in(create_app(workspace.storage, workspace.world), project.invite("ann").token) as ann:
            shown = (await ann.get("/api/v1/projects/reviews")).json()["questions"]
            assert shown[3]["settings"]["labels"][0] == {"value": "person", "title": "person", "description": ""}
            (entry,) = await take(ann)
            for question, wrong, path in (
                ("names", [{**BO, "end": 15}], "answers.names[0]"),
                ("facts", {**ANSWERS["facts"], "count": None}, "answers.facts.count"),
                ("things", [{**ANSWERS["things"][0], "x": 0.9}], "answers.things[0]"),
                ("words", "x" * 101, "answers.words"),
                ("ways", [{"label": "car", "keyframes": []}], "answers.ways[0].keyframes"),
                ("voices", [{**ANSWERS["voices"][0], "end": 0.55}], "answers.voices[0]"),
            ):
                refused = await answer_entry(ann, entry["lease"], {**ANSWERS, question: wrong})
                assert (refused.status_code, refused.json()["path"]) == (422, path)
            assert (await answer_entry(ann, entry["lease"], ANSWERS)).status_code == 201
        project.aggregate()
        export(
            project.id,
            ExportFolder(tmp_path / "out", formats=("jsonl", "csv")),
            storage=workspace.storage,
            world=workspace.world,
        )
        workspace.verify()
    (row,) = [json.loads(line) for line in (tmp_path / "out" / "data.jsonl").read_text().splitlines()]
    assert {name: label["value"] for name, label in row["labels"].items()} == ANSWERS
    with (tmp_path / "out" / "data.csv").open(newline="", encoding="utf-8") as file:
        (cells,) = csv.DictReader(file)
    assert cells["words"] == ANSWERS["words"], "a text stands as it is"
    assert {name: json.loads(cells[name]) for name in ANSWERS if name != "words"} == {
        name: value for name, value in ANSWERS.items() if name != "words"
    }


def test_a_wrong_setting_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(PROJECT_FILE.replace("overlap: none", "overlap: nome"))
    with (
        Workspace.create(tmp_path) as workspace,
        pytest.raises(InvalidConfiguration, match=r"line 7.*did you mean 'none'"),
    ):
        workspace.apply()
