"""A scripted model that the page's server asks: run in a thread, since the browser keeps the test's own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from labelwright.testing.scripted_server import Reply, ScriptedServer, scripted_server


@contextmanager
def model_beside(*replies: Reply, answer: Callable[[dict[str, Any]], Reply] | None = None) -> Iterator[ScriptedServer]:
    """Serve these replies in turn, or what `answer` says to each request."""
    running: list[ScriptedServer] = []
    ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with scripted_server(*replies, answer=answer) as server:
            running.append(server)
            ready.set()
            await stop.wait()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield running[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
