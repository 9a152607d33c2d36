"""The demonstration's own servers: started on free ports, found by the address they print, never left behind."""

from __future__ import annotations

import atexit
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, cast

import orjson

from labelwright.errors import LabelwrightError

START_SECONDS = 60.0
STOP_SECONDS = 6.0
_LAST_LINES = 20
_LONGEST_GREETING = 1_000_000


class ServerDidNotStart(LabelwrightError):
    """A server of the demonstration ended, or said nothing, before it was ready."""


@dataclass(slots=True)
class Server:
    """A running `labelwright` command in a process group of its own, with the address it serves at."""

    process: subprocess.Popen[bytes]
    url: str
    greeting: Mapping[str, Any]
    """All it said when it was ready."""

    def is_running(self) -> bool:
        """Say whether it still runs."""
        return self.process.poll() is None

    def wait(self) -> int:
        """Wait until it ends; give its exit status."""
        return self.process.wait()

    def stop(self) -> None:
        """End it, and everything it started; waits until it is gone."""
        _end(self.process)
        atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def start(command: Sequence[str], *, within: float = START_SECONDS) -> Server:
    """Start `labelwright` with these words and wait for the object `{"url": ...}` on its standard output.

    Raises: ServerDidNotStart, with the last it said on standard error.
    """
    process = subprocess.Popen(  # noqa: S603 - this very program, with words of our own
        [sys.executable, "-m", "labelwright.demo.tether", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    greetings: queue.Queue[Mapping[str, Any]] = queue.Queue()
    errors: deque[str] = deque(maxlen=_LAST_LINES)
    readers = (
        threading.Thread(target=_find_greeting, args=(process, greetings), daemon=True),
        threading.Thread(target=_keep_last, args=(process, errors), daemon=True),
    )
    for reader in readers:
        reader.start()
    try:
        greeting = _first_greeting(process, greetings, time.monotonic() + within)
    except BaseException:
        _end(process)
        raise
    if greeting is None:
        _end(process)
        readers[1].join(1.0)
        said = "\n".join(errors) or "(it said nothing)"
        raise ServerDidNotStart(f"`labelwright {' '.join(command)}` did not start:\n{said}")
    server = Server(process, str(greeting["url"]), greeting)
    atexit.register(server.stop)
    return server


def _first_greeting(
    process: subprocess.Popen[bytes], greetings: queue.Queue[Mapping[str, Any]], until: float
) -> Mapping[str, Any] | None:
    while time.monotonic() < until:
        try:
            return greetings.get(timeout=0.05)
        except queue.Empty:
            if process.poll() is not None and greetings.empty():
                return None
    return None


def _find_greeting(process: subprocess.Popen[bytes], greetings: queue.Queue[Mapping[str, Any]]) -> None:
    assert process.stdout is not None  # noqa: S101 - it was asked for as a pipe
    said = b""
    for line in process.stdout:  # read to the end: a full pipe would stop the server
        if greetings.empty() and len(said) < _LONGEST_GREETING:
            said += line
            if (greeting := _greeting(said)) is not None:
                greetings.put(greeting)
                said = b""


def _greeting(said: bytes) -> Mapping[str, Any] | None:
    try:
        found = orjson.loads(said)
    except orjson.JSONDecodeError:
        return None
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) and "url" in found else None


def _keep_last(process: subprocess.Popen[bytes], errors: deque[str]) -> None:
    assert process.stderr is not None  # noqa: S101 - it was asked for as a pipe
    for line in process.stderr:
        errors.append(line.decode(errors="replace").rstrip())


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)  # it leads its own group (a new session)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_SECONDS)
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
