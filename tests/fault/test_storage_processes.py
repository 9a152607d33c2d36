"""Several processes on one file, and processes that are killed."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from labelwright.adapters.storage import open_storage
from labelwright.testing.storage_build import PROJECT, append, begin, entry, queued

KILLS = 12
SLOTS = 120


class Workers:
    """The nursery of storage_workers.py."""

    def __init__(self, path: Path) -> None:
        script = Path(__file__).with_name("storage_workers.py")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", str(script), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def said(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def ask(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()

    def end(self) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(120)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w.db"


@pytest.fixture
def workers(path: Path) -> Iterator[Workers]:
    workers = Workers(path)
    yield workers
    workers.end()


def test_R1_every_acknowledged_answer_survives_kill_9_at_any_instant(path: Path, workers: Workers) -> None:
    storage = open_storage(path)
    begin(storage, items=200)
    storage.close()
    chance = random.Random(11)  # the instants are random anyhow; the seed is for how long each child lives
    acknowledged: set[str] = set()
    for kill in range(KILLS):
        workers.ask(f"write {kill}")
        # First come the last words of the one before.
        while (words := workers.said.readline().split())[0] != "pid":
            acknowledged.add(words[1])
        pid = int(words[1])
        for _ in range(chance.randrange(1, 25)):
            acknowledged.add(workers.said.readline().split()[1])
        time.sleep(chance.random() * 0.01)
        os.kill(pid, signal.SIGKILL)
        workers.ask("wait -")
        # The next child opens the file that this one left behind, as it left it.
    workers.ask("claim ann")  # its lines come after all that the killed ones said
    for line in workers.said:
        word, id = line.split()[:2]
        if word == "ack":
            acknowledged.add(id)
        elif word in {"gone", "failed"}:
            break
    storage = open_storage(path)
    try:
        storage.verify()
        with storage.reading() as views:
            kept = Counter(annotation.id for annotation in views.annotations(PROJECT))
            assert views.label_count(PROJECT) == len(kept)
    finally:
        storage.close()
    assert len(acknowledged) >= KILLS
    assert acknowledged <= set(kept), "an acknowledged answer is gone"
    assert max(kept.values()) == 1
    assert len(kept) <= len(acknowledged) + KILLS * 6 + KILLS, "only what was in flight may be kept unacknowledged"


def test_R4_R6_two_processes_share_a_queue_and_no_slot_is_given_twice(path: Path, workers: Workers) -> None:
    storage = open_storage(path)
    begin(storage, items=SLOTS // 2, people=("ann", "bob", "cleo"))
    append(storage, queued(*(entry(n, slot=slot) for n in range(1, SLOTS // 2 + 1) for slot in (0, 1))))
    for name in ("ann", "bob", "cleo"):
        workers.ask(f"claim {name}")
    took: list[tuple[int, int]] = []
    gone = 0
    for line in workers.said:
        words = line.split()
        if words[0] == "took":
            took.append((int(words[1]), int(words[2])))
        gone += words[0] == "gone"
        assert words[0] != "failed"
        if gone == 3:
            break
    try:
        storage.verify()
        with storage.reading() as views:
            votes = Counter(annotation.item for annotation in views.annotations(PROJECT))
            (counts,) = views.queue_counts(PROJECT)
    finally:
        storage.close()
    assert len(took) == len({slot for slot, _ in took}) == SLOTS
    assert set(votes.values()) == {2}, "every item ends with exactly its overlap"
    assert (counts.open, counts.leased, counts.done) == (0, 0, SLOTS)


def test_processes_that_open_a_new_workspace_at_once_make_it_once(path: Path, workers: Workers) -> None:
    for name in ("ann", "bob", "cleo"):
        workers.ask(f"claim {name}")
    ends: list[str] = []
    for line in workers.said:
        ends += [line.split()[0]] * (line.split()[0] in {"gone", "failed"})
        if len(ends) == 3:
            break
    assert ends == ["gone"] * 3
    storage = open_storage(path)
    begin(storage)
    storage.verify()
    storage.close()


def test_a_foreign_lock_is_waited_for_and_nobody_hears_that_the_database_is_locked(path: Path) -> None:
    storage = open_storage(path)
    begin(storage)
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    waiting = storage.submit(lambda t: t.head())
    time.sleep(0.3)
    assert not waiting.done()
    with storage.reading() as views:  # readers do not wait
        assert views.item_count(PROJECT) == 5
    foreign.execute("COMMIT")
    foreign.close()
    assert waiting.result(60).position > 0
    storage.close()
