"""A worker for the runs that are asked for on the page: a process of its own, started when needed, gone when idle.

The server stays light and answers people whatever the models do; a worker that dies takes nobody with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from asyncio.subprocess import DEVNULL, Process

from labelwright.server.deps import Desk

IDLE_SECONDS = 5.0
"""How long a worker waits for another job before it ends."""

_log = logging.getLogger("labelwright.server")


class Workers:
    """The server's own worker; others may run beside it."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._closed = False

    async def see_to(self, around: Desk) -> None:
        """Start a worker where a job waits and none of ours lives; without a folder there is none to start."""
        if self._closed or around.settings.workspace is None or (self._watching and not self._watching.done()):
            return
        if around.read(lambda views: views.has_waiting_job()):
            self._watching = asyncio.create_task(self._work(around))

    def close(self) -> None:
        """Ask the worker to finish what is in flight; it is not waited for."""
        self._closed = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    async def _work(self, around: Desk) -> None:
        """Run workers until nothing waits: a job may come while one is about to end."""
        while not self._closed and around.read(lambda views: views.has_waiting_job()):
            command = (sys.executable, "-m", "labelwright.cli", "worker", "--workspace", str(around.settings.workspace))
            idle = ("--until-idle", str(IDLE_SECONDS))
            # Its remarks go where the server's go; the server's own answers on stdout stay alone.
            self._process = await asyncio.create_subprocess_exec(*command, *idle, stdin=DEVNULL, stdout=DEVNULL)
            status = await self._process.wait()
            if status != 0:
                # Not again by itself: whatever ended it may end the next one. Start and Resume try once more.
                _log.error("the worker ended with status %s", status)
                return
