"""`labelwright replay`: recorded models behind an OpenAI-compatible and an Anthropic-compatible HTTP address.

The whole path of a paid provider, sockets included, without a key. A raw ASGI application, so that the server costs a
tenth of a millisecond per answer. It answers only what was recorded; everything else is an error that says why.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import orjson

from labelwright.adapters.chat.recording import Recording, RecordingMiss
from labelwright.adapters.chat.replay_batch import BatchApp, BatchFaults
from labelwright.adapters.chat.replay_count import Tally
from labelwright.adapters.chat.replay_faults import FAULTS, RETRY_AFTER, FaultDealer, FaultRates
from labelwright.adapters.chat.replay_limits import Limits
from labelwright.adapters.chat.replay_request import Asked, Dialect, read_request
from labelwright.adapters.chat.replay_spoiled import Reply, broken, is_offered, over_limit, refused, spoiled
from labelwright.adapters.chat.replay_wire import (
    CONNECTION,
    Receive,
    Scope,
    Send,
    cut,
    drop,
    send_bits,
    send_huge,
    send_late,
    send_reply,
    until_gone,
    whole_body,
)
from labelwright.adapters.chat.replayed_body import Written, answer_body, content_of, error_body

LARGEST_REQUEST = 100_000_000
_NOTHING_SENT = "none"


@dataclass(frozen=True, slots=True)
class _Call:
    """A request on its way through. hash: of its bytes."""

    number: int
    hash: bytes
    asked: Asked
    answer: Written

    @property
    def item(self) -> str:
        """Name the model and the item."""
        return f"{self.asked.model} {self.answer.found.item_id}"


class ReplayApp:
    """The server's ASGI application.

    clock: epoch seconds, for what the answers say.  monotonic: seconds that only grow, for the rate limits.
    batches: what goes wrong in them; None = nothing.
    """

    def __init__(
        self,
        recording: Recording,
        faults: FaultRates,
        *,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        batches: BatchFaults | None = None,
    ) -> None:
        self._recording, self._faults = recording, faults
        self._clock, self._monotonic = clock, monotonic
        self._dealer = FaultDealer(faults)
        self._limits = Limits(
            faults.requests_per_minute,
            faults.tokens_per_minute,
            burst_seconds=faults.burst_seconds,
            clock=monotonic,
        )
        self._seen: Counter[bytes] = Counter()
        self.tally = Tally()
        self._batches = BatchApp(self.answer, batches or BatchFaults(), is_allowed=self._is_allowed, clock=clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        if self._batches.takes(scope["path"]):
            await self._batches(scope, receive, send)
            return
        match scope["method"], scope["path"]:
            case "POST", "/v1/chat/completions":
                await self._serve(scope, receive, send, "openai")
            case "POST", "/v1/messages":
                await self._serve(scope, receive, send, "anthropic")
            case "GET", "/v1/models":
                await send_reply(send, Reply(200, self._models()))
            case "GET", "/stats":
                counts = self.tally.as_json(detailed=b"detail" in scope["query_string"])
                await send_reply(send, Reply(200, orjson.dumps(counts)))
            case "GET", "/health" | "/":
                await send_reply(send, Reply(200, b'{"status":"ok"}'))
            case method, path:
                said = f"there is no {method} {path} here; there are POST /v1/chat/completions and GET /v1/models"
                await send_reply(send, Reply(404, error_body(said, code="unknown_url")))

    def answer(self, body: bytes | None, dialect: Dialect = "openai") -> Reply:
        """Answer and charge for one request without any fault: for batches."""
        self.tally.requests += 1
        try:
            call = self._call(body, dialect)
        except RecordingMiss as miss:
            return _missed(miss, dialect)
        self.tally.answered(call.hash, call.item, call.answer.prompt_tokens, call.answer.completion_tokens)
        return self._written(call, call.answer)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, dialect: Dialect) -> None:
        self.tally.in_progress += 1
        try:
            body = await whole_body(receive, LARGEST_REQUEST)
            if self._faults.latency_ms > 0:
                await asyncio.sleep(self._faults.latency_ms / 1000)
            reply = await self._respond(body, scope, receive, send, dialect)
            if reply is not None:
                self.tally.statuses[str(reply.status)] += 1
                await send_reply(send, reply, self._limits.headers(dialect, self._clock()))
        finally:
            self.tally.in_progress -= 1

    async def _respond(
        self, body: bytes | None, scope: Scope, receive: Receive, send: Send, dialect: Dialect
    ) -> Reply | None:
        """Give the answer; None when it was dealt with otherwise."""
        request = hashlib.sha256(body or b"").digest()[:16]
        self.tally.asked(request, self._monotonic())
        before = self._seen[request]
        self._seen[request] += 1
        if not self._is_allowed(scope):
            return self._refuse("401", request, dialect)
        if self._faults.quota is not None and self.tally.billed.answers >= self._faults.quota:
            return self._refuse("quota", request, dialect)
        try:
            call = self._call(body, dialect, request)
        except RecordingMiss as miss:
            return _missed(miss, dialect)
        over = self._limits.take(call.answer.prompt_tokens + call.answer.completion_tokens)
        if over is not None:
            self.tally.over_limit += 1
            self.tally.told_to_wait(request, self._monotonic() + over.wait)
            return over_limit(over.of, over.wait, dialect, [])
        fault = self._dealer.draw(request, before)
        if fault is None or not is_offered(fault, call.asked):
            return self._told(call, call.answer, scope)
        self.tally.faults[fault] += 1
        match FAULTS[fault].stage:
            case "refused":
                return await self._refuse_or_drop(fault, call, scope, receive)
            case "answered":
                return self._told(call, spoiled(fault, call.answer, call.asked), scope)
            case "lost":
                return await self._lose(fault, call, scope, receive, send)

    async def _refuse_or_drop(self, fault: str, call: _Call, scope: Scope, receive: Receive) -> Reply | None:
        if fault == "reset":
            self.tally.statuses[_NOTHING_SENT] += 1
            await drop(scope, receive)
            return None
        if fault == "silent":
            self.tally.statuses[_NOTHING_SENT] += 1
            await until_gone(receive)
            return None
        return self._refuse(fault, call.hash, call.asked.dialect)

    def _refuse(self, fault: str, request: bytes, dialect: Dialect) -> Reply:
        wait = RETRY_AFTER if self._faults.retry_after is None else self._faults.retry_after
        reply = refused(fault, dialect, wait)
        if any(name == b"retry-after" for name, _ in reply.headers):
            self.tally.told_to_wait(request, self._monotonic() + wait)
        return reply

    def _told(self, call: _Call, written: Written, scope: Scope) -> Reply:
        """Charge for an answer and write it. Whoever has hung up meanwhile pays without learning it."""
        self.tally.answered(call.hash, call.item, written.prompt_tokens, written.completion_tokens)
        if scope[CONNECTION].is_closing():
            self._lost("hung up", written)
        return self._written(call, written)

    async def _lose(self, fault: str, call: _Call, scope: Scope, receive: Receive, send: Send) -> Reply | None:
        """Do the work, and lose the answer or what it cost; unless the client waits longer than it is expected to."""
        written = spoiled(fault, call.answer, call.asked) if fault == "missing-usage" else call.answer
        self.tally.answered(call.hash, call.item, written.prompt_tokens, written.completion_tokens)
        reply = self._written(call, written)
        arrived = False
        match fault:
            case "dropped":
                self._lost(fault, written)
                self.tally.statuses[_NOTHING_SENT] += 1
                await drop(scope, receive)
                return None
            case "cut":
                self._lost(fault, written)
                self.tally.statuses["200"] += 1
                await cut(scope, receive, send, reply)
                return None
            case "late":
                arrived = await send_late(receive, send, reply, self._faults.slow_seconds)
            case "drip":
                arrived = await send_bits(receive, send, reply, self._faults.slow_seconds)
            case "huge":
                arrived = await send_huge(receive, send, reply)
            case _:
                self._lost(fault, written)
                return broken(fault, reply.body)
        self.tally.statuses["200" if arrived or fault != "late" else _NOTHING_SENT] += 1
        if not arrived:
            self._lost(fault, written)
        return None

    def _call(self, body: bytes | None, dialect: Dialect, request: bytes | None = None) -> _Call:
        """Find the answer. Raises RecordingMiss."""
        asked = read_request(body, largest=LARGEST_REQUEST, dialect=dialect)
        questions = self._recording.questions
        found = self._recording.find(asked.model, asked.texts, asked.item_id, sample=asked.sample)
        content = content_of(found, asked.answer_keys(questions), questions)
        # One sum over the conversation: rounding up each turn by itself would charge for how it is cut.
        prompt_tokens = -(-sum(len(text.encode()) for text in asked.texts) // 4)
        name = hashlib.sha256(body or b"").digest()[:16] if request is None else request
        return _Call(self.tally.requests, name, asked, Written(found, content, prompt_tokens))

    def _lost(self, fault: str, written: Written) -> None:
        self.tally.lost(fault, written.prompt_tokens, written.completion_tokens)

    def _written(self, call: _Call, answer: Written) -> Reply:
        created = int(self._clock())
        questions = self._recording.questions
        return Reply(200, answer_body(answer, call.asked, number=call.number, created=created, questions=questions))

    def _is_allowed(self, scope: Scope) -> bool:
        key = self._faults.api_key
        if key is None:
            return True
        headers = cast("list[tuple[bytes, bytes]]", scope["headers"])
        sent = {name: value.decode("latin-1") for name, value in headers}
        return sent.get(b"authorization") == f"Bearer {key}" or sent.get(b"x-api-key") == key

    def _models(self) -> bytes:
        listed = [
            {"id": name, "object": "model", "created": 0, "owned_by": "recorded"} for name in self._recording.models
        ]
        return orjson.dumps({"object": "list", "data": listed})


def _missed(miss: RecordingMiss, dialect: Dialect) -> Reply:
    """A retry would miss again: the widespread client header says so."""
    kind = "not_found_error" if dialect == "anthropic" and miss.code == "model_not_found" else "invalid_request_error"
    body = error_body(str(miss), code=miss.code, param=miss.param, kind=kind, dialect=dialect)
    return Reply(miss.status, body, headers=((b"x-should-retry", b"false"),))
