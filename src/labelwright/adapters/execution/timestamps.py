"""A moment as rows keep it: RFC 3339, UTC, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


def timestamp(epoch_seconds: float) -> str:
    """Write a moment; most of one second's share all but the milliseconds.

    >>> timestamp(1_795_262_400.25)
    '2026-11-21T12:00:00.250Z'
    """
    milliseconds = round(epoch_seconds * 1e6) // 1000
    return f"{_second(milliseconds // 1000)}.{milliseconds % 1000:03d}Z"


@lru_cache(maxsize=4)
def _second(epoch_seconds: int) -> str:
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
