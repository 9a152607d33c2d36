"""Hold conversations: look up, ask, keep, go on.

The order is the promise. A request whose answer is in the call ledger is not sent, nor one that is being asked (M1).
The worst it can cost is set aside before it is (M2). Every attempt, failed ones included, is in the ledger, durably,
*before* its conversation goes on (M3). Only whole answers are ever found again (M5): errors and cut-off answers are
sent anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Generic, TypeVar

from labelwright.adapters.execution.attempts import Account, AttemptLog, cost_of
from labelwright.adapters.execution.budget_gate import BudgetGate
from labelwright.adapters.execution.group_commit import CallBook
from labelwright.adapters.execution.limits import Limits, TokenGuess
from labelwright.adapters.execution.pace import Pace, RunEnding
from labelwright.adapters.execution.progress import Progress
from labelwright.adapters.execution.reach import Reach
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.errors import InvalidInput, ProviderFailure
from labelwright.ports.chat import ChatModel, Finished, RunScope, Work
from labelwright.prompting.chat import ChatRequest, ChatResponse, decode_response, request_key
from labelwright.prompting.failures import (
    CallTimedOut,
    ChatFailure,
    ChatRefused,
    FormatUnsupported,
    RateLimited,
    RequestRejected,
)
from labelwright.prompting.worst_case import prompt_bytes

T = TypeVar("T")

_FORMAT_TRIES = 8
_OVERLOADED = frozenset({429, 503, 529})
_CACHED_FROM = 4_096
"""Bytes of a static prefix that may be long enough for a provider's cache (1,024 tokens)."""


class _GaveUp(Exception):
    """No answer could be had for this item."""


class Driver(Generic[T]):
    """Holds conversations with one model on one event loop.

    clock: monotonic seconds.  gate: None = no budget to keep to.
    breaks_after: this many items given up in a row, with no answer between, end the run.
    """

    def __init__(
        self,
        model: ChatModel,
        book: CallBook,
        scope: RunScope,
        *,
        pace: Pace,
        limits: Limits,
        gate: BudgetGate | None,
        progress: Progress,
        retry: RetryPolicy,
        rng: Random,
        now: Callable[[], float],
        clock: Callable[[], float],
        breaks_after: int,
    ) -> None:
        self._model, self._book, self._price, self._provider = model, book, scope.price, model.provider
        self._log = AttemptLog[T](book, scope, model.provider, progress, now=now)
        self._pace, self._limits, self._gate, self._progress = pace, limits, gate, progress
        self._retry, self._rng, self._clock, self._breaks_after = retry, rng, clock, breaks_after
        self._guess = TokenGuess()
        self._asking: dict[str, list[asyncio.Future[None]]] = {}
        self._halting = asyncio.Event()
        self._has_asked = False
        self._given_up_in_a_row = 0
        self._reach = Reach(model.provider, retry)

    @property
    def halting(self) -> bool:
        """Whether the run is ending."""
        return self._halting.is_set()

    def halt(self) -> None:
        """End the run: let attempts in flight finish, start no more."""
        self._halting.set()
        self._pace.end()
        if self._gate is not None:
            self._gate.end()

    async def hold(self, work: Work[T]) -> Finished[T] | None:
        """Hold one conversation to its end; None when the run ended first.

        Raises: ProviderFailure, ProviderRefused, BudgetSpent, when the run cannot go on.
        """
        account = Account(work, [])
        flow = work.flow
        try:
            request = next(flow)
            while True:
                request = flow.send(await self._answer(request, account))
        except StopIteration as end:
            finished = account.finished(end.value, None)
        except (_GaveUp, InvalidInput) as problem:  # the latter: an item that cannot be written into a request
            finished = account.finished(None, str(problem))
        except RunEnding:
            return None
        finally:
            flow.close()
        self._progress.finished(has_outcome=finished.outcome is not None)
        return finished

    async def _answer(self, request: ChatRequest, account: Account[T]) -> ChatResponse:
        key = request_key(request, self._provider)
        account.keys.append(key)
        waiting = self._asking.get(key)
        if waiting is not None:  # somebody asks the very same: what they get is in the ledger when they are done
            answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            waiting.append(answered)
            await answered
            return await self._find_or_ask(request, key, account)
        others: list[asyncio.Future[None]] = []
        self._asking[key] = others
        try:
            return await self._find_or_ask(request, key, account)
        finally:
            del self._asking[key]
            for one in others:
                if not one.done():
                    one.set_result(None)

    async def _find_or_ask(self, request: ChatRequest, key: str, account: Account[T]) -> ChatResponse:
        kept = await self._book.find(key)
        if kept is not None:
            account.reused += 1
            self._progress.reused()
            return decode_response(kept)
        if not self._has_asked:
            self._has_asked = True
            if _static_bytes(request) >= _CACHED_FROM:
                self._pace.warm_up()
        attempt = failures = format_tries = pauses = 0
        while True:
            came = await self._attempt(request, account, attempt)
            if isinstance(came, ChatResponse):
                return came
            attempt += 1
            if isinstance(came, FormatUnsupported) and format_tries < _FORMAT_TRIES:
                format_tries += 1
                continue
            asked = came.retry_after or 0.0
            if asked > self._retry.longest_pause:
                raise _asked_to_wait(self._provider, asked) from came
            if asked > self._retry.longest_asked and pauses < self._retry.pauses:
                pauses += 1
            else:
                failures += 1
                if not came.retries or failures >= self._reach.attempts(came):
                    self._count_given_up(came)
                    raise _GaveUp(str(came)) from came
            await self._sleep(self._retry.wait(max(0, failures - 1), came.retry_after, self._rng))

    async def _attempt(self, request: ChatRequest, account: Account[T], attempt: int) -> ChatResponse | ChatFailure:
        """Send a request once, and keep what came of it. Raises ChatRefused, BudgetSpent, RunEnding."""
        pace, gate, n_bytes, tokens, worst, cost = self._pace, self._gate, 0, 0.0, 0, 0
        if self._limits.counts_tokens:
            n_bytes = prompt_bytes(request)
            tokens = self._guess.of(n_bytes, request.max_tokens)
        if gate is not None:
            worst = gate.worst_of(request)
        if not pace.try_enter(tokens):
            await pace.enter(tokens)
        try:
            if worst and gate is not None:
                await gate.take(worst)
            account.attempts += 1
            sent_at = self._clock()
            self._reach.sent(sent_at)
            came: ChatResponse | ChatFailure | ChatRefused
            try:
                came = await self._model.complete(request)
            except (ChatFailure, ChatRefused) as problem:
                came = problem
            except InvalidInput:  # it cannot be written: nothing was sent
                account.attempts -= 1
                self._settle(worst, 0)
                raise
            back_at = self._clock()
            cost = cost_of(self._price, came)
            self._settle(worst, cost)
            self._heed(came, sent_at, back_at, n_bytes, tokens)
        finally:
            pace.leave()
        await self._log.keep(request, account, came, attempt=attempt, cost=cost, seconds=back_at - sent_at)
        if isinstance(came, ChatRefused):
            raise came
        if isinstance(came, ChatFailure):
            self._reach.failed(came, back_at)
        return came

    def _settle(self, worst: int, cost: int | None) -> None:
        if worst and self._gate is not None:
            self._gate.settle(worst, cost)

    def _heed(
        self,
        came: ChatResponse | ChatFailure | ChatRefused,
        sent_at: float,
        back_at: float,
        n_bytes: int,
        tokens: float,
    ) -> None:
        """Take in what an attempt says about the endpoint and our pace."""
        pace = self._pace
        if isinstance(came, ChatResponse):
            self._given_up_in_a_row = 0
            self._reach.answered(sent_at)
            used: float | None = None
            if tokens and came.usage is not None:
                used = came.usage.prompt_tokens + came.usage.completion_tokens
                self._guess.learn(n_bytes, came.usage.prompt_tokens, came.usage.completion_tokens)
            pace.answered(sent_at, back_at, tokens=tokens, used=used)
        elif isinstance(came, ChatFailure):
            asked = None if self._reach.speaks_of_one(came, sent_at) else came.retry_after
            if came.http_status in _OVERLOADED or isinstance(came, RateLimited):
                pace.refused(sent_at, tokens=tokens, retry_after=asked)
            else:
                pace.answered(sent_at, back_at, tokens=tokens)
                if isinstance(came, CallTimedOut):  # more is out than it can answer in time
                    pace.lower(sent_at)
                if asked is not None:
                    pace.pause(asked)
        if not isinstance(came, ChatRefused) and came.limits is not None:
            pace.read(came.limits)

    def _count_given_up(self, problem: ChatFailure) -> None:
        """A rejected request says that the endpoint lives; a run of other failures, that it does not."""
        if isinstance(problem, RequestRejected):
            self._reach.rejected(problem)
            return
        self._reach.given_up(problem)
        self._given_up_in_a_row += 1
        if self._given_up_in_a_row >= self._breaks_after:
            raise ProviderFailure(
                f"{self._given_up_in_a_row} items in a row got no answer, the last because: {problem}; "
                f"what was answered is kept: mend the endpoint, then run the same command again"
            ) from problem

    def check_reached(self) -> None:
        """Raise ProviderFailure when items were given up because nothing ever answered at this address."""
        self._reach.check()

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but not through the end of the run."""
        try:
            await asyncio.wait_for(self._halting.wait(), seconds)
        except TimeoutError:
            return
        raise RunEnding


def _static_bytes(request: ChatRequest) -> int:
    """Give the bytes that all requests of a run begin with: the system's words."""
    return sum(len(m.content.encode("utf-8", "surrogatepass")) for m in request.messages if m.role == "system")


def _asked_to_wait(provider: str, seconds: float) -> ProviderFailure:
    minutes = -(-seconds // 60)
    return ProviderFailure(
        f"{provider} asks us to wait {minutes:g} minutes; what was answered is kept: run the same command again then"
    )
