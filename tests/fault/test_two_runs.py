"""Two processes that would label the same items: the second is refused, and told how to go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from labelwright.cli.main import run
from tests.fault.test_prelabel_kill import answered, paid
from tests.fault.test_worker_kill import a_manager, a_project, age, put_to_sleep

N = 300
CONCURRENCY = 16
CLI = [sys.executable, "-m", "labelwright.cli"]


@contextmanager
def labelling(work: Path, *words: str) -> Generator[subprocess.Popen[bytes]]:
    """Have another process label; it has begun."""
    with subprocess.Popen([*CLI, *words, "-w", str(work)], stdout=subprocess.DEVNULL) as process:
        try:
            while process.poll() is None and len(paid(work)) < 20:
                time.sleep(0.02)
            assert process.poll() is None
            yield process
        finally:
            process.kill()


def jobs(work: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run(["jobs", "--json", "-w", str(work)]) == 0
    return json.loads(capsys.readouterr().out)["jobs"]


def test_M1_a_second_terminal_is_refused_while_the_first_labels_or_rests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """M1: nothing is paid twice; cancelling the first makes way."""
    with a_project(tmp_path) as (work, replay), labelling(work, "prelabel") as first:
        at = ("-w", str(work))
        (job,) = jobs(work, capsys)
        assert run(["jobs", "pause", job["id"], *at]) == 0
        for words in (["prelabel"], ["run"], ["jobs", "start"]):
            capsys.readouterr()
            assert run([*words, *at]) == 1
            said = capsys.readouterr().err
            assert f"job {job['id']} of this project is paus" in said
            assert "cancel" in said
        assert run(["jobs", "cancel", job["id"], *at]) == 0
        assert first.wait(60) == 130
        assert len(paid(work)) < N
        assert run(["prelabel", *at]) == 0
        assert set(answered(replay).values()) == {1}
        assert len(paid(work)) == N


def test_M1_a_terminal_is_refused_beside_a_worker_and_takes_over_when_that_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """M1, and no half minute of waiting where the worker's process is known to be gone."""
    with a_project(tmp_path) as (work, replay):
        at = ("-w", str(work))
        assert run(["jobs", "start", *at]) == 0
        capsys.readouterr()
        assert run(["prelabel", *at]) == 1
        assert "waits for a worker" in capsys.readouterr().err
        with labelling(work, "worker") as worker:
            assert run(["prelabel", *at]) == 1
            assert f"is running in process {os.uname().nodename}:{worker.pid}" in capsys.readouterr().err
            worker.kill()
            worker.wait()
        before, asked = paid(work), answered(replay)
        assert run(["prelabel", *at]) == 0
        final = answered(replay)
        assert all(final[item] == asked[item] for item in before), "a committed call was repeated"
        assert len(paid(work)) == N
        told = jobs(work, capsys)
        assert [one["state"] for one in told] == ["done", "failed"]
        assert "another run has taken over" in told[1]["problem"]


def test_a_terminal_that_sleeps_and_is_taken_over_ends_when_it_wakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SIGSTOP: the sleeper finds its job in other hands; at most what it had in flight is asked twice."""
    with a_project(tmp_path) as (work, replay), labelling(work, "prelabel") as sleeper:
        put_to_sleep(sleeper.pid, work)
        try:
            age(work, 31)
            assert run(["prelabel", "-w", str(work)]) == 0
        finally:
            os.kill(sleeper.pid, signal.SIGCONT)
        assert sleeper.wait(60) in (0, 130)
        assert sum(answered(replay).values()) <= N + 2 * CONCURRENCY
        assert [one["state"] for one in jobs(work, capsys)] == ["done", "failed"]


def test_a_run_that_is_asked_to_rest_at_its_very_beginning_obeys(tmp_path: Path) -> None:
    """Before its first call, again while it already comes to rest, and between two resumes."""
    with a_project(tmp_path) as (work, _), a_manager(work) as manager:
        job = manager.do("")["id"]
        manager.do(f"/{job}/pause")
        manager.do(f"/{job}/pause")
        assert manager.until("paused")["done"] == len(paid(work))
        manager.do(f"/{job}/resume")
        manager.do(f"/{job}/pause")
        manager.do(f"/{job}/resume")
        assert manager.until("done")["done"] == N == len(paid(work))
