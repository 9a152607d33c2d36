"""A process that holds conversations through a batch API and kills itself, as `kill -9` would, where it is told to.

Arguments: the folder to work in, the base URL, the dialect, how many items, and where to die (`nowhere` = it does not):
`recorded`, `created`, `noted`, `polled`, `harvesting`, `harvested`, `closed`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from labelwright.adapters.batch.registry import batch_of
from labelwright.adapters.execution.batch_runner import BatchRunner
from labelwright.adapters.execution.batch_settings import BatchSettings
from labelwright.adapters.execution.stored_calls import StoredCalls
from labelwright.adapters.storage.batches import StoredBatches
from labelwright.adapters.storage.opening import open_storage
from labelwright.domain.project import ModelSource
from labelwright.ports.batches import BatchProgress, BatchProvider, LineResult, Shard, ShardLine
from labelwright.ports.calls import CallRecord
from labelwright.ports.chat import RunScope, Work
from labelwright.prompting.chat import ChatRequest, Flow, Message
from labelwright.prompting.price import Price


def die() -> None:
    """End at once: nothing is flushed, no handler runs."""
    os.kill(os.getpid(), signal.SIGKILL)


class Dying:
    """A provider and a store that work as they are, until the given moment."""

    def __init__(self, inner: BatchProvider | StoredBatches, where: str) -> None:
        self._inner, self._where = inner, where

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the inner one has
        return getattr(self._inner, name)

    def record(self, shard: Shard, lines: Sequence[ShardLine]) -> None:
        cast("StoredBatches", self._inner).record(shard, lines)
        self._die_at("recorded")

    async def submit(self, shard: str, file: Path) -> str:
        made = await cast("BatchProvider", self._inner).submit(shard, file)
        self._die_at("created")
        return made

    def created(self, shard: str, batch: str) -> None:
        cast("StoredBatches", self._inner).created(shard, batch)
        self._die_at("noted")

    async def poll(self, batch: str) -> BatchProgress:
        progress = await cast("BatchProvider", self._inner).poll(batch)
        self._die_at("polled")
        return progress

    async def results(self, batch: str, shard: str, model: str) -> AsyncIterator[LineResult]:
        place = 0
        async for result in cast("BatchProvider", self._inner).results(batch, shard, model):
            yield result
            place += 1
            if place > 600:  # one chunk of them is kept, the next is not
                self._die_at("harvesting")

    def harvest(self, shard: str, rows: Sequence[CallRecord], *, released: int) -> None:
        cast("StoredBatches", self._inner).harvest(shard, rows, released=released)
        self._die_at("harvested")

    def close(self, *shard: str) -> Any:  # noqa: ANN401 - a store's, or a provider's coroutine
        if not shard:
            return cast("BatchProvider", self._inner).close()
        cast("StoredBatches", self._inner).close(*shard)
        self._die_at("closed")
        return None

    def _die_at(self, where: str) -> None:
        if where == self._where:
            die()


def ask(name: str) -> Flow[str]:
    response = yield ChatRequest("m", (Message("user", name),), max_tokens=10)
    return response.text


def main(folder: str, base_url: str, dialect: str, items: str, where: str) -> None:
    """Hold the conversations; write how many ended with an answer."""
    storage = open_storage(Path(folder) / "w.db")
    source = ModelSource("m", base_url, provider=dialect)
    runner = BatchRunner(
        cast("BatchProvider", Dying(batch_of(dialect).connect(source, environment={}), where)),
        StoredCalls(storage),
        cast("StoredBatches", Dying(StoredBatches(storage), where)),
        model="m",
        folder=Path(folder) / "batches",
        new_id=lambda: str(uuid4()),
        settings=BatchSettings(poll_seconds=0.02, settle_seconds=0.2, probes=0),
    )
    work = (Work(i, f"i{i}", ask(f"i{i}")) for i in range(int(items)))
    scope = RunScope("p", str(uuid4()), Price(1000, 2000))
    answered = sum(one.outcome is not None for chunk in runner.run(work, scope) for one in chunk)
    storage.close()
    sys.stdout.write(f"{answered}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
