"""A batch that expires, doubles, hides, or is waited for in vain: nothing is lost and nothing is paid twice (M1)."""

from __future__ import annotations

import threading
from collections import Counter
from random import Random

from labelwright.adapters.chat.replay_batch import BatchFaults
from labelwright.adapters.chat.replay_request import Dialect
from labelwright.adapters.chat.replay_spoiled import Reply
from labelwright.adapters.execution.batch_settings import BatchSettings
from labelwright.ports.chat import RunScope
from labelwright.testing.batch_server import batch_server
from tests.contract.batch_bench import (
    BOTH,
    PRICE,
    PROJECT,
    Bench,
    Patience,
    echo,
    expected,
    labels,
    set_once,
    work,
)


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
