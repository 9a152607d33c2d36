"""A batch API on a real socket, in a thread: answers by script, counts what it answered, fails where it is told to."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

from labelwright.adapters.chat.replay_batch import BatchApp, BatchFaults
from labelwright.adapters.chat.replay_request import Dialect
from labelwright.adapters.chat.replay_spoiled import Reply
from labelwright.adapters.chat.replay_wire import Receive, Scope, Send, send_reply, whole_body
from labelwright.testing.wire import AnthropicWire, OpenAIWire, Wire

Answer: TypeAlias = Callable[[dict[str, Any]], "Reply"]
Spoil: TypeAlias = "Callable[[str, str], Reply | None]"

WIRES: dict[Dialect, Wire] = {"openai": OpenAIWire(), "anthropic": AnthropicWire()}


@dataclass(slots=True)
class BatchServer:
    """A running server. Change `answer`, `faults` and the spoilers as you go.

    answered: how often each request text was answered in a batch.  live: the same of calls one by one.
    bodies: of all lines answered.  calls: method and path of everything that came.  keys: the headers they came with.
    before: gives a reply instead of doing anything.  after: one instead of what was done, which stays done.
    """

    dialect: Dialect
    answer: Answer
    base_url: str = ""
    answered: Counter[str] = field(default_factory=Counter[str])
    live: Counter[str] = field(default_factory=Counter[str])
    bodies: list[bytes] = field(default_factory=list[bytes])
    live_bodies: list[bytes] = field(default_factory=list[bytes])
    calls: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    before: Spoil | None = None
    after: Spoil | None = None

    @property
    def created(self) -> int:
        """How often a batch was asked for."""
        made = ("/v1/messages/batches", "/v1/batches")
        return sum(method == "POST" and path in made for method, path in self.calls)

    @property
    def is_watched(self) -> bool:
        """Whether a batch was made, and then asked after."""
        return any(method == "GET" and "/batches/" in path for method, path in self.calls)


@contextmanager
def batch_server(
    dialect: Dialect,
    faults: BatchFaults | None = None,
    *,
    answer: Answer | None = None,
    clock: Callable[[], float] = time.time,
) -> Generator[BatchServer]:
    """Run a server. answer: gives the reply to a request's body; None = `{"label":"a"}` to everything."""
    import uvicorn  # noqa: PLC0415 - whoever only calls models needs no server

    wire = WIRES[dialect]
    whole = Reply(200, wire.answer('{"label":"a"}'))
    running = BatchServer(dialect, answer or (lambda _: whole))

    def in_batch(body: bytes, _: Dialect) -> Reply:
        stated = orjson.loads(body)
        running.bodies.append(body)
        reply = running.answer(stated)
        running.answered[wire.asked(stated)] += 1
        return reply

    app = BatchApp(in_batch, faults or BatchFaults(), is_allowed=lambda _: True, clock=clock)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        call = scope["method"], scope["path"]
        running.calls.append(call)
        running.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        spoiled = None if running.before is None else running.before(*call)
        if spoiled is not None:
            await whole_body(receive, 300_000_000)
            await send_reply(send, spoiled)
        elif app.takes(scope["path"]):
            spoiled = None if running.after is None else running.after(*call)
            await app(scope, receive, _muted(send, spoiled))
            if spoiled is not None:
                await send_reply(send, spoiled)
        else:
            body = await whole_body(receive, 300_000_000) or b""
            stated = orjson.loads(body)
            running.live[wire.asked(stated)] += 1
            running.live_bodies.append(body)
            await send_reply(send, running.answer(stated))

    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # else Nagle waits for ACKs
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    running.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    config = uvicorn.Config(serve, lifespan="off", log_level="critical", access_log=False, ws="none")  # pyright: ignore[reportArgumentType] - a raw ASGI callable
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def _muted(send: Send, spoiled: Reply | None) -> Send:
    async def nothing(_message: Any) -> None:  # noqa: ANN401 - an ASGI message
        return

    return send if spoiled is None else nothing
