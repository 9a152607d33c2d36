"""What one attempt cost, and its row in the call ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import orjson

from labelwright.adapters.execution.group_commit import CallBook
from labelwright.adapters.execution.progress import Progress
from labelwright.adapters.execution.timestamps import timestamp
from labelwright.ports.calls import CallRecord, CallStatus
from labelwright.ports.chat import Finished, RunScope, Work
from labelwright.prompting.chat import ChatRequest, ChatResponse, encode_response
from labelwright.prompting.failures import ChatFailure, ChatRefused
from labelwright.prompting.price import Price
from labelwright.prompting.usage import Usage
from labelwright.prompting.worst_case import most_prompt_tokens, worst_case

T = TypeVar("T")

_KEPT_BODY = 20_000
_LONGEST_ERROR = 2_000
_NOTHING = Usage(0, 0)


@dataclass(slots=True)
class Account(Generic[T]):
    """What one conversation has used so far."""

    work: Work[T]
    keys: list[str]
    reused: int = 0
    attempts: int = 0
    usage: Usage = _NOTHING
    cost_pico: int | None = 0

    def finished(self, outcome: T | None, problem: str | None) -> Finished[T]:
        """Close it."""
        return Finished(
            item=self.work.item,
            item_id=self.work.item_id,
            outcome=outcome,
            problem=problem,
            keys=tuple(self.keys),
            reused=self.reused,
            attempts=self.attempts,
            usage=self.usage,
            cost_pico=self.cost_pico,
        )


def cost_of(price: Price | None, came: ChatResponse | ChatFailure | ChatRefused) -> int | None:
    """Give what an attempt cost, in pico-USD; None = unknown.

    An error status is not billed, nor what never left. What a timed-out or broken attempt was billed is unknown.
    """
    if isinstance(came, ChatRefused):
        return 0
    if isinstance(came, ChatFailure) and (not came.is_sent or (came.http_status or 0) >= 400):
        return 0
    return None if came.usage is None or price is None else price.cost_pico(came.usage)


class AttemptLog(Generic[T]):
    """Keeps every attempt of a run in the call ledger, and counts it. now: epoch seconds."""

    def __init__(
        self, book: CallBook, scope: RunScope, provider: str, progress: Progress, *, now: Callable[[], float]
    ) -> None:
        self._book, self._scope, self._provider, self._progress, self._now = book, scope, provider, progress, now

    async def keep(
        self,
        request: ChatRequest,
        account: Account[T],
        came: ChatResponse | ChatFailure | ChatRefused,
        *,
        attempt: int,
        cost: int | None,
        seconds: float,
    ) -> None:
        """Keep an attempt; done when it is durable. attempt: its number within the step.  seconds: that it took."""
        status, http_status, error, kept = _told(came)
        usage = None if isinstance(came, ChatRefused) else came.usage
        is_answer = status != "error"
        if is_answer or cost is not None:
            account.cost_pico = None if cost is None or account.cost_pico is None else account.cost_pico + cost
        if usage is not None:
            account.usage = usage if account.usage is _NOTHING else account.usage + usage
        self._progress.called(usage, cost, is_answer=is_answer)
        await self._book.commit(
            CallRecord(
                key=account.keys[-1],
                project=self._scope.project,
                run=self._scope.run,
                item=account.work.item,
                item_id=account.work.item_id,
                provider=self._provider,
                model=request.model,
                step=len(account.keys) - 1,
                attempt=attempt,
                status=status,
                http_status=http_status,
                error=error,
                response=kept,
                tokens_in=None if usage is None else usage.prompt_tokens,
                tokens_out=None if usage is None else usage.completion_tokens,
                tokens_cached=None if usage is None else usage.cached_tokens,
                cost_pico=cost,
                latency_ms=round(seconds * 1000, 3),
                created_at=timestamp(self._now()),
                most_pico=_most(self._scope.price, request) if cost is None else None,
            )
        )


def _most(price: Price | None, request: ChatRequest) -> int | None:
    """Give what an attempt may have cost at most, in pico-USD; None = nobody knows."""
    if price is None or request.max_tokens is None:
        return None
    schema_bytes = 0 if request.answer_schema is None else len(orjson.dumps(request.answer_schema))
    return worst_case(price, most_prompt_tokens(request, schema_bytes=schema_bytes), request.max_tokens)


def _told(came: ChatResponse | ChatFailure | ChatRefused) -> tuple[CallStatus, int | None, str | None, bytes | None]:
    """Give an attempt's status, HTTP status, error, and what is kept of the answer."""
    if isinstance(came, ChatResponse):
        if came.is_whole:
            return "ok", 200, None, encode_response(came)
        return "truncated", 200, f"cut off (finish_reason {came.finish_reason!r})", encode_response(came)
    error = f"{type(came).__name__}: {came}"[:_LONGEST_ERROR]
    return "error", came.http_status, error, None if came.body is None else came.body[:_KEPT_BODY]
