"""`labelwright replay`: recorded models behind an OpenAI-compatible HTTP address.

The whole path of a paid provider, sockets included, without a key. A raw ASGI application, so that the server costs a
tenth of a millisecond per answer. It answers only what was recorded; everything else is an error that says why.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias, cast

import orjson

from labelwright.adapters.chat.recording import Recording, RecordingMiss
from labelwright.adapters.chat.replay_faults import JSON_TYPE, FaultDealer, FaultRates
from labelwright.adapters.chat.replay_request import read_request
from labelwright.adapters.chat.replayed_body import completion_body, content_of, error_body

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_REQUEST = 10_000_000


class ReplayApp:
    """The server's ASGI application.

    clock: epoch seconds, for the `created` field.
    """

    def __init__(self, recording: Recording, faults: FaultRates, *, clock: Callable[[], float]) -> None:
        self._recording, self._faults, self._clock = recording, faults, clock
        self._dealer = FaultDealer(faults)
        self._requests = 0
        self._answers = 0
        self._by_request: Counter[bytes] = Counter()
        self._by_item: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        match scope["method"], scope["path"]:
            case "POST", "/v1/chat/completions":
                await self._complete(scope, receive, send)
            case "GET", "/v1/models":
                await _send(send, 200, self._models())
            case "GET", "/stats":
                await _send(send, 200, self._stats(detailed=b"detail" in scope["query_string"]))
            case "GET", "/health" | "/":
                await _send(send, 200, b'{"status":"ok"}')
            case method, path:
                said = f"there is no {method} {path} here; there are POST /v1/chat/completions and GET /v1/models"
                await _send(send, 404, error_body(said, code="unknown_url"))

    async def _complete(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole(receive)
        self._requests += 1
        number = self._requests
        if self._faults.latency_ms > 0:
            await asyncio.sleep(self._faults.latency_ms / 1000)
        fault = self._dealer.before(answered=self._answers, authorization=_authorization(scope))
        if fault is not None:
            extra = [] if fault.retry_after is None else [(b"retry-after", f"{fault.retry_after:g}".encode())]
            await _send(send, fault.status, fault.body, content_type=fault.content_type, extra=extra)
            return
        try:
            answer = self._answer(body, number)
        except RecordingMiss as miss:
            # A retry would miss again: the widespread client header says so.
            extra = [(b"x-should-retry", b"false")]
            await _send(send, miss.status, error_body(str(miss), code=miss.code, param=miss.param), extra=extra)
            return
        await _send(send, 200, answer)

    def _answer(self, body: bytes | None, number: int) -> bytes:
        request = read_request(body, largest=LARGEST_REQUEST)
        texts, questions = request.texts, self._recording.questions
        found = self._recording.find(request.model, texts, (request.metadata or {}).get("item_id"))
        content = content_of(found, request.answer_keys(questions), questions)
        finish_reason = "stop"
        if self._dealer.is_truncated():
            content, finish_reason = content[: len(content) // 2], "length"
        self._answers += 1
        self._by_request[hashlib.sha256(body or b"").digest()[:16]] += 1
        self._by_item[f"{request.model} {found.item_id}"] += 1
        return completion_body(
            found,
            content,
            model=request.model,
            number=number,
            created=int(self._clock()),
            prompt_bytes=sum(len(text.encode()) for text in texts),
            top_logprobs=(request.top_logprobs or 0) if request.logprobs else None,
            questions=questions,
            finish_reason=finish_reason,
        )

    def _models(self) -> bytes:
        listed = [
            {"id": name, "object": "model", "created": 0, "owned_by": "recorded"} for name in self._recording.models
        ]
        return orjson.dumps({"object": "list", "data": listed})

    def _stats(self, *, detailed: bool) -> bytes:
        """Count requests and answers. repeated: answers given again to the very same request body."""
        counts: dict[str, Any] = {
            "requests": self._requests,
            "answers": self._answers,
            "distinct": len(self._by_request),
            "repeated": self._answers - len(self._by_request),
        }
        if detailed:
            counts["by_item"] = dict(self._by_item)
        return orjson.dumps(counts)


def _authorization(scope: Scope) -> str | None:
    for name, value in cast("list[tuple[bytes, bytes]]", scope["headers"]):
        if name == b"authorization":
            return value.decode("latin-1")
    return None


async def _whole(receive: Receive) -> bytes | None:
    """Read a request's body; None when it is too long."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        part = cast(bytes, message.get("body", b""))
        size += len(part)
        if size <= LARGEST_REQUEST:
            parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts) if size <= LARGEST_REQUEST else None


async def _send(
    send: Send,
    status: int,
    body: bytes,
    *,
    content_type: bytes = JSON_TYPE,
    extra: list[tuple[bytes, bytes]] | None = None,
) -> None:
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), *(extra or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
