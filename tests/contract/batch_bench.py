"""A workspace that asks through a batch API: runners on it, conversations for them, and the provider's clock."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from labelwright.adapters.batch.registry import batch_of
from labelwright.adapters.chat.replay_request import Dialect
from labelwright.adapters.chat.replay_spoiled import Reply
from labelwright.adapters.execution.batch_runner import BatchRunner
from labelwright.adapters.execution.batch_settings import BatchSettings
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.adapters.execution.stored_calls import StoredCalls
from labelwright.adapters.storage.batches import StoredBatches
from labelwright.adapters.storage.opening import open_storage
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import ModelSource
from labelwright.ports.budget import Budget
from labelwright.ports.calls import CallRecord
from labelwright.ports.chat import Finished, RunScope, Work
from labelwright.ports.storage import Storage
from labelwright.prompting.chat import ChatRequest, Flow, Message
from labelwright.prompting.price import Price
from labelwright.prompting.usage import Usage
from labelwright.testing.batch_server import WIRES, BatchServer

PROJECT = ProjectId("p")
USAGE = Usage(20, 5)
PRICE = Price(input=1000, output=2000)
QUICK = BatchSettings(poll_seconds=0.01, settle_seconds=0.05, probes=0)
SOON = RetryPolicy(first_wait=0.001, longest_wait=0.002)
BOTH = pytest.mark.parametrize("dialect", ["openai", "anthropic"])


class Bench:
    """A workspace's storage, and runners on it. Every runner is as a new process's would be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.storage: Storage = open_storage("memory:")
        self.told: list[str] = []
        self._ids = itertools.count()

    def runner(
        self, server: BatchServer, settings: BatchSettings = QUICK, *, stop: threading.Event | None = None
    ) -> BatchRunner:
        source = ModelSource("m", server.base_url, provider=server.dialect)
        return BatchRunner(
            batch_of(server.dialect).connect(source, environment={}),
            StoredCalls(self.storage),
            StoredBatches(self.storage),
            model="m",
            folder=self.folder / "batches",
            new_id=lambda: f"{self.folder} {next(self._ids)}",
            settings=settings,
            retry=SOON,
            stop=stop,
            tell=self.told.append,
        )

    def run(
        self,
        server: BatchServer,
        work: Iterator[Work[list[str]]],
        settings: BatchSettings = QUICK,
        *,
        budget: Budget | None = None,
        run: str = "run",
    ) -> list[Finished[list[str]]]:
        scope = RunScope(PROJECT, run, PRICE, budget=budget)
        return [one for chunk in self.runner(server, settings).run(work, scope) for one in chunk]

    def rows(self) -> list[CallRecord]:
        from labelwright.adapters.storage.calls import CALLS_AFTER, FIELDS

        with self.storage.reading() as views:
            found = views.database.run(CALLS_AFTER, {"after": 0, "limit": 100_000}).fetchall()  # type: ignore[attr-defined]
        return [CallRecord(**dict(zip(FIELDS, row[2:], strict=True))) for row in found]

    def out(self, server: BatchServer) -> int:
        source = ModelSource("m", server.base_url, provider=server.dialect)
        address = batch_of(server.dialect).connect(source, environment={}).live.provider
        return sum(shard.lines for shard in StoredBatches(self.storage).open_shards(PROJECT, address, "m"))


def ask(name: str, steps: int = 1, *, max_tokens: int = 10) -> Flow[list[str]]:
    said: list[str] = []
    for step in range(steps):
        response = yield ChatRequest("m", (Message("user", f"{name} {step}"),), max_tokens=max_tokens)
        said.append(response.text)
    return said


def work(n: int, steps: int = 1, *, first: int = 0) -> Iterator[Work[list[str]]]:
    for i in range(first, first + n):
        yield Work(i, f"i{i}", ask(f"i{i}", steps))


def echo(dialect: Dialect) -> Callable[[dict[str, Any]], Reply]:
    wire = WIRES[dialect]
    return lambda body: Reply(200, wire.answer(orjson.dumps({"label": wire.asked(body)}).decode(), usage=USAGE))


def labels(done: Sequence[Finished[list[str]]]) -> dict[int, list[str]]:
    return {one.item: [orjson.loads(text)["label"] for text in one.outcome or []] for one in done}


class Patience:
    """The provider's clock: no batch ends before the test lets it; then each does at once."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self._step = 0.0

    def __call__(self) -> float:
        self.now += self._step
        return self.now

    def is_over(self) -> None:
        self._step = 3600.0


def set_once(event: threading.Event, is_so: Callable[[], bool]) -> None:
    """Set an event as soon as something is the case; after a minute anyway, so that no test hangs."""

    def look() -> None:
        until = time.monotonic() + 60
        while not is_so() and time.monotonic() < until:
            time.sleep(0.005)
        event.set()

    threading.Thread(target=look, daemon=True).start()


def expected(n: int, steps: int = 1) -> dict[int, list[str]]:
    return {i: [f"i{i} {step}" for step in range(steps)] for i in range(n)}
