"""A run's line to the people who watch it, and the run that begins in a terminal."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labelwright.adapters.jobs import StoredControl, open_job
from labelwright.adapters.storage import open_storage
from labelwright.errors import Conflict, ProviderRefused
from labelwright.ports.jobs import Job, JobCounts
from labelwright.ports.storage import Storage
from labelwright.testing.storage_build import PROJECT, begin
from labelwright.testing.storage_suite.operations import a_job

FAR = JobCounts(total=10, done=4, failed=1, calls=6, reused=2, tokens_in=50, tokens_out=5, cost_pico=100)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    storage = open_storage(tmp_path / "labelwright.db")
    begin(storage)
    yield storage
    storage.close()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labelwright.adapters.jobs.stored_control.BEAT_SECONDS", 0.01)
    monkeypatch.setattr("labelwright.adapters.jobs.stored_control.LEAST_SECONDS", 0.0)


def taken(storage: Storage, job: Job | None = None) -> Job:
    storage.write(lambda tx: tx.add_job(job or a_job()))
    found = storage.write(lambda tx: tx.take_job("here:1", now=1.0))
    assert found is not None
    return found


def shown(storage: Storage, job: str = "job-1") -> Job:
    with storage.reading() as views:
        found = views.job(PROJECT, job)
    assert found is not None
    return found


def wish(storage: Storage, wanted: str) -> None:
    state, asked = ("pausing", "pause") if wanted == "pause" else ("cancelling", "cancel")
    job = shown(storage)
    assert storage.write(lambda tx: tx.move_job(job, state=state, wish=asked, now=2.0))  # type: ignore[arg-type]


def control_of(storage: Storage, job: Job, *, drains: bool = True) -> StoredControl:
    return StoredControl(storage, job, now=lambda: 5.0, drains=drains)


def test_what_was_reported_last_is_what_is_shown_in_the_end(storage: Storage) -> None:
    with control_of(storage, taken(storage)) as control:
        assert control.beat(JobCounts(total=10)) == "run"
        control.beat(FAR)
    job = shown(storage)
    assert (job.state, job.counts, job.ended_at, job.worker, job.problem) == ("done", FAR, 5.0, None, None)


def test_a_pause_of_a_worker_ends_its_run_and_leaves_the_job_paused(storage: Storage) -> None:
    with control_of(storage, taken(storage)) as control:
        wish(storage, "pause")
        assert control.beat(FAR) == "cancel", "the run drains; the job does not end"
        control.stopped()
    assert (shown(storage).state, shown(storage).ended_at) == ("paused", None)


def test_a_pause_that_is_taken_back_while_it_drains_lets_the_job_wait_again(storage: Storage) -> None:
    with control_of(storage, taken(storage)) as control:
        wish(storage, "pause")
        assert control.beat(FAR) == "cancel"
        pausing = shown(storage)
        storage.write(lambda tx: tx.move_job(pausing, state="running", wish="run", now=3.0))
        assert control.beat(FAR) == "cancel", "it is draining already"
        control.stopped()
    assert shown(storage).state == "waiting"


def test_a_run_in_a_terminal_waits_where_it_is(storage: Storage) -> None:
    with open_job(storage, PROJECT, "prelabel", job="job-1", now=lambda: 1.0) as control:
        wish(storage, "pause")
        assert control.beat(FAR) == "pause"
        assert shown(storage).state == "pausing"
        assert control.beat(FAR, state="paused") == "pause"
        paused = shown(storage)
        assert paused.state == "paused"
        storage.write(lambda tx: tx.move_job(paused, state="running", wish="run", now=3.0))
        assert control.beat(FAR, state="paused") == "run"
        assert shown(storage).state == "running"
    assert (shown(storage).state, shown(storage).asked_by) == ("done", "terminal")


def test_a_cancelled_run_ends_cancelled(storage: Storage) -> None:
    with control_of(storage, taken(storage)) as control:
        wish(storage, "cancel")
        assert control.beat(FAR) == "cancel"
        control.stopped()
    assert shown(storage).state == "cancelled"


def test_an_error_is_the_runs_own_and_says_why_it_failed(storage: Storage) -> None:
    with pytest.raises(ProviderRefused), control_of(storage, taken(storage)):
        raise ProviderRefused("the key is wrong; set OPENAI_API_KEY")
    assert (shown(storage).state, shown(storage).problem) == ("failed", "the key is wrong; set OPENAI_API_KEY")


def test_S3_the_message_of_an_unforeseen_error_goes_nowhere(storage: Storage) -> None:
    with pytest.raises(ValueError, match="sk-secret"), control_of(storage, taken(storage)):
        raise ValueError("sk-secret")
    problem = shown(storage).problem
    assert problem is not None
    assert "sk-secret" not in problem
    assert "ValueError" in problem


def test_a_job_that_is_taken_away_asks_its_old_run_to_end(storage: Storage) -> None:
    with control_of(storage, taken(storage)) as control:
        job = shown(storage)
        storage.write(lambda tx: tx.move_job(job, state="waiting", wish="run", now=2.0))
        assert control.beat(FAR) == "cancel"
        control.stopped()
    assert (shown(storage).state, shown(storage).counts) == ("waiting", JobCounts())


def test_a_job_that_goes_on_counts_what_was_done_before_and_tries_again_what_had_failed(storage: Storage) -> None:
    with control_of(storage, taken(storage, replace(a_job(), counts=FAR))) as control:
        assert control.beat(JobCounts()) == "run"
        assert shown(storage).counts == FAR, "nothing is forgotten while it looks for what is due"
        # 3 of the 4 are done for good; 1 that failed and 6 that nobody began are due.
        control.beat(JobCounts(total=7, done=2, calls=2, tokens_in=10, cost_pico=40))
    assert shown(storage).counts == JobCounts(
        total=10, done=5, failed=0, calls=8, reused=2, tokens_in=60, tokens_out=5, cost_pico=140
    )


def test_while_the_run_says_nothing_its_process_says_that_it_lives(storage: Storage) -> None:
    clock = [1.0]
    asked = threading.Event()

    def now() -> float:
        asked.set()
        return clock[0]

    with StoredControl(storage, taken(storage), now=now, drains=True):
        clock[0] = 77.0
        asked.clear()
        assert asked.wait(60)
        asked.clear()
        assert asked.wait(60)
        assert shown(storage).beat_at == 77.0


def test_a_command_that_was_killed_is_put_down_by_the_next_one_at_once(storage: Storage, tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path\n"
        "from labelwright.adapters.jobs import open_job\n"
        "from labelwright.adapters.storage import open_storage\n"
        "storage = open_storage(Path(sys.argv[1]))\n"
        f"open_job(storage, '{PROJECT}', 'prelabel', job='killed', now=lambda: 1.0).__enter__()\n"
        "os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "labelwright.db")], check=False)
    assert done.returncode == 9
    assert shown(storage, "killed").state == "running"
    with open_job(storage, PROJECT, "prelabel", job="next", now=lambda: 2.0):
        assert shown(storage, "killed").state == "failed"
        with pytest.raises(Conflict, match="labelwright jobs cancel next"):
            open_job(storage, PROJECT, "prelabel", job="beside", now=lambda: 3.0)
        assert shown(storage, "next").state == "running", "a command that lives is left alone"


@pytest.mark.parametrize("jump", [31.0, -31.0, 3_600.0, -259_200.0])
def test_R14_a_silent_job_is_taken_over_wherever_the_clock_has_jumped(storage: Storage, jump: float) -> None:
    """R14: its process lives elsewhere, as far as anybody knows, and is told to end when it wakes."""
    elsewhere = replace(a_job(), worker="elsewhere:1", state="running", started_at=1.0, beat_at=1.0, fence=1)
    storage.write(lambda tx: tx.add_job(elsewhere))
    with open_job(storage, PROJECT, "prelabel", job="next", now=lambda: 1.0 + jump):
        assert shown(storage).state == "failed"
        old = StoredControl(storage, elsewhere, now=lambda: 2.0, drains=True)
        assert old.beat(FAR) == "cancel"
        assert shown(storage).counts == JobCounts(), "its report is not heard"


def test_what_a_command_makes_way_for_and_what_not(storage: Storage) -> None:
    waiting = a_job()
    storage.write(lambda tx: tx.add_job(waiting))
    with pytest.raises(Conflict, match="labelwright worker"):
        open_job(storage, PROJECT, "prelabel", job="next", now=lambda: 3.0)
    storage.write(lambda tx: tx.move_job(waiting, state="paused", wish="pause", now=2.0))
    with open_job(storage, PROJECT, "prelabel", job="next", now=lambda: 3.0):
        assert shown(storage).state == "paused", "nobody works on it; it may go on later"
    elsewhere = replace(a_job(), id="other", worker="elsewhere:1", state="running", beat_at=2.0, fence=1)
    storage.write(lambda tx: tx.add_job(elsewhere))
    with pytest.raises(Conflict, match="run this again in 10 s"):
        open_job(storage, PROJECT, "prelabel", job="after", now=lambda: 22.0)
    assert shown(storage, "other").state == "running"
