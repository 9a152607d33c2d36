"""What comes back from a batch: each result as a row of the call ledger, and what is said of all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import orjson

from labelwright.adapters.execution.timestamps import timestamp
from labelwright.ports.batches import BatchProgress, LineResult, Shard, ShardLine
from labelwright.ports.calls import CallRecord
from labelwright.prompting.chat import ChatResponse, encode_response
from labelwright.prompting.failures import ChatFailure, ChatRefused, MalformedAnswer
from labelwright.prompting.price import Price
from labelwright.prompting.usage import Usage

CHUNK = 500
_KEPT_BODY = 20_000
_LONGEST_ERROR = 2_000


class Deliver(Protocol):
    """Takes what came of one request. answer: None = it was not asked, and is due again.

    usage, cost_pico: None = not known.
    """

    def __call__(
        self,
        key: str,
        answer: ChatResponse | ChatFailure | ChatRefused | None,
        usage: Usage | None,
        cost_pico: int | None,
    ) -> None: ...


@dataclass(slots=True)
class Harvest:
    """What was fetched of one shard. Counts of lines.

    unknown: names that are none of ours.  doubled: named more than once.  missing: of which no result came.
    too_many_tokens: the provider had no room for it.
    """

    answered: int = 0
    failed: int = 0
    unknown: int = 0
    doubled: int = 0
    missing: int = 0
    too_many_tokens: bool = False


def call_row(shard: Shard, line: ShardLine, result: LineResult, *, price: Price | None, now: float) -> CallRecord:
    """Write down what came of one request. now: epoch seconds."""
    answer, usage = result.answer, usage_of(result)
    cost = None if usage is None or price is None else price.cost_pico(usage, batch=True)
    is_answer = isinstance(answer, ChatResponse)
    http_status = 200 if is_answer else answer.http_status
    if not is_answer and (not result.billed or (http_status or 0) >= 400):
        cost = 0
    error: str | None = None
    if not is_answer:
        error = f"{type(answer).__name__}: {answer}"[:_LONGEST_ERROR]
    elif not answer.is_whole:
        error = f"cut off (finish_reason {answer.finish_reason!r})"
    body = encode_response(answer) if is_answer else answer.body
    return CallRecord(
        key=line.key,
        project=shard.project,
        run=shard.run,
        item=line.item,
        item_id=line.item_id,
        provider=shard.provider,
        model=shard.model,
        step=line.step,
        attempt=line.attempt,
        status="error" if not is_answer else "ok" if answer.is_whole else "truncated",
        http_status=http_status,
        error=error,
        response=body if is_answer or body is None else body[:_KEPT_BODY],
        tokens_in=None if usage is None else usage.prompt_tokens,
        tokens_out=None if usage is None else usage.completion_tokens,
        tokens_cached=None if usage is None else usage.cached_tokens,
        cost_pico=cost,
        latency_ms=round(max(0.0, now - shard.created_at) * 1000, 3),
        created_at=timestamp(now),
    )


def usage_of(result: LineResult) -> Usage | None:
    """Give what an answer used; None = it does not say."""
    if isinstance(result.answer, ChatResponse):
        return result.answer.usage
    return result.answer.usage if isinstance(result.answer, MalformedAnswer) else None


def keys_at(file: Path, wrong: Mapping[int, str], shard: str) -> dict[str, str]:
    """Give the requests that stand at these lines of a shard's file, each with what is wrong with it."""
    found: dict[str, str] = {}
    if wrong and file.exists():
        with file.open("rb") as lines:
            for place, line in enumerate(lines, 1):
                if place in wrong:
                    name = str(orjson.loads(line).get("custom_id", ""))
                    found[name.removeprefix(f"{shard}-")] = wrong[place]
    return found


async def in_chunks(results: AsyncIterator[LineResult]) -> AsyncIterator[list[LineResult]]:
    """Give results some hundreds at a time."""
    chunk: list[LineResult] = []
    async for result in results:
        chunk.append(result)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def summary(shard: Shard, progress: BatchProgress, got: Harvest) -> str:
    """Say in a line what was fetched."""
    parts = [f"batch {shard.batch} ({progress.said}): {got.answered:,} answers"]
    for name in ("failed", "missing", "unknown", "doubled"):
        number = getattr(got, name)
        if number:
            parts.append(f"{number:,} {name}")
    return ", ".join(parts)
