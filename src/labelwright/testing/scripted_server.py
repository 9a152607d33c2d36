"""An HTTP server on a real socket that answers by script: every way a provider can go wrong, on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. seconds: waited before it.  drip: waited between single bytes of the body; 0 = sent at once.

    cut: the connection is dropped before anything is sent.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    content_type: str = "application/json"
    seconds: float = 0.0
    drip: float = 0.0
    cut: bool = False


@dataclass(slots=True)
class ScriptedServer:
    """A running server: where it is, and what it was asked. Once the script ends, its last reply repeats."""

    base_url: str
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


def completion(content: str | None = '{"label":"a"}', **changes: Any) -> bytes:  # noqa: ANN401 - JSON
    """Write the body of a chat completion. changes: keys of the body to set; None takes one out."""
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25},
    } | changes
    return orjson.dumps({name: value for name, value in body.items() if value is not None})


def error(message: str, *, code: str | None = None, kind: str = "invalid_request_error") -> bytes:
    """Write the body of an OpenAI-style error."""
    return orjson.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}})


@asynccontextmanager
async def scripted_server(
    *replies: Reply, answer: Callable[[dict[str, Any]], Reply] | None = None, path: str = "/chat/completions"
) -> AsyncGenerator[ScriptedServer]:
    """Run a server that gives these replies in order; or, with `answer`, whatever that gives for a request's body.

    path: of its one endpoint, below the base URL.
    """
    running = ScriptedServer("")
    script: Sequence[Reply] = replies or (Reply(completion()),)

    async def handle(request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = orjson.loads(await request.read())
        place = len(running.requests)
        running.requests.append(body)
        running.headers.append(dict(request.headers))
        reply = answer(body) if answer is not None else script[min(place, len(script) - 1)]
        await asyncio.sleep(reply.seconds)
        if reply.cut and request.transport is not None:
            request.transport.abort()
        if not reply.drip:
            return web.Response(
                body=reply.body, status=reply.status, headers=reply.headers, content_type=reply.content_type
            )
        dripping = web.StreamResponse(status=reply.status, headers=reply.headers)
        dripping.content_type = reply.content_type
        await dripping.prepare(request)
        for place in range(len(reply.body)):
            await dripping.write(reply.body[place : place + 1])
            await asyncio.sleep(reply.drip)
        return dripping

    app = web.Application()
    app.router.add_post("/v1" + path, handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port: int = runner.addresses[0][1]
    running.base_url = f"http://127.0.0.1:{port}/v1"
    try:
        yield running
    finally:
        await runner.cleanup()
