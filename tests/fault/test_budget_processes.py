"""M2 over processes: two that spend from one budget never pass it, and what a killed one held counts as spent."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from labelwright.adapters.jobs import StoredBudget
from labelwright.adapters.jobs.stored_budget import LOST_AFTER_SECONDS
from labelwright.adapters.storage import open_storage
from labelwright.ports.storage import Storage
from labelwright.testing.storage_build import PROJECT, begin

PICO = 1_000_000
LIMIT = 2_000  # micro-USD
WORST, COST = 7 * PICO, 3 * PICO
SPENDING = f"""
import sys, time
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
from labelwright.adapters.jobs import StoredBudget
from labelwright.adapters.storage import open_storage

storage = open_storage(Path(sys.argv[1]), create=False)
budget = StoredBudget(storage, "{PROJECT}", {LIMIT}, process=sys.argv[2], now=time.time)

def spend(_):
    calls = 0
    while budget.reserve(sys.argv[2], {WORST}, at_least={WORST}):
        if sys.argv[3] == "hang":
            print("holds", flush=True)
            time.sleep(60)
        budget.settle(sys.argv[2], spent={COST}, released={WORST})
        calls += 1
    return calls

with ThreadPoolExecutor(8) as pool:
    print(sum(pool.map(spend, range(8 if sys.argv[3] == "spend" else 1))))
storage.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "labelwright.db"
    storage = open_storage(path)
    begin(storage)
    storage.close()
    return path


def spender(path: Path, name: str, how: str = "spend") -> subprocess.Popen[str]:
    words = [sys.executable, "-c", SPENDING, str(path), name, how]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def budget_of(storage: Storage, process: str, *, now: float = 0.0) -> StoredBudget:
    return StoredBudget(storage, PROJECT, LIMIT, process=process, now=lambda: now)


def test_M2_two_processes_of_eight_threads_spend_to_the_last_call_and_not_beyond(path: Path) -> None:
    storage = open_storage(path)
    budget = budget_of(storage, "watcher")
    highest = 0
    with spender(path, "a") as one, spender(path, "b") as other:
        while one.poll() is None or other.poll() is None:
            stands = budget.state()
            highest = max(highest, stands.spent + stands.reserved + stands.lost)
        assert one.stdout is not None
        assert other.stdout is not None
        calls = [int(one.stdout.read()), int(other.stdout.read())]
    stands = budget.state()
    storage.close()
    assert all(calls), "both had their share"
    assert highest <= LIMIT * PICO
    assert (stands.spent, stands.reserved, stands.lost) == (sum(calls) * COST, 0, 0)
    # A thread that found too little left gives up, though others then gave some back: at most their worst cases.
    assert LIMIT * PICO - stands.spent < 16 * WORST


def test_M2_what_a_killed_process_had_set_aside_counts_as_spent_a_minute_later(path: Path) -> None:
    with spender(path, "a", "hang") as doomed:
        assert doomed.stdout is not None
        assert doomed.stdout.readline() == "holds\n"
        doomed.kill()
    storage = open_storage(path)
    try:
        soon, later = time.time() + LOST_AFTER_SECONDS / 2, time.time() + LOST_AFTER_SECONDS + 1
        rest = LIMIT * PICO - WORST
        assert budget_of(storage, "b", now=soon).reserve("b", rest + 1, at_least=rest + 1) == 0
        assert budget_of(storage, "b").state().reserved == WORST
        budget = budget_of(storage, "b", now=later)
        assert budget.reserve("b", rest, at_least=rest) == rest
        stands = budget.state()
        assert (stands.spent, stands.reserved, stands.lost) == (0, rest, WORST)
    finally:
        storage.close()


def test_M2_256_threads_of_one_process_never_hold_more_than_the_limit(path: Path) -> None:
    storage = open_storage(path)
    budget = budget_of(storage, "a")
    held, most, guard = 0, 0, threading.Lock()

    def call_once(_: int) -> bool:
        nonlocal held, most
        granted = budget.reserve("run", WORST, at_least=WORST)
        if not granted:
            return False
        with guard:
            held += granted
            most = max(most, held)
        with guard:
            held -= granted - COST
        budget.settle("run", spent=COST, released=granted)
        return True

    with ThreadPoolExecutor(256) as pool:
        done = sum(pool.map(call_once, range(900)))
    stands = budget.state()
    storage.close()
    assert most <= LIMIT * PICO
    assert (stands.spent, stands.reserved, stands.lost) == (done * COST, 0, 0)


def test_a_process_that_waits_for_a_slow_call_says_that_it_lives(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labelwright.adapters.jobs.stored_budget.TOUCH_SECONDS", 0.05)
    storage = open_storage(path)
    clock = [0.0]
    heard = threading.Event()

    def now() -> float:
        if threading.current_thread().name == "labelwright-budget":
            heard.set()
        return clock[0]

    budget = StoredBudget(storage, PROJECT, LIMIT, process="a", now=now)
    budget.reserve("run", WORST, at_least=WORST)
    clock[0] = LOST_AFTER_SECONDS + 1
    heard.clear()
    assert heard.wait(5)
    heard.clear()
    assert heard.wait(5), "and again"
    other = budget_of(storage, "b", now=clock[0] + 1)
    other.reserve("b", 1, at_least=1)
    assert other.state().lost == 0
    budget.close()
    storage.close()
