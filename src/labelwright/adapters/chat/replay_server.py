"""Serve a recording on a socket, and say where."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, cast

from labelwright.adapters.chat.recording import Recording
from labelwright.adapters.chat.replay import ReplayApp
from labelwright.adapters.chat.replay_batch import BatchFaults
from labelwright.adapters.chat.replay_faults import FaultRates
from labelwright.adapters.chat.replay_wire import CONNECTION
from labelwright.adapters.formats.recorded_folder import read_recorded_folder
from labelwright.errors import InvalidInput


def serve_recording(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    faults: FaultRates | None = None,
    batches: BatchFaults | None = None,
    announce: Callable[[str, Recording], None],
) -> None:
    """Serve until SIGTERM or Ctrl-C.

    announce: called once, when requests are answered, with the base URL (up to `/v1`).
    Raises: InvalidInput, when the address is taken; RecordedFolderInvalid.
    """
    import uvicorn  # noqa: PLC0415 - whoever only calls models needs no server
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415

    recording = Recording(read_recorded_folder(folder))
    app = ReplayApp(recording, faults or FaultRates(), clock=time.time, monotonic=time.monotonic, batches=batches)
    listening = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{listening.getsockname()[1]}/v1"

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            announce(url, recording)

    class Dropping(HttpToolsProtocol):
        """Lets the application drop a connection, which ASGI has no word for."""

        def on_message_begin(self) -> None:
            super().on_message_begin()
            cast("dict[str, Any]", self.scope)[CONNECTION] = self.transport

    # uvicorn ends politely on these signals and then raises them again: by then they mean nothing more.
    before = {number: signal.signal(number, _ignore) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        Announcing(
            uvicorn.Config(
                app,  # pyright: ignore[reportArgumentType] - a raw ASGI callable
                http=Dropping,
                lifespan="off",
                ws="none",
                access_log=False,
                log_level="error",
                timeout_keep_alive=75,
                timeout_graceful_shutdown=2,
            )
        ).run(sockets=[listening])
    finally:
        listening.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Let a signal pass."""


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # unnamed, it is sent by Nagle's rule
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as problem:
        listening.close()
        raise InvalidInput(f"cannot listen on {host} port {port} ({problem.strerror}); choose another --port") from None
    listening.setblocking(False)  # noqa: FBT003 - the socket module's own form
    return listening
