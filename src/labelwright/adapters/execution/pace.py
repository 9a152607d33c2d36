"""How many requests are out at a time, and when the next may leave.

The window is halved when the endpoint says that it is too much (at most once per round trip: only a request that left
after the last halving counts), and grows by a step per round trip, ten a second at most, while answers come. What one
of us is asked to wait, all of us wait. With no limit known and nothing refused, a request passes at once.

Source: Chiu & Jain (1989), "Analysis of the Increase and Decrease Algorithms", AIMD; CONTRACTS II.5 and II.7.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random

from labelwright.adapters.execution.limits import Limits
from labelwright.prompting.chat import RateLimits

_NEVER = float("-inf")
_FIRST_WINDOW = 32
_STEP_SECONDS = 0.1
_LONGEST_JITTER = 1.0
_LONGEST_TIMER = 60.0


class RunEnding(Exception):
    """Nothing more is sent in this run: the conversation stays due."""


class Pace:
    """Lets requests of one event loop leave. clock: monotonic seconds."""

    def __init__(self, most: int, limits: Limits, *, rng: Random, clock: Callable[[], float]) -> None:
        self._most, self._limits, self._rng, self._clock = most, limits, rng, clock
        self._window = float(min(most, _FIRST_WINDOW))
        self._step = max(1.0, most / 32)
        self._lowered_at, self._grows_at = _NEVER, 0.0
        self._resume_at = 0.0
        self._is_held = self._is_over = self._warms_up = False
        self._waiting: deque[tuple[asyncio.Future[None], float]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.in_flight = 0

    @property
    def window(self) -> float:
        """How many requests may be out now."""
        return 1.0 if self._warms_up else self._window

    def try_enter(self, tokens: float = 0.0) -> bool:
        """Let a request leave now, if it may; each that does must `leave` when it is back."""
        if self._waiting or self._is_held or self._is_over or self.in_flight >= self.window:
            return False
        if self._resume_at or not self._limits.is_free:
            if self._wait(tokens) > 0:
                return False
            self._limits.take(tokens)
        self.in_flight += 1
        return True

    async def enter(self, tokens: float = 0.0) -> None:
        """Wait until a request may leave. Raises RunEnding."""
        if self.try_enter(tokens):
            return
        if self._is_over:
            raise RunEnding
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, tokens))
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave()
            raise

    def leave(self) -> None:
        """Note that a request is back."""
        self.in_flight -= 1
        if self._waiting:
            self._let_in()

    def answered(self, sent_at: float, now: float, *, tokens: float = 0.0, used: float | None = None) -> None:
        """Note that the endpoint took a request, whatever came of it. used: tokens; None = not known."""
        if self._warms_up:
            self._open()
        if self._window < self._most:
            self._grow(sent_at, now)
        self._limits.back(tokens, used=used, now=now)

    def refused(self, sent_at: float, *, tokens: float = 0.0, retry_after: float | None = None) -> None:
        """Note that it was too much for the endpoint. retry_after: seconds it asks us all to wait."""
        now = self._clock()
        if self._warms_up:
            self._open()
        waits = 0.0 if retry_after is None else self.pause(retry_after)
        self._limits.refused(tokens, now=now, waits=waits)
        if not self._limits.slowing_helps(now):
            self._window = float(self._most)
        else:
            self.lower(sent_at)

    def lower(self, sent_at: float) -> None:
        """Have half as many out, at most once per round trip. sent_at: when the request left that says so."""
        if sent_at >= self._lowered_at:
            self._window = max(1.0, min(self._window, self.in_flight + 1.0) / 2)
            self._lowered_at = self._clock()

    def pause(self, seconds: float) -> float:
        """Let nobody leave for so long, and a little longer; give by how much this is more than before."""
        now = self._clock()
        jitter = self._rng.random() * min(_LONGEST_JITTER, 0.1 * seconds)
        before = max(self._resume_at, now)
        if now + seconds > before:
            self._resume_at = now + seconds + jitter
        return max(0.0, self._resume_at - before)

    def read(self, stated: RateLimits) -> None:
        """Take in what the headers of an answer say about limits."""
        self._limits.read(stated, in_flight=self.in_flight - 1, now=self._clock())

    def warm_up(self) -> None:
        """Let one request out alone, so that the provider keeps the prompt's static part for those after it."""
        self._warms_up = True

    def hold(self) -> None:
        """Let nobody leave until `go_on`."""
        self._is_held = True

    def go_on(self) -> None:
        """Let them leave again."""
        self._is_held = False
        self._let_in()

    def end(self) -> None:
        """Let nobody leave any more; who waits gets RunEnding."""
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        for turn, _ in self._waiting:
            if not turn.done():
                turn.set_exception(RunEnding())
        self._waiting.clear()

    def _grow(self, sent_at: float, now: float) -> None:
        """Let more be out: twice as many per round trip until the first refusal, then a step."""
        if self._lowered_at == _NEVER:
            self._window = min(float(self._most), self._window + 1)
        elif sent_at >= self._lowered_at and now >= self._grows_at:
            self._window = min(float(self._most), self._window + self._step)
            self._grows_at = now + max(now - sent_at, _STEP_SECONDS)

    def _open(self) -> None:
        self._warms_up = False
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._let_in)

    def _wait(self, tokens: float) -> float:
        """Give the seconds until the next request may leave."""
        now = self._clock()
        if self._resume_at:
            if now < self._resume_at:
                return self._resume_at - now
            self._resume_at = 0.0
        return 0.0 if self._limits.is_free else self._limits.wait(tokens, now=now)

    def _let_in(self) -> None:
        """Let in, in the order they came, whoever may leave now; come back for the others in time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting and not self._is_held and self.in_flight < self.window:
            turn, tokens = self._waiting[0]
            if turn.done():  # given up meanwhile
                self._waiting.popleft()
                continue
            wait = self._wait(tokens)
            if wait > 0:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(min(wait, _LONGEST_TIMER), self._let_in)
                return
            self._waiting.popleft()
            self._limits.take(tokens)
            self.in_flight += 1
            turn.set_result(None)
