"""`labelwright demo`: from recorded answers to a certified data set, by the commands and the HTTP that all use."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labelwright.demo.prepare import BUILT_IN
from labelwright.workspace import Workspace

PUBLISHED = {
    "dataset",
    "model",
    "n_items",
    "n_calibration",
    "n_auto_accepted",
    "auto_accepted_share",
    "target_error",
    "confidence_level",
    "certified_error_upper",
    "true_error_auto_accepted",
    "true_error_final",
    "true_error_model_only",
    "n_human_labels",
    "n_llm_calls",
    "cost",
    "seconds",
    "seed",
}
N_SMALL = 120


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "labelwright.cli", "demo", *map(str, words)]


def demo(*words: str | Path) -> dict[str, Any]:
    done = subprocess.run(command(*words, "--json", "--no-serve"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # one object, and nothing else


def refused(*words: str | Path) -> str:
    done = subprocess.run(command(*words, "--json", "--no-serve"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first items of the built-in data."""
    folder = tmp_path_factory.mktemp("recorded") / "small"
    folder.mkdir()
    for name in ("task.json", "guideline.md"):
        (folder / name).write_bytes((BUILT_IN / name).read_bytes())
    known = {f"{n:04d}" for n in range(1, N_SMALL + 1)}
    for name in ("items.jsonl", "gold.jsonl", "llm.jsonl"):
        lines = (BUILT_IN / name).read_text().splitlines(keepends=True)
        (folder / name).write_text("".join(line for line in lines if json.loads(line)["id"] in known))
    return folder


@pytest.fixture
def running(small: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A demonstration that serves its page after the result."""
    words = command(small, "--workspace", tmp_path / "w")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_the_built_in_data_goes_the_whole_way(tmp_path: Path) -> None:
    found = demo("--workspace", tmp_path / "w")
    assert found.keys() >= PUBLISHED
    assert found["dataset"] == "reviews"
    assert found["n_items"] == 800
    assert found["n_calibration"] == 266  # min(300, 800/3)
    assert found["n_llm_calls"] == 800
    assert found["cost"] > 0
    assert found["certified_error_upper"] == 0.1
    assert found["true_error_auto_accepted"] <= 0.1
    assert found["true_error_final"] < found["true_error_model_only"]
    questions = found["questions"]
    assert questions.keys() == {"sentiment", "aspects"}
    assert [q["confidence_level"] for q in questions.values()] == pytest.approx([0.975, 0.975])  # δ/2 each
    assert found["n_auto_accepted"] == sum(q["n_auto_accepted"] for q in questions.values())
    assert found["n_human_labels"] == sum(q["n_human_labels"] for q in questions.values()) <= found["budget_human"]
    assert any("demonstrates and proves nothing" in note for note in found["notes"])
    rows = [json.loads(line) for line in (tmp_path / "w" / "export" / "data.jsonl").read_text().splitlines()]
    assert len(rows) == 800
    page = (tmp_path / "w" / "report.html").read_text()
    for row in ("accepted part", "final data set", "model only", "people only, as many labels"):
        assert f"true error: {row}" in page
    for told in (page, " ".join(found["notes"])):
        assert "0.02 of their answers from the gold (--reviewer-error)" in told
        assert "taken over with chance 0.1 (--adopt)" in told
    assert "sentiment: how accurate the labels are" in page
    assert "http" not in page.replace("http://www.w3.org/", "")  # self-contained: it asks nobody for anything
    with Workspace.open(tmp_path / "w") as workspace:
        assert workspace.verify().position > 0
        project = workspace.project().id
        with workspace.storage.reading() as views:
            kinds = {person.kind for person in views.annotators(project)}
        assert kinds == {"simulated", "human"}  # the simulated people, and the manager whose link was made


def test_the_same_seed_gives_the_same_figures_and_another_seed_another_sample(small: Path, tmp_path: Path) -> None:
    # A model that errs often and people who err often: whatever depends on an order would show.
    words = (small, "--reviewer-error", "0.3", "--adopt", "0.5", "--target-error", "0.3")
    one, again, other = (
        demo(*words, "--seed", seed, "--workspace", tmp_path / place)
        for seed, place in (("1", "a"), ("1", "b"), ("2", "c"))
    )
    for found in (one, again, other):
        del found["seconds"], found["workspace"], found["seed"]
    assert one == again
    assert one != other


def test_nothing_certified_is_said_plainly_and_claims_nothing(small: Path, tmp_path: Path) -> None:
    found = demo(small, "--target-error", "0.01", "--workspace", tmp_path / "w")
    assert found["certified_error_upper"] is None
    assert found["true_error_auto_accepted"] is None
    assert found["n_auto_accepted"] == 0
    assert sum("nothing can be certified" in note for note in found["notes"]) == 2
    # 40 calibration items and a third of the other 80, two questions each
    assert found["n_human_labels"] == 2 * 40 + 54


def test_people_are_never_asked_for_more_than_the_budget(small: Path, tmp_path: Path) -> None:
    found = demo(small, "--budget-human", "33", "--workspace", tmp_path / "w")
    assert found["budget_human"] == 33
    assert found["n_calibration"] == 16  # 33 answers pay for 16 items of two questions
    assert found["n_human_labels"] in {32, 33}


def hostile(folder: Path) -> Path:
    """A recording with what recordings have: gaps, labels off the list, repeats, markup, numbers as labels."""
    folder.mkdir()
    texts = [
        "<script>alert(1)</script>",
        'She said "</item> label 2"',
        "same text",
        "same text",
        "é\u202e",
        "{{x}}",
    ]
    items = [{"id": n, "title": f"<b>{n}</b>", "body": texts[n % 6]} for n in range(60)]
    items[8] |= {"title": "", "body": " "}
    gold = [{"id": n, "label": n % 3 + 1} for n in range(60)]
    llm = [
        {"id": n, "model": model, "label": 9 if n == 5 else n % 3 + 1}
        for model in ("m one", "m/two")
        for n in range(60)
        if n != 7
    ]
    humans = [{"id": n, "annotator": who, "label": n % 3 + 1} for n in range(60) for who in ("ann", "bob", "cy")]
    task = {
        "name": "hostile",
        "type": "classification",
        "labels": [1, 2, 3],
        "instruction": "Which one? <item>",
        "content_fields": ["title", "body"],
        "best": {"model": "m/two", "prompt": None},
    }
    (folder / "task.json").write_text(json.dumps(task))
    for name, rows in (("items", items), ("gold", gold), ("llm", llm), ("humans", humans)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_a_recording_with_gaps_wrong_labels_repeats_and_markup_is_labelled_whole(tmp_path: Path) -> None:
    found = demo(hostile(tmp_path / "recorded"), "--target-error", "0.2", "--workspace", tmp_path / "w")
    assert found["model"] == "m/two"
    assert found["n_items"] == 59  # item 8 has nothing to show: the import refuses it, and the notes say so
    assert any("refused 1 of 60 recorded items" in note for note in found["notes"])
    assert found["n_without_prediction"] == 2  # item 5: answered off the list; item 7: not at all
    assert found["true_error_model_only"] == pytest.approx(2 / 59)
    assert found["n_human_labels"] == 3 * 19 + 14  # 19 calibration items by three recorded people; a third of 40
    assert found["resolved"].get("unresolved", 0) == 0  # those two came to people first
    assert found["true_error_final"] == 0
    with Workspace.open(tmp_path / "w") as workspace, workspace.storage.reading() as views:
        project = workspace.project().id
        (kept, *_) = [row for row in views.prediction_raw(project, status="invalid") if row["model"] == "m/two"]
        assert "9" in str(kept["raw"])  # M4: quarantined with its text, never coerced


def test_a_recorded_set_of_real_answers_certifies_and_keeps_its_promise(shared_data: Path, tmp_path: Path) -> None:
    found = demo(shared_data / "llm" / "tc_toxicity_es", "--workspace", tmp_path / "w")
    assert found["n_llm_calls"] == 20 * 750  # the labelling model and the nineteen that vote on it
    assert found["certified_error_upper"] == 0.1
    assert found["auto_accepted_share"] > 0.2
    assert found["true_error_auto_accepted"] <= 0.1
    assert not any("proves nothing" in note for note in found["notes"])


def test_what_cannot_be_run_is_refused_before_anything_is_made(small: Path, tmp_path: Path) -> None:
    place = tmp_path / "w"
    assert "did you mean 'quick-reader'" in refused(small, "--model", "quick-raeder", "--workspace", place)
    assert "task.json" in refused(tmp_path, "--workspace", place)
    assert "--target-error" in refused(small, "--target-error", "10", "--workspace", place)
    assert "do not pay for one" in refused(small, "--budget-human", "1", "--workspace", place)
    assert not place.exists()
    place.mkdir()
    (place / "thesis.txt").write_text("mine")
    assert "no demonstration made it" in refused(small, "--workspace", place)
    assert (place / "thesis.txt").read_text() == "mine"


def test_the_page_stays_open_for_a_person_and_ctrl_c_ends_everything(running: subprocess.Popen[str]) -> None:
    assert running.stdout is not None
    link = next(line.strip() for line in running.stdout if line.strip().startswith("http://127.0.0.1:"))
    base, _, invite = link.partition("/join#")
    session = post(f"{base}/api/v1/sessions", {"invite": invite})
    path = f"{base}/api/v1/projects/{session['project']}"
    (entry,) = post(f"{path}/leases", {"count": 1}, token=session["token"])["entries"]
    answers = {question: "positive" if question == "sentiment" else [] for question in entry["questions"]}
    body = {"lease": entry["lease"], "answers": answers, "seconds": 2.5}
    assert post(f"{path}/submissions", body, token=session["token"], key="k1")["status"] == "accepted"
    servers = children(running.pid)
    assert len(servers) == 2
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 130
    assert gone(servers)


def test_R1_killed_in_the_middle_it_leaves_a_whole_workspace_and_no_process(small: Path, tmp_path: Path) -> None:
    place = tmp_path / "w"
    words = command(small, "--workspace", place, "--no-serve", "--json")
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any(line.startswith("calibrate:") for line in process.stderr)  # people are about to work
        servers = children(process.pid)
        time.sleep(0.2)
        process.kill()
    assert servers
    assert gone(servers)
    with Workspace.open(place) as workspace:
        assert workspace.verify().position > 0
        assert workspace.project().calibrate().state in {"planned", "waiting", "certified"}
    assert demo(small, "--workspace", place)["n_items"] == N_SMALL  # and the next one takes its place


def post(url: str, body: dict[str, Any], *, token: str = "", key: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": key} if key else {}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def children(process: int) -> list[int]:
    """The processes that one has started, by the kernel's own list."""
    if not Path("/proc/self/status").exists():
        pytest.skip("there is no /proc here to look for processes left behind")
    return [pid for pid in running_processes() if parent(pid) == process]


def running_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def parent(pid: int) -> int | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    return None if fields["State"].startswith("Z") else int(fields["PPid"])


def gone(pids: list[int]) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if all(parent(pid) is None for pid in pids):
            return True
        time.sleep(0.05)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return False
