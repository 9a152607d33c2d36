"""Conversations through a batch API: nothing is paid twice (M1), the ledger is the bill (M3), money has limits (M2)."""

from __future__ import annotations

import itertools
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from labelwright.adapters.batch.registry import batch_of
from labelwright.adapters.chat.outbound_watch import Sent
from labelwright.adapters.chat.replay_batch import BatchFaults
from labelwright.adapters.chat.replay_request import Dialect
from labelwright.adapters.chat.replay_spoiled import Reply
from labelwright.adapters.execution.batch_runner import BatchRunner
from labelwright.adapters.execution.batch_settings import BatchSettings
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.adapters.execution.stored_calls import StoredCalls
from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.adapters.jobs import StoredBudget
from labelwright.adapters.storage.batches import StoredBatches
from labelwright.adapters.storage.opening import open_storage
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import ModelSource
from labelwright.errors import BudgetSpent, ProviderFailure, ProviderRefused
from labelwright.ports.budget import Budget
from labelwright.ports.calls import CallRecord
from labelwright.ports.chat import Finished, RunScope, Work
from labelwright.ports.jobs import JobCounts, JobState, Wish
from labelwright.ports.storage import Storage
from labelwright.prompting.chat import ChatRequest, Flow, Message
from labelwright.prompting.price import Price
from labelwright.prompting.usage import Usage
from labelwright.testing.batch_server import WIRES, BatchServer, batch_server

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


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.storage.close()


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


@BOTH
def test_m3_every_conversation_is_held_and_the_ledger_is_the_bill_at_half_the_price(
    bench: Bench, dialect: Dialect
) -> None:
    """M3: as many rows as answers, with the provider's tokens, at batch prices."""
    with batch_server(dialect, answer=echo(dialect)) as server:
        done = bench.run(server, work(300, 2))
    assert labels(done) == expected(300, 2)
    rows = bench.rows()
    assert (len(rows), sum(server.answered.values())) == (600, 600)
    assert {(row.status, row.tokens_in, row.tokens_out, row.http_status) for row in rows} == {("ok", 20, 5, 200)}
    assert {row.cost_pico for row in rows} == {(20 * 1000 + 5 * 2000) // 2}
    assert sorted({(row.step, row.attempt) for row in rows}) == [(0, 0), (1, 0)]
    assert all(one.attempts == 2 and one.reused == 0 and one.cost_pico == 30_000 for one in done)
    assert server.created == 2  # all first questions, then all second ones
    assert not list((bench.folder / "batches").glob("*.jsonl"))


@BOTH
def test_m1_what_is_answered_is_not_asked_again_whoever_asked(bench: Bench, dialect: Dialect) -> None:
    """M1: answers of live calls and of batches count for each other."""
    with batch_server(dialect, answer=echo(dialect)) as server:
        source = ModelSource("m", server.base_url, provider=dialect)
        live = batch_of(dialect).connect(source, environment={}).live
        scope = RunScope(PROJECT, "live", PRICE)
        list(ThreadedRunner(live, StoredCalls(bench.storage), concurrency=4).run(work(20), scope))
        done = bench.run(server, work(50))
        again = bench.run(server, work(50))
        list(ThreadedRunner(live, StoredCalls(bench.storage), concurrency=4).run(work(50), scope))
    assert labels(done) == labels(again) == expected(50)
    assert (len(server.live), len(server.answered)) == (20, 30)
    assert set((server.live + server.answered).values()) == {1}
    assert sorted(one.reused for one in done) == [0] * 30 + [1] * 20
    assert all(one.attempts == 0 and one.cost_pico == 0 for one in again)


def test_the_same_question_twice_is_one_line_and_paid_for_once(bench: Bench) -> None:
    with batch_server("openai", answer=echo("openai")) as server:
        done = bench.run(server, (Work(i, f"i{i}", ask("same")) for i in range(5)))
    assert [one.outcome for one in done] == [['{"label":"same 0"}']] * 5
    assert sorted(one.attempts for one in done) == [0, 0, 0, 0, 1]
    assert server.answered == {"same 0": 1}


@pytest.mark.parametrize(
    ("settings", "most"),
    [
        (BatchSettings(lines=40), 40),
        (BatchSettings(bytes=5_000), 5_000 // 200),
        (BatchSettings(enqueued_tokens=2_000), 30),
        (BatchSettings(most_open=25), 25),
    ],
)
def test_shards_are_cut_by_lines_bytes_tokens_and_what_is_held_at_once(
    bench: Bench, settings: BatchSettings, most: int
) -> None:
    limited = replace(settings, poll_seconds=0.01, settle_seconds=0.05, probes=0)
    with batch_server("openai", answer=echo("openai")) as server:
        done = bench.run(server, work(100), limited)
        assert labels(done) == expected(100)
        assert server.created >= -(-100 // most)
        assert set(server.answered.values()) == {1}


def test_no_more_tokens_are_out_than_allowed_and_a_full_queue_is_learnt_from(bench: Bench) -> None:
    with batch_server("openai", BatchFaults(fail=2, too_many_tokens=True), answer=echo("openai")) as server:
        done = bench.run(server, work(64))
    assert labels(done) == expected(64)
    assert set(server.answered.values()) == {1}
    assert all(row.status == "ok" for row in bench.rows())  # a full queue is nobody's failure
    assert any("takes no more than about" in line for line in bench.told)
    assert server.created >= 2 + 4  # half of it, then half of that


@BOTH
def test_a_batch_that_expires_half_way_is_harvested_and_only_the_rest_is_asked_again(
    bench: Bench, dialect: Dialect
) -> None:
    """M1, M3: expired at 60%, each time."""
    with batch_server(dialect, BatchFaults(expire_at=0.6), answer=echo(dialect)) as server:
        done = bench.run(server, work(100))
    assert labels(done) == expected(100)
    assert set(server.answered.values()) == {1}
    rows = bench.rows()
    assert Counter(row.status for row in rows)["ok"] == 100
    assert all(row.cost_pico == 0 and "before" in str(row.error) for row in rows if row.status == "error")
    assert server.created > 3


@BOTH
def test_results_that_come_twice_not_at_all_or_under_strange_names_lose_and_double_nothing(
    bench: Bench, dialect: Dialect
) -> None:
    faults = BatchFaults(duplicate=0.2, missing=0.2, unknown=0.2)
    with batch_server(dialect, faults, answer=echo(dialect)) as server:
        done = bench.run(server, work(200))
    assert labels(done) == expected(200)
    rows = bench.rows()
    ok = [row.item_id for row in rows if row.status == "ok"]
    assert sorted(ok) == sorted(f"i{i}" for i in range(200))
    lost = [row for row in rows if row.status == "error"]
    assert len(lost) == sum(server.answered.values()) - 200 > 0  # each is on record, its cost unknown
    assert {row.cost_pico for row in lost} == {None}
    said = " ".join(bench.told)
    assert all(word in said for word in ("missing", "unknown", "doubled"))


@BOTH
def test_m1_a_batch_whose_making_was_not_heard_of_is_found_and_not_made_again(bench: Bench, dialect: Dialect) -> None:
    """M1: the request was taken, its answer lost: time-out, 500, a dropped connection."""
    lost = iter([Reply(500, b"{}"), Reply(504, b"<html>")])

    def after(method: str, path: str) -> Reply | None:
        return next(lost, None) if method == "POST" and path.endswith("/batches") else None

    with batch_server(dialect, BatchFaults(seconds=0.2), answer=echo(dialect)) as server:
        server.after = after
        done = bench.run(server, work(60), BatchSettings(poll_seconds=0.01, settle_seconds=0.05, probes=0, lines=30))
    assert labels(done) == expected(60)
    assert set(server.answered.values()) == {1}
    assert server.created == 2


@BOTH
def test_a_batch_that_was_not_made_is_made_again(bench: Bench, dialect: Dialect) -> None:
    refused = iter([Reply(500, b"{}")] * 3)

    def before(method: str, path: str) -> Reply | None:
        return next(refused, None) if method == "POST" and path.endswith("/batches") else None

    with batch_server(dialect, answer=echo(dialect)) as server:
        server.before = before
        done = bench.run(server, work(20))
    assert labels(done) == expected(20)
    assert set(server.answered.values()) == {1}


@BOTH
def test_a_provider_that_is_away_for_a_while_is_waited_for(bench: Bench, dialect: Dialect) -> None:
    rng = Random(1)

    def before(method: str, path: str) -> Reply | None:
        return Reply(503, b"{}") if rng.random() < 0.3 else None

    with batch_server(dialect, answer=echo(dialect)) as server:
        server.before = before
        done = bench.run(server, work(20), BatchSettings(poll_seconds=0.01, settle_seconds=0.05, probes=0, lines=10))
    assert labels(done) == expected(20)
    assert set(server.answered.values()) == {1}


@BOTH
def test_a_run_that_is_stopped_while_it_waits_leaves_its_batches_to_the_next(bench: Bench, dialect: Dialect) -> None:
    """M1: Ctrl-C ends the waiting; the same command fetches what was paid for."""
    stop, clock = threading.Event(), Patience()
    with batch_server(dialect, BatchFaults(seconds=600), answer=echo(dialect), clock=clock) as server:
        runner = bench.runner(server, stop=stop)
        set_once(stop, lambda: server.is_watched)
        assert list(runner.run(work(40), RunScope(PROJECT, "first", PRICE))) == []
        assert runner.stopped
        assert bench.out(server) == 40
        clock.is_over()
        done = bench.run(server, work(40), run="second")
    assert labels(done) == expected(40)
    assert server.created == 1
    assert set(server.answered.values()) == {1}
    assert {row.run for row in bench.rows()} == {"first"}  # it was that run's money
    assert bench.out(server) == 0
    assert any("the same command fetches its answers" in line for line in bench.told)
    assert any("40 requests is out since" in line for line in bench.told)


def test_what_is_out_for_items_nobody_asks_about_any_more_is_fetched_when_it_has_ended(bench: Bench) -> None:
    stop, clock = threading.Event(), Patience()
    with batch_server("openai", BatchFaults(seconds=600), answer=echo("openai"), clock=clock) as server:
        set_once(stop, lambda: server.is_watched)
        list(bench.runner(server, stop=stop).run(work(10), RunScope(PROJECT, "first", PRICE)))
        clock.is_over()
        done = bench.run(server, work(5, first=100), run="second")
    assert len(done) == 5
    assert len(bench.rows()) == 15
    assert bench.out(server) == 0


@BOTH
def test_errors_of_single_lines_are_rows_and_end_their_item_only_when_they_must(bench: Bench, dialect: Dialect) -> None:
    wire = WIRES[dialect]
    tried: Counter[str] = Counter()

    def answer(body: dict[str, Any]) -> Reply:
        text = wire.asked(body)
        tried[text] += 1
        if text == "i3 0":
            return Reply(400, wire.error("this is too long"))
        if text == "i4 0" and tried[text] < 3:
            return Reply(500, b'{"type":"error","error":{"type":"api_error","message":"busy"}}')
        return echo(dialect)(body)

    with batch_server(dialect, answer=answer) as server:
        done = {one.item: one for one in bench.run(server, work(8))}
    assert "this is too long" in str(done[3].problem)
    assert (done[3].attempts, done[4].attempts, done[5].attempts) == (1, 3, 1)
    assert all(done[i].outcome for i in range(8) if i != 3)
    rows = [row for row in bench.rows() if row.item in (3, 4)]
    assert sorted((row.item, row.attempt, row.status, row.cost_pico) for row in rows) == [
        (3, 0, "error", 0),
        (4, 0, "error", 0),
        (4, 1, "error", 0),
        (4, 2, "ok", 15_000),
    ]


def test_m5_an_answer_that_was_cut_off_is_given_once_and_never_found_again(bench: Bench) -> None:
    wire = WIRES["openai"]
    with batch_server("openai", answer=lambda _: Reply(200, wire.incomplete()[0])) as server:
        first = bench.run(server, work(3))
        second = bench.run(server, work(3))
    assert all(one.outcome == ['{"la'] for one in (*first, *second))
    assert {row.status for row in bench.rows()} == {"truncated"}
    assert sum(server.answered.values()) == 6


def test_a_wrong_line_ends_its_item_and_the_others_are_sent_again(bench: Bench) -> None:
    with batch_server("openai", BatchFaults(fail=1), answer=echo("openai")) as server:
        done = bench.run(server, work(10))
    failed = [one for one in done if one.problem is not None]
    assert [one.problem for one in failed] == ["This line is not a valid request."]
    assert len(done) == 10
    assert set(server.answered.values()) == {1}
    assert len(server.answered) == 9


@BOTH
def test_what_left_is_told_once_it_has_left_with_its_hash(bench: Bench, dialect: Dialect) -> None:
    seen: list[tuple[Sent, str]] = []
    carried: list[int] = []

    def see(sent: Sent, run: str, items: Sequence[int]) -> None:
        seen.append((sent, run))
        carried.extend(items)

    with batch_server(dialect, answer=echo(dialect)) as server:
        source = ModelSource("m", server.base_url, provider=dialect)
        runner = BatchRunner(
            batch_of(dialect).connect(source, environment={}),
            StoredCalls(bench.storage),
            StoredBatches(bench.storage),
            model="m",
            folder=bench.folder / "batches",
            new_id=lambda: "one",
            settings=QUICK,
            see=see,
        )
        list(runner.run(work(40), RunScope(PROJECT, "run", PRICE)))
    posts = [length for length in (h.get("content-length") for h in server.headers) if length is not None]
    assert [str(sent.bytes_sent) for sent, _ in seen] == posts
    assert sorted(carried) == list(range(40)), "each item's text has left once"
    assert all(len(sent.sha256) == 64 and sent.host in server.base_url and run == "run" for sent, run in seen)


def test_a_refused_key_ends_the_run_before_anything_is_out(bench: Bench) -> None:
    wire = WIRES["openai"]
    with batch_server("openai") as server:
        server.before = lambda _method, _path: Reply(401, wire.error("no such key"))
        with pytest.raises(ProviderRefused, match="check the key"):
            bench.run(server, work(10))
        assert bench.out(server) == 0
        server.before = None
        assert len(bench.run(server, work(10))) == 10


def test_the_first_request_is_asked_alone_so_that_a_mistake_shows_at_once(bench: Bench) -> None:
    """A parameter nobody takes is learnt from one call, not from a batch that fails after a day."""
    wire = WIRES["openai"]

    def picky(body: dict[str, Any]) -> Reply:
        return Reply(400, wire.error("temperature is not supported")) if "temperature" in body else echo("openai")(body)

    with batch_server("openai", answer=picky) as server:
        done = bench.run(server, work(30), BatchSettings(poll_seconds=0.01, settle_seconds=0.05))
        assert labels(done) == expected(30)
        assert (sum(server.live.values()), server.created) == (2, 1)
        assert len(server.answered) == 29
        server.before = lambda _method, path: Reply(401, wire.error("no")) if "chat" in path else None
        with pytest.raises(ProviderRefused):
            bench.run(server, work(5, first=50), BatchSettings(poll_seconds=0.01))
        assert server.created == 1


def budget_of(bench: Bench, micro_usd: int) -> StoredBudget:
    return StoredBudget(bench.storage, PROJECT, micro_usd, process="batch", now=lambda: 1_000_000.0)


def test_m2_a_shard_is_cut_to_what_the_budget_pays_for_and_the_run_ends_when_it_pays_for_no_more(bench: Bench) -> None:
    """M2: the worst case is set aside before a batch is made, and what was not needed comes back."""
    # The worst case of a line: (4 bytes + 16 + 640 tokens) x 1250 pico for writing them into a cache, and 10 tokens
    # x 2000, halved: some 0.42 micro-USD. Its cost: 0.015.
    budget = budget_of(bench, 1)
    with batch_server("openai", answer=echo("openai")) as server, pytest.raises(BudgetSpent, match="raise `budget`"):
        bench.run(server, work(400), budget=budget)
    state = budget.state()
    assert state.limit == 1_000_000
    assert (state.reserved, state.lost) == (0, 0)
    assert state.spent == 15_000 * len(bench.rows())
    assert state.limit - 450_000 < state.spent <= state.limit  # nothing left for a worst case
    assert server.created > 5
    budget.close()


def test_m2_what_one_process_set_aside_another_settles(bench: Bench) -> None:
    stop, clock = threading.Event(), Patience()
    with batch_server("openai", BatchFaults(seconds=600), answer=echo("openai"), clock=clock) as server:
        set_once(stop, lambda: server.is_watched)
        first = budget_of(bench, 1000)
        list(bench.runner(server, stop=stop).run(work(10), RunScope(PROJECT, "first", PRICE, budget=first)))
        first.close()
        clock.is_over()
        assert first.state().reserved > 10 * 400_000
        second = StoredBudget(bench.storage, PROJECT, 1000, process="batch", now=lambda: 1_000_600.0)
        bench.run(server, work(12), budget=second, run="second")
    state = second.state()
    assert (state.reserved, state.lost, state.spent) == (0, 0, 12 * 15_000)
    second.close()


def test_a_second_process_is_told_that_the_first_is_at_it(bench: Bench) -> None:
    clock, is_at_it = Patience(), threading.Event()
    with batch_server("openai", BatchFaults(seconds=600), answer=echo("openai"), clock=clock) as server:
        first = threading.Thread(target=lambda: bench.run(server, work(5)))
        first.start()
        set_once(is_at_it, lambda: server.is_watched)
        is_at_it.wait()
        with pytest.raises(ProviderFailure, match="another process holds this workspace's batches"):
            bench.run(server, work(5))
        clock.is_over()
        first.join()
        assert len(bench.run(server, work(5))) == 5
    assert server.created == 1


class Watcher:
    """People who pause a run, let it go on, or cancel it."""

    def __init__(self, wish: Wish) -> None:
        self.wish: Wish = wish
        self.states: set[str] = set()
        self.counts = JobCounts()

    def beat(self, counts: JobCounts, *, state: JobState = "running") -> Wish:
        self.states.add(state)
        self.counts = counts
        return self.wish


def test_a_run_that_is_cancelled_from_afar_ends_and_one_that_is_paused_sends_nothing(bench: Bench) -> None:
    watcher = Watcher("pause")
    with batch_server("openai", answer=echo("openai")) as server:
        runner = bench.runner(server, BatchSettings(poll_seconds=0.05, probes=0))
        threading.Timer(0.6, lambda: setattr(watcher, "wish", "cancel")).start()
        scope = RunScope(PROJECT, "run", PRICE, control=watcher, total=9)
        # A beat may come after the first shard has left: then it is fetched. What is due stays due.
        done = [one for chunk in runner.run(work(9), scope) for one in chunk]
        assert runner.stopped or len(done) == 9
        watcher.wish = "run"
        again = [one for chunk in bench.runner(server).run(work(9), scope) for one in chunk]
    assert labels(again) == expected(9)
    assert set(server.answered.values()) == {1}
    assert (watcher.counts.total, watcher.counts.done) == (9, 9)


def test_memory_holds_conversations_and_no_bodies(bench: Bench) -> None:
    """20,000 requests of 10 kB are 200 MB of bodies; what is held is the 2,000 conversations that may be open."""
    padding = "x" * 10_000

    def long(n: int) -> Iterator[Work[list[str]]]:
        for i in range(n):
            yield Work(i, f"i{i}", ask(f"{padding} i{i}"))

    settings = BatchSettings(most_open=500, poll_seconds=0.01, settle_seconds=0.05, probes=0)
    with batch_server("anthropic", BatchFaults(seconds=3600)) as server:
        stop = threading.Event()
        runner = bench.runner(server, settings, stop=stop)
        tracemalloc.start()
        set_once(stop, lambda: bench.out(server) == 500)
        list(runner.run(long(20_000), RunScope(PROJECT, "run", PRICE)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert bench.out(server) == 500
    assert peak < 60_000_000  # the server's own copy of 5 MB, and what reads it, are in here too
