"""kill -9 in the middle of pre-labelling, again and again: no paid answer is lost, none is paid for twice."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labelwright.workspace import Workspace
from tests.replaying import Replay, replaying
from tests.story.recorded_project import record, write_project

N = 400
CONCURRENCY = 16
LATENCY = ("--latency-ms", "100")
"""Some 160 answers a second: between two looks at it a run cannot come to its end, on a busy machine neither."""
COMMAND = [sys.executable, "-m", "labelwright.cli", "prelabel", "--json"]


def paid(workspace: Path) -> set[str]:
    """The items with a committed answer, read from the file behind the software's back."""
    with sqlite3.connect(workspace / "labelwright.db") as database:
        rows = database.execute("SELECT item_id FROM call WHERE status = 'ok'").fetchall()
    return {str(row[0]) for row in rows}


def answered(replay: Replay) -> dict[str, int]:
    counts: dict[str, int] = replay.stats()["by_item"]
    return {name.removeprefix("first "): count for name, count in counts.items()}


@pytest.mark.parametrize("seed", [1, 2])
def test_m1_after_kill_9_no_committed_call_is_repeated(tmp_path: Path, seed: int) -> None:
    """M1: after each kill, what was committed is never asked again; what was in flight is, and no more."""
    rng = random.Random(seed)
    folder = record(tmp_path / "recorded", N)
    work = tmp_path / "work"
    with replaying(folder, *LATENCY) as replay:
        write_project(work, replay.url)
        with Workspace.create(work) as workspace:
            workspace.apply()
            workspace.project().import_items(folder / "items.jsonl", id_field="id")
        kills = 0
        committed: set[str] = set()
        for _ in range(4):
            before = len(paid(work))
            process = subprocess.Popen([*COMMAND, "--workspace", str(work)], stdout=subprocess.DEVNULL)
            goal = before + rng.randrange(20, 90)
            while process.poll() is None and len(paid(work)) < goal:
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
            committed, asked = paid(work), answered(replay)
            assert committed <= set(asked)
            in_flight = sum(asked.values()) - len(committed)
            assert in_flight <= kills * CONCURRENCY
        assert kills == 4, "every kill must have hit a running command"
        counts_at_last_kill = answered(replay)
        subprocess.run([*COMMAND, "--workspace", str(work)], check=True, stdout=subprocess.DEVNULL)
        final = answered(replay)
        for item in committed:
            assert final[item] == counts_at_last_kill[item], f"{item} was paid for twice"
        assert len(paid(work)) == N
        assert sum(final.values()) <= N + kills * CONCURRENCY
    with Workspace.open(work) as workspace:
        workspace.verify()
        project = workspace.project()
        assert project.prelabel().models[0].due == 0
        with workspace.storage.reading() as views:
            columns = views.predictions(project.id, "label", "first")
        assert columns.status == ["valid"] * N


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_stop_keeps_what_is_in_flight_and_the_next_run_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    folder = record(tmp_path / "recorded", N)
    work = tmp_path / "work"
    with replaying(folder, *LATENCY) as replay:
        write_project(work, replay.url)
        with Workspace.create(work) as workspace:
            workspace.apply()
            workspace.project().import_items(folder / "items.jsonl", id_field="id")
        process = subprocess.Popen([*COMMAND, "--workspace", str(work)], stdout=subprocess.PIPE, text=True)
        while process.poll() is None and len(paid(work)) < 50:
            time.sleep(0.005)
        process.send_signal(number)
        told, _ = process.communicate(timeout=60)
        assert '"stopped": true' in told
        assert process.returncode == 130
        assert len(paid(work)) == sum(answered(replay).values()) < N
        subprocess.run([*COMMAND, "--workspace", str(work)], check=True, stdout=subprocess.DEVNULL)
        assert set(answered(replay).values()) == {1}
        assert len(paid(work)) == N
