"""labelwright slices and recheck on the command line; a missing label."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from labelwright import bootstrap
from labelwright.adapters.embedders import HashedEmbedder
from labelwright.cli.main import run
from labelwright.domain.ids import EntryId, ItemKey
from labelwright.events import ItemSkipped
from labelwright.services.people.manage_people import invite
from labelwright.services.soundness.missing_label import find_missing_labels
from labelwright.workspace import Workspace
from tests.story.small_project import SmallProject, configuration


def audited(file: Path, *, n: int = 900) -> Path:
    rng = np.random.default_rng(3)
    lines = ["id,text,source,stars,pred,gold,pi"]
    for at in range(n):
        source = rng.choice(["web", "mail", "fax"], p=[0.6, 0.32, 0.08])
        gold = rng.choice(["bug", "praise"])
        is_wrong = rng.random() < (0.5 if source == "fax" else 0.08)
        pred = {"bug": "praise", "praise": "bug"}[str(gold)] if is_wrong else gold
        lines.append(
            f"r{at},a note of some length number {at},{source},{at % 5},{pred},{gold},{rng.choice([0.2, 0.6])}"
        )
    file.write_text("\n".join(lines) + "\n")
    return file


def told(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = run(words)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_a_file_of_predictions_and_truth_needs_no_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = audited(tmp_path / "audited.csv")
    words = ["slices", str(file), "--label", "pred", "--truth", "gold"]
    status, out, _ = told(words, capsys)
    assert status == 0
    assert "1. source = fax" in out
    assert "choose" in out
    assert "e.g. r" in out
    status, out, _ = told([*words, "--weight", "pi", "--json"], capsys)
    found: dict[str, Any] = json.loads(out)
    assert status == 0
    assert [row["slice"] for row in found["findings"]] == ["source = fax"]
    row = found["findings"][0]
    assert {"slice", "cell", "n", "n_wrong", "error", "rest_error", "ratio", "p", "q", "confirmed", "examples"} <= set(
        row
    )
    assert row["confirmed"] is None


def test_what_is_wrong_with_a_file_or_an_option_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = audited(tmp_path / "audited.csv", n=100)
    words = ["slices", str(file), "--label", "pred"]
    assert "did you mean 'source'" in told([*words, "--truth", "gold", "--by", "sorce"], capsys)[2]
    assert "its inverse" in told([*words, "--truth", "gold", "--weight", "stars"], capsys)[2]
    assert "has no column 'golf'" in told([*words, "--truth", "golf"], capsys)[2]
    assert told([*words, "--draw", "1"], capsys)[0] == 2
    short = tmp_path / "short.csv"
    short.write_text("\n".join(file.read_text().splitlines()[:30]))
    assert "29 rows have both" in told(["slices", str(short), "--label", "pred"], capsys)[2]


def test_labels_written_otherwise_are_no_mistakes_of_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = audited(tmp_path / "audited.csv", n=100)
    file.write_text(file.read_text() + "r,a note,web,1,Bug,bug,0.2\n")
    words = ["slices", str(file), "--label", "pred", "--truth", "gold"]
    status, _, err = told(words, capsys)
    assert status == 1
    assert "'Bug' here is 'bug' there" in err


def test_rows_of_one_id_show_their_own_texts_and_numbers_with_gaps_are_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(3)
    lines = ["id,text,age,pred,gold"]
    for at in range(400):
        age = rng.integers(1, 90)
        pred = "b" if rng.random() < (0.6 if age > 70 else 0.05) else "a"
        lines.append(f"same,the note of row number {at + 2},{'NaN' if at % 9 == 0 else age},{pred},a")
    (tmp_path / "a.csv").write_text("\n".join(lines))
    words = ["slices", str(tmp_path / "a.csv"), "--label", "pred", "--truth", "gold", "--by", "age"]
    out = told(words, capsys)[1]
    assert "1. age = over " in out
    shown = re.findall(r"e\.g\. same \(row (\d+)\): the note of row number (\d+)", out)
    assert shown
    assert all(row == number for row, number in shown)


def test_options_that_exclude_one_another_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(["slices", "--draw", "1", "--reroute", "1"], capsys)[0] == 2
    assert told(["slices", "--size", "4"], capsys)[0] == 2


def test_a_workspace_that_is_not_far_enough_says_what_comes_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Workspace.create(tmp_path) as workspace:
        (tmp_path / "project.yaml").write_text(
            json.dumps(
                {
                    "name": "small",
                    "content_fields": ["text"],
                    "questions": [{"name": "tone", "type": "classification", "labels": ["good", "bad"]}],
                    "models": [{"model": "m", "base_url": "http://127.0.0.1:9/v1"}],
                }
            )
        )
        workspace.apply()
        workspace.project().import_items([{"id": "a", "text": "A text."}])
    assert "0 blind answers" in told(["slices", "-w", str(tmp_path)], capsys)[2]
    assert "labelwright slices" in told(["slices", "-w", str(tmp_path), "--draw", "1"], capsys)[2]
    status, out, _ = told(["recheck", "-w", str(tmp_path)], capsys)
    assert status == 0
    assert "there is nothing to recheck" in out
    assert "run: labelwright recheck --probe" in told(["recheck", "-w", str(tmp_path), "--requeue"], capsys)[2]


def test_a_group_of_items_that_fit_no_label_is_told_with_what_people_said() -> None:
    project = SmallProject.made(configuration(), n_items=0)
    rng = np.random.default_rng(4)
    rows = []
    for n in range(600):
        kind = "a job application with my curriculum vitae" if n % 12 == 0 else "the screen of the camera is fine"
        rows.append({"id": f"i{n}", "text": f"{kind}, number {n}"})
    bootstrap.import_items(project.id, rows, storage=project.storage, world=project.world)
    keys = project.keys()
    sure = {key: float(rng.uniform(0.1, 0.4) if n % 12 == 0 else rng.uniform(0.3, 1.0)) for n, key in enumerate(keys)}
    project.predict(dict.fromkeys(keys, "good"), dict(sure))
    current = project.project
    asked = project.storage.write(lambda tx: invite(tx, current, name="ann", world=project.world))
    skips = [
        ItemSkipped(project.id, EntryId(1), ItemKey(key), asked.annotator.id, "none fits: an application")
        for key in keys[:60:12]
    ]
    project.storage.write(lambda tx: tx.append(skips, project.world.provenance()))
    report = find_missing_labels(project.id, storage=project.storage, world=project.world, embedder=HashedEmbedder())
    found = cast("dict[str, Any]", report["questions"])["tone"]
    assert found["findings"]
    first = found["findings"][0]
    assert "application" in first["words"] or "curriculum" in first["words"] or "vitae" in first["words"]
    assert first["n"] <= 60
    assert sum(row["n_skipped"] for row in found["findings"]) >= 1
    assert first["ratio"] is None or first["ratio"] >= 2
