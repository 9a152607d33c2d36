"""Anthropic's Message Batches: half the price, within 24 hours.

A batch carries nothing of ours but the names of its requests, and these are told only when it has ended. So a batch
that was made while we were killed is looked for among those made since: one with as many requests as the shard may be
it, and is waited for; its first result's name says whether it is.

Source: Anthropic API reference, message batches; CONTRACTS II.4.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import msgspec
import orjson

from labelwright.adapters.batch.calls import BatchCalls, count, objects, stand_in, word
from labelwright.adapters.batch.kind import BatchKind
from labelwright.adapters.batch.shard_file import as_list, key_in, name_of
from labelwright.adapters.chat.anthropic import API_VERSION, Anthropic, Dialect
from labelwright.adapters.chat.endpoint import HttpAnswer, key_of
from labelwright.adapters.chat.outbound_guard import OutboundGuard
from labelwright.domain.project import ModelSource
from labelwright.ports.batches import BatchProgress, Found, LineResult, ShardLimits
from labelwright.prompting.chat import ChatRequest
from labelwright.prompting.failures import ChatFailure, ChatRefused, MalformedAnswer, ServerFailed

LIMITS = ShardLimits(lines=100_000, bytes=250_000_000)
_BATCHES = "/messages/batches"
_PAGE = 100
_COUNTS = ("processing", "succeeded", "errored", "canceled", "expired")
_STATUS = {
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class _Error(msgspec.Struct):
    type: str = ""


class _ErrorBody(msgspec.Struct):
    type: str = ""
    error: _Error | None = None


class _Result(msgspec.Struct):
    type: str = ""
    message: msgspec.Raw = msgspec.Raw(b"")
    error: msgspec.Raw = msgspec.Raw(b"")


class _Line(msgspec.Struct):
    custom_id: Any = None
    result: _Result | None = None


_DECODER = msgspec.json.Decoder(_Line)


class AnthropicBatch:
    """The batch API beside a messages endpoint.

    live: the endpoint.  Else as `Anthropic`.
    Raises: InvalidValue, when the address or the key cannot be used at all.
    """

    def __init__(
        self,
        live: Anthropic,
        base_url: str,
        *,
        api_key: str | None = None,
        seconds: float = 120.0,
        guard: OutboundGuard | None = None,
    ) -> None:
        self._live = live
        headers = {"anthropic-version": API_VERSION} | ({} if api_key is None else {"x-api-key": api_key})
        self._calls = BatchCalls(base_url, api_key=api_key, headers=headers, seconds=seconds, guard=guard)
        self._dialects: dict[str, Dialect] = {}
        self._strangers: set[tuple[str, str]] = set()

    @property
    def live(self) -> Anthropic:
        """The same endpoint, asked one by one."""
        return self._live

    @property
    def limits(self) -> ShardLimits:
        """What one batch takes."""
        return LIMITS

    def line(self, shard: str, key: str, request: ChatRequest) -> bytes:
        """Write a request as a line of a shard."""
        dialect = self._dialects.setdefault(shard, self._live.dialect(request.model))
        return orjson.dumps({"custom_id": name_of(shard, key), "params": self._live.body(request, dialect)})

    async def newest(self) -> str | None:
        """Give the id of the newest batch there is."""
        listed = objects(await self._calls.ask("GET", f"{_BATCHES}?limit=1"), "data")
        return word(listed[0], "id") if listed else None

    async def submit(self, shard: str, file: Path) -> str:  # noqa: ARG002 - its name is in each line's
        """Make a batch of the file."""
        made = await self._calls.upload(_BATCHES, as_list(file, key="requests"))
        batch = word(made, "id")
        if batch is None:
            raise MalformedAnswer("the answer names no batch", http_status=200, body=orjson.dumps(made)[:20_000])
        return batch

    async def find(self, shard: str, *, after: str | None, lines: int) -> Found:
        """Look for a shard's batch among those of as many requests, from the newest back to that one."""
        last: str | None = None
        is_sure = True
        while True:
            page = f"{_BATCHES}?limit={_PAGE}" + ("" if last is None else f"&after_id={quote(last, safe='')}")
            stated = await self._calls.ask("GET", page)
            listed = objects(stated, "data")
            for one in listed:
                batch = word(one, "id")
                if after is not None and batch == after:
                    return Found(None, is_sure)
                if batch is None or (batch, shard) in self._strangers or _requests_in(one) != lines:
                    continue
                if one.get("processing_status") != "ended":
                    is_sure = False
                elif await self._is_of(batch, shard):
                    return Found(batch)
                else:
                    self._strangers.add((batch, shard))
            last = word(listed[-1], "id") if listed else None
            if last is None or stated.get("has_more") is not True:
                return Found(None, is_sure)

    async def poll(self, batch: str) -> BatchProgress:
        """Say where it stands."""
        stated = await self._calls.ask("GET", f"{_BATCHES}/{quote(batch, safe='')}")
        said = word(stated, "processing_status") or "unknown"
        counts = _counts(stated)
        done = sum(count(counts, name) for name in _COUNTS[1:])
        return BatchProgress("ended" if said == "ended" else "working", said, done)

    async def results(self, batch: str, shard: str, model: str) -> AsyncIterator[LineResult]:
        """Give what came of each line. The address is made here: what a body says is not followed."""
        async for line in self._calls.lines(f"{_BATCHES}/{quote(batch, safe='')}/results"):
            yield self._result(line, shard, model)

    async def cancel(self, batch: str) -> None:
        """Ask the provider to end it."""
        await self._calls.ask("POST", f"{_BATCHES}/{quote(batch, safe='')}/cancel")

    async def close(self) -> None:
        """Close all connections."""
        await self._calls.close()
        await self._live.close()

    async def _is_of(self, batch: str, shard: str) -> bool:
        """Tell by a few of its results' names."""
        seen = 0
        async for result in self.results(batch, shard, ""):
            seen += 1
            if result.key is not None:
                return True
            if seen >= _PAGE:
                break
        return False

    def _result(self, line: bytes, shard: str, model: str) -> LineResult:
        try:
            stated = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            return LineResult(None, MalformedAnswer(f"a line of the results is broken ({problem})"))
        key = key_in(shard, stated.custom_id)
        result = stated.result or _Result()
        match result.type:
            case "succeeded":
                answer = HttpAnswer(200, {}, bytes(result.message))
            case "errored":
                answer = _as_answer(bytes(result.error))
            case "expired" | "canceled":
                return LineResult(key, ServerFailed(f"the batch was {result.type} before its turn"), billed=False)
            case kind:
                return LineResult(key, MalformedAnswer(f"there is no result of type {kind!r}"))
        try:
            return LineResult(key, self._live.read(stand_in(model), answer, self._dialects.get(shard, Dialect())))
        except (ChatFailure, ChatRefused) as problem:
            return LineResult(key, problem)


def _as_answer(error: bytes) -> HttpAnswer:
    """Give a line's error as the answer a live call would have had: its type is its status."""
    try:
        stated = msgspec.json.decode(error, type=_ErrorBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return HttpAnswer(500, {}, error)
    kind = stated.type if stated.error is None else stated.error.type
    return HttpAnswer(_STATUS.get(kind, 400), {}, error)


def _counts(stated: Mapping[str, Any]) -> dict[str, Any]:
    counts: Any = stated.get("request_counts")
    return cast("dict[str, Any]", counts) if isinstance(counts, dict) else {}


def _requests_in(stated: Mapping[str, Any]) -> int:
    """Count a batch's requests: until its end all of them are `processing`."""
    counts = _counts(stated)
    return sum(count(counts, name) for name in _COUNTS)


def connect(
    source: ModelSource,
    *,
    environment: Mapping[str, str],
    send_metadata: bool = False,  # noqa: ARG001 - the protocol has no place for an item's id
    guard: OutboundGuard | None = None,
) -> AnthropicBatch:
    """Open a configured endpoint with the key from its named environment variable. Raises KeyRefused."""
    key, seconds = key_of(source, environment), source.timeout_seconds
    live = Anthropic(source.base_url, api_key=key, seconds=seconds, guard=guard)
    return AnthropicBatch(live, source.base_url, api_key=key, seconds=seconds, guard=guard)


BATCH = BatchKind("anthropic", connect)
