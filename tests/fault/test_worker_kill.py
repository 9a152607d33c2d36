"""kill -9 of the worker under a real server: the run is seen to have stalled, Resume goes on, nothing is paid twice."""

from __future__ import annotations

import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from labelwright.services.models.jobs import ask
from labelwright.workspace import Workspace
from tests.fault.serving_process import start
from tests.fault.test_prelabel_kill import answered, paid
from tests.replaying import Replay, replaying
from tests.story.recorded_project import record, write_project

N = 300
CONCURRENCY = 16
WORKER = [sys.executable, "-m", "labelwright.cli", "worker", "--json"]
JOBS = "/api/v1/projects/small/jobs"


@dataclass(frozen=True)
class Manager:
    """Somebody with a manager's session."""

    client: httpx.Client

    def do(self, path: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Write."""
        answer = self.client.post(JOBS + path, json=body, headers={"Idempotency-Key": secrets.token_hex(8)})
        assert answer.is_success, answer.text
        return answer.json()

    def job(self) -> dict[str, Any]:
        """Give the newest job."""
        return self.client.get(JOBS).json()["jobs"][0]

    def until(self, state: str, *, done: int = 0) -> dict[str, Any]:
        """Watch the newest job."""
        deadline = time.monotonic() + 60
        while (job := self.job())["state"] != state or job["done"] < done:
            assert time.monotonic() < deadline, job
            assert job["state"] != "failed", job
            time.sleep(0.1)
        return job


@contextmanager
def a_project(folder: Path) -> Iterator[tuple[Path, Replay]]:
    recorded, work = record(folder / "recorded", N), folder / "work"
    with replaying(recorded, "--latency-ms", "200") as replay:
        write_project(work, replay.url)
        with Workspace.create(work) as workspace:
            workspace.apply()
            workspace.project().import_items(recorded / "items.jsonl", id_field="id")
        yield work, replay


@contextmanager
def a_manager(work: Path) -> Iterator[Manager]:
    server = start(work)
    try:
        invite = server.links["small"].partition("#")[2]
        with httpx.Client(base_url=server.url, timeout=30) as client:
            token = client.post("/api/v1/sessions", json={"invite": invite}).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield Manager(client)
    finally:
        server.stop()


def worker_of(work: Path) -> int:
    with sqlite3.connect(work / "labelwright.db") as database:
        ((name,),) = database.execute("SELECT worker FROM job").fetchall()
    return int(name.rpartition(":")[2])


def put_to_sleep(worker: int, work: Path) -> None:
    """Stop a process where it holds no lock of the database: one that sleeps on it would keep everybody out."""
    while True:
        os.kill(worker, signal.SIGSTOP)
        database = sqlite3.connect(work / "labelwright.db", timeout=0.1, isolation_level=None)
        try:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
            return
        except sqlite3.OperationalError:
            os.kill(worker, signal.SIGCONT)
            time.sleep(0.03)
        finally:
            database.close()


def age(work: Path, seconds: float) -> None:
    """Let time pass: half a minute is long for a test."""
    with sqlite3.connect(work / "labelwright.db") as database:
        database.execute("UPDATE job SET beat_at = beat_at - ?", (seconds,))
    database.close()


def test_M1_a_killed_worker_stalls_and_resume_pays_for_nothing_twice(tmp_path: Path) -> None:
    with a_project(tmp_path) as (work, replay), a_manager(work) as manager:
        manager.do("")
        manager.until("running", done=40)
        os.kill(worker_of(work), signal.SIGKILL)
        time.sleep(0.5)
        committed, counts = paid(work), answered(replay)
        assert sum(counts.values()) - len(committed) <= CONCURRENCY
        silent = manager.job()["seconds_silent"]
        assert manager.job()["seconds_silent"] > silent
        assert not manager.job()["is_stalled"]
        age(work, 30)
        stalled = manager.job()
        assert (stalled["is_stalled"], stalled["actions"]) == (True, ["resume", "cancel"])
        manager.do(f"/{stalled['id']}/resume")
        done = manager.until("done")
        final = answered(replay)
        assert all(final[item] == counts[item] for item in committed), "a committed call was repeated"
        assert sum(final.values()) <= N + CONCURRENCY
        assert (done["done"], done["total"], done["failed"]) == (N, N, 0)
        assert len(paid(work)) == N


def test_a_worker_that_sleeps_through_its_take_over_is_not_heard_when_it_wakes(tmp_path: Path) -> None:
    """SIGSTOP for as long as it takes; then it finds its job in other hands, and ends without a mark."""
    with a_project(tmp_path) as (work, replay), a_manager(work) as manager:
        manager.do("")
        manager.until("running", done=20)
        sleeper = worker_of(work)
        put_to_sleep(sleeper, work)
        try:
            age(work, 31)
            stalled = manager.job()
            assert stalled["is_stalled"]
            manager.do(f"/{stalled['id']}/resume")
            # The server's own worker sleeps, so somebody runs another one.
            done = subprocess.run([*WORKER, "-w", str(work), "--until-idle", "1"], check=True, capture_output=True)
            assert stalled["id"] in done.stdout.decode()
            assert manager.job()["state"] == "done"
        finally:
            os.kill(sleeper, signal.SIGCONT)
        time.sleep(2)
        woken = manager.job()
        assert (woken["state"], woken["done"], woken["total"]) == ("done", N, N)
        assert sum(answered(replay).values()) <= N + 2 * CONCURRENCY


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_that_is_asked_to_end_pauses_its_run(tmp_path: Path, number: signal.Signals) -> None:
    with a_project(tmp_path) as (work, replay):
        start_job = [sys.executable, "-m", "labelwright.cli", "jobs", "start", "-w", str(work), "--json"]
        subprocess.run(start_job, check=True, stdout=subprocess.DEVNULL)
        worker = subprocess.Popen([*WORKER, "-w", str(work)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        while worker.poll() is None and len(paid(work)) < 30:
            time.sleep(0.02)
        worker.send_signal(number)
        worker.communicate(timeout=60)
        assert worker.returncode == 130
        with Workspace.open(work) as workspace, workspace.storage.reading() as views:
            (job,) = views.jobs(workspace.project().id)
        assert job.state == "paused"
        assert job.problem is not None
        assert len(paid(work)) == sum(answered(replay).values()) < N


def test_two_workers_share_the_jobs_and_never_one_job(tmp_path: Path) -> None:
    recorded = record(tmp_path / "recorded", 30)
    work = tmp_path / "work"
    with replaying(recorded, "--latency-ms", "20") as replay:
        write_project(work, replay.url)
        text = (work / "project.yaml").read_text()
        names = [f"p{n}" for n in range(4)]
        with Workspace.create(work) as workspace:
            for name in names:
                (work / "project.yaml").write_text(text.replace('"small"', f'"{name}"', 1))
                workspace.apply()
                handle = workspace.project(name)
                handle.import_items(recorded / "items.jsonl", id_field="id")
                project, world = handle.config, workspace.world
                workspace.storage.write(
                    lambda tx, of=project, by=world: ask(tx, of, limit=None, asked_by="terminal", world=by)
                )
        workers = [
            subprocess.Popen([*WORKER, "-w", str(work), "--until-idle", "1"], stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said = [worker.communicate(timeout=180)[0] for worker in workers]
        with Workspace.open(work) as workspace, workspace.storage.reading() as views:
            jobs = [views.jobs(project.id)[0] for project in views.projects()]
        assert [job.state for job in jobs] == ["done"] * 4
        assert [job.fence for job in jobs] == [1] * 4, "each was taken once"
        assert all(sum(job.id in one for one in said) == 1 for job in jobs)
