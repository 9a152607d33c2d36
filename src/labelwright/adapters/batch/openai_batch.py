"""OpenAI's Batch API: a file of chat completions, half the price, within 24 hours.

A shard is uploaded as a file, then a batch is made of it, with our name of the shard in its metadata: that is how it is
found again when we were killed before we had its id. Results stand in two files, an expired or cancelled batch's too.

Source: OpenAI API reference, batches and files; Azure OpenAI, batch; CONTRACTS II.3.
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
from labelwright.adapters.batch.shard_file import as_form, key_in, name_of
from labelwright.adapters.chat.endpoint import HttpAnswer, key_of
from labelwright.adapters.chat.openai_compatible import Dialect, OpenAICompatible, is_azure, key_headers
from labelwright.adapters.chat.outbound_guard import OutboundGuard
from labelwright.domain.project import ModelSource
from labelwright.ports.batches import BatchProblem, BatchProgress, BatchState, Found, LineResult, ShardLimits
from labelwright.prompting.chat import ChatRequest, ChatResponse
from labelwright.prompting.failures import ChatFailure, ChatRefused, MalformedAnswer, ServerFailed

LIMITS = ShardLimits(lines=50_000, bytes=200_000_000)
_MARK = "labelwright_shard"
_PAGE = 100
_STATES: dict[str, BatchState] = {
    "completed": "ended",
    "expired": "ended",
    "cancelled": "ended",
    "failed": "failed",
}
_NEVER_RUN = frozenset({"batch_expired", "batch_cancelled"})


class _Response(msgspec.Struct):
    status_code: int
    body: msgspec.Raw = msgspec.Raw(b"")


class _Error(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Line(msgspec.Struct):
    custom_id: Any = None
    response: _Response | None = None
    error: _Error | None = None


_DECODER = msgspec.json.Decoder(_Line)


class OpenAIBatch:
    """The batch API beside a chat endpoint.

    live: the endpoint.  Else as `OpenAICompatible`.
    Raises: InvalidValue, when the address or the key cannot be used at all.
    """

    def __init__(
        self,
        live: OpenAICompatible,
        *,
        api_key: str | None = None,
        seconds: float = 120.0,
        guard: OutboundGuard | None = None,
    ) -> None:
        self._live = live
        headers = key_headers(live.provider, api_key)
        self._calls = BatchCalls(live.provider, api_key=api_key, headers=headers, seconds=seconds, guard=guard)
        self._url = "/chat/completions" if is_azure(live.provider) else "/v1/chat/completions"
        self._dialects: dict[str, Dialect] = {}

    @property
    def live(self) -> OpenAICompatible:
        """The same endpoint, asked one by one."""
        return self._live

    @property
    def limits(self) -> ShardLimits:
        """What one batch takes."""
        return LIMITS

    def line(self, shard: str, key: str, request: ChatRequest) -> bytes:
        """Write a request as a line of a shard."""
        dialect = self._dialects.setdefault(shard, self._live.dialect(request.model))
        body = self._live.body(request, dialect)
        return orjson.dumps({"custom_id": name_of(shard, key), "method": "POST", "url": self._url, "body": body})

    async def newest(self) -> str | None:
        """Give the id of the newest batch there is."""
        listed = objects(await self._calls.ask("GET", "/batches?limit=1"), "data")
        return word(listed[0], "id") if listed else None

    async def submit(self, shard: str, file: Path) -> str:
        """Upload the file and make a batch of it."""
        uploaded = await self._calls.upload("/files", as_form(file, name=shard))
        made = await self._calls.ask(
            "POST",
            "/batches",
            {
                "input_file_id": _id_of(uploaded, "file"),
                "endpoint": self._url,
                "completion_window": "24h",
                "metadata": {_MARK: shard},
            },
        )
        return _id_of(made, "batch")

    async def find(self, shard: str, *, after: str | None, lines: int) -> Found:  # noqa: ARG002 - the mark is enough
        """Look for a shard's batch by its mark, from the newest batch back to that one."""
        last: str | None = None
        while True:
            page = f"/batches?limit={_PAGE}" + ("" if last is None else f"&after={quote(last, safe='')}")
            stated = await self._calls.ask("GET", page)
            listed = objects(stated, "data")
            for one in listed:
                metadata: Any = one.get("metadata")
                if isinstance(metadata, dict) and cast("dict[str, Any]", metadata).get(_MARK) == shard:
                    return Found(_id_of(one, "batch"))
                if after is not None and one.get("id") == after:
                    return Found(None)
            last = word(listed[-1], "id") if listed else None
            if last is None or stated.get("has_more") is not True:
                return Found(None)

    async def poll(self, batch: str) -> BatchProgress:
        """Say where it stands."""
        stated = await self._calls.ask("GET", f"/batches/{quote(batch, safe='')}")
        said = word(stated, "status") or "unknown"
        counts: Any = stated.get("request_counts")
        counted = cast("dict[str, Any]", counts) if isinstance(counts, dict) else {}
        errors: Any = stated.get("errors")
        listed = objects(cast("dict[str, Any]", errors), "data") if isinstance(errors, dict) else []
        problems = tuple(
            BatchProblem(word(one, "message") or "it does not say why", word(one, "code"), count(one, "line") or None)
            for one in listed
        )
        done = count(counted, "completed") + count(counted, "failed")
        return BatchProgress(_STATES.get(said, "working"), said, done, problems)

    async def results(self, batch: str, shard: str, model: str) -> AsyncIterator[LineResult]:
        """Give what came of each line, out of both files."""
        stated = await self._calls.ask("GET", f"/batches/{quote(batch, safe='')}")
        for name in ("output_file_id", "error_file_id"):
            file = word(stated, name)
            if file is not None:
                async for line in self._calls.lines(f"/files/{quote(file, safe='')}/content"):
                    yield self._result(line, shard, model)

    async def cancel(self, batch: str) -> None:
        """Ask the provider to end it."""
        await self._calls.ask("POST", f"/batches/{quote(batch, safe='')}/cancel")

    async def close(self) -> None:
        """Close all connections."""
        await self._calls.close()
        await self._live.close()

    def _result(self, line: bytes, shard: str, model: str) -> LineResult:
        try:
            stated = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            return LineResult(None, MalformedAnswer(f"a line of the results is broken ({problem})"))
        key = key_in(shard, stated.custom_id)
        if stated.response is None:
            error = stated.error or _Error()
            never_run = error.code in _NEVER_RUN
            said = f"{error.code or 'no answer'}: {error.message or 'it does not say why'}"
            return LineResult(key, ServerFailed(said), billed=not never_run)
        return LineResult(key, self._answer(stated.response, shard, model))

    def _answer(self, response: _Response, shard: str, model: str) -> ChatResponse | ChatFailure | ChatRefused:
        dialect = self._dialects.get(shard, Dialect())
        try:
            answer = HttpAnswer(response.status_code, {}, bytes(response.body))
            return self._live.read(stand_in(model), answer, dialect)
        except (ChatFailure, ChatRefused) as problem:
            return problem


def _id_of(stated: Mapping[str, Any], what: str) -> str:
    found = word(stated, "id")
    if found is None:
        raise MalformedAnswer(f"the answer names no {what}", http_status=200, body=orjson.dumps(stated)[:20_000])
    return found


def connect(
    source: ModelSource,
    *,
    environment: Mapping[str, str],
    send_metadata: bool = False,
    guard: OutboundGuard | None = None,
) -> OpenAIBatch:
    """Open a configured endpoint with the key from its named environment variable. Raises KeyRefused."""
    key, seconds = key_of(source, environment), source.timeout_seconds
    live = OpenAICompatible(source.base_url, api_key=key, send_metadata=send_metadata, seconds=seconds, guard=guard)
    return OpenAIBatch(live, api_key=key, seconds=seconds, guard=guard)


BATCH = BatchKind("openai", connect)
