"""Run the application: one process, one loop; SIGTERM drains and ends well."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import socket
from collections.abc import Callable, Generator, Sequence
from types import FrameType

import uvicorn
from fastapi import FastAPI

from labelwright.errors import LabelwrightError
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.server.app import create_app
from labelwright.server.protocol import LimitedProtocol
from labelwright.server.settings import ServerSettings
from labelwright.server.standing import MODELS, StandingChildren

# Annotators think for 5 to 60 s; a stock uvicorn drops their connection after 5.
KEEP_ALIVE_SECONDS = 90
DRAIN_SECONDS = 10
BACKLOG = 512


class PortTaken(LabelwrightError):
    """Somebody listens on the port already."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"port {port} on {host} is taken by another program, perhaps another `labelwright serve`; "
            f"stop it, or choose another port: labelwright serve --port {port + 1 if port < 65535 else 8080}"
        )


def listen(host: str, port: int) -> socket.socket:
    """Take the port; 0 takes any free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        taken.listen(BACKLOG)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from error
        raise LabelwrightError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    taken.set_inheritable(True)
    return taken


def address_of(taken: socket.socket) -> str:
    """Give the URL of a listening socket."""
    host, port = taken.getsockname()[:2]
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def serve(
    storage: Storage,
    world: World,
    settings: ServerSettings,
    *,
    taken: socket.socket,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first."""
    children = None if settings.workspace is None else StandingChildren(settings.workspace)
    talkers = None if settings.workspace is None else StandingChildren(settings.workspace, MODELS)
    app = create_app(storage, world, settings, children=children, talkers=talkers)
    server = _Server(app, on_ready, [one for one in (children, talkers) if one is not None])
    # What start-up made lives as long as the process: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    with _quiet_signals():
        server.run(sockets=[taken])


class _Server(uvicorn.Server):
    def __init__(self, app: FastAPI, on_ready: Callable[[], None] | None, children: Sequence[StandingChildren]) -> None:
        super().__init__(_config(app))
        self._app, self._on_ready, self._children = app, on_ready, children

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.workers.close()
        await self._app.state.judge.close()
        for children in self._children:
            await children.close()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._resuming = asyncio.create_task(self._app.state.judge.resume(self._app.state.desk))
        if self._on_ready is not None and self.started:
            self._on_ready()


def _config(app: FastAPI) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=LimitedProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def _ignore(_number: int, _frame: FrameType | None) -> None:
    pass


@contextlib.contextmanager
def _quiet_signals() -> Generator[None]:
    # uvicorn raises the signal again once it has drained; by then there is nothing left to stop.
    before = {number: signal.signal(number, _ignore) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
