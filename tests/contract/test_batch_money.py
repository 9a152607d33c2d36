"""Batches and what governs a run from outside: a budget (M2), a second process, a wish to stop."""

from __future__ import annotations

import threading

import pytest

from labelwright.adapters.chat.replay_batch import BatchFaults
from labelwright.adapters.execution.batch_settings import BatchSettings
from labelwright.adapters.jobs import StoredBudget
from labelwright.errors import BudgetSpent, ProviderFailure
from labelwright.ports.chat import RunScope
from labelwright.ports.jobs import JobCounts, JobState, Wish
from labelwright.testing.batch_server import batch_server
from tests.contract.batch_bench import (
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


def budget_of(bench: Bench, micro_usd: int) -> StoredBudget:
    return StoredBudget(bench.storage, PROJECT, micro_usd, process="batch", now=lambda: 1_000_000.0)


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
