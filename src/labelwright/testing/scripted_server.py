"""An HTTP server on a real socket that answers by script: every way a provider can go wrong, on demand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from aiohttp import web

T = TypeVar("T")


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


@contextmanager
def in_thread(server: Callable[[], AbstractAsyncContextManager[T]]) -> Generator[T]:
    """Run a server in a thread and on a loop of its own, for whoever waits for its answers without a loop."""
    running: list[T] = []
    ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with server() as started:
            running.append(started)
            ready.set()
            await stop.wait()

    def run() -> None:
        try:
            loop.run_until_complete(serve())
        finally:
            ready.set()  # also where it did not start: nobody waits in vain
            loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    if not running:
        raise RuntimeError("the server did not start; its thread says why")
    try:
        yield running[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
