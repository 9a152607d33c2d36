"""What a provider's headers say about its limits, and how long it asks us to wait.

OpenAI states a reset as a duration ("1s", "6m0s", "120ms"), Azure a number or 0 or -1 for "not known", Anthropic a
moment (RFC 3339). A moment is measured from the answer's own `Date`, where there is one: the two clocks may differ.

Source: OpenAI and Anthropic API references, rate limits; openai-python, `_base_client.py`; CONTRACTS II.5.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from labelwright.prompting.chat import ChatResponse, RateLimits

_UNIT_SECONDS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(ms|us|µs|ns|d|h|m|s)")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")
_LARGEST = 1e9
_NOTHING = RateLimits()


def read_limits(headers: Mapping[str, str], *, now: Callable[[], float] = time.time) -> RateLimits | None:
    """Give the limits that the headers of an answer state; None when they state none.

    now: epoch seconds, asked only where a reset is a moment and the answer has no `Date`.
    """
    limits = _openai(headers) or _anthropic(headers, now)
    return None if limits == _NOTHING else limits


def with_limits(
    response: ChatResponse, headers: Mapping[str, str], *, now: Callable[[], float] = time.time
) -> ChatResponse:
    """Give the answer with the limits its headers state."""
    limits = read_limits(headers, now=now)
    return response if limits is None else replace(response, limits=limits)


def read_retry_after(headers: Mapping[str, str], *, now: Callable[[], float] = time.time) -> float | None:
    """Give the seconds the server asks us to wait; None when it does not say.

    `retry-after-ms` goes before `Retry-After` in seconds (fractions allowed), and that before a date.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    stated = headers.get("Retry-After")
    seconds = _number(stated)
    if seconds is not None or stated is None:
        return seconds
    try:
        moment = parsedate_to_datetime(stated)
    except ValueError:
        return None
    return max(0.0, _epoch(moment) - _sent_at(headers, now))


def duration_seconds(text: str | None) -> float | None:
    """Read a duration; None when it is none, or negative.

    >>> duration_seconds("6m0s"), duration_seconds("120ms"), duration_seconds("1.5"), duration_seconds("-1")
    (360.0, 0.12, 1.5, None)
    """
    if text is None:
        return None
    if _DURATION.fullmatch(text.strip()) is None:
        return _number(text)
    return sum(float(count) * _UNIT_SECONDS[unit] for count, unit in _PART.findall(text))


def _openai(headers: Mapping[str, str]) -> RateLimits | None:
    requests, tokens = headers.get("x-ratelimit-limit-requests"), headers.get("x-ratelimit-limit-tokens")
    requests_left = headers.get("x-ratelimit-remaining-requests")
    tokens_left = headers.get("x-ratelimit-remaining-tokens")
    if requests is None and tokens is None and requests_left is None and tokens_left is None:
        return None
    most_requests, most_tokens = _limit(requests), _limit(tokens)
    return RateLimits(
        requests=most_requests,
        requests_left=_left(requests_left, is_known=requests is None or most_requests is not None),
        requests_reset=duration_seconds(headers.get("x-ratelimit-reset-requests")),
        tokens=most_tokens,
        tokens_left=_left(tokens_left, is_known=tokens is None or most_tokens is not None),
        tokens_reset=duration_seconds(headers.get("x-ratelimit-reset-tokens")),
    )


def _anthropic(headers: Mapping[str, str], now: Callable[[], float]) -> RateLimits | None:
    """Read Anthropic's headers. Input and output have limits of their own; the scarcer one speaks for both."""
    if "anthropic-ratelimit-requests-limit" not in headers and "anthropic-ratelimit-input-tokens-limit" not in headers:
        return None
    requests, requests_left, requests_reset = _group(headers, "requests", now)
    tokens, tokens_left, tokens_reset = _group(headers, "input-tokens", now)
    if tokens is None:
        tokens, tokens_left, tokens_reset = _group(headers, "tokens", now)
    out, out_left, out_reset = _group(headers, "output-tokens", now)
    if tokens is not None and out is not None and out_left is not None:
        scaled = tokens * out_left // out
        if tokens_left is None or scaled < tokens_left:
            tokens_left, tokens_reset = scaled, out_reset
    return RateLimits(requests, requests_left, requests_reset, tokens, tokens_left, tokens_reset)


def _group(
    headers: Mapping[str, str], name: str, now: Callable[[], float]
) -> tuple[int | None, int | None, float | None]:
    prefix = f"anthropic-ratelimit-{name}-"
    limit = _limit(headers.get(prefix + "limit"))
    left = _left(headers.get(prefix + "remaining"), is_known=limit is not None)
    reset = headers.get(prefix + "reset")
    if reset is None:
        return limit, left, None
    try:
        moment = datetime.fromisoformat(reset)
    except ValueError:
        return limit, left, duration_seconds(reset)
    return limit, left, max(0.0, _epoch(moment) - _sent_at(headers, now))


def _limit(text: str | None) -> int | None:
    """Read a limit: 0 and -1 mean that it is not known."""
    value = _number(text)
    return int(value) if value is not None and value >= 1 else None


def _left(text: str | None, *, is_known: bool) -> int | None:
    value = _number(text)
    return int(value) if value is not None and is_known else None


def _sent_at(headers: Mapping[str, str], now: Callable[[], float]) -> float:
    try:
        return _epoch(parsedate_to_datetime(headers["Date"]))
    except (KeyError, ValueError):
        return now()


def _epoch(moment: datetime) -> float:
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value < _LARGEST else None
