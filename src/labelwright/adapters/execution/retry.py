"""When to try again: the server's word first, else exponential waits under full jitter.

Source: Brooker (2015), "Exponential Backoff And Jitter", AWS Architecture Blog: full jitter.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """attempts: how often one request is sent at most.  Waits in seconds."""

    attempts: int = 8
    first_wait: float = 0.5
    longest_wait: float = 30.0
    longest_asked: float = 300.0
    """How long a server may ask us to wait."""
    unreached_attempts: int = 3
    """How often one request is sent to an endpoint that never answered in this run and cannot be connected to."""
    unreached_items: int = 8
    """So many items given up at such an endpoint end the run."""

    def attempts_after(self, *, never_reached: bool) -> int:
        """Give how often a request may be sent: less where the address itself may be wrong."""
        return min(self.attempts, self.unreached_attempts) if never_reached else self.attempts

    def wait(self, attempt: int, retry_after: float | None, rng: Random) -> float:
        """Give the seconds to wait after the failed attempt of this number (from 0).

        What the server asks for is a floor: jitter only adds to it.
        """
        full = min(self.longest_wait, self.first_wait * 2**attempt)
        if retry_after is None:
            return rng.random() * full
        return min(retry_after, self.longest_asked) + rng.random() * min(full, self.first_wait)
