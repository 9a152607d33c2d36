"""The driver of conversations: what it promises about money (M1, M3, M5, M6) and about ending."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.adapters.execution.interpreter import set_for_a_run
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.errors import ProviderFailure, StorageFailure
from labelwright.ports.calls import CallRecord
from labelwright.ports.chat import Finished, RunScope, Work
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow, Message
from labelwright.prompting.failures import (
    CallTimedOut,
    ChatFailure,
    FormatUnsupported,
    KeyRefused,
    MalformedAnswer,
    QuotaSpent,
    RateLimited,
    RequestRejected,
    ServerFailed,
)
from labelwright.prompting.price import Price
from labelwright.prompting.usage import Usage

SCOPE = RunScope("project", "run", Price(input=1000, output=2000))
QUICK = RetryPolicy(attempts=4, first_wait=0.001, longest_wait=0.002)
Answer = Callable[[ChatRequest, int], "ChatResponse | Exception"]


class Ledger:
    """A call ledger in memory. Rows count once `commit` returns, as in a database."""

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.rows: list[CallRecord] = []
        self._lock = threading.Lock()
        self._seconds = seconds

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        with self._lock:
            return {
                r.key: r.response for r in self.rows if r.status == "ok" and r.key in keys and r.response is not None
            }

    def commit(self, rows: Sequence[CallRecord]) -> None:
        time.sleep(self._seconds)
        with self._lock:
            self.rows.extend(rows)


class Scripted:
    """A model whose answers a function gives; it counts what was sent and how much was in flight."""

    provider = "http://scripted/v1"

    def __init__(self, answer: Answer, *, before: Callable[[], Awaitable[None]] | None = None) -> None:
        self._answer, self._before = answer, before
        self.sent: list[ChatRequest] = []
        self.attempts: dict[str, int] = {}
        self.closed = 0

    async def complete(self, request: ChatRequest) -> ChatResponse:
        self.sent.append(request)
        name = request.metadata["item_id"]
        attempt = self.attempts.get(name, 0)
        self.attempts[name] = attempt + 1
        if self._before is not None:
            await self._before()
        reply = self._answer(request, attempt)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def written(self, request: ChatRequest) -> bytes:
        return repr(request).encode()

    async def close(self) -> None:
        self.closed += 1


def reply(text: str = "ok", finish: str = "stop") -> ChatResponse:
    return ChatResponse(text, finish, Usage(10, 3, 4), "m")


def ask(name: str, *, steps: int = 1) -> Flow[list[str]]:
    said: list[str] = []
    for step in range(steps):
        request = ChatRequest("m", (Message("user", f"{name} {step}"),), metadata={"item_id": name})
        response = yield request
        said.append(response.text)
    return said


def work(n: int, *, steps: int = 1) -> Iterator[Work[list[str]]]:
    for i in range(n):
        yield Work(i, f"i{i}", ask(f"i{i}", steps=steps))


def run(
    model: Scripted, ledger: Ledger, n: int = 20, *, steps: int = 1, concurrency: int = 8, retry: RetryPolicy = QUICK
) -> list[Finished[list[str]]]:
    runner = ThreadedRunner(model, ledger, concurrency=concurrency, retry=retry)
    return [finished for chunk in runner.run(work(n, steps=steps), SCOPE) for finished in chunk]


def test_every_conversation_is_held_to_its_end() -> None:
    model, ledger = Scripted(lambda request, _: reply(request.messages[0].content)), Ledger()
    done = run(model, ledger, 600, steps=2)
    assert sorted(f.item for f in done) == list(range(600))
    assert all(f.outcome == [f"i{f.item} 0", f"i{f.item} 1"] for f in done)
    assert len(ledger.rows) == 1200
    assert model.closed == 1


def test_m1_a_committed_answer_is_never_paid_for_again() -> None:
    """M1: run again over the same ledger, and nothing is sent."""
    ledger = Ledger()
    first = Scripted(lambda *_: reply())
    run(first, ledger, 30, steps=2)
    again = Scripted(lambda *_: reply("other"))
    done = run(again, ledger, 30, steps=2)
    assert again.sent == []
    assert all(f.outcome == ["ok", "ok"] and f.reused == 2 and f.attempts == 0 and f.cost_pico == 0 for f in done)
    assert len(ledger.rows) == 60


def test_m1_an_answer_is_on_record_before_its_conversation_goes_on() -> None:
    """M1: when the second request leaves, the first one's row is committed."""
    ledger = Ledger(seconds=0.005)

    def answer(request: ChatRequest, attempt: int) -> ChatResponse:
        name, step = request.messages[0].content.split()
        if step == "1":
            assert any(row.item_id == name and row.step == 0 for row in ledger.rows)
        return reply()

    assert len(run(Scripted(answer), ledger, 40, steps=2)) == 40


def test_m3_each_attempt_has_its_row_and_the_ledger_says_what_the_provider_says() -> None:
    """M3: failed, cut-off, malformed-but-billed and retried attempts included."""
    script: list[ChatResponse | Exception] = [
        RateLimited("slow down", http_status=429),
        MalformedAnswer("no choices", http_status=200, usage=Usage(10, 1, 0)),
        CallTimedOut("nothing"),
        reply(),
    ]
    ledger = Ledger()
    done = run(Scripted(lambda _, attempt: script[attempt]), ledger, 5)
    assert all(f.outcome == ["ok"] and f.attempts == 4 for f in done)
    rows = sorted((r for r in ledger.rows if r.item == 0), key=lambda r: r.attempt)
    assert [(r.status, r.http_status, r.tokens_in, r.tokens_out, r.tokens_cached, r.cost_pico) for r in rows] == [
        ("error", 429, None, None, None, 0),  # an error status is not billed
        ("error", 200, 10, 1, 0, 10 * 1000 + 1 * 2000),
        ("error", None, None, None, None, None),  # nobody knows
        ("ok", 200, 10, 3, 4, 10 * 1000 + 3 * 2000),
    ]
    assert rows[0].error == "RateLimited: slow down"
    assert done[0].cost_pico == 12_000 + 16_000


@given(st.lists(st.sampled_from(["ok", "429", "500", "timeout", "malformed", "reject"]), min_size=4, max_size=4))
@settings(max_examples=20)
def test_m3_rows_equal_requests_whatever_fails(kinds: list[str]) -> None:
    failures: dict[str, Exception] = {
        "429": RateLimited("x", http_status=429),
        "500": ServerFailed("x", http_status=500),
        "timeout": CallTimedOut("x"),
        "malformed": MalformedAnswer("x", http_status=200),
        "reject": RequestRejected("x", http_status=400),
    }
    ledger = Ledger()
    model = Scripted(lambda _, attempt: failures.get(kinds[attempt]) or reply())
    done = run(model, ledger, 12)
    assert len(ledger.rows) == len(model.sent) == sum(f.attempts for f in done)
    assert len(done) == 12
    assert all((f.outcome is None) == (f.problem is not None) for f in done)


@pytest.mark.parametrize(
    "failure", [ServerFailed("broken", http_status=500), RequestRejected("no", http_status=400), CallTimedOut("late")]
)
def test_m5_a_failure_is_never_taken_for_an_answer_later(failure: ChatFailure) -> None:
    """M5: errors are sent anew."""
    ledger = Ledger()
    broken = run(Scripted(lambda *_: failure), ledger, 3)
    assert all(f.outcome is None and str(failure) in str(f.problem) for f in broken)
    healed = Scripted(lambda *_: reply())
    assert all(f.outcome == ["ok"] and f.reused == 0 for f in run(healed, ledger, 3))
    assert len(healed.sent) == 3


def test_m5_a_cut_off_answer_is_billed_and_sent_anew() -> None:
    """M5: truncations are not reused. M3: they are paid for."""
    ledger = Ledger()
    run(Scripted(lambda *_: reply('{"la', "length")), ledger, 3)
    assert {(r.status, r.cost_pico) for r in ledger.rows} == {("truncated", 16_000)}
    healed = Scripted(lambda *_: reply())
    run(healed, ledger, 3)
    assert len(healed.sent) == 3


@pytest.mark.parametrize("refusal", [KeyRefused("bad key", http_status=401), QuotaSpent("spent", http_status=429)])
def test_m6_a_refused_key_or_a_spent_quota_stops_the_run_at_once_and_keeps_what_was_paid(refusal: Exception) -> None:
    """M6: no retry, no further item; what is on record stays."""
    ledger = Ledger()
    model = Scripted(lambda request, _: refusal if int(request.metadata["item_id"][1:]) >= 40 else reply())
    with pytest.raises(type(refusal), match=str(refusal)):
        run(model, ledger, 5000)
    assert len(model.sent) < 40 + 2 * 8 + 1
    assert len(ledger.rows) == len(model.sent)


def test_outcomes_before_a_refusal_are_handed_over_first() -> None:
    model = Scripted(lambda request, _: KeyRefused("no") if request.metadata["item_id"] == "i300" else reply())
    runner = ThreadedRunner(model, Ledger(), concurrency=4, retry=QUICK)
    seen: list[int] = []

    def consume() -> None:
        for chunk in runner.run(work(5000), SCOPE):
            seen.extend(finished.item for finished in chunk)

    with pytest.raises(KeyRefused):
        consume()
    assert set(range(297)) <= set(seen)


def test_an_endpoint_that_answers_nothing_any_more_ends_the_run() -> None:
    model = Scripted(lambda *_: ServerFailed("down", http_status=503))
    with pytest.raises(ProviderFailure, match="50 items in a row got no answer, the last because: down"):
        run(model, Ledger(), 5000)
    assert len(model.sent) < 400


def test_rejected_items_do_not_end_the_run() -> None:
    done = run(Scripted(lambda *_: RequestRejected("not recorded", http_status=404)), Ledger(), 300)
    assert len(done) == 300


def test_m6_a_rate_limit_holds_everybody_for_as_long_as_the_server_says() -> None:
    """M6: Retry-After is a floor for all workers, not only for the one that was told."""
    sent: list[float] = []

    def answer(request: ChatRequest, attempt: int) -> ChatResponse | Exception:
        sent.append(time.monotonic())
        if len(sent) == 20:
            return RateLimited("wait", http_status=429, retry_after=0.4)
        return reply()

    run(Scripted(answer), Ledger(), 200, concurrency=4)
    told = sent[19]
    meanwhile = [moment for moment in sent[20:] if moment < told + 0.4]
    assert len(meanwhile) <= 3, "only what had passed the gate already may still leave"
    assert len(sent) == 201


def test_a_refused_format_is_asked_again_at_once_and_does_not_use_up_the_retries() -> None:
    model = Scripted(lambda _, attempt: FormatUnsupported("no schema", http_status=400) if attempt < 5 else reply())
    assert all(f.outcome == ["ok"] for f in run(model, Ledger(), 3))


def test_an_item_that_cannot_be_sent_fails_alone() -> None:
    ledger = Ledger()
    flows = [Work(0, "bad", ask("\ud800")), Work(1, "good", ask("fine"))]
    runner = ThreadedRunner(Scripted(lambda *_: reply()), ledger, retry=QUICK)
    done = {f.item: f for chunk in runner.run(flows, SCOPE) for f in chunk}
    assert "surrogate" in str(done[0].problem)
    assert done[1].outcome == ["ok"]


def test_a_stop_request_lets_calls_in_flight_finish_and_leaves_the_rest_due() -> None:
    stop = threading.Event()
    ledger = Ledger()

    def answer(request: ChatRequest, attempt: int) -> ChatResponse:
        if len(model.sent) >= 100:
            stop.set()
        return reply()

    model = Scripted(answer)
    runner = ThreadedRunner(model, ledger, concurrency=8, stop=stop, retry=QUICK)
    done = [f for chunk in runner.run(work(1_000_000), SCOPE) for f in chunk]
    assert runner.stopped
    assert len(done) == len(model.sent) == len(ledger.rows)
    assert 100 <= len(done) < 50_000


def test_work_is_pulled_lazily_however_much_there_is() -> None:
    pulled = 0

    def endless() -> Iterator[Work[list[str]]]:
        nonlocal pulled
        for each in work(10**9):
            pulled += 1
            yield each

    runner = ThreadedRunner(Scripted(lambda *_: reply()), Ledger(), concurrency=4, retry=QUICK)
    chunks = runner.run(endless(), SCOPE)
    for _ in range(3):
        next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert pulled < 5000


def test_python_is_set_back_after_a_run_however_it_ends() -> None:
    def state() -> tuple[float, tuple[int, int, int], int]:
        return sys.getswitchinterval(), gc.get_threshold(), gc.get_freeze_count()

    before = state()
    runner = ThreadedRunner(Scripted(lambda *_: reply()), Ledger(), concurrency=4, retry=QUICK)
    chunks = runner.run(work(2000), SCOPE)
    next(iter(chunks))
    during = state()
    assert during[0] < before[0]
    assert during[1][0] > before[1][0]
    assert during[2] > before[2]
    chunks.close()  # type: ignore[attr-defined]
    assert state() == before
    with pytest.raises(KeyRefused):
        run(Scripted(lambda *_: KeyRefused("no", http_status=401)), Ledger())
    assert state() == before


def test_python_is_set_back_when_the_last_of_several_runs_has_ended() -> None:
    def state() -> tuple[float, tuple[int, int, int], int]:
        return sys.getswitchinterval(), gc.get_threshold(), gc.get_freeze_count()

    before = state()
    first, second = set_for_a_run(), set_for_a_run()
    first.__enter__()
    during = state()
    second.__enter__()
    first.__exit__(None, None, None)
    assert state()[:2] == during[:2], "the second goes on"
    second.__exit__(None, None, None)
    assert state() == before


def test_a_ledger_that_cannot_be_written_ends_the_run() -> None:
    class Full(Ledger):
        def commit(self, rows: Sequence[CallRecord]) -> None:
            raise StorageFailure("disk full")

    model = Scripted(lambda *_: reply())
    with pytest.raises(StorageFailure, match="disk full"):
        run(model, Full(), 5000)
    assert len(model.sent) <= 8


def test_a_consumer_that_fails_leaves_nothing_paid_unrecorded() -> None:
    ledger = Ledger(seconds=0.002)
    model = Scripted(lambda *_: reply())
    runner = ThreadedRunner(model, ledger, concurrency=8, retry=QUICK)

    def consume() -> None:
        for _ in runner.run(work(5000), SCOPE):
            raise ValueError("the caller's own trouble")

    with pytest.raises(ValueError, match="own trouble"):
        consume()
    assert len(ledger.rows) == len(model.sent)


def test_a_bug_in_a_conversation_is_not_swallowed() -> None:
    def broken() -> Flow[list[str]]:
        yield ChatRequest("m", (), metadata={"item_id": "a"})
        raise KeyError("a bug")

    runner = ThreadedRunner(Scripted(lambda *_: reply()), Ledger(), retry=QUICK)
    with pytest.raises(KeyError, match="a bug"):
        list(runner.run([Work(0, "a", broken())], SCOPE))
