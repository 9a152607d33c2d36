"""An event loop whose clock jumps to the next timer instead of waiting for it: what it runs takes as long as it says.

On a busy machine a sleep of 40 ms takes 50 or 500; here it takes 40, so that what a test counts is the same each time.
For code that only sleeps and computes: what waits for a thread or a socket would see the clock run away.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Unhurried(selectors.SelectSelector):
    """Passes the time that it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += max(0.0, timeout or 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """See the module."""

    def __init__(self) -> None:
        self._unhurried = _Unhurried()
        super().__init__(self._unhurried)

    def time(self) -> float:
        return self._unhurried.now

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end, and close."""
        try:
            return self.run_until_complete(work)
        finally:
            self.close()
