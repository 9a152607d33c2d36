"""How far a run is: counted where calls are made, read from anywhere, reported once a second."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from labelwright.errors import LabelwrightError
from labelwright.ports.jobs import JobCounts, JobState, RunControl, Wish
from labelwright.prompting.usage import Usage

_RATE_SECONDS = 30
_JOIN_SECONDS = 5.0


class Progress:
    """The counters of one run. One thread counts; any thread may read. clock: monotonic seconds."""

    def __init__(self, total: int, *, clock: Callable[[], float]) -> None:
        self._total, self._clock = total, clock
        self._done = self._failed = self._calls = self._reused = self._tokens_in = self._tokens_out = 0
        self._cost_pico: int | None = 0
        self._samples: deque[tuple[float, int]] = deque([(clock(), 0)], maxlen=_RATE_SECONDS + 1)

    def called(self, usage: Usage | None, cost_pico: int | None, *, is_answer: bool) -> None:
        """Count a call. The cost of all is unknown once an answer's is."""
        self._calls += 1
        if usage is not None:
            self._tokens_in += usage.prompt_tokens
            self._tokens_out += usage.completion_tokens
        if cost_pico is not None:
            if self._cost_pico is not None:
                self._cost_pico += cost_pico
        elif is_answer:
            self._cost_pico = None

    def reused(self) -> None:
        """Count an answer that had been paid for."""
        self._reused += 1

    def finished(self, *, has_outcome: bool) -> None:
        """Count an item."""
        self._done += 1
        self._failed += not has_outcome

    def tick(self) -> None:
        """Take a sample for the rate; more than one a second is not kept."""
        now = self._clock()
        if now - self._samples[-1][0] >= 1:
            self._samples.append((now, self._done))

    def counts(self) -> JobCounts:
        """Say how far it is."""
        since, done_then = self._samples[0]
        seconds = self._clock() - since
        return JobCounts(
            total=self._total,
            done=self._done,
            failed=self._failed,
            calls=self._calls,
            reused=self._reused,
            tokens_in=self._tokens_in,
            tokens_out=self._tokens_out,
            cost_pico=self._cost_pico,
            per_second=(self._done - done_then) / seconds if seconds > 0 else 0.0,
        )


def seconds_left(counts: JobCounts) -> float | None:
    """Give how long the rest takes at the present rate; None where that cannot be told.

    >>> seconds_left(JobCounts(total=100, done=40, per_second=2.0))
    30.0
    """
    if counts.total <= 0 or counts.per_second <= 0:
        return None
    return max(0, counts.total - counts.done) / counts.per_second


class Heartbeat:
    """A thread that reports once a second and keeps what is wished of the run. A slow report holds up nobody else.

    A report that fails (the database is busy or away) is made again at the next beat.
    """

    def __init__(
        self,
        control: RunControl,
        counts: Callable[[], JobCounts],
        state: Callable[[], JobState],
        *,
        seconds: float = 1.0,
    ) -> None:
        self._control, self._counts, self._state, self._seconds = control, counts, state, seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.wish: Wish = "run"

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def end(self) -> None:
        """Report a last time and end; a report that hangs is left behind."""
        self._over.set()
        self._thread.join(_JOIN_SECONDS)

    def _beat(self) -> None:
        is_over = False
        while not is_over:
            is_over = self._over.is_set()
            with suppress(LabelwrightError, OSError):  # nobody hears us: the run is shown as stalled, and goes on
                self.wish = self._control.beat(self._counts(), state=self._state())
            self._over.wait(self._seconds)
