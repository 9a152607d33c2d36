"""An endpoint that was never reached in this run ends it soon; one that had answered is waited for."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator

import pytest

from labelwright.adapters.chat.openai_compatible import OpenAICompatible
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.errors import ProviderFailure
from labelwright.prompting.chat import ChatRequest, ChatResponse, Message
from labelwright.prompting.failures import ChatFailure, ConnectionFailed, ConnectTimedOut, RequestRejected, ServerFailed
from tests.contract.test_chat_driver import QUICK, SCOPE, Ledger, Scripted, reply, run, work

PATIENT = RetryPolicy(attempts=8, first_wait=0.001, longest_wait=0.002)
REFUSED = ConnectionFailed("http://scripted/v1: refused")


@pytest.fixture
def closed_url() -> Iterator[str]:
    """An address where nobody listens: the port is bound, so that nobody else may take it meanwhile."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{holder.getsockname()[1]}/v1"


def ask_nobody(url: str, n: int) -> tuple[Ledger, int, str]:
    """Give the ledger, how many items came back, and what ended the run."""
    model = OpenAICompatible(url, api_key=None, seconds=30, send_metadata=False)
    ledger, came_back = Ledger(), 0
    runner = ThreadedRunner(model, ledger, concurrency=8, retry=PATIENT)

    def consume() -> None:
        nonlocal came_back
        for chunk in runner.run(work(n), SCOPE):
            came_back += len(chunk)

    with pytest.raises(ProviderFailure) as ended:
        consume()
    return ledger, came_back, str(ended.value)


def test_a_closed_port_ends_the_run_after_eight_items_of_three_attempts(closed_url: str) -> None:
    """M3: each attempt has its row."""
    ledger, came_back, said = ask_nobody(closed_url, 5000)
    assert 8 * 3 <= len(ledger.rows) <= 16 * 3
    assert came_back < 16
    assert {row.attempt for row in ledger.rows} == {0, 1, 2}
    assert all(row.status == "error" and "ConnectionFailed" in str(row.error) for row in ledger.rows)
    assert f"cannot connect to {closed_url}" in said
    assert "is the server running, and is base_url right?" in said


@pytest.mark.parametrize("n", [1, 3])
def test_fewer_items_than_that_end_the_run_when_all_are_given_up(closed_url: str, n: int) -> None:
    ledger, came_back, said = ask_nobody(closed_url, n)
    assert (len(ledger.rows), came_back) == (3 * n, n)
    assert f"cannot connect to {closed_url}" in said


def test_a_server_that_goes_away_after_its_first_answer_is_waited_for() -> None:
    def answer(request: ChatRequest, attempt: int) -> ChatResponse | Exception:
        return REFUSED if len(model.sent) > 1 and attempt < 7 else reply()

    model = Scripted(answer)
    done = run(model, Ledger(), 40, concurrency=1, retry=PATIENT)
    assert all(f.outcome == ["ok"] for f in done)
    assert len(model.sent) == 1 + 39 * 8


@pytest.mark.parametrize("first", [ServerFailed("busy", http_status=503), ServerFailed("wait", http_status=408)])
def test_any_http_status_is_an_answer(first: ChatFailure) -> None:
    def answer(request: ChatRequest, attempt: int) -> ChatResponse | Exception:
        return first if len(model.sent) == 1 else REFUSED

    model = Scripted(answer)
    done = run(model, Ledger(), 12, concurrency=1, retry=PATIENT)
    assert [f.attempts for f in done] == [8] * 12
    assert all(f.problem == str(REFUSED) for f in done)


def test_a_kept_answer_does_not_say_that_the_endpoint_lives() -> None:
    """M1: what is in the ledger is used; the rest is not asked of nobody for long."""
    ledger = Ledger()
    run(Scripted(lambda *_: reply()), ledger, 5)
    model = Scripted(lambda *_: REFUSED)
    with pytest.raises(ProviderFailure, match="cannot connect to http://scripted/v1"):
        run(model, ledger, 7)
    assert len(model.sent) == 2 * 3


def test_a_policy_of_fewer_attempts_stays() -> None:
    model = Scripted(lambda *_: REFUSED)
    with pytest.raises(ProviderFailure, match="cannot connect"):
        run(model, Ledger(), 2, retry=RetryPolicy(attempts=2, first_wait=0.001))
    assert len(model.sent) == 4


def test_a_connection_that_comes_up_at_the_third_attempt_is_used() -> None:
    model = Scripted(lambda _, attempt: REFUSED if attempt < 2 else reply())
    assert all(f.outcome == ["ok"] for f in run(model, Ledger(), 30, retry=QUICK))


@pytest.fixture
def silent_url() -> Iterator[str]:
    """An address that takes no connection and refuses none: its queue is full, what else is sent is dropped."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        first.connect(listener.getsockname())
        second.setblocking(False)
        second.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


async def test_a_host_that_drops_what_is_sent_to_it_is_told_from_a_slow_answer(silent_url: str) -> None:
    """M3: nothing left, so that nothing can be billed."""
    model = OpenAICompatible(silent_url, seconds=0.6)
    with pytest.raises(ConnectTimedOut, match=r"took no connection within 0\.3 s .*firewall") as caught:
        await model.complete(ChatRequest("m", (Message("user", "hello"),)))
    await model.close()
    assert not caught.value.is_sent


@pytest.mark.parametrize(("concurrency", "most"), [(1, 4), (8, 32)])
def test_a_silent_host_ends_the_run_by_the_clock_however_few_items_that_is(concurrency: int, most: int) -> None:
    """Ten seconds each, three attempts an item, eight items: one worker would need four minutes to say so."""

    async def wait() -> None:
        await asyncio.sleep(0.02)

    model = Scripted(lambda *_: ConnectTimedOut("http://scripted/v1 took no connection", is_sent=False), before=wait)
    ledger = Ledger()
    policy = RetryPolicy(first_wait=0.001, longest_wait=0.002, unreached_seconds=0.04)
    with pytest.raises(ProviderFailure, match="took no connection; is the server running"):
        run(model, ledger, 500, concurrency=concurrency, retry=policy)
    assert len(ledger.rows) == len(model.sent) <= most


def test_a_host_that_answered_once_is_waited_for_though_it_is_silent_now() -> None:
    def answer(request: ChatRequest, attempt: int) -> ChatResponse | Exception:
        return ConnectTimedOut("silent", is_sent=False) if len(model.sent) > 1 and attempt < 7 else reply()

    model = Scripted(answer)
    policy = RetryPolicy(attempts=8, first_wait=0.001, longest_wait=0.002, unreached_seconds=0.0)
    done = run(model, Ledger(), 10, concurrency=1, retry=policy)
    assert all(f.outcome == ["ok"] for f in done)


def test_a_gateway_that_rejects_everything_in_the_same_words_ends_the_run() -> None:
    """M6: some say 400 to a wrong key; ten million items need not hear it one by one."""
    model = Scripted(lambda *_: RequestRejected("No connected db.", http_status=400))
    with pytest.raises(ProviderFailure, match=r"50 items were rejected in the same words.*No connected db.*key"):
        run(model, Ledger(), 500)
    assert len(model.sent) <= 50 + 8


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            lambda r, _: RequestRejected(f"{r.metadata} too long", http_status=400), id="each for its own sake"
        ),
        pytest.param(lambda *_: RequestRejected("no such item", http_status=404), id="a recording without these items"),
        pytest.param(
            lambda r, _: reply() if r.metadata["item_id"] == "i0" else RequestRejected("too long", http_status=400),
            id="one was answered",
        ),
    ],
)
def test_items_that_are_rejected_for_their_own_sake_end_nothing(
    answer: Callable[[ChatRequest, int], ChatResponse | Exception],
) -> None:
    assert len(run(Scripted(answer), Ledger(), 120, concurrency=1)) == 120
