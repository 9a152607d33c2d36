"""Buckets, guesses and the rate learnt from refusals, at moments of the test's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.execution.limits import Bucket, LearntRate, Limits, TokenGuess
from labelwright.prompting.chat import RateLimits


def leave_all(bucket: Bucket, amounts: list[float], pauses: list[float]) -> list[tuple[float, float]]:
    """Send each amount as soon as it may leave, after its pause; give moments and amounts."""
    now, left = 0.0, list[tuple[float, float]]()
    for amount, pause in zip(amounts, pauses, strict=True):
        now += pause
        now += bucket.wait(amount, now=now)
        bucket.take(amount)
        left.append((now, amount))
    return left


@given(
    rate=st.floats(0.05, 500),
    steps=st.lists(st.tuples(st.floats(0.1, 300), st.floats(0, 5)), min_size=1, max_size=40),
)
def test_m6_in_no_window_more_leaves_than_its_seconds_bring_and_one_burst(
    *, rate: float, steps: list[tuple[float, float]]
) -> None:
    """M6: but for the last request of a window, which may leave a debt, and the first, which may have filled up."""
    left = leave_all(Bucket(rate, now=0.0), [a for a, _ in steps], [p for _, p in steps])
    burst = max(1.0, rate / 4)
    for i, (start, _) in enumerate(left):
        for j in range(i + 1, len(left)):
            before_last = sum(amount for _, amount in left[i:j])
            assert before_last <= burst + rate * (left[j][0] - start) + 1e-6 * (1 + before_last)


def test_m6_60_a_minute_are_one_a_second() -> None:
    moments = [at for at, _ in leave_all(Bucket(1.0, now=0.0), [1.0] * 5, [0.0] * 5)]
    assert moments == pytest.approx([0, 1, 2, 3, 4])


def test_m6_a_request_larger_than_the_bucket_leaves_a_debt() -> None:
    left = leave_all(Bucket(10.0, now=0.0), [100.0, 1.0], [0.0, 0.0])
    assert left[1][0] == pytest.approx((100 - 2.5 + 1) / 10), "2.5 at first, 97.5 owed, and 1 to have"


def test_m6_the_lower_of_what_is_configured_and_what_headers_say_holds() -> None:
    limits = Limits(600, None, now=0.0)
    limits.read(RateLimits(requests=60_000, requests_left=59_000), in_flight=0, now=0.0)
    assert intervals(limits) == pytest.approx(0.1)
    limits.read(RateLimits(requests=60), in_flight=0, now=100.0)
    assert intervals(limits, now=100.0) == pytest.approx(1.0)


def test_m6_what_headers_say_is_left_is_not_exceeded() -> None:
    limits = Limits(None, None, now=0.0)
    assert limits.is_free
    limits.read(RateLimits(requests=6000, requests_left=2), in_flight=2, now=0.0)
    assert not limits.is_free
    assert limits.wait(0, now=0.0) == pytest.approx(0.01), "both that are left are on their way"


def intervals(limits: Limits, *, now: float = 0.0) -> float:
    """Give the seconds between requests once the burst is used up."""
    while limits.wait(0, now=now) == 0:
        limits.take(0)
    now += limits.wait(0, now=now)
    limits.take(0)
    return limits.wait(0, now=now)


def test_tokens_not_used_are_given_back() -> None:
    limits = Limits(None, 6000, now=0.0)
    limits.take(125)
    assert limits.wait(10, now=0.0) == pytest.approx(1.1), "100 owed, 10 to have, 100 a second"
    limits.back(125, used=25, now=0.0)
    assert limits.wait(10, now=0.0) == pytest.approx(0.1)


def test_a_guess_starts_high_and_follows_what_is_used() -> None:
    guess = TokenGuess()
    assert guess.of(1000, 512) >= 500 + 512
    for _ in range(20):
        guess.learn(1000, 250, 8)
    assert 250 + 8 <= guess.of(1000, 512) <= 300


def refuse_above(rate: float, learnt: LearntRate, *, offered: float, seconds: float) -> float:
    """Play a server that takes `rate` a second; give the learnt rate at the end."""
    now = level = 0.0
    while now < seconds:
        allowed = learnt.per_second(now)
        pace = offered if allowed is None else min(offered, allowed)
        now += 1 / pace
        level = min(rate / 10, level + rate / pace)
        if level >= 1:
            level -= 1
            learnt.taken(now)
        else:
            learnt.refused(now)
    return learnt.per_second(now) or offered


@given(rate=st.floats(20, 500), excess=st.floats(1.4, 5))
def test_m6_the_rate_of_an_unnamed_limit_is_learnt(*, rate: float, excess: float) -> None:
    """M6: within a fifth of it, after ten seconds."""
    found = refuse_above(rate, LearntRate(now=0.0), offered=excess * rate, seconds=10.0)
    assert 0.7 * rate <= found <= 1.3 * rate


def test_refusals_that_do_not_depend_on_the_pace_do_not_slow_to_nothing() -> None:
    learnt, now = LearntRate(now=0.0), 0.0
    for n in range(3000):
        now += 1 / (learnt.per_second(now) or 100.0)
        if n % 3 == 0:
            learnt.refused(now)
        else:
            learnt.taken(now)
        if not learnt.helps(now):
            break
    assert not learnt.helps(now)
    assert learnt.per_second(now) is None
    assert now < 30
