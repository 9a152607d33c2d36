"""kill -9 at every step of a batch's life: nothing that was sent is sent again, nothing that was answered is lost."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from labelwright.adapters.chat.replay_batch import BatchFaults
from labelwright.adapters.chat.replay_request import Dialect
from labelwright.testing.batch_server import BatchServer, batch_server

PROCESS = Path(__file__).parent / "batch_process.py"


def run(server: BatchServer, folder: Path, items: int, where: str) -> subprocess.CompletedProcess[str]:
    arguments = [folder, server.base_url, server.dialect, items, where]
    command = [sys.executable, str(PROCESS), *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=180)


def answered_rows(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "w.db") as database:
        return [str(row[0]) for row in database.execute("SELECT item_id FROM call WHERE status = 'ok'")]


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_m1_a_batch_outlives_its_processes_and_is_paid_for_once(tmp_path: Path, dialect: Dialect) -> None:
    """M1 for batches, M3: 0 repeated, wherever it dies. Mutant: the batch is recorded only after it is created.

    Each process takes up what the one before left, and dies one step later: before the batch is made, made and not
    noted, noted, being asked after, half-fetched, fetched further, all fetched. Batches expire at 60% besides.
    """
    items = 1_100
    with batch_server(dialect, BatchFaults(seconds=0.2, expire_at=0.6, duplicate=0.1, unknown=0.1)) as server:
        for where in ("recorded", "created", "noted", "polled", "harvesting", "harvested", "closed"):
            killed = run(server, tmp_path, items, where)
            assert killed.returncode == -signal.SIGKILL, (where, killed.stderr)
            if where != "closed":  # that one had also sent what had expired
                assert server.created == (where != "recorded"), where
        went_on = run(server, tmp_path, items, "nowhere")
    assert went_on.stdout == f"{items}\n", went_on.stderr
    assert set(server.answered.values()) == {1}
    assert len(server.answered) == items
    assert sorted(answered_rows(tmp_path)) == sorted(f"i{i}" for i in range(items))
