"""Conversations through a batch API: nothing is paid twice (M1), and the ledger is the bill (M3)."""

from __future__ import annotations

import threading
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from labelwright.adapters.batch.registry import batch_of
from labelwright.adapters.chat.outbound_watch import Sent
from labelwright.adapters.chat.replay_batch import BatchFaults
from labelwright.adapters.chat.replay_request import Dialect
from labelwright.adapters.chat.replay_spoiled import Reply
from labelwright.adapters.execution.batch_runner import BatchRunner
from labelwright.adapters.execution.batch_settings import BatchSettings
from labelwright.adapters.execution.stored_calls import StoredCalls
from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.adapters.storage.batches import StoredBatches
from labelwright.domain.project import ModelSource
from labelwright.errors import ProviderRefused
from labelwright.ports.chat import RunScope, Work
from labelwright.testing.batch_server import WIRES, batch_server
from tests.contract.batch_bench import (
    BOTH,
    PRICE,
    PROJECT,
    QUICK,
    Bench,
    ask,
    echo,
    expected,
    labels,
    set_once,
    work,
)


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
