"""Many small look-ups and commits, a few transactions.

Each caller waits until *its* row is durable; rows that come meanwhile travel together. A batch of rows leaves when a
quarter of the workers wait (the others keep the network busy meanwhile), or after a while: a short one where rows come
slowly, since there waiting only holds the workers up (at 200 ms an answer and 128 workers, 2% of the pace). Look-ups
take along what the same turn of the event loop asks for, and wait for nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from labelwright.ports.calls import CallRecord, CallStore

In = TypeVar("In")
Out = TypeVar("Out")

_WORTH_LINGERING = 8
"""Rows that must be expected while a batch lingers: a commit costs about as much as writing so many rows."""


class Batcher(Generic[In, Out]):
    """Hands items of one event loop to a blocking function in batches, one batch at a time.

    work: gives one result per item, in order; what it raises, every caller of the batch gets.
    linger: seconds that a batch smaller than `enough` waits for more, where more can be expected; 0 = until the event
    loop's next turn.
    """

    def __init__(
        self,
        work: Callable[[Sequence[In]], Sequence[Out]],
        pool: ThreadPoolExecutor,
        *,
        largest: int,
        enough: int,
        linger: float,
    ) -> None:
        self._work, self._pool = work, pool
        self._largest, self._enough, self._linger = largest, max(1, min(enough, largest)), linger
        self._waiting: list[tuple[In, asyncio.Future[Out]]] = []
        self._timer: asyncio.Handle | None = None
        self._busy = False
        self._left_at, self._pace = 0.0, 0.0

    def put(self, item: In) -> asyncio.Future[Out]:
        """Add an item; its result comes when its batch is through."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Out] = loop.create_future()
        self._waiting.append((item, future))
        if not self._busy:
            self._start_or_linger(loop)
        return future

    def _start_or_linger(self, loop: asyncio.AbstractEventLoop) -> None:
        if len(self._waiting) >= self._enough:
            self._start(loop)
        elif self._waiting and self._timer is None:
            if self._linger:
                pays = self._pace * self._linger >= _WORTH_LINGERING
                seconds = self._linger if pays else self._linger / 5
                self._timer = loop.call_later(seconds, self._start, loop)
            else:
                self._timer = loop.call_soon(self._start, loop)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._busy or not self._waiting:
            return
        batch, self._waiting = self._waiting[: self._largest], self._waiting[self._largest :]
        self._busy = True
        now = loop.time()
        self._pace = (self._pace + len(batch) / max(now - self._left_at, 1e-6)) / 2
        self._left_at = now
        running = loop.run_in_executor(self._pool, self._work, [item for item, _ in batch])
        running.add_done_callback(lambda done: self._finish(loop, batch, done))

    def _finish(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[tuple[In, asyncio.Future[Out]]],
        done: asyncio.Future[Sequence[Out]],
    ) -> None:
        self._busy = False
        problem = asyncio.CancelledError() if done.cancelled() else done.exception()
        if problem is None:
            for (_, future), result in zip(batch, done.result(), strict=True):
                if not future.done():
                    future.set_result(result)
        else:
            for _, future in batch:
                if not future.done():
                    future.set_exception(problem)
        self._start_or_linger(loop)


class CallBook:
    """The call ledger as the driver uses it: `find` a paid answer, `commit` an attempt."""

    def __init__(self, store: CallStore, *, concurrency: int, linger: float = 0.005) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="calls")
        self._finding = Batcher[str, "bytes | None"](self._find, self._pool, largest=256, enough=256, linger=0)
        self._committing = Batcher[CallRecord, None](
            self._commit, self._pool, largest=256, enough=concurrency // 4, linger=linger
        )

    def find(self, key: str) -> asyncio.Future[bytes | None]:
        """Give the paid answer of a request; None when there is none."""
        return self._finding.put(key)

    def commit(self, row: CallRecord) -> asyncio.Future[None]:
        """Keep an attempt; done when it is durable."""
        return self._committing.put(row)

    def close(self) -> None:
        """Wait for the batch under way and end the threads."""
        self._pool.shutdown(wait=True)

    def _find(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        found = self._store.find(keys)
        return [found.get(key) for key in keys]

    def _commit(self, rows: Sequence[CallRecord]) -> Sequence[None]:
        self._store.commit(rows)
        return [None] * len(rows)
