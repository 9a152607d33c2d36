"""Run conversations on an event loop in a thread of its own.

The caller's thread pulls work and takes outcomes, and may write to the database between chunks while calls go on.
Bounded: at most `2 × concurrency + 512` conversations exist at a time, however many are to be held.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from queue import SimpleQueue
from random import Random
from typing import Generic, TypeVar

from labelwright.adapters.execution.budget_gate import BudgetGate, check_price, open_gate
from labelwright.adapters.execution.driver import Driver
from labelwright.adapters.execution.group_commit import CallBook
from labelwright.adapters.execution.interpreter import set_for_a_run
from labelwright.adapters.execution.limits import Limits
from labelwright.adapters.execution.pace import Pace
from labelwright.adapters.execution.progress import Heartbeat, Progress
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.errors import LabelwrightError
from labelwright.ports.calls import CallStore
from labelwright.ports.chat import ChatModel, Finished, RunScope, Work
from labelwright.ports.jobs import JobCounts, JobState

T = TypeVar("T")

_CHUNK = 256
_POLL_SECONDS = 0.1
_BOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Settings:
    model: ChatModel
    store: CallStore
    concurrency: int
    retry: RetryPolicy
    stop: threading.Event
    now: Callable[[], float]
    seed: int
    requests_per_minute: int | None
    tokens_per_minute: int | None
    beat_seconds: float


class ThreadedRunner:
    """A `FlowRunner` for one model.

    stop: set it (from a signal handler, say) to let what is in flight finish and end the run.
    seed: of the retry jitter.  beat_seconds: between two reports to `RunScope.control`.
    requests_per_minute, tokens_per_minute: what the endpoint allows; None = what its headers say.
    """

    def __init__(
        self,
        model: ChatModel,
        store: CallStore,
        *,
        concurrency: int = 32,
        retry: RetryPolicy | None = None,
        stop: threading.Event | None = None,
        now: Callable[[], float] = time.time,
        seed: int = 1,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        beat_seconds: float = 1.0,
    ) -> None:
        self._settings = _Settings(
            model,
            store,
            max(1, concurrency),
            retry or RetryPolicy(),
            stop or threading.Event(),
            now,
            seed,
            requests_per_minute,
            tokens_per_minute,
            beat_seconds,
        )
        self._stopped = False
        self._progress: Progress | None = None

    @property
    def provider(self) -> str:
        """The endpoint that is called."""
        return self._settings.model.provider

    @property
    def stopped(self) -> bool:
        """Whether the last `run` ended early because it was asked to."""
        return self._stopped

    def counts(self) -> JobCounts:
        """Say how far the last `run` is."""
        return JobCounts() if self._progress is None else self._progress.counts()

    def run(self, work: Iterable[Work[T]], scope: RunScope) -> Iterator[Sequence[Finished[T]]]:
        """Hold every conversation; give the finished ones in chunks.

        Raises: NotReady, before anything is sent, when there is a budget and no price; BudgetSpent, after what is in
        flight has been kept, when nothing more can be paid for; ProviderRefused; ProviderFailure.
        """
        self._stopped = False
        check_price(scope)
        stop = self._settings.stop
        room = 2 * self._settings.concurrency + 2 * _CHUNK
        source = iter(work)
        progress = self._progress = Progress(scope.total or 0, clock=time.monotonic)
        session = _Session[T](self._settings, scope, progress)
        outstanding, has_more = 0, True
        with set_for_a_run():
            session.start()
            try:
                while True:
                    while has_more and outstanding < room and not stop.is_set() and not session.is_cancelled:
                        batch = list(islice(source, 64))
                        outstanding += len(batch)
                        has_more = bool(batch)
                        session.feed(batch)
                    chunk = session.take()
                    if chunk is None:
                        break
                    outstanding -= len(chunk)
                    yield chunk
                self._stopped = (stop.is_set() or session.is_cancelled) and (has_more or outstanding > 0)
            finally:
                session.end()
        session.raise_problem()


class _Session(Generic[T]):
    """One run: the loop's thread, its inbox and its outbox."""

    def __init__(self, settings: _Settings, scope: RunScope, progress: Progress) -> None:
        self._settings, self._scope, self._progress = settings, scope, progress
        self._inbox: deque[Work[T]] = deque()
        self._is_fed = False
        self._outbox: SimpleQueue[list[Finished[T]] | None] = SimpleQueue()
        self._ready: list[Finished[T]] = []
        self._loop = _new_loop()
        self._arrived = asyncio.Event()
        self._driver: Driver[T] | None = None
        self._main: asyncio.Task[None] | None = None
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._live, name="flows", daemon=True)
        self._gate = open_gate(scope)
        self._limits = Limits(settings.requests_per_minute, settings.tokens_per_minute, now=time.monotonic())
        self._pace = Pace(settings.concurrency, self._limits, rng=Random(settings.seed + 1), clock=time.monotonic)
        self._heartbeat = (
            None
            if scope.control is None
            else Heartbeat(scope.control, progress.counts, self._state, seconds=settings.beat_seconds)
        )
        self._is_held = False
        self.is_cancelled = False
        """Whether the run was asked to end from afar."""

    def start(self) -> None:
        self._thread.start()
        if self._heartbeat is not None:
            self._heartbeat.start()

    def feed(self, batch: list[Work[T]]) -> None:
        """Hand over work; an empty batch says that there is no more."""
        self._soon(self._receive, batch)

    def take(self) -> list[Finished[T]] | None:
        """Wait for finished conversations; None when the run is over."""
        return self._outbox.get()

    def end(self) -> None:
        """End the thread. Attempts in flight are finished and kept, unless a second Ctrl-C comes meanwhile."""
        self._soon(self._halt)
        try:
            self._thread.join()
        except KeyboardInterrupt:
            self._soon(self._cancel)
            self._thread.join()
            raise

    def raise_problem(self) -> None:
        """Raise what ended the run, if it did not end by itself."""
        if self._problem is not None:
            raise self._problem

    def _soon(self, call: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone already: `take` tells how it ended
            self._loop.call_soon_threadsafe(call, *arguments)

    def _state(self) -> JobState:
        if self.is_cancelled:
            return "cancelling"
        if not self._is_held:
            return "running"
        return "paused" if self._is_idle() else "pausing"

    def _is_idle(self) -> bool:
        return self._pace.in_flight <= (0 if self._gate is None else self._gate.waiting)

    # below: on the loop's thread

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._main = self._loop.create_task(self._work_all())
            self._loop.run_until_complete(self._main)
        except asyncio.CancelledError:
            pass
        except BaseException as problem:  # noqa: BLE001 - carried to the caller's thread and raised there
            self._problem = self._problem or problem
        finally:
            self._flush()
            asyncio.set_event_loop(None)
            self._loop.close()
            if self._heartbeat is not None:
                self._heartbeat.end()
            self._outbox.put(None)

    async def _work_all(self) -> None:
        settings, gate = self._settings, self._gate
        book = CallBook(settings.store, concurrency=settings.concurrency)
        driver = self._driver = Driver[T](
            settings.model,
            book,
            self._scope,
            pace=self._pace,
            limits=self._limits,
            gate=gate,
            progress=self._progress,
            retry=settings.retry,
            rng=Random(settings.seed),
            now=settings.now,
            clock=time.monotonic,
            breaks_after=max(50, 2 * settings.concurrency),
        )
        beside = [asyncio.create_task(self._watch(driver))]
        if gate is not None:
            beside.append(asyncio.create_task(_book_on(gate)))
        workers = [asyncio.create_task(self._work(driver)) for _ in range(settings.concurrency)]
        try:
            await asyncio.gather(*workers, return_exceptions=True)
            if not driver.halting:  # everything was tried
                driver.check_reached()
        finally:
            for task in (*beside, *workers):
                task.cancel()
            await asyncio.gather(*beside, *workers, return_exceptions=True)
            await settings.model.close()
            book.close()
            if gate is not None:
                await gate.close()

    async def _work(self, driver: Driver[T]) -> None:
        """Hold one conversation after the other. A worker that fails ends the run; the others finish what they hold."""
        try:
            while (work := await self._next(driver)) is not None:
                finished = await driver.hold(work)
                if finished is not None:
                    self._ready.append(finished)
                    if len(self._ready) >= _CHUNK:
                        self._flush()
        except BaseException as problem:
            self._problem = self._problem or problem  # the first is the cause; others only follow
            self._halt()
            raise

    async def _next(self, driver: Driver[T]) -> Work[T] | None:
        while not driver.halting:
            if self._inbox:
                return self._inbox.popleft()
            if self._is_fed:
                return None
            self._arrived.clear()
            await self._arrived.wait()
        return None

    async def _watch(self, driver: Driver[T]) -> None:
        """Pass finished conversations on in time, and notice a stop request."""
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            if self._settings.stop.is_set() and not driver.halting:
                self._halt()
            if self._heartbeat is not None:
                await self._obey(self._heartbeat, driver)
            self._progress.tick()
            self._flush()

    async def _obey(self, heartbeat: Heartbeat, driver: Driver[T]) -> None:
        """Do what is wished of the run."""
        wish = heartbeat.wish
        if wish == "cancel" and not self.is_cancelled:
            self.is_cancelled = True
            if not driver.halting:
                self._halt()
        elif (wish == "pause") != self._is_held:
            self._is_held = not self._is_held
            if self._is_held:
                self._pace.hold()
            else:
                self._pace.go_on()
        if self._is_held and self._gate is not None and self._is_idle():
            await self._gate.rest()

    def _receive(self, batch: list[Work[T]]) -> None:
        self._inbox.extend(batch)
        self._is_fed = self._is_fed or not batch
        self._arrived.set()

    def _halt(self) -> None:
        if self._driver is not None:
            self._driver.halt()
        self._arrived.set()

    def _flush(self) -> None:
        if self._ready:
            self._outbox.put(self._ready)
            self._ready = []

    def _cancel(self) -> None:
        if self._main is not None:
            self._main.cancel()


async def _book_on(gate: BudgetGate) -> None:
    """Book what was spent once a second. What cannot be booked now (the database is busy) is booked the next time."""
    while True:
        await asyncio.sleep(_BOOK_SECONDS)
        with contextlib.suppress(LabelwrightError, OSError):
            await gate.heed()


def _new_loop() -> asyncio.AbstractEventLoop:
    """Give a fast event loop where one is installed."""
    try:
        import uvloop  # noqa: PLC0415 - optional, and not for every platform
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
