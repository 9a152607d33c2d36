"""M2: spend never exceeds the budget: the worst case of each call is set aside before it is sent, over all workers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.errors import BudgetSpent, NotReady
from labelwright.ports.budget import BudgetState
from labelwright.ports.chat import Finished, RunScope, Work
from labelwright.prompting.chat import ChatRequest, ChatResponse, Image, Message
from labelwright.prompting.failures import CallTimedOut, ConnectionFailed, KeyRefused, ServerFailed
from labelwright.prompting.price import Price
from labelwright.prompting.usage import Usage
from labelwright.prompting.worst_case import most_prompt_tokens, worst_case
from tests.contract.test_chat_driver import QUICK, Ledger, Scripted, ask, reply, run, work

PRICE = Price(input=1000, output=2000)
WORST = worst_case(PRICE, most_prompt_tokens(next(ask("i0")), schema_bytes=0), 512)  # of the conversations of `work`


class Purse:
    """A budget in memory that checks what it is told."""

    def __init__(self, limit: int | None) -> None:
        self.limit, self.spent, self.reserved, self.asked = limit, 0, 0, 0
        self._lock = threading.Lock()

    def reserve(self, run: str, amount: int, *, at_least: int) -> int:
        with self._lock:
            assert 0 < at_least <= amount
            self.asked += 1
            left = amount if self.limit is None else self.limit - self.spent - self.reserved
            granted = min(amount, left) if left >= at_least else 0
            self.reserved += granted
            return granted

    def settle(self, run: str, *, spent: int, released: int) -> None:
        with self._lock:
            assert 0 <= spent <= released <= self.reserved
            self.reserved -= released
            self.spent += spent

    def state(self) -> BudgetState:
        with self._lock:
            return BudgetState(self.limit, self.spent, self.reserved, 0)


def scope(purse: Purse, price: Price | None = PRICE) -> RunScope:
    return RunScope("project", "run", price, budget=purse)


def hold(
    model: Scripted, purse: Purse, n: int, *, concurrency: int = 8, ledger: Ledger | None = None
) -> tuple[list[Finished[list[str]]], BudgetSpent | None]:
    """Give what was finished, and what ended the run. A run that waits for ever is stopped, and has finished less."""
    stop = threading.Event()
    runner = ThreadedRunner(model, ledger or Ledger(), concurrency=concurrency, retry=QUICK, stop=stop)
    done: list[Finished[list[str]]] = []
    watchdog = threading.Timer(120, stop.set)
    watchdog.start()
    try:
        for chunk in runner.run(work(n), scope(purse)):
            done.extend(chunk)
    except BudgetSpent as problem:
        return done, problem
    finally:
        watchdog.cancel()
    return done, None


class Billing(Scripted):
    """A model that bills between nothing much and the worst case, and adds up what it billed the moment it is asked."""

    def __init__(self, *, worst_share: float, seed: int = 1) -> None:
        super().__init__(lambda *_: reply(), before=self._think)
        self.billed = 0
        self._rng, self._worst_share = Random(seed), worst_share

    async def _think(self) -> None:
        await asyncio.sleep(self._rng.random() * 0.002)

    async def complete(self, request: ChatRequest) -> ChatResponse:
        prompt = most_prompt_tokens(request, schema_bytes=0)
        share = self._rng.random() if self._rng.random() > self._worst_share else 1.0
        usage = Usage(int(share * prompt), int(share * (request.max_tokens or 0)), 0, int(share * prompt))
        self.billed += PRICE.cost_pico(usage)
        await super().complete(request)
        return ChatResponse("ok", "stop", usage, "m")


def test_m2_256_workers_never_spend_more_than_there_is() -> None:
    """M2: kills the mutant that looks at the budget first and adds afterwards."""
    purse, ledger = Purse(300 * WORST), Ledger()
    model = Billing(worst_share=0.5)
    done, ended = hold(model, purse, 5000, concurrency=256, ledger=ledger)
    assert model.billed <= 300 * WORST
    assert ended is not None
    assert "does not pay for another call" in str(ended)
    assert 300 * WORST - model.billed < 1.2 * WORST, "hardly more is left than one call may cost"
    assert (purse.spent, purse.reserved) == (model.billed, 0)
    assert len(done) == len(ledger.rows) == len(model.sent), "what was answered is kept and handed over"


def test_m2_a_call_waits_for_money_that_is_out_rather_than_being_refused() -> None:
    """M2: two thousand calls whose worst cases are two hundred times the budget; kills "reservation never released"."""
    actual = PRICE.cost_pico(Usage(10, 3))
    purse = Purse(10 * WORST)
    assert 500 * actual < purse.spent + 10 * WORST < 500 * WORST
    model = Scripted(lambda *_: reply())
    done, ended = hold(model, purse, 500, concurrency=64)
    assert ended is None
    assert len(done) == 500
    assert (purse.spent, purse.reserved) == (500 * actual, 0)


def test_m2_the_budget_is_asked_for_blocks_not_for_every_call() -> None:
    purse = Purse(10**6 * WORST)
    done, _ = hold(Scripted(lambda *_: reply()), purse, 2000, concurrency=32)
    assert len(done) == 2000
    assert purse.asked < 50


def test_m2_a_budget_without_a_limit_counts_and_never_stops() -> None:
    purse = Purse(None)
    done, ended = hold(Scripted(lambda *_: reply()), purse, 100)
    assert (len(done), ended) == (100, None)
    assert (purse.spent, purse.reserved) == (100 * PRICE.cost_pico(Usage(10, 3)), 0)


def test_m2_what_nobody_knows_the_cost_of_counts_at_its_worst_case() -> None:
    """No answer in time: the provider may bill it all the same. No usage stated: neither is that known."""
    purse = Purse(10**6 * WORST)
    hold(Scripted(lambda *_: CallTimedOut("late")), purse, 3)
    assert (purse.spent, purse.reserved) == (3 * QUICK.attempts * WORST, 0)
    untold = Purse(10**6 * WORST)
    hold(Scripted(lambda *_: ChatResponse("ok", "stop", None, "m")), untold, 3)
    assert (untold.spent, untold.reserved) == (3 * WORST, 0)


@pytest.mark.parametrize(
    "failure", [ServerFailed("broken", http_status=500), ConnectionFailed("refused", is_sent=False)]
)
def test_m2_error_statuses_and_what_never_left_cost_nothing(failure: Exception) -> None:
    purse = Purse(10**6 * WORST)
    hold(Scripted(lambda _, attempt: failure if attempt < 2 else reply()), purse, 5)
    assert (purse.spent, purse.reserved) == (5 * PRICE.cost_pico(Usage(10, 3)), 0)


def test_m2_a_budget_without_a_price_is_refused_before_anything_is_sent() -> None:
    model = Scripted(lambda *_: reply())
    runner = ThreadedRunner(model, Ledger(), retry=QUICK)
    with pytest.raises(NotReady, match="price_input and price_output"):
        list(runner.run(work(5), scope(Purse(10**12), None)))
    assert model.sent == []
    assert len(list(runner.run(work(5), scope(Purse(None), None)))) > 0, "no limit, no matter"


def test_m2_an_answer_of_unlimited_length_is_not_asked_for_under_a_budget() -> None:
    def endless() -> Iterator[Work[list[str]]]:
        def flow():  # type: ignore[no-untyped-def]  # noqa: ANN202
            yield ChatRequest("m", (Message("user", "x"),), max_tokens=None, metadata={"item_id": "a"})
            return [""]

        yield Work(0, "a", flow())

    model = Scripted(lambda *_: reply())
    runner = ThreadedRunner(model, Ledger(), retry=QUICK)
    (finished,) = [f for chunk in runner.run(endless(), scope(Purse(10**12))) for f in chunk]
    assert "set max_tokens" in str(finished.problem)
    assert model.sent == []


def test_m1_m2_with_a_raised_limit_the_run_goes_on_and_repeats_nothing() -> None:
    actual = PRICE.cost_pico(Usage(10, 3))
    purse, ledger = Purse(2 * WORST + 40 * actual), Ledger()
    first = Scripted(lambda *_: reply())
    done, ended = hold(first, purse, 200, ledger=ledger)
    assert ended is not None
    assert 40 <= len(done) < 200
    purse.limit = 10**6 * WORST
    again = Scripted(lambda *_: reply())
    done, ended = hold(again, purse, 200, ledger=ledger)
    assert (len(done), ended) == (200, None)
    assert len(first.sent) + len(again.sent) == 200
    assert (purse.spent, purse.reserved) == (200 * actual, 0)


def test_m2_nothing_stays_reserved_however_a_run_ends() -> None:
    purse = Purse(10**6 * WORST)
    refusing = Scripted(lambda *_: KeyRefused("no", http_status=401) if len(refusing.sent) > 30 else reply())
    with pytest.raises(KeyRefused):
        hold(refusing, purse, 500)
    assert purse.reserved == 0
    runner = ThreadedRunner(Scripted(lambda *_: reply()), Ledger(), concurrency=4, retry=QUICK)
    chunks = runner.run(work(5000), scope(purse))
    next(iter(chunks))
    chunks.close()  # type: ignore[attr-defined]
    assert purse.reserved == 0


def test_m2_two_runs_share_one_budget_and_neither_waits_for_ever() -> None:
    """Each would hold what the other lacks, if what is not in use were kept while waiting."""
    actual = PRICE.cost_pico(Usage(10, 3))
    purse = Purse(300 * actual + WORST)
    done: list[int] = []
    models = [Billing(worst_share=0.0, seed=seed) for seed in (1, 2)]

    def one(model: Billing) -> None:
        done.append(len(hold(model, purse, 400, concurrency=16)[0]))

    threads = [threading.Thread(target=one, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(done) == 2, "both came to their end"
    assert sum(model.billed for model in models) == purse.spent <= 300 * actual + WORST
    assert purse.reserved == 0


def test_without_a_budget_nothing_is_asked_of_it() -> None:
    assert len(run(Scripted(lambda *_: reply()), Ledger(), 10)) == 10


@given(
    text=st.text(max_size=60),
    images=st.integers(0, 3),
    rate=st.integers(0, 10**6),
    most=st.integers(0, 2000),
    cached=st.floats(0, 1),
    written=st.floats(0, 1),
    is_long=st.booleans(),
)
def test_m2_no_call_costs_more_than_its_worst_case(
    *, text: str, images: int, rate: int, most: int, cached: float, written: float, is_long: bool
) -> None:
    """M2: whatever part of the prompt is read from the cache or written into it, and at the dear end of the price."""
    pictures = tuple(Image("https://example.org/x.png") for _ in range(images))
    request = ChatRequest("m", (Message("system", "s"), Message("user", text, pictures)), max_tokens=most)
    tokens = most_prompt_tokens(request, schema_bytes=30)
    assert tokens >= len(text.encode("utf-8", "surrogatepass")) + 30
    price = Price(rate, 3 * rate, rate // 10, tokens // 2 if is_long else None, 2 * rate, 4 * rate)
    n_cached = int(cached * tokens)
    usage = Usage(tokens, most, n_cached, int(written * (tokens - n_cached)))
    assert price.cost_pico(usage) <= worst_case(price, tokens, most)
