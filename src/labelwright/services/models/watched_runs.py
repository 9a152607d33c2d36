"""Several models' runs, watched as the one job they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from labelwright.ports.jobs import JobCounts, JobState, RunControl, Wish


class WatchedRuns:
    """Passes each run's reports on, with what the runs before it did added.

    total: how many conversations all of them are to hold; where that is not known beforehand, those begun so far.
    watch: told of each report, too.
    """

    def __init__(
        self, control: RunControl, total: int | None, watch: Callable[[JobCounts], None] | None = None
    ) -> None:
        self._control, self._total, self._watch = control, total, watch
        self._before, self._last = JobCounts(), JobCounts()

    def next_run(self) -> WatchedRuns:
        """Begin another run: what was reported so far counts as done."""
        self._before = self._last
        return self

    def beat(self, counts: JobCounts, *, state: JobState = "running") -> Wish:
        """Report the run under way; give what is wished of it now."""
        before = self._before
        cost = None if before.cost_pico is None or counts.cost_pico is None else before.cost_pico + counts.cost_pico
        self._last = replace(
            counts,
            total=before.total + counts.total if self._total is None else self._total,
            done=before.done + counts.done,
            failed=before.failed + counts.failed,
            calls=before.calls + counts.calls,
            reused=before.reused + counts.reused,
            tokens_in=before.tokens_in + counts.tokens_in,
            tokens_out=before.tokens_out + counts.tokens_out,
            cost_pico=cost,
        )
        if self._watch is not None:
            self._watch(self._last)
        return self._control.beat(self._last, state=state)
