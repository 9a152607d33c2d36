"""Rows travel together when they come fast, and are not held up when they do not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from labelwright.adapters.execution.group_commit import Batcher


def gathered(
    *, workers: int, rounds: int, pause: float, batch_seconds: float, linger: float
) -> tuple[list[int], float]:
    """Let workers put one row after the other; give the sizes of the batches, and the mean seconds a row waited."""
    sizes: list[int] = []
    waited: list[float] = []

    def write(rows: Sequence[int]) -> Sequence[int]:
        sizes.append(len(rows))
        time.sleep(batch_seconds)
        return rows

    async def work(batcher: Batcher[int, int], worker: int) -> None:
        await asyncio.sleep(pause * worker / workers)
        for _ in range(rounds):
            await asyncio.sleep(pause)
            started = time.perf_counter()
            assert await batcher.put(worker) == worker
            waited.append(time.perf_counter() - started)

    async def all_work(pool: ThreadPoolExecutor) -> None:
        batcher = Batcher(write, pool, largest=256, enough=max(1, workers // 4), linger=linger)
        await asyncio.gather(*(work(batcher, worker) for worker in range(workers)))

    with ThreadPoolExecutor(1) as pool:
        asyncio.run(all_work(pool))
    assert sum(sizes) == workers * rounds
    return sizes, sum(waited) / len(waited)


def test_each_row_gets_its_own_result_and_many_travel_together() -> None:
    sizes, _ = gathered(workers=64, rounds=20, pause=0.0, batch_seconds=0.002, linger=0.005)
    assert sum(sizes) / len(sizes) >= 8


def test_a_row_that_comes_alone_waits_only_a_moment() -> None:
    # A row each 80 ms: hardly anybody joins in, so the full linger of 400 ms would be time lost.
    sizes, seconds = gathered(workers=4, rounds=3, pause=0.32, batch_seconds=0.0, linger=0.4)
    assert len(sizes) > 3
    assert seconds < 0.3


def test_without_linger_a_batch_is_what_one_turn_of_the_loop_brought() -> None:
    sizes, _ = gathered(workers=32, rounds=10, pause=0.0, batch_seconds=0.001, linger=0.0)
    assert max(sizes) > 8


def test_what_the_work_raises_every_caller_of_the_batch_gets() -> None:
    def fail(_: Sequence[int]) -> Sequence[int]:
        raise OSError("no space left")

    async def two(pool: ThreadPoolExecutor) -> None:
        batcher = Batcher(fail, pool, largest=8, enough=8, linger=0.0)
        told = await asyncio.gather(batcher.put(1), batcher.put(2), return_exceptions=True)
        assert [str(problem) for problem in told] == ["no space left", "no space left"]

    with ThreadPoolExecutor(1) as pool:
        asyncio.run(two(pool))


@pytest.mark.parametrize("largest", [1, 3])
def test_no_batch_is_larger_than_allowed(largest: int) -> None:
    sizes: list[int] = []

    def write(rows: Sequence[int]) -> Sequence[int]:
        sizes.append(len(rows))
        return rows

    async def ten(pool: ThreadPoolExecutor) -> None:
        batcher = Batcher(write, pool, largest=largest, enough=100, linger=0.0)
        assert await asyncio.gather(*(batcher.put(i) for i in range(10))) == list(range(10))

    with ThreadPoolExecutor(1) as pool:
        asyncio.run(ten(pool))
    assert max(sizes) <= largest
