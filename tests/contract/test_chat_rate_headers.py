"""M6: what headers say about limits and waits, in each provider's way of writing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.chat.http_failures import failure_of, read_error
from labelwright.adapters.chat.openai_compatible import OpenAICompatible
from labelwright.adapters.chat.rate_headers import duration_seconds, read_limits, read_retry_after
from labelwright.prompting.chat import ChatRequest, Message, RateLimits
from labelwright.prompting.failures import ChatFailure, ConnectionFailed, RateLimited, RequestRejected, ServerFailed
from labelwright.testing.scripted_server import Reply, completion, error, scripted_server

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z
OPENAI = {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-limit-tokens": "150000",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-remaining-tokens": "149984",
    "x-ratelimit-reset-requests": "1s",
    "x-ratelimit-reset-tokens": "6m0s",
}
ANTHROPIC = {
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-requests-reset": "2026-11-21T12:00:02Z",
    "anthropic-ratelimit-input-tokens-limit": "40000",
    "anthropic-ratelimit-input-tokens-remaining": "30000",
    "anthropic-ratelimit-input-tokens-reset": "2026-11-21T12:00:15Z",
    "anthropic-ratelimit-output-tokens-limit": "8000",
    "anthropic-ratelimit-output-tokens-remaining": "8000",
    "anthropic-ratelimit-output-tokens-reset": "2026-11-21T12:00:00Z",
}


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken, so that nobody else may listen there, and nobody does."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("6m0s", 360), ("120ms", 0.12), ("1h2m3.5s", 3723.5), ("2d", 172800), ("7.66s", 7.66), ("30", 30)],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert duration_seconds(text) == pytest.approx(seconds)


@given(st.text(max_size=12) | st.sampled_from(["-1", "", "s", "1x", "m5", "nan", "inf", "1e99", "1s2"]))
def test_whatever_stands_there_is_seconds_or_nothing(text: str) -> None:
    seconds = duration_seconds(text)
    assert seconds is None or 0 <= seconds < 1e20


def test_openai_headers() -> None:
    assert read_limits(OPENAI) == RateLimits(60, 59, 1.0, 150_000, 149_984, 360.0)


def test_azure_says_0_or_minus_1_for_what_it_does_not_know() -> None:
    unknown = {name: "-1" if "remaining" in name else "0" for name in OPENAI if "reset" not in name}
    assert read_limits(unknown) is None
    half = {"x-ratelimit-remaining-requests": "3", "x-ratelimit-remaining-tokens": "-1"}
    assert read_limits(half) == RateLimits(requests_left=3)


def test_anthropic_headers_hold_moments_and_the_scarcer_of_input_and_output_speaks() -> None:
    assert read_limits(ANTHROPIC, now=lambda: NOON) == RateLimits(50, 49, 2.0, 40_000, 30_000, 15.0)
    scarce = ANTHROPIC | {"anthropic-ratelimit-output-tokens-remaining": "800"}  # a tenth of 8000, so of 40,000 too
    assert read_limits(scarce, now=lambda: NOON) == RateLimits(50, 49, 2.0, 40_000, 4_000, 0.0)


def test_a_moment_is_measured_from_the_servers_own_clock() -> None:
    dated = ANTHROPIC | {"Date": "Sat, 21 Nov 2026 12:00:01 GMT"}
    limits = read_limits(dated, now=lambda: NOON + 9999)
    assert limits is not None
    assert limits.requests_reset == 1.0


def test_other_headers_state_no_limit() -> None:
    assert read_limits({"Content-Type": "application/json", "x-request-id": "1"}) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "250", "Retry-After": "9"}, 0.25),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "Sat, 21 Nov 2026 12:00:30 GMT", "Date": "Sat, 21 Nov 2026 12:00:10 GMT"}, 20.0),
        ({"Retry-After": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"Retry-After": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({}, None),
    ],
)
def test_a_wait_is_asked_for_in_milliseconds_seconds_or_as_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert read_retry_after(headers, now=lambda: NOON) == seconds


@pytest.mark.parametrize(
    ("status", "should_retry", "kind", "retries"),
    [
        (429, None, RateLimited, True),
        (429, "false", RateLimited, False),
        (500, "false", RequestRejected, False),
        (400, "true", ServerFailed, True),
        (500, None, ServerFailed, True),
    ],
)
def test_x_should_retry_has_the_last_word(
    status: int, should_retry: str | None, kind: type[ChatFailure], *, retries: bool
) -> None:
    headers = OPENAI | ({} if should_retry is None else {"x-should-retry": should_retry})
    failure = failure_of(status, headers, read_error('{"error": {"message": "x"}}'), endpoint="e", model="m")
    assert type(failure) is kind
    assert isinstance(failure, ChatFailure)
    assert failure.retries is retries
    assert failure.limits == RateLimits(60, 59, 1.0, 150_000, 149_984, 360.0)


def test_limits_travel_with_answers_and_refusals_over_http() -> None:
    async def ask() -> tuple[RateLimits | None, RateLimits | None]:
        script = (Reply(completion(), headers=OPENAI), Reply(error("slow down"), 429, headers=OPENAI))
        async with scripted_server(*script) as server:
            model = OpenAICompatible(server.base_url)
            request = ChatRequest("m", (Message("user", "x"),))
            try:
                answered = (await model.complete(request)).limits
                with pytest.raises(RateLimited) as refused:
                    await model.complete(request)
            finally:
                await model.close()
            return answered, refused.value.limits

    answered, refused = asyncio.run(ask())
    assert answered == refused == RateLimits(60, 59, 1.0, 150_000, 149_984, 360.0)


def test_an_address_that_nobody_answers_at_is_not_reached_and_nothing_was_sent(closed_port: int) -> None:
    async def ask() -> ConnectionFailed:
        model = OpenAICompatible(f"http://127.0.0.1:{closed_port}/v1")
        try:
            with pytest.raises(ConnectionFailed) as failed:
                await model.complete(ChatRequest("m", (Message("user", "x"),)))
        finally:
            await model.close()
        return failed.value

    assert not asyncio.run(ask()).is_sent
