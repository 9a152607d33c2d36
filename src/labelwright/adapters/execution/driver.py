"""Hold conversations: look up, ask, keep, go on.

The order is the promise. A request whose answer is in the call ledger is not sent (M1). Every attempt, failed ones
included, is in the ledger, durably, *before* its conversation goes on (M3). Only whole answers are ever found again
(M5): errors and cut-off answers are sent anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Generic, TypeVar

from labelwright.adapters.execution.group_commit import CallBook
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.errors import InvalidInput, ProviderFailure
from labelwright.ports.calls import CallRecord
from labelwright.ports.chat import ChatModel, Finished, RunScope, Work
from labelwright.prompting.chat import ChatRequest, ChatResponse, decode_response, encode_response, request_key
from labelwright.prompting.failures import (
    ChatFailure,
    ChatRefused,
    ConnectionFailed,
    FormatUnsupported,
    RequestRejected,
)
from labelwright.prompting.usage import Usage

T = TypeVar("T")

_FORMAT_TRIES = 8
_KEPT_BODY = 20_000
_LONGEST_ERROR = 2_000


class _GaveUp(Exception):
    """No answer could be had for this item."""


class _Halted(Exception):
    """The run is ending; this conversation stays due."""


@dataclass(slots=True)
class _Account(Generic[T]):
    """What one conversation has used so far."""

    work: Work[T]
    keys: list[str]
    reused: int = 0
    attempts: int = 0
    usage: Usage = field(default_factory=lambda: Usage(0, 0))
    cost_pico: int | None = 0


class Driver(Generic[T]):
    """Holds conversations with one model on one event loop.

    now: epoch seconds.  breaks_after: this many items given up in a row, with no answer between, end the run.
    """

    def __init__(
        self,
        model: ChatModel,
        book: CallBook,
        scope: RunScope,
        *,
        retry: RetryPolicy,
        rng: Random,
        now: Callable[[], float],
        breaks_after: int,
    ) -> None:
        self._model, self._book, self._scope = model, book, scope
        self._retry, self._rng, self._now, self._breaks_after = retry, rng, now, breaks_after
        self._halting = asyncio.Event()
        self._resume_at = 0.0
        self._given_up_in_a_row = 0
        self._has_answered = False  # with whatever HTTP status
        self._unreached = 0
        self._last_unreached: ConnectionFailed | None = None

    @property
    def halting(self) -> bool:
        """Whether the run is ending."""
        return self._halting.is_set()

    def halt(self) -> None:
        """End the run: let attempts in flight finish, start no more."""
        self._halting.set()

    async def hold(self, work: Work[T]) -> Finished[T] | None:
        """Hold one conversation to its end; None when the run ended first.

        Raises: ProviderFailure, ProviderRefused, when the run cannot go on.
        """
        account = _Account(work, [])
        flow = work.flow
        try:
            request = next(flow)
            while True:
                request = flow.send(await self._answer(request, account))
        except StopIteration as end:
            return self._finished(account, end.value, None)
        except _GaveUp as problem:
            return self._finished(account, None, str(problem))
        except InvalidInput as problem:  # an item that cannot be written into a request
            return self._finished(account, None, str(problem))
        except _Halted:
            return None
        finally:
            flow.close()

    async def _answer(self, request: ChatRequest, account: _Account[T]) -> ChatResponse:
        key = request_key(request, self._model.provider)
        account.keys.append(key)
        kept = await self._book.find(key)
        if kept is not None:
            account.reused += 1
            return decode_response(kept)
        failures, format_tries = 0, 0
        for attempt in range(self._retry.attempts + _FORMAT_TRIES):
            await self._gate()
            started = time.perf_counter()
            account.attempts += 1
            try:
                response = await self._model.complete(request)
            except ChatFailure as problem:
                self._has_answered = self._has_answered or problem.http_status is not None
                await self._keep_failure(request, account, attempt, problem, time.perf_counter() - started)
                if isinstance(problem, FormatUnsupported) and format_tries < _FORMAT_TRIES:
                    format_tries += 1
                    continue
                failures += 1
                never_reached = isinstance(problem, ConnectionFailed) and not self._has_answered
                if not problem.retries or failures >= self._retry.attempts_after(never_reached=never_reached):
                    self._count_given_up(problem)
                    raise _GaveUp(str(problem)) from problem
                await self._pause(self._retry.wait(failures - 1, problem.retry_after, self._rng), problem)
            except ChatRefused as problem:
                await self._keep_failure(request, account, attempt, problem, time.perf_counter() - started)
                raise
            else:
                self._has_answered, self._given_up_in_a_row = True, 0
                await self._keep(request, account, attempt, response, time.perf_counter() - started)
                return response
        raise _GaveUp("the endpoint understands none of the ways to ask")

    def _count_given_up(self, problem: ChatFailure) -> None:
        """A rejected request says that the endpoint lives; a run of other failures, that it does not."""
        if isinstance(problem, RequestRejected):
            return
        if isinstance(problem, ConnectionFailed) and not self._has_answered:
            self._unreached, self._last_unreached = self._unreached + 1, problem
            if self._unreached >= self._retry.unreached_items:
                self.check_reached()
        self._given_up_in_a_row += 1
        if self._given_up_in_a_row >= self._breaks_after:
            raise ProviderFailure(
                f"{self._given_up_in_a_row} items in a row got no answer, the last because: {problem}; "
                f"what was answered is kept: mend the endpoint, then run the same command again"
            ) from problem

    def check_reached(self) -> None:
        """Raise ProviderFailure when items were given up because nothing ever answered at this address."""
        if self._last_unreached is not None and not self._has_answered:
            items = "1 item" if self._unreached == 1 else f"{self._unreached} items"
            raise ProviderFailure(
                f"cannot connect to {self._model.provider}: nothing answered there, {items} given up, the last "
                f"because: {self._last_unreached}; is the server running, and is base_url right? "
                f"Then run the same command again"
            ) from self._last_unreached

    async def _gate(self) -> None:
        """Wait while a rate limit holds everybody; end when the run ends."""
        while not self._halting.is_set():
            wait = self._resume_at - time.monotonic()
            if wait <= 0:
                return
            await self._sleep(wait)
        raise _Halted

    async def _pause(self, seconds: float, problem: ChatFailure) -> None:
        if problem.retry_after is not None:  # the server speaks to all of us
            self._resume_at = max(self._resume_at, time.monotonic() + min(problem.retry_after, seconds))
        await self._sleep(seconds)

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but not through the end of the run."""
        try:
            await asyncio.wait_for(self._halting.wait(), seconds)
        except TimeoutError:
            return
        raise _Halted

    async def _keep(
        self, request: ChatRequest, account: _Account[T], attempt: int, response: ChatResponse, seconds: float
    ) -> None:
        await self._book.commit(
            self._row(
                request,
                account,
                attempt,
                seconds,
                http_status=200,
                error=None if response.is_whole else f"cut off (finish_reason {response.finish_reason!r})",
                response=encode_response(response),
                usage=response.usage,
                is_whole=response.is_whole,
            )
        )

    async def _keep_failure(
        self,
        request: ChatRequest,
        account: _Account[T],
        attempt: int,
        problem: ChatFailure | ChatRefused,
        seconds: float,
    ) -> None:
        billed = problem.usage if isinstance(problem, ChatFailure) else None
        await self._book.commit(
            self._row(
                request,
                account,
                attempt,
                seconds,
                http_status=problem.http_status,
                error=f"{type(problem).__name__}: {problem}"[:_LONGEST_ERROR],
                response=None if problem.body is None else problem.body[:_KEPT_BODY],
                usage=billed,
                is_whole=None,
            )
        )

    def _row(
        self,
        request: ChatRequest,
        account: _Account[T],
        attempt: int,
        seconds: float,
        *,
        http_status: int | None,
        error: str | None,
        response: bytes | None,
        usage: Usage | None,
        is_whole: bool | None,
    ) -> CallRecord:
        """Write one attempt down. is_whole: None = it failed.

        An error status is not billed. What a timed-out or broken attempt was billed is unknown.
        """
        price = self._scope.price
        cost = None if usage is None or price is None else price.cost_pico(usage)
        if is_whole is None and http_status is not None and http_status >= 400:
            cost = 0
        if is_whole is not None or cost is not None:
            account.cost_pico = None if cost is None or account.cost_pico is None else account.cost_pico + cost
        if usage is not None:
            account.usage += usage
        return CallRecord(
            key=account.keys[-1],
            project=self._scope.project,
            run=self._scope.run,
            item=account.work.item,
            item_id=account.work.item_id,
            provider=self._model.provider,
            model=request.model,
            step=len(account.keys) - 1,
            attempt=attempt,
            status="error" if is_whole is None else "ok" if is_whole else "truncated",
            http_status=http_status,
            error=error,
            response=response,
            tokens_in=None if usage is None else usage.prompt_tokens,
            tokens_out=None if usage is None else usage.completion_tokens,
            tokens_cached=None if usage is None else usage.cached_tokens,
            cost_pico=cost,
            latency_ms=round(seconds * 1000, 3),
            created_at=datetime.fromtimestamp(self._now(), UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
        )

    def _finished(self, account: _Account[T], outcome: T | None, problem: str | None) -> Finished[T]:
        return Finished(
            item=account.work.item,
            item_id=account.work.item_id,
            outcome=outcome,
            problem=problem,
            keys=tuple(account.keys),
            reused=account.reused,
            attempts=account.attempts,
            usage=account.usage,
            cost_pico=account.cost_pico,
        )
