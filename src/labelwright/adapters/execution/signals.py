"""Ctrl-C and SIGTERM as a polite request: finish what is paid for, then end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def draining_on_signals(stop: threading.Event) -> Generator[threading.Event]:
    """Set `stop` on the first Ctrl-C or SIGTERM; a second one is as harsh as ever. For the main thread.

    Elsewhere (a server's worker thread) it changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def drain(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[number])

    try:
        for number in before:
            signal.signal(number, drain)
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
