"""M2 over several processes, and over one that is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from labelwright.adapters.storage import open_storage
from labelwright.testing.storage_build import PROJECT, begin
from tests.fault.budget_worker import worst

PICO_PER_MICRO = 1_000_000


class Workspace:
    """A database, and what the provider billed."""

    def __init__(self, folder: Path, calls: float) -> None:
        self.path, self.paid = folder / "workspace.db", folder / "paid"
        self.limit = int(calls * worst()) // PICO_PER_MICRO
        storage = open_storage(self.path)
        begin(storage)
        storage.close()

    def start(self, name: str, n: int, seconds: float = 0.01) -> subprocess.Popen[str]:
        script = Path(__file__).with_name("budget_worker.py")
        command = [sys.executable, "-W", "error", str(script), str(self.path), name, str(self.limit), str(n)]
        return subprocess.Popen([*command, str(seconds)], stdout=subprocess.PIPE, text=True)

    def billed(self) -> list[int]:
        return [int(line) for line in self.paid.read_text().splitlines()] if self.paid.exists() else []

    def booked(self) -> tuple[int, int, int]:
        """Give what is spent, reserved and lost."""
        storage = open_storage(self.path)
        with storage.reading() as views:
            state = views.budget(PROJECT, limit=self.limit * PICO_PER_MICRO)
        storage.close()
        return state.spent, state.reserved, state.lost

    def committed(self) -> int:
        storage = open_storage(self.path)
        with storage.reading() as views:
            calls = views.call_totals(PROJECT).calls
        storage.close()
        return calls


def ended(process: subprocess.Popen[str]) -> tuple[str, int]:
    said, _ = process.communicate(timeout=180)
    word, number = said.split()
    return word, int(number)


def test_m2_two_processes_together_never_spend_more_than_there_is(tmp_path: Path) -> None:
    """M2: 128 calls at once, worst cases of about three times the budget; both end, and nothing stays set aside."""
    workspace = Workspace(tmp_path, calls=150)
    both = [workspace.start("one", 400), workspace.start("two", 400)]
    ends = [ended(process) for process in both]
    billed = workspace.billed()
    limit = workspace.limit * PICO_PER_MICRO
    assert sum(billed) <= limit
    assert limit - sum(billed) < 2 * worst(), "hardly more is left than a call of each may cost"
    assert workspace.booked() == (sum(billed), 0, 0)
    assert {word for word, _ in ends} == {"spent"}
    assert sum(number for _, number in ends) == len(billed), "what was answered is kept and handed over"


def test_m1_m2_what_a_killed_process_had_out_counts_against_the_limit(tmp_path: Path) -> None:
    """M1, M2: after a kill -9 nothing that was committed is repeated, and both runs together stay within."""
    workspace = Workspace(tmp_path, calls=800)
    first = workspace.start("one", 3000, seconds=0.6)  # some 200 a second: killed long before the 500 of the next
    deadline = time.monotonic() + 120
    while len(workspace.billed()) < 150 and time.monotonic() < deadline:
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert sum(workspace.booked()) >= sum(workspace.billed()), "whatever was billed is spent, or held"
    before, committed = len(workspace.billed()), workspace.committed()
    assert 0 < committed <= before
    assert before - committed <= 64
    assert ended(workspace.start("one", 500)) == ("answered", 500)
    assert len(workspace.billed()) - before == 500 - committed
    assert sum(workspace.booked()) <= workspace.limit * PICO_PER_MICRO
    assert sum(workspace.billed()) <= sum(workspace.booked())
