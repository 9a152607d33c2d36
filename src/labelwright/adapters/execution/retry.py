"""When to try again: the server's word first, else exponential waits under full jitter.

What a server asks for is never cut short. Up to two minutes, the request waits and is sent again as one of its
attempts. Up to a quarter of an hour, the whole run pauses and the attempt does not count: it was no fault of the
request. Longer than that, the run ends; what was answered is kept, and the same command goes on later.

Source: Brooker (2015), "Exponential Backoff And Jitter", AWS Architecture Blog: full jitter; openai-python,
`_base_client.py`: nothing asked to wait more than 120 s is retried; CONTRACTS II.5.
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
    longest_asked: float = 120.0
    """A server that asks for a longer wait is not merely busy: the attempt does not count."""
    longest_pause: float = 900.0
    """A server that asks for a longer wait than this ends the run."""
    pauses: int = 8
    """How many of those long waits one request sits out."""
    unreached_attempts: int = 3
    """How often one request is sent to an endpoint that never answered in this run and cannot be connected to."""
    unreached_items: int = 8
    """So many items given up at such an endpoint end the run."""
    unreached_seconds: float = 20.0
    """So long with nothing but connections that time out ends it too, however few items that is."""

    rejected_items: int = 50
    """So many items rejected (400) in the same words, and none answered in this run, end it."""

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
        return retry_after + rng.random() * min(full, self.first_wait)
