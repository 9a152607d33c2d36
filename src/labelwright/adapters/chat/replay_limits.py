"""A replay server's rate limits: refused exactly when above, and told honestly in the headers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from labelwright.adapters.chat.replay_request import Dialect

Headers = list[tuple[bytes, bytes]]


class _Bucket:
    """Fills evenly, up to what `burst_seconds` bring, and at least to one request's worth."""

    def __init__(self, per_minute: float, burst_seconds: float, now: float) -> None:
        self.per_minute, self._per_second = per_minute, per_minute / 60
        self._most = max(1.0, self._per_second * burst_seconds)
        self._level, self._at = self._most, now

    def fill(self, now: float) -> None:
        self._level = min(self._most, self._level + (now - self._at) * self._per_second)
        self._at = now

    def wait_for(self, amount: float) -> float:
        """Seconds until so much is there; what no bucket could hold needs a full one."""
        return max(0.0, min(amount, self._most) - self._level) / self._per_second

    def take(self, amount: float) -> None:
        self._level -= amount

    @property
    def left(self) -> int:
        return max(0, math.floor(self._level))

    @property
    def reset(self) -> float:
        """Seconds until it is full."""
        return (self._most - self._level) / self._per_second


@dataclass(frozen=True, slots=True)
class Over:
    """A refusal: which count is used up, and the seconds until this request would pass."""

    of: str
    wait: float


class Limits:
    """Requests and tokens per minute; None = unlimited. A refused request uses nothing up.

    clock: seconds from any start, which only ever grow.
    """

    def __init__(
        self,
        requests: float | None,
        tokens: float | None,
        *,
        burst_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._clock = clock
        stated = {"requests": requests, "tokens": tokens}
        self._buckets = {
            name: _Bucket(limit, burst_seconds, clock()) for name, limit in stated.items() if limit is not None
        }

    def take(self, tokens: int) -> Over | None:
        """Let a request pass, or say what it is over."""
        if not self._buckets:
            return None
        now = self._clock()
        amounts = {"requests": 1.0, "tokens": float(tokens)}
        over: Over | None = None
        for name, bucket in self._buckets.items():
            bucket.fill(now)
            wait = bucket.wait_for(amounts[name])
            if wait > 0 and (over is None or wait > over.wait):
                over = Over(name, wait)
        if over is None:
            for name, bucket in self._buckets.items():
                bucket.take(amounts[name])
        return over

    def headers(self, dialect: Dialect, epoch: float) -> Headers:
        """Say the limits as the provider would. epoch: now, in seconds since 1970."""
        found: Headers = []
        for name, bucket in self._buckets.items():
            limit = str(int(bucket.per_minute)).encode()
            left = str(bucket.left).encode()
            if dialect == "anthropic":
                full = datetime.fromtimestamp(epoch + bucket.reset, UTC).isoformat(timespec="milliseconds")
                start = f"anthropic-ratelimit-{name}-".encode()
                found += [
                    (start + b"limit", limit),
                    (start + b"remaining", left),
                    (start + b"reset", full.replace("+00:00", "Z").encode()),
                ]
            else:
                reset = f"{math.ceil(bucket.reset * 1000)}ms".encode()
                found += [
                    (b"x-ratelimit-limit-" + name.encode(), limit),
                    (b"x-ratelimit-remaining-" + name.encode(), left),
                    (b"x-ratelimit-reset-" + name.encode(), reset),
                ]
        return found


def retry_headers(seconds: float) -> Headers:
    """Say when to come again: to the millisecond, and in the form of old clients."""
    return [
        (b"retry-after-ms", str(math.ceil(seconds * 1000)).encode()),
        (b"retry-after", f"{math.ceil(seconds * 1000) / 1000:g}".encode()),
    ]
