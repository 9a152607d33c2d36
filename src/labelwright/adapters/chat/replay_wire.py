"""Sending, also badly: late, in bits, without an end, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias, cast

from labelwright.adapters.chat.replay_limits import Headers
from labelwright.adapters.chat.replay_spoiled import HUGE, Reply

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CONNECTION = "labelwright.connection"
"""Where a request's scope holds its transport, which can be asked whether it is closing, and dropped."""
_BITS = 40
_PIECE = b" " * 1_000_000


async def whole_body(receive: Receive, largest: int) -> bytes | None:
    """Read a request's body; None when it is too long."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        part = cast(bytes, message.get("body", b""))
        size += len(part)
        if size <= largest:
            parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts) if size <= largest else None


async def send_reply(send: Send, reply: Reply, extra: Headers | None = None) -> None:
    """Send a whole answer."""
    await _start(send, reply, len(reply.body), extra)
    await send({"type": "http.response.body", "body": reply.body})


async def until_gone(receive: Receive) -> None:
    """Wait until the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def drop(scope: Scope, receive: Receive) -> None:
    """Drop the connection at once."""
    scope[CONNECTION].abort()
    await until_gone(receive)


async def cut(scope: Scope, receive: Receive, send: Send, reply: Reply) -> None:
    """Send the headers and half of the body, then drop the connection."""
    await _start(send, reply, len(reply.body), None)
    await send({"type": "http.response.body", "body": reply.body[: len(reply.body) // 2], "more_body": True})
    await asyncio.sleep(0.01)  # so that it is on its way
    await drop(scope, receive)


async def send_late(receive: Receive, send: Send, reply: Reply, seconds: float) -> bool:
    """Send an answer after a while. Gives whether the client still waited for it."""
    gone = asyncio.ensure_future(until_gone(receive))
    try:
        if await _is_over(gone, seconds):
            return False
        await send_reply(send, reply)
        return True
    finally:
        gone.cancel()


async def send_bits(receive: Receive, send: Send, reply: Reply, seconds: float) -> bool:
    """Send an answer bit by bit. Gives whether the client waited for the last."""
    gone = asyncio.ensure_future(until_gone(receive))
    try:
        await _start(send, reply, len(reply.body), None)
        size = max(1, -(-len(reply.body) // _BITS))
        for start in range(0, len(reply.body), size):
            if await _is_over(gone, seconds / _BITS):
                return False
            part = reply.body[start : start + size]
            more = start + size < len(reply.body)
            await send({"type": "http.response.body", "body": part, "more_body": more})
        return True
    finally:
        gone.cancel()


async def send_huge(receive: Receive, send: Send, reply: Reply) -> bool:
    """Send an answer behind 50 MB of spaces, which JSON allows. Gives whether the client took all of it."""
    gone = asyncio.ensure_future(until_gone(receive))
    try:
        await _start(send, reply, HUGE + len(reply.body), None)
        for _ in range(HUGE // len(_PIECE)):
            await send({"type": "http.response.body", "body": _PIECE, "more_body": True})
            if await _is_over(gone, 0):
                return False
        await send({"type": "http.response.body", "body": reply.body})
        return True
    finally:
        gone.cancel()


async def _start(send: Send, reply: Reply, size: int, extra: Headers | None) -> None:
    headers = [(b"content-type", reply.content_type), (b"content-length", str(size).encode()), *reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers + (extra or [])})


async def _is_over(gone: asyncio.Future[None], seconds: float) -> bool:
    await asyncio.wait([gone], timeout=seconds)
    return gone.done()
