"""A run can be watched, paused and cancelled from afar, and its line to the people who watch holds nothing up."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from labelwright.adapters.execution.progress import Progress, seconds_left
from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.errors import StorageFailure
from labelwright.ports.chat import Finished, RunScope
from labelwright.ports.jobs import JobCounts, JobState, Wish
from labelwright.prompting.failures import RequestRejected
from labelwright.prompting.price import Price
from labelwright.prompting.usage import Usage
from tests.contract.test_chat_driver import QUICK, Ledger, Scripted, reply, work
from tests.contract.test_chat_driver_budget import PRICE, Purse

BEAT = 0.02


class Line:
    """A run's line: keeps what was reported, and wishes what `wishes` says."""

    def __init__(self, wishes: Callable[[JobCounts, JobState], Wish] = lambda *_: "run") -> None:
        self.reports: list[tuple[float, JobCounts, JobState]] = []
        self._wishes = wishes

    def beat(self, counts: JobCounts, *, state: JobState = "running") -> Wish:
        self.reports.append((time.monotonic(), counts, state))
        return self._wishes(counts, state)


def slow(seconds: float = 0.005) -> Scripted:
    async def wait() -> None:
        await asyncio.sleep(seconds)

    return Scripted(lambda *_: reply(), before=wait)


def hold(
    model: Scripted, line: Line, n: int, *, purse: Purse | None = None, ledger: Ledger | None = None
) -> tuple[ThreadedRunner, list[Finished[list[str]]]]:
    runner = ThreadedRunner(model, ledger or Ledger(), concurrency=8, retry=QUICK, beat_seconds=BEAT)
    scope = RunScope("project", "run", PRICE, budget=purse, control=line, total=n)
    return runner, [f for chunk in runner.run(work(n), scope) for f in chunk]


def test_reports_come_steadily_and_the_last_one_is_exact() -> None:
    line = Line()
    runner, done = hold(slow(), line, 300)
    assert len(done) == 300
    last = line.reports[-1][1]
    assert (last.total, last.done, last.failed, last.calls, last.reused) == (300, 300, 0, 300, 0)
    assert (last.tokens_in, last.tokens_out) == (300 * 10, 300 * 3)
    assert last.cost_pico == 300 * PRICE.cost_pico(Usage(10, 3, 4))
    assert last.done == runner.counts().done
    dones = [counts.done for _, counts, _ in line.reports]
    assert dones == sorted(dones)
    assert len(set(dones)) > 3
    assert {state for _, _, state in line.reports} == {"running"}


def test_what_is_reused_and_what_failed_is_counted() -> None:
    ledger, line = Ledger(), Line()
    hold(slow(0), line, 20, ledger=ledger)
    rejecting = Scripted(lambda *_: RequestRejected("no", http_status=400))
    runner, _ = hold(rejecting, line, 30, ledger=ledger)
    counts = runner.counts()
    assert (counts.done, counts.failed, counts.reused, counts.calls, counts.cost_pico) == (30, 10, 20, 10, 0)


def test_a_pause_lets_calls_in_flight_finish_sends_nothing_meanwhile_and_goes_on() -> None:
    """The run is paused after 50 items, stays so for fifteen beats, and then does the rest."""
    paused_beats = 0

    def wishes(counts: JobCounts, state: JobState) -> Wish:
        nonlocal paused_beats
        paused_beats += state == "paused"
        return "pause" if counts.done >= 50 and paused_beats < 15 else "run"

    line, model, purse = Line(wishes), slow(), Purse(10**15)
    held: list[int] = []
    kept_asking = line.beat

    def beat(counts: JobCounts, *, state: JobState = "running") -> Wish:
        if state == "paused":
            held.append(purse.reserved)
        return kept_asking(counts, state=state)

    line.beat = beat  # type: ignore[method-assign]
    runner, done = hold(model, line, 1500, purse=purse)
    assert len(done) == 1500
    assert not runner.stopped
    paused = [(counts.calls, counts.done) for _, counts, state in line.reports if state == "paused"]
    assert len(paused) >= 15
    assert len({calls for calls, _ in paused}) == 1, "nothing is sent"
    assert paused[-1][0] == paused[-1][1] < 1500, "and all that was in flight is done"
    assert held[-1] == 0, "money that is not in use is there for others"


def test_a_cancel_keeps_what_is_in_flight_and_leaves_the_rest_due() -> None:
    line, ledger, model = Line(lambda counts, _: "cancel" if counts.done >= 50 else "run"), Ledger(), slow()
    runner, done = hold(model, line, 100_000, ledger=ledger)
    assert runner.stopped
    assert len(done) == len(model.sent) == len(ledger.rows)
    assert 50 <= len(done) < 20_000
    assert line.reports[-1][2] == "cancelling"


def test_a_paused_run_can_be_cancelled() -> None:
    line = Line(lambda counts, state: "cancel" if state == "paused" else "pause" if counts.done >= 20 else "run")
    runner, done = hold(slow(), line, 1000)
    assert runner.stopped
    assert 20 <= len(done) < 1000


def test_a_paused_run_ends_on_ctrl_c() -> None:
    stop = threading.Event()

    def wishes(counts: JobCounts, state: JobState) -> Wish:
        if state == "paused":
            stop.set()
        return "pause"

    runner = ThreadedRunner(slow(), Ledger(), concurrency=4, retry=QUICK, stop=stop, beat_seconds=BEAT)
    done = [f for chunk in runner.run(work(1000), RunScope("p", "r", None, control=Line(wishes))) for f in chunk]
    assert runner.stopped
    assert len(done) < 1000


def test_a_line_that_hangs_or_breaks_does_not_hold_up_the_run() -> None:
    class Broken(Line):
        def beat(self, counts: JobCounts, *, state: JobState = "running") -> Wish:
            super().beat(counts, state=state)
            time.sleep(0.3)
            raise StorageFailure("the database is locked")

    line = Broken()
    started = time.monotonic()
    _, done = hold(slow(0.001), line, 200)
    assert len(done) == 200
    assert time.monotonic() - started < 30
    assert len(line.reports) >= 2, "it is tried again"


def test_the_rate_is_that_of_the_last_half_minute_and_tells_what_is_left() -> None:
    moment = 0.0
    progress = Progress(1000, clock=lambda: moment)

    def go_on(seconds: int, per_second: int) -> None:
        nonlocal moment
        for _ in range(seconds):
            moment += 1
            for _ in range(per_second):
                progress.finished(has_outcome=True)
            progress.tick()

    go_on(10, 2)
    assert progress.counts().per_second == pytest.approx(2.0)
    go_on(60, 10)
    assert progress.counts().per_second == pytest.approx(10.0), "the slow start is forgotten"
    assert seconds_left(progress.counts()) == pytest.approx((1000 - 620) / 10)
    go_on(60, 0)
    assert progress.counts().per_second == 0
    assert seconds_left(progress.counts()) is None


def test_the_cost_is_unknown_when_an_answers_price_is() -> None:
    runner = ThreadedRunner(slow(0), Ledger(), concurrency=4, retry=QUICK)
    assert runner.counts() == JobCounts()
    list(runner.run(work(5), RunScope("p", "r", None)))
    assert runner.counts().cost_pico is None
    list(runner.run(work(5), RunScope("p", "r2", Price(1, 1))))
    assert runner.counts().cost_pico == 0, "of the last run alone: all was reused"
