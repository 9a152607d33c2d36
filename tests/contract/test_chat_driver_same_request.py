"""M1: the very same request of several conversations at once is asked once; the others wait for its row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.errors import ProviderRefused
from labelwright.ports.chat import Finished, Work
from labelwright.prompting.chat import ChatRequest, ChatResponse
from labelwright.prompting.failures import KeyRefused, RequestRejected, ServerFailed
from tests.contract.test_chat_driver import QUICK, SCOPE, Ledger, Scripted, ask, reply

N = 32


async def _think() -> None:
    await asyncio.sleep(0.05)


def hold(answer: Callable[[ChatRequest, int], ChatResponse | Exception]) -> tuple[Scripted, list[Finished[list[str]]]]:
    model, ledger = Scripted(answer, before=_think), Ledger()
    runner = ThreadedRunner(model, ledger, concurrency=N, retry=QUICK)
    work = (Work(i, f"i{i}", ask("same", steps=2)) for i in range(N))
    done = [one for chunk in runner.run(work, SCOPE) for one in chunk]
    assert len(ledger.rows) == len(model.sent)
    return model, done


def test_m1_32_conversations_with_one_identical_request_are_one_call() -> None:
    """M1: two steps, two calls; whoever waited is told that its answer was paid for by another."""
    model, done = hold(lambda request, _: reply(request.messages[0].content))
    assert len(model.sent) == 2
    assert [one.outcome for one in done] == [["same 0", "same 1"]] * N
    assert sorted(one.attempts for one in done) == [0] * (N - 1) + [2]
    assert sum(one.reused for one in done) == 2 * (N - 1)
    assert sum(one.cost_pico or 0 for one in done) == 2 * (10 * 1000 + 3 * 2000)


def test_when_the_first_fails_the_others_go_on_by_themselves() -> None:
    """A failure is nobody's answer (M5): the others ask for themselves, and each has its own reason."""
    fails = [True]

    def answer(_request: ChatRequest, _attempt: int) -> ChatResponse | Exception:
        if fails:
            fails.clear()
            return RequestRejected("too odd", http_status=400)
        return reply()

    model, done = hold(answer)
    assert sorted(one.outcome is None for one in done) == [False] * (N - 1) + [True]
    assert len(model.sent) <= 1 + (N - 1) + 1


def test_a_retry_of_the_first_is_waited_for() -> None:
    model, done = hold(lambda _request, attempt: reply() if attempt else ServerFailed("busy", http_status=500))
    assert len(model.sent) == 3
    assert all(one.outcome is not None for one in done)


def test_a_cut_off_answer_is_not_shared() -> None:
    """M5: truncations are never found again, so that each conversation asks anew."""
    model, done = hold(lambda *_: reply("half", finish="length"))
    assert len(model.sent) == 2 * N
    assert all(one.reused == 0 for one in done)


def test_m6_a_refused_key_ends_all_that_wait_too() -> None:
    with pytest.raises(ProviderRefused):
        hold(lambda *_: KeyRefused("no such key", http_status=401))
