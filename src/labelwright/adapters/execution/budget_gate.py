"""No call is sent that the budget might not pay for (M2).

The worst a call can cost is set aside before it leaves, and what it did not cost is given back when it has answered.
Money is taken from the project's budget in blocks, so that the database is not asked for each call; a block never
reaches over the limit. While money is out, here or in another process, a call waits; when nothing is out any more and
it still does not fit, the run ends with BudgetSpent. What nobody knows the cost of (no answer in time, no usage stated)
counts as its worst case.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import orjson

from labelwright.adapters.execution.pace import RunEnding
from labelwright.domain.canonical import Json
from labelwright.errors import BudgetSpent, InvalidValue, NotReady
from labelwright.ports.budget import Budget, BudgetState
from labelwright.ports.chat import RunScope
from labelwright.prompting.chat import ChatRequest
from labelwright.prompting.price import Price
from labelwright.prompting.worst_case import most_prompt_tokens, worst_case

T = TypeVar("T")

_BLOCK_CALLS = 16
"""What a killed process holds is lost: so no more than a few calls' worst cases beyond those that are out."""
_ASK_AGAIN_SECONDS = 0.25
_PICO_PER_USD = 1e12


class BudgetGate:
    """What one run's calls get their money from. For one event loop; `open_gate` makes one."""

    def __init__(self, budget: Budget, run: str, price: Price) -> None:
        self._budget, self._run, self._price = budget, run, price
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="budget")
        self._free = 0  # set aside, and not meant for any call yet
        self._out = 0  # the worst case of the calls that are out
        self._spent = 0  # and not yet booked
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._asked = 0
        self._came_back = asyncio.Event()
        self._refill: asyncio.Task[None] | None = None
        self._schema: tuple[Mapping[str, Json] | None, int] = (None, 0)
        self._is_over = False

    @property
    def waiting(self) -> int:
        """How many calls wait for money."""
        return len(self._waiting)

    def worst_of(self, request: ChatRequest) -> int:
        """Give the most a request can cost, in pico-USD. Raises InvalidValue, when it may answer without end."""
        if request.max_tokens is None:
            raise InvalidValue("max_tokens", "with a budget, each answer needs a limit", "; set max_tokens")
        if request.answer_schema is not self._schema[0]:
            schema = request.answer_schema
            self._schema = (schema, 0 if schema is None else len(orjson.dumps(schema)))
        prompt_tokens = most_prompt_tokens(request, schema_bytes=self._schema[1])
        return worst_case(self._price, prompt_tokens, request.max_tokens)

    async def take(self, amount: int) -> None:
        """Set a call's worst case aside; wait while others' money is out. Raises BudgetSpent, RunEnding."""
        if self._is_over:
            raise RunEnding
        if self._waiting or self._free < amount:
            paid: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (amount, self._asked, paid))
            self._asked += 1
            if self._refill is None or self._refill.done():
                self._refill = asyncio.create_task(self._serve())
            await paid
            return
        self._free -= amount
        self._out += amount

    def settle(self, amount: int, cost: int | None) -> None:
        """Give back what a call did not cost. amount: as it was taken with.  cost: None = unknown, so all of it."""
        actual = amount if cost is None else cost
        self._out -= amount
        self._free += amount - actual  # below nothing when a provider bills more than the worst case: made up for next
        self._spent += actual
        self._came_back.set()

    async def book(self) -> None:
        """Write down what was spent since: what a killed run has not booked counts at its worst case."""
        spent, self._spent = self._spent, 0
        if not spent:
            return
        try:
            await self._ask(lambda: self._budget.settle(self._run, spent=spent, released=spent))
        except BaseException:
            self._spent += spent
            raise

    async def heed(self) -> None:
        """Book what was spent; where the limit was lowered meanwhile, give back what is set aside for calls to come."""
        await self.book()
        state = await self._ask(self._budget.state)
        if state.limit is not None and state.spent + state.reserved + state.lost > state.limit:
            await self._give_back()

    async def rest(self) -> None:
        """Give back what is not in use, for others to use while this run waits."""
        await self._give_back()

    def end(self) -> None:
        """Give nothing out any more; who waits gets RunEnding."""
        self._is_over = True
        self._fail_all(RunEnding())
        self._came_back.set()

    async def close(self) -> None:
        """Book everything and give the rest back. What is still out has been given up: it counts as spent."""
        self.end()
        try:
            if self._refill is not None:
                await asyncio.gather(self._refill, return_exceptions=True)
            self._spent, self._out = self._spent + self._out, 0
            await self._give_back()
        finally:
            self._pool.shutdown(wait=False)

    # below: taking money from the budget, one question at a time

    async def _serve(self) -> None:
        """Serve who waits, the smallest first."""
        try:
            while self._waiting and not self._is_over:
                amount, _, paid = self._waiting[0]
                if paid.done():
                    heapq.heappop(self._waiting)
                elif self._free >= amount:
                    heapq.heappop(self._waiting)
                    self._free -= amount
                    self._out += amount
                    paid.set_result(None)
                else:
                    await self._fetch(amount)
        except BaseException as problem:  # noqa: BLE001 - raised in everybody who waits
            self._fail_all(problem)

    async def _fetch(self, amount: int) -> None:
        """Get more money, or wait for some to come back. Raises BudgetSpent."""
        lacking = amount - self._free
        self._came_back.clear()
        block = max(lacking, _BLOCK_CALLS * amount)
        got = await self._reserve(block, at_least=lacking)
        if got:
            return
        if self._out:  # of ours, something will come back
            await self._until_back()
            return
        await self._give_back()  # two runs that each hold half a call's money would wait for each other
        state = await self._ask(self._budget.state)
        if state.reserved > 0:
            await self._until_back()
            return
        if await self._reserve(amount, at_least=amount) or not self._waiting or self._waiting[0][0] < amount:
            return
        raise no_money(state, amount)

    async def _until_back(self) -> None:
        try:
            await asyncio.wait_for(self._came_back.wait(), _ASK_AGAIN_SECONDS)
        except TimeoutError:
            return

    async def _reserve(self, amount: int, *, at_least: int) -> int:
        """Set more aside; what was spent until now is booked first."""
        await self.book()
        got = await self._ask(lambda: self._budget.reserve(self._run, amount, at_least=at_least))
        self._free += got
        return got

    async def _give_back(self) -> None:
        spent, self._spent = self._spent, 0
        back = max(0, self._free)
        self._free -= back
        if spent or back:
            await self._ask(lambda: self._budget.settle(self._run, spent=spent, released=spent + back))

    async def _ask(self, question: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, question)

    def _fail_all(self, problem: BaseException) -> None:
        for _, _, paid in self._waiting:
            if not paid.done():
                paid.set_exception(problem)
        self._waiting.clear()


def no_money(state: BudgetState, worst: int, *, how: str = "") -> BudgetSpent:
    """Say that a call which may cost so much cannot be paid for. how: words about the call, such as "in a batch"."""
    limit = "nothing" if state.limit is None else f"${state.limit / _PICO_PER_USD:,.6g}"
    lost = f" (${state.lost / _PICO_PER_USD:,.6g} of it by processes that died)" if state.lost else ""
    return BudgetSpent(
        f"the budget of {limit} does not pay for another call: ${(state.spent + state.lost) / _PICO_PER_USD:,.6g} are"
        f" spent{lost}, and the next call may cost ${worst / _PICO_PER_USD:,.6g}{how and f' {how}'}; what was answered"
        f" is kept, the rest stays due: raise `budget` in project.yaml, run: labelwright apply, then run this again"
        f" (a run on the jobs page: resume it)"
    )


def open_gate(scope: RunScope) -> BudgetGate | None:
    """Open the gate of a run that has a budget; None where there is none to keep to."""
    if scope.budget is None or scope.price is None:
        return None
    return BudgetGate(scope.budget, scope.run, scope.price)


def check_price(scope: RunScope) -> None:
    """Refuse a run whose budget cannot be kept, before anything is sent. Raises NotReady."""
    if scope.price is not None or scope.budget is None or scope.budget.state().limit is None:
        return
    raise NotReady(
        "a budget is set, but the model's price is not known, so it cannot be kept: give price_input and price_output "
        "(USD per million tokens) for the model in project.yaml, or take `budget` out"
    )
