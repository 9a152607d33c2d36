"""A run that reports to its job through what it tells of its progress, and is drained by a signal to itself."""

from __future__ import annotations

import signal
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from labelwright.ports.jobs import JobCounts, RunControl
from labelwright.workspace import ProjectHandle

if TYPE_CHECKING:
    from labelwright.services.prelabel import PrelabelReport

_WINDOW_SECONDS = 30.0
_PICO_PER_MICRO = 1_000_000


def prelabel_watched(handle: ProjectHandle, control: RunControl, limit: int | None) -> PrelabelReport:
    """Run it; the run ends early, with all answers kept, when that is wished."""
    seen: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
    counts = JobCounts(cost_pico=None)
    asked = False

    def tell(done: int, total: int) -> None:
        nonlocal counts, asked
        now = time.monotonic()
        seen.append((now, done))
        while now - seen[0][0] > _WINDOW_SECONDS:
            seen.popleft()
        (since, before), span = seen[0], max(now - seen[0][0], 1e-3)
        counts = replace(counts, total=total, done=done, per_second=(done - before) / span if now > since else 0.0)
        if control.beat(counts) == "cancel" and not asked:
            asked = True
            signal.raise_signal(signal.SIGTERM)  # as anybody else would ask

    report = handle.prelabel(limit=limit, progress=tell)
    costs = [model.cost_micro for model in report.models]
    control.beat(
        replace(
            counts,
            failed=sum(model.failed for model in report.models),
            calls=sum(model.calls for model in report.models),
            reused=sum(model.reused for model in report.models),
            tokens_in=sum(model.tokens_in for model in report.models),
            tokens_out=sum(model.tokens_out for model in report.models),
            cost_pico=None
            if any(cost is None for cost in costs)
            else sum(cost * _PICO_PER_MICRO for cost in costs if cost is not None),
        )
    )
    return report
