"""Batch APIs: many requests in one file, answered within a day at a discount; and what must be known of them for ever.

A *shard* is one file of requests, and one batch at the provider. It has a name of ours, which is written down before
the provider is asked to make the batch and travels along, so that a batch that was made and not noted is found again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from labelwright.ports.calls import CallRecord
from labelwright.ports.chat import ChatModel
from labelwright.prompting.chat import ChatRequest, ChatResponse
from labelwright.prompting.failures import ChatFailure, ChatRefused

BatchState: TypeAlias = Literal["working", "ended", "failed"]
"""`ended`: there are results to fetch, perhaps not of all (it expired, or was cancelled).  `failed`: there are none."""


@dataclass(frozen=True, slots=True)
class ShardLimits:
    """What a provider takes in one batch."""

    lines: int
    bytes: int


@dataclass(frozen=True, slots=True)
class BatchProblem:
    """Why a batch was not taken. line: of its file, from 1; None = all of it."""

    message: str
    code: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """Where a batch stands. said: in the provider's own word.  done: lines it has dealt with, as far as it tells."""

    state: BatchState
    said: str
    done: int = 0
    problems: tuple[BatchProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class LineResult:
    """What came of one line. key: of the request (`prompting.chat.request_key`); None = the name is none of ours.

    answer: the response, or why there is none.  billed: whether it may have cost something.
    """

    key: str | None
    answer: ChatResponse | ChatFailure | ChatRefused
    billed: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for a batch by our name found. batch: the provider's id; None = there is none.

    is_sure: whether that is the last word. Where a provider tells a batch's requests only after its end, it is not.
    """

    batch: str | None
    is_sure: bool = True


class BatchProvider(Protocol):
    """A provider's batch API. An adapter is one file in `adapters/batch/`; it passes `batch_suite`.

    What goes wrong on the way is ChatFailure and ChatRefused, as for one call.
    """

    @property
    def live(self) -> ChatModel:
        """Give the same endpoint, asked one by one: answers of both count for each other."""
        ...

    @property
    def limits(self) -> ShardLimits:
        """Give what one batch takes."""
        ...

    def line(self, shard: str, key: str, request: ChatRequest) -> bytes:
        """Write a request as a line of a shard, without its end. The body in it is the one a live call would send."""
        ...

    async def newest(self) -> str | None:
        """Give the id of the newest batch there is, whoever made it: what is made from now on comes after it."""
        ...

    async def submit(self, shard: str, file: Path) -> str:
        """Make a batch of a file of lines; give its id. A failure may leave one behind all the same: then `find`."""
        ...

    async def find(self, shard: str, *, after: str | None, lines: int) -> Found:
        """Look for a shard's batch among those made after one (None = ever).

        lines: how many requests it has.
        """
        ...

    async def poll(self, batch: str) -> BatchProgress:
        """Say where it stands."""
        ...

    def results(self, batch: str, shard: str, model: str) -> AsyncIterator[LineResult]:
        """Give what came of each line, in any order; a line may come twice, or never. For batches that have ended."""
        ...

    async def cancel(self, batch: str) -> None:
        """Ask the provider to end it; what it has answered stays, and costs."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard, as it is kept from before its batch is made until its results are in the call ledger.

    run: that sent it.  after: the newest batch at the provider before this one; None = there was none.
    batch: the provider's id; None = not known to have been made.  tokens: estimated, of all its prompts.
    reserved: what was set aside of the budget for it, in pico-USD.
    """

    id: str
    project: str
    run: str
    provider: str
    model: str
    after: str | None
    batch: str | None
    lines: int
    tokens: int
    reserved: int
    created_at: float


@dataclass(frozen=True, slots=True)
class ShardLine:
    """One request of a shard. item, step, attempt: as the call ledger has them."""

    key: str
    item: int
    item_id: str
    step: int
    attempt: int


class BatchStore(Protocol):
    """What is known of batches, durably."""

    def record(self, shard: Shard, lines: Sequence[ShardLine]) -> None:
        """Write a shard down, before its batch is made; durable when this returns."""
        ...

    def created(self, shard: str, batch: str) -> None:
        """Write down the id of a shard's batch; durable when this returns."""
        ...

    def open_shards(self, project: str, provider: str, model: str) -> list[Shard]:
        """Give the shards whose results are not all in the call ledger, oldest first."""
        ...

    def out(self, keys: Sequence[str]) -> dict[str, str]:
        """Give, of these requests, those that are out: the shard of each."""
        ...

    def lines(self, shard: str, keys: Sequence[str]) -> dict[str, ShardLine]:
        """Give, of these requests, those of this shard whose result is not in the call ledger."""
        ...

    def left(self, shard: str) -> list[ShardLine]:
        """Give all requests of a shard whose result is not in the call ledger."""
        ...

    def harvest(self, shard: str, rows: Sequence[CallRecord], *, released: int) -> None:
        """Put results into the call ledger and take their requests off the shard, both or neither; durable.

        released: so much less is then set aside for the shard.
        """
        ...

    def close(self, shard: str) -> None:
        """Take a shard off: nothing more will come of it. What is left of it is no longer out."""
        ...
