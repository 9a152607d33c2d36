"""Processes that stand by for what the page asks of statistics, or of models: what one has imported it keeps.

Starting one takes a second of a processor; what is asked of it then takes a tenth. So the server keeps those that are
done, for a while, and starts one as soon as a manager comes in. Each does one thing at a time
(`labelwright.server.standing_child`).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

IDLE_SECONDS = 300.0
FAREWELL_SECONDS = 2.0
MOST_IDLE = 2
CHILD = "labelwright.server.standing_child"
"""What such a process runs."""
FAILED = 1
"""The status of what ended in a way that nobody foresaw."""
STATISTICS = (
    "labelwright.server.report",
    "labelwright.server.cockpit",
    "labelwright.services.projects.report",
    "labelwright.services.projects.dashboard",
    "labelwright.services.acceptance.cockpit",
    "labelwright.prompting.flows.registry",
)
MODELS = (
    "labelwright.server.assistant",
    "labelwright.services.models.ask_assistant",
    "labelwright.bootstrap.models",
    "labelwright.adapters.chat.outbound_guard",
    "labelwright.adapters.chat.pictures",
    "labelwright.adapters.chat.registry",
    "labelwright.adapters.execution.outbound_book",
    "labelwright.adapters.execution.threaded",
    "labelwright.adapters.storage",
)
"""What asking a model takes; no statistics, so that the first question does not wait for them."""


class StandingChildren:
    """The processes of one server over a workspace's folder.  soon_needed: modules that each imports at once."""

    def __init__(self, workspace: Path, soon_needed: Sequence[str] = STATISTICS) -> None:
        self._workspace, self._soon_needed = workspace, soon_needed
        self._idle: list[Process] = []
        self._ends: dict[Process, asyncio.TimerHandle] = {}
        self._warming: asyncio.Task[None] | None = None
        self._n_living = 0
        self._closed = False

    def warm(self) -> None:
        """Have one ready: somebody came who will soon ask for something."""
        if self._n_living == 0 and not self._closed and (self._warming is None or self._warming.done()):
            self._warming = asyncio.create_task(self._warm())

    async def ask(self, asked: Mapping[str, Any], *, seconds: float) -> tuple[int, bytes]:
        """Have something done; give the status and what was answered.

        Raises: TimeoutError, after which that process is gone.
        """
        if self._warming is not None:
            await asyncio.shield(self._warming)
        child = self._taken() or await self._started()
        kept = False
        try:
            answer = await asyncio.wait_for(_exchanged(child, orjson.dumps(asked) + b"\n"), seconds)
            kept = answer is not None
            return answer or (FAILED, b"")
        finally:
            if kept:
                self._keep(child)
            else:
                await self._gone(child)

    async def close(self) -> None:
        """Let those that have nothing to do end; the others do once they are done."""
        self._closed = True
        leaving, self._idle = self._idle, []
        for child in leaving:
            await self._gone(child, kill=False)

    async def _warm(self) -> None:
        self._keep(await self._started())

    def _taken(self) -> Process | None:
        while self._idle:
            child = self._idle.pop()
            self._ends.pop(child).cancel()
            if child.returncode is None:
                return child
            self._n_living -= 1
        return None

    async def _started(self) -> Process:
        self._n_living += 1
        command = (sys.executable, "-m", CHILD, str(self._workspace), *self._soon_needed)
        try:
            return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        except BaseException:
            self._n_living -= 1
            raise

    def _keep(self, child: Process) -> None:
        is_wanted = not self._closed and len(self._idle) < MOST_IDLE
        self._idle.append(child)
        self._ends[child] = asyncio.get_running_loop().call_later(IDLE_SECONDS if is_wanted else 0, self._let_go, child)

    def _let_go(self, child: Process) -> None:
        if child in self._idle:
            self._idle.remove(child)
            self._leaving = asyncio.create_task(self._gone(child, kill=False))

    async def _gone(self, child: Process, *, kill: bool = True) -> None:
        if (end := self._ends.pop(child, None)) is not None:
            end.cancel()
        self._n_living -= 1
        assert child.stdin is not None  # noqa: S101 - asked for above
        child.stdin.close()
        if not kill:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), FAREWELL_SECONDS)
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


async def _exchanged(child: Process, asked: bytes) -> tuple[int, bytes] | None:
    """Ask a process; None when it ended instead of answering."""
    assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - asked for above
    try:
        child.stdin.write(asked)
        await child.stdin.drain()
        said = await child.stdout.readline()
        if not said.endswith(b"\n"):
            return None
        status, length = said.split()
        return int(status), await child.stdout.readexactly(int(length))
    except (ConnectionError, asyncio.IncompleteReadError):
        return None
