"""What is done to any annotation server alike, and what is read off its process."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
LABELS = ["battery", "screen", "price", "service"]

Step = Callable[[], Awaitable[bool]]


async def at_once(workers: list[tuple[Step, Step]], seconds: float) -> dict[str, float]:
    """Have people take and submit at once, without a pause; count labels and errors."""
    end = time.perf_counter() + seconds
    walls: list[float] = []
    errors = 0

    async def work(take: Step, submit: Step) -> None:
        nonlocal errors
        while time.perf_counter() < end:
            began = time.perf_counter()
            if await take() and await submit():
                walls.append(time.perf_counter() - began)
            else:
                errors += 1

    began = time.perf_counter()
    await asyncio.gather(*(work(*worker) for worker in workers))
    took = time.perf_counter() - began
    p50, p95 = quantiles_ms(walls)
    return {
        "labels_per_s_8": len(walls) / took,
        "errors_8": float(errors),
        "label_8_p50_ms": p50,
        "label_8_p95_ms": p95,
        "label_8_worst_ms": 1000 * max(walls, default=float("nan")),
    }


def cpu_seconds(pid: int) -> float:
    """Give the CPU seconds of a process, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rss_mb(pid: int) -> float:
    """Give the resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def quantiles_ms(walls: list[float]) -> tuple[float, float]:
    """Give median and 95th percentile in milliseconds."""
    if not walls:
        return float("nan"), float("nan")
    ordered = sorted(walls)
    return 1000 * ordered[len(ordered) // 2], 1000 * ordered[int(0.95 * (len(ordered) - 1))]
