"""The batch APIs of `labelwright replay`: OpenAI's files and batches, Anthropic's message batches.

Each line of a batch is answered as a live call would be. A batch ends after a set time; what may go wrong in one is an
option: it expires half-way, results come twice or not at all, or bear names that nobody gave, or it is not taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qs

import msgspec
import orjson

from labelwright.adapters.chat.replay_request import Dialect
from labelwright.adapters.chat.replay_spoiled import Reply
from labelwright.adapters.chat.replay_wire import Receive, Scope, Send, send_reply, whole_body
from labelwright.adapters.chat.replayed_body import error_body

LARGEST_UPLOAD = 300_000_000
_DAY = 86_400
_EAGER = 100
_JSON_LINES = b"application/jsonl"

State: TypeAlias = Literal["working", "ended", "expired", "cancelled", "failed"]


@dataclass(frozen=True, slots=True)
class BatchFaults:
    """What goes wrong in batches. Shares are of a batch's lines.

    seconds: how long one takes.  expire_at: the share that is answered before it expires; None = all.
    duplicate: come twice.  missing: never come.  unknown: come besides, under names nobody gave.
    fail: so many batches, the first ones, are not taken.  too_many_tokens: why: the queue is full; else a wrong line.
    """

    seconds: float = 0.0
    expire_at: float | None = None
    duplicate: float = 0.0
    missing: float = 0.0
    unknown: float = 0.0
    fail: int = 0
    too_many_tokens: bool = False
    seed: int = 1


class _OpenAILine(msgspec.Struct):
    custom_id: str
    body: msgspec.Raw


class _AnthropicLine(msgspec.Struct):
    custom_id: str
    params: msgspec.Raw


class _AnthropicFile(msgspec.Struct):
    requests: list[_AnthropicLine]


@dataclass(slots=True)
class _Batch:
    """A batch. lines: each one's name and its request's body.  results: what a results file holds, errors apart."""

    id: str
    dialect: Dialect
    created: float
    lines: Sequence[tuple[str, bytes]]
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    input_file: str = ""
    state: State = "working"
    ended: float | None = None
    problem: dict[str, Any] | None = None
    results: list[bytes] = field(default_factory=list[bytes])
    errors: list[bytes] = field(default_factory=list[bytes])
    answered: int = 0
    failed: int = 0
    is_cancelling: bool = False


class BatchApp:
    """The batch paths of a replay server.

    answer: answers and charges for one request.  is_allowed: whether a call brings the key that is demanded.
    clock: epoch seconds.
    """

    def __init__(
        self,
        answer: Callable[[bytes, Dialect], Reply],
        faults: BatchFaults,
        *,
        is_allowed: Callable[[Scope], bool],
        clock: Callable[[], float],
    ) -> None:
        self._answer, self._faults, self._is_allowed, self._clock = answer, faults, is_allowed, clock
        self._rng = Random(faults.seed)
        self._files: dict[str, bytes] = {}
        self._batches: dict[str, _Batch] = {}
        self._working = asyncio.Lock()

    @staticmethod
    def takes(path: str) -> bool:
        """Whether a path is one of these."""
        return path.startswith(("/v1/files", "/v1/batches", "/v1/messages/batches"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        dialect: Dialect = "anthropic" if scope["path"].startswith("/v1/messages") else "openai"
        body = await whole_body(receive, LARGEST_UPLOAD)
        if not self._is_allowed(scope):
            reply = _problem(401, "Incorrect API key provided.", dialect, "authentication_error")
        elif body is None:
            reply = _problem(413, "The upload is too large.", dialect, "request_too_large")
        else:
            await self._work()
            query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
            reply = self._reply(scope["method"], scope["path"], query, body, dialect)
        await send_reply(send, reply)

    def _reply(self, method: str, path: str, query: Mapping[str, str], body: bytes, dialect: Dialect) -> Reply:
        parts = path.removeprefix("/v1/messages" if dialect == "anthropic" else "/v1").strip("/").split("/")
        try:
            match method, parts:
                case "POST", ["files"]:
                    return self._store(body)
                case "GET", ["files", name, "content"] if name in self._files:
                    return Reply(200, self._files[name], _JSON_LINES)
                case "POST", ["batches"]:
                    return self._create(body, dialect)
                case "GET", ["batches"]:
                    return self._list(query, dialect)
                case "GET", ["batches", name] if name in self._batches:
                    return Reply(200, orjson.dumps(_shown(self._batches[name])))
                case "GET", ["batches", name, "results"] if name in self._batches:
                    batch = self._batches[name]
                    return Reply(200, b"".join([*batch.results, *batch.errors]), _JSON_LINES)
                case "POST", ["batches", name, "cancel"] if name in self._batches:
                    self._batches[name].is_cancelling = True
                    return Reply(200, orjson.dumps(_shown(self._batches[name])))
                case _:
                    return _problem(404, f"there is no {method} {path} here", dialect, "not_found_error")
        except (msgspec.DecodeError, orjson.JSONDecodeError, KeyError, ValueError) as problem:
            return _problem(400, f"this cannot be read ({problem})", dialect, "invalid_request_error")

    def _store(self, form: bytes) -> Reply:
        name = f"file-replay-{len(self._files) + 1}"
        self._files[name] = _file_in(form)
        return Reply(200, orjson.dumps({"id": name, "object": "file", "purpose": "batch"}))

    def _create(self, body: bytes, dialect: Dialect) -> Reply:
        name = f"{'msgbatch' if dialect == 'anthropic' else 'batch'}_replay_{len(self._batches) + 1}"
        if dialect == "anthropic":
            asked = msgspec.json.decode(body, type=_AnthropicFile).requests
            batch = _Batch(name, dialect, self._clock(), [(one.custom_id, bytes(one.params)) for one in asked])
        else:
            stated: dict[str, Any] = orjson.loads(body)
            file = str(stated["input_file_id"])
            decoder = msgspec.json.Decoder(_OpenAILine)
            read = [decoder.decode(line) for line in self._files[file].splitlines() if line]
            lines = [(one.custom_id, bytes(one.body)) for one in read]
            batch = _Batch(name, dialect, self._clock(), lines, stated.get("metadata") or {}, file)
        batch.problem = self._refusal(batch)
        if batch.problem is not None:
            if dialect == "anthropic":
                return _problem(400, str(batch.problem["message"]), dialect, "invalid_request_error")
            batch.state = "failed"
        self._batches[name] = batch
        return Reply(200, orjson.dumps(_shown(batch)))

    def _refusal(self, batch: _Batch) -> dict[str, Any] | None:
        if len({name for name, _ in batch.lines}) < len(batch.lines):
            return {"code": "duplicate_custom_id", "message": "a custom_id is there twice", "line": None}
        if len(self._batches) >= self._faults.fail:
            return None
        if self._faults.too_many_tokens:
            said = "Enqueued token limit reached for this model."
            return {"code": "token_limit_exceeded", "message": said, "line": None}
        return {"code": "invalid_request", "message": "This line is not a valid request.", "line": 1}

    def _list(self, query: Mapping[str, str], dialect: Dialect) -> Reply:
        newest = [batch for batch in reversed(self._batches.values()) if batch.dialect == dialect]
        after = query.get("after_id" if dialect == "anthropic" else "after")
        names = [batch.id for batch in newest]
        start = 0 if after is None else names.index(after) + 1
        page = newest[start : start + int(query.get("limit", "20"))]
        stated: dict[str, Any] = {"data": [_shown(batch) for batch in page]}
        stated["has_more"] = start + len(page) < len(newest)
        return Reply(200, orjson.dumps(stated))

    async def _work(self) -> None:
        """End the batches whose time has come, and answer their lines."""
        async with self._working:
            for batch in list(self._batches.values()):
                is_due = self._clock() - batch.created >= self._faults.seconds
                if batch.state == "working" and (is_due or batch.is_cancelling):
                    await self._end(batch)

    async def _end(self, batch: _Batch) -> None:
        lines, faults = batch.lines, self._faults
        share = 0.0 if batch.is_cancelling else faults.expire_at
        n_asked = len(lines) if share is None else -int(-(share * len(lines)) // 1)
        for place, (name, body) in enumerate(lines):
            if place >= n_asked:
                batch.errors.append(_not_asked(name, batch))
                continue
            if place % _EAGER == 0:
                await asyncio.sleep(0)
            reply = self._answer(body, batch.dialect)
            line = _result(name, reply, batch.dialect, place)
            batch.answered += reply.status == 200
            batch.failed += reply.status != 200
            if self._rng.random() < faults.missing:
                continue
            kept = batch.results if reply.status == 200 else batch.errors
            kept.append(line)
            if self._rng.random() < faults.duplicate:
                kept.append(line)
            if self._rng.random() < faults.unknown:
                kept.append(_result(f"somebody-elses-{place}", reply, batch.dialect, place))
        self._rng.shuffle(batch.results)  # results are in no order
        batch.ended = self._clock()
        batch.state = "cancelled" if batch.is_cancelling else "ended" if n_asked == len(lines) else "expired"
        if batch.dialect == "openai":
            self._files[f"output-{batch.id}"] = b"".join(batch.results)
            self._files[f"errors-{batch.id}"] = b"".join(batch.errors)


def _result(name: str, reply: Reply, dialect: Dialect, place: int) -> bytes:
    body = orjson.Fragment(reply.body)
    if dialect == "anthropic":
        kind = {"type": "succeeded", "message": body} if reply.status == 200 else {"type": "errored", "error": body}
        return orjson.dumps({"custom_id": name, "result": kind}) + b"\n"
    response = {"status_code": reply.status, "request_id": f"req-{place}", "body": body}
    return orjson.dumps({"id": f"line-{place}", "custom_id": name, "response": response, "error": None}) + b"\n"


def _not_asked(name: str, batch: _Batch) -> bytes:
    if batch.dialect == "anthropic":
        kind = "canceled" if batch.is_cancelling else "expired"
        return orjson.dumps({"custom_id": name, "result": {"type": kind}}) + b"\n"
    code = "batch_cancelled" if batch.is_cancelling else "batch_expired"
    error = {"code": code, "message": "This request could not be executed before the batch ended."}
    return orjson.dumps({"id": name, "custom_id": name, "response": None, "error": error}) + b"\n"


def _shown(batch: _Batch) -> dict[str, Any]:
    return _anthropic(batch) if batch.dialect == "anthropic" else _openai(batch)


def _openai(batch: _Batch) -> dict[str, Any]:
    has_ended = batch.state in ("ended", "expired", "cancelled")
    counts = {"total": len(batch.lines), "completed": batch.answered, "failed": batch.failed}
    word = "in_progress" if batch.state == "working" else "completed" if batch.state == "ended" else batch.state
    return {
        "id": batch.id,
        "object": "batch",
        "endpoint": "/v1/chat/completions",
        "input_file_id": batch.input_file,
        "completion_window": "24h",
        "status": word,
        "errors": None if batch.problem is None else {"object": "list", "data": [batch.problem]},
        "output_file_id": f"output-{batch.id}" if has_ended and batch.results else None,
        "error_file_id": f"errors-{batch.id}" if has_ended and batch.errors else None,
        "created_at": int(batch.created),
        "expires_at": int(batch.created) + _DAY,
        "request_counts": counts,
        "metadata": batch.metadata,
    }


def _anthropic(batch: _Batch) -> dict[str, Any]:
    n, has_ended = len(batch.lines), batch.state != "working"
    not_asked = n - batch.answered - batch.failed if has_ended else 0
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": "ended" if has_ended else "canceling" if batch.is_cancelling else "in_progress",
        "request_counts": {
            "processing": 0 if has_ended else n,
            "succeeded": batch.answered,
            "errored": batch.failed,
            "canceled": not_asked if batch.state == "cancelled" else 0,
            "expired": not_asked if batch.state == "expired" else 0,
        },
        "created_at": _time(batch.created),
        "expires_at": _time(batch.created + _DAY),
        "ended_at": None if batch.ended is None else _time(batch.ended),
        # Elsewhere, on purpose: whoever follows what a body says is led astray.
        "results_url": "http://results.invalid/" if has_ended else None,
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _problem(status: int, says: str, dialect: Dialect, kind: str) -> Reply:
    code = "invalid_api_key" if status == 401 else None
    stated = kind if dialect == "anthropic" else "invalid_request_error"
    return Reply(status, error_body(says, code=code, kind=stated, dialect=dialect))


def _file_in(form: bytes) -> bytes:
    """Give the file in a form's body. Raises ValueError."""
    boundary = form[: form.index(b"\r\n")]
    for part in form.split(boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        if b'name="file"' in head:
            return content.removesuffix(b"\r\n")
    raise ValueError("the form has no file")
