"""A chat model, and what runs conversations with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from labelwright.ports.budget import Budget
from labelwright.ports.jobs import JobCounts, RunControl
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow
from labelwright.prompting.price import Price
from labelwright.prompting.usage import Usage

T = TypeVar("T")


class ChatModel(Protocol):
    """An endpoint that answers chat requests. An adapter is one file in `adapters/chat/`; it passes `chat_suite`."""

    @property
    def provider(self) -> str:
        """Name the endpoint (its base URL): part of every request's key."""
        ...

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Make one attempt.

        Raises: ChatFailure, when it gave no answer; ChatRefused, when no attempt will (`prompting.failures`). Retrying
        is the caller's, who keeps a row of every attempt.
        """
        ...

    def written(self, request: ChatRequest) -> bytes:
        """Give the body of a first attempt, byte for byte, without sending it."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """One item's conversation, to be held. The flow is not started yet."""

    item: int
    item_id: str
    flow: Flow[T]


@dataclass(frozen=True, slots=True)
class Finished(Generic[T]):
    """How one conversation ended.

    outcome: what the flow returned; None when `problem` says why no answer could be had.
    keys: the request keys of its steps, in order.  reused: how many of them were answered from the call ledger.
    attempts: requests sent now, failed ones included.
    usage, cost_pico: of the requests sent now; cost None = unknown price or usage.
    """

    item: int
    item_id: str
    outcome: T | None
    problem: str | None
    keys: tuple[str, ...]
    reused: int
    attempts: int
    usage: Usage
    cost_pico: int | None


@dataclass(frozen=True, slots=True)
class RunScope:
    """On whose behalf calls are made: what every row of the call ledger names. price None = unknown.

    budget: what the worst case of every call is set aside from before it is sent (M2); None = no limit.
    control: where the run reports and is told to pause or end; None = nobody watches.
    total: how many conversations there are to hold, for the report; None = not known.
    """

    project: str
    run: str
    price: Price | None
    budget: Budget | None = None
    control: RunControl | None = None
    total: int | None = None


class FlowRunner(Protocol):
    """Holds many conversations at once with one model."""

    @property
    def provider(self) -> str:
        """Name the endpoint that is called."""
        ...

    def run(self, work: Iterable[Work[T]], scope: RunScope) -> Iterator[Sequence[Finished[T]]]:
        """Hold every conversation; give the finished ones in chunks, in the order they finish.

        Each attempt is in the call ledger, durably, before its conversation goes on; a paid answer found there is used
        instead of a call. `work` is pulled lazily, in the caller's thread. A stop request (Ctrl-C, SIGTERM) lets the
        calls in flight finish and ends the iteration early.
        Raises: ProviderRefused, after what is in flight has been kept, when the endpoint refuses us (key, quota,
        model); ProviderFailure, when nothing is answered any more; BudgetSpent, when what is left of `scope.budget`
        does not pay for another call; NotReady, before anything is sent, when it cannot be kept for want of a price.
        """
        ...

    @property
    def stopped(self) -> bool:
        """Whether the last `run` ended early because it was asked to."""
        ...

    def counts(self) -> JobCounts:
        """Say how far the last `run` is; from any thread, while it runs and after."""
        ...
