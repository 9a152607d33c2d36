from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.contract.batch_bench import Bench
from tests.contract.recording import write_recording
from tests.replaying import Replay, replaying


@pytest.fixture
def bench(tmp_path: Path) -> Generator[Bench]:
    """A workspace's storage with runners of batches on it."""
    made = Bench(tmp_path)
    yield made
    made.storage.close()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of recorded answers."""
    return write_recording(tmp_path_factory.mktemp("recorded"))


@pytest.fixture(scope="module")
def replay(recording: Path) -> Generator[Replay]:
    """A replay of that recording."""
    with replaying(recording) as running:
        yield running
