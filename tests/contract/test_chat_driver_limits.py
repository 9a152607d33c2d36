"""M6: no more is sent than a provider's limits leave room for; what it asks us to wait, everybody waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.errors import ProviderFailure
from labelwright.ports.chat import Work
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow, Message, RateLimits
from labelwright.prompting.failures import CallTimedOut, RateLimited, ServerFailed
from tests.contract.test_chat_driver import QUICK, SCOPE, Ledger, Scripted, reply, run, work
from tests.contract.virtual_time import VirtualLoop


class Capacity(Scripted):
    """An endpoint that takes so many requests per second, and refuses exactly what is above.

    A refused request gets a Retry-After, and is early when it is back before that has passed.
    chance: of a refusal that has nothing to do with our pace.  says_so: whether headers state the limit.
    """

    def __init__(
        self,
        per_second: float,
        *,
        seconds: float,
        says_so: bool = False,
        chance: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(lambda *_: reply())
        self._clock = clock
        self._per_second, self.seconds, self._says_so = per_second, seconds, says_so
        self._chance, self._rng = chance, Random(1)
        self._level, self._at = max(1.0, per_second / 10), clock()
        self._not_before: dict[str, float] = {}
        self.refused = self.early = 0

    async def complete(self, request: ChatRequest) -> ChatResponse:
        now, name = self._clock(), request.metadata["item_id"]
        self.sent.append(request)
        self.early += now < self._not_before.get(name, 0.0)
        most = max(1.0, self._per_second / 10)
        self._level, self._at = min(most, self._level + (now - self._at) * self._per_second), now
        left = max(0, int(self._level) - 1)
        limits = RateLimits(int(60 * self._per_second), left) if self._says_so else None
        if self._level < 1 or self._rng.random() < self._chance:
            self.refused += 1
            wait = max(0.1, (1 - self._level) / self._per_second)
            self._not_before[name] = now + wait
            raise RateLimited("too many", http_status=429, retry_after=wait, limits=limits)
        self._level -= 1
        await asyncio.sleep(self.seconds)
        return replace(reply(), limits=limits)


def unthrottled_refusals(per_second: float, n: int, *, seconds: float, concurrency: int) -> float:
    """Give the share of requests that a client meets with which keeps sending."""
    loop = VirtualLoop()
    model = Capacity(per_second, seconds=seconds, clock=loop.time)

    async def worker(todo: list[int]) -> None:
        while todo:
            name = f"i{todo.pop()}"
            try:
                await model.complete(ChatRequest("m", (), metadata={"item_id": name}))
            except RateLimited:
                await asyncio.sleep(model.seconds)  # as long as an answer takes

    async def everybody() -> None:
        todo = list(range(n))
        await asyncio.gather(*(worker(todo) for _ in range(concurrency)))

    loop.run(everybody())
    return model.refused / len(model.sent)


@pytest.mark.parametrize("says_so", [False, True])
def test_m6_at_a_limit_that_refuses_30_percent_attempts_stay_within_1_3_per_item_and_none_is_early(
    *, says_so: bool
) -> None:
    """M6: 16 workers at 40 ms offer 400 a second where 270 are taken."""
    share = unthrottled_refusals(270, 600, seconds=0.04, concurrency=16)
    assert 0.25 <= share <= 0.45, "a client that keeps sending is refused a third of the time"
    model, ledger = Capacity(270, seconds=0.04, says_so=says_so), Ledger()
    done = run(model, ledger, 600, concurrency=16, retry=RetryPolicy())
    assert all(f.outcome == ["ok"] for f in done)
    assert len(model.sent) / 600 <= 1.3
    assert model.early == 0
    assert len(ledger.rows) == len(model.sent)
    if says_so:
        assert len(model.sent) / 600 <= 1.1, "what the headers say is not tried out"


def test_m6_refusals_at_random_cost_no_more_attempts_than_they_must() -> None:
    """M6: where slowing down does not help, 1 / (1 - 0.3) = 1.43 attempts per item are what it takes."""
    model = Capacity(1e6, seconds=0.001, chance=0.3)
    done = run(model, Ledger(), 120, concurrency=16, retry=RetryPolicy(attempts=20, first_wait=0.01))
    assert all(f.outcome == ["ok"] for f in done)
    assert 1.2 <= len(model.sent) / 120 <= 1.7
    assert model.early == 0


def test_m6_a_configured_limit_is_kept_from_the_first_request_on() -> None:
    """M6: 1,200 a minute are 20 a second, in every short window; the whole minute's worth never leaves at once."""
    sent: list[float] = []

    def answer(request: ChatRequest, attempt: int) -> ChatResponse:
        sent.append(time.monotonic())
        return reply()

    runner = ThreadedRunner(Scripted(answer), Ledger(), concurrency=32, retry=QUICK, requests_per_minute=1200)
    assert sum(len(chunk) for chunk in runner.run(work(30), SCOPE)) == 30
    # A machine that is busy elsewhere may note one of them a quarter of a second too late.
    assert sent[-1] - sent[0] >= 25 / 20 - 0.25, "five at once, then one every 50 ms"
    for start in range(10):
        assert sent[start + 20] - sent[start] >= 15 / 20 - 0.25


def test_m6_a_token_limit_is_kept_by_what_requests_really_use() -> None:
    """M6: 13 tokens each, 26 a second allowed: two requests a second, though the first guess was higher."""
    sent: list[float] = []

    def answer(request: ChatRequest, attempt: int) -> ChatResponse:
        sent.append(time.monotonic())
        return reply()

    runner = ThreadedRunner(Scripted(answer), Ledger(), concurrency=8, retry=QUICK, tokens_per_minute=26 * 60)
    flows = [Work(i, f"i{i}", _short(f"i{i}")) for i in range(5)]
    started = time.monotonic()
    assert sum(len(chunk) for chunk in runner.run(flows, SCOPE)) == 5
    assert 1.0 <= time.monotonic() - started <= 8.0


def _short(name: str) -> Flow[list[str]]:
    response = yield ChatRequest("m", (Message("user", "hello"),), max_tokens=10, metadata={"item_id": name})
    return [response.text]


def test_m6_the_window_is_halved_once_per_round_trip_and_grows_again() -> None:
    """M6: of 16 requests refused together one halving is made, not sixteen."""
    out: list[int] = []
    left_at: list[float] = []
    now_out = 0

    async def count() -> None:
        nonlocal now_out
        now_out += 1
        out.append(now_out)
        left_at.append(time.monotonic())
        await asyncio.sleep(0.02)
        now_out -= 1

    def answer(request: ChatRequest, attempt: int) -> ChatResponse | Exception:
        return RateLimited("wait", http_status=429) if len(model.sent) <= 16 else reply()

    model = Scripted(answer, before=count)
    run(model, Ledger(), 200, concurrency=16)
    after = out[17:]
    assert max(out[:16]) == 16
    grown = 10 * (left_at[57] - left_at[0])  # ten a second at most, which on a busy machine are more than one
    assert max(after[:40]) <= 8 + 1 + grown, "halved"
    assert min(max(after[i : i + 16]) for i in range(0, 60, 16)) >= 7, "but only once"
    assert max(after) > max(after[:20]), "and it grows again"


def test_a_long_prompt_is_sent_once_before_the_others_so_that_the_provider_keeps_it() -> None:
    async def wait() -> None:
        await asyncio.sleep(0.1)

    def flow(name: str, system: str) -> Flow[list[str]]:
        said = yield ChatRequest("m", (Message("system", system), Message("user", name)), metadata={"item_id": name})
        return [said.text]

    def sent_before_an_answer(system: str) -> int:
        sent: list[int] = []

        def answer(request: ChatRequest, attempt: int) -> ChatResponse:
            sent.append(len(model.sent))
            return reply()

        model = Scripted(answer, before=wait)
        runner = ThreadedRunner(model, Ledger(), concurrency=8, retry=QUICK)
        flows = [Work(i, f"i{i}", flow(f"i{i}", system)) for i in range(16)]
        assert sum(len(chunk) for chunk in runner.run(flows, SCOPE)) == 16
        return sent[0]

    assert sent_before_an_answer("x" * 5000) == 1, "the others wait for its answer"
    assert sent_before_an_answer("x" * 500) == 8


def test_a_wait_of_minutes_pauses_the_run_and_does_not_use_up_the_attempts() -> None:
    policy = RetryPolicy(attempts=2, first_wait=0.001, longest_asked=0.05, longest_pause=1.0, pauses=5)
    model = Scripted(
        lambda _, attempt: RateLimited("later", http_status=429, retry_after=0.1) if attempt < 4 else reply()
    )
    assert [f.attempts for f in run(model, Ledger(), 1, retry=policy)] == [5]


@pytest.mark.parametrize("kind", [RateLimited, ServerFailed])
def test_a_wait_of_hours_ends_the_run_and_keeps_what_was_answered(
    kind: type[RateLimited | ServerFailed],
) -> None:
    model, ledger = (
        Scripted(lambda _, __: kind("later", http_status=429, retry_after=7200.0) if len(model.sent) > 20 else reply()),
        Ledger(),
    )
    started = time.monotonic()
    with pytest.raises(ProviderFailure, match="asks us to wait 120 minutes; what was answered is kept"):
        run(model, ledger, 500, concurrency=4)
    assert time.monotonic() - started < 60
    assert len(ledger.rows) == len(model.sent)


class SlowFirst(Scripted):
    """The first request fails after the others have been answered, or before; then all are answered at once."""

    def __init__(self, problem: Exception, *, seconds: float) -> None:
        super().__init__(lambda *_: reply())
        self._problem, self._seconds = problem, seconds
        self.left_at: list[float] = []
        self.failed_at = 0.0

    async def complete(self, request: ChatRequest) -> ChatResponse:
        self.left_at.append(time.monotonic())
        is_first = not self.sent
        self.sent.append(request)
        await asyncio.sleep(self._seconds if is_first else 0.01)
        if is_first:
            self.failed_at = time.monotonic()
            raise self._problem
        return reply()


@pytest.mark.parametrize(
    ("problem", "seconds", "everybody_waits"),
    [
        pytest.param(
            RateLimited("too many", http_status=429, retry_after=1.0), 0.05, True, id="429: the account's limit"
        ),
        pytest.param(
            ServerFailed("busy", http_status=503, retry_after=1.0), 0.0, True, id="503: nothing else is known"
        ),
        pytest.param(
            ServerFailed("busy", http_status=503, retry_after=1.0), 0.05, False, id="503: others were answered"
        ),
        pytest.param(ServerFailed("lock", http_status=409, retry_after=1.0), 0.05, False, id="409: of one request"),
    ],
)
def test_m6_a_short_wait_is_everybodys_unless_later_requests_were_answered_meanwhile(
    problem: Exception, seconds: float, *, everybody_waits: bool
) -> None:
    """M6: the request that was asked to wait does so in any case."""
    model = SlowFirst(problem, seconds=seconds)
    done = run(model, Ledger(), 120, concurrency=4, retry=RetryPolicy(first_wait=0.001))
    assert all(f.outcome == ["ok"] for f in done)
    assert len(model.sent) == 121
    meanwhile = [at for at in model.left_at if model.failed_at + 0.1 < at < model.failed_at + 0.99]
    assert bool(meanwhile) is not everybody_waits
    again = [at for request, at in zip(model.sent, model.left_at, strict=True) if request is model.sent[0]]
    assert again[1] - model.failed_at >= 0.99


def test_time_outs_lower_how_much_is_out_until_answers_come_in_time() -> None:
    """A server that answers one at a time would work for ever on what nobody waits for any more."""
    turn = asyncio.Lock()
    out = most_out_late = 0

    class OneAtATime(Scripted):
        async def complete(self, request: ChatRequest) -> ChatResponse:
            nonlocal out, most_out_late
            self.sent.append(request)
            out += 1
            if len(self.sent) > 60:
                most_out_late = max(most_out_late, out)
            try:
                async with asyncio.timeout(0.1), turn:
                    await asyncio.sleep(0.02)
            except TimeoutError:
                raise CallTimedOut("no answer within 0.1 s") from None
            finally:
                out -= 1
            return reply()

    done = run(
        OneAtATime(lambda *_: reply()), Ledger(), 80, concurrency=32, retry=RetryPolicy(attempts=50, first_wait=0.01)
    )
    assert all(f.outcome == ["ok"] for f in done)
    assert most_out_late <= 12
