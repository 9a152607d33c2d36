"""`labelwright jobs`: what the page's buttons do, in a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labelwright.cli.main import run
from labelwright.workspace import Workspace
from tests.story.recorded_project import record, write_project


@pytest.fixture
def work(tmp_path: Path) -> Path:
    recorded, work = record(tmp_path / "recorded", 3), tmp_path / "work"
    write_project(work, "http://127.0.0.1:9/v1")
    with Workspace.create(work) as workspace:
        workspace.apply()
        workspace.project().import_items(recorded / "items.jsonl", id_field="id")
    return work


def told(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert run(words) == status
    said = capsys.readouterr()
    return said.out if status == 0 else said.err


def test_a_run_is_asked_for_paused_resumed_and_cancelled(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("-w", str(work))
    assert "There has been no run yet" in told(capsys, "jobs", *at)
    job = json.loads(told(capsys, "jobs", "start", "--limit", "2", "--json", *at))
    assert (job["state"], job["limit"], job["asked_by"]) == ("waiting", 2, "terminal")
    assert job["id"] in told(capsys, "jobs", "start", *at, status=1), "one at a time"
    for word, state in (("pause", "paused"), ("resume", "waiting"), ("cancel", "cancelled")):
        assert told(capsys, "jobs", word, job["id"], *at).startswith(f"job {job['id']} is {state}\n")
    assert "start a new one" in told(capsys, "jobs", "resume", job["id"], *at, status=1)
    assert "cancelled" in told(capsys, "jobs", *at)
    listed = json.loads(told(capsys, "jobs", "list", "--json", *at))
    assert [one["state"] for one in listed["jobs"]] == ["cancelled"]


def test_a_dear_run_asks_before_it_waits_for_a_worker(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `prelabel` does: nobody is there to answer, so that nothing is started."""
    at = ("-w", str(work))
    file = work / "project.yaml"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"recorded": False, "confirm_above": 0}))
    told(capsys, "apply", *at)
    assert "say --yes" in told(capsys, "jobs", "start", *at, status=1)
    assert json.loads(told(capsys, "jobs", "--json", *at))["jobs"] == []
    assert json.loads(told(capsys, "jobs", "start", "--yes", "--json", *at))["state"] == "waiting"


def test_a_wrong_word_or_a_missing_id_says_what_to_do(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("-w", str(work))
    assert "did you mean 'pause'?" in told(capsys, "jobs", "puase", *at, status=1)
    assert "`labelwright jobs` lists them" in told(capsys, "jobs", "pause", *at, status=1)
    assert "there is no job 'x'" in told(capsys, "jobs", "cancel", "x", *at, status=1)
    assert "has no id yet" in told(capsys, "jobs", "start", "x", *at, status=1)


def test_a_run_that_fails_says_why_and_the_worker_goes_on(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody listens at the model's address: the run fails, and can be resumed once that is mended."""
    at = ("-w", str(work))
    job = json.loads(told(capsys, "jobs", "start", "--json", *at))["id"]
    worked = json.loads(told(capsys, "worker", "--until-idle", "0", "--json", *at))
    assert worked == {"jobs": [job]}
    (line,) = json.loads(told(capsys, "jobs", "--json", *at))["jobs"]
    assert (line["state"], line["actions"]) == ("failed", ["resume"])
    assert "127.0.0.1:9" in line["problem"]
