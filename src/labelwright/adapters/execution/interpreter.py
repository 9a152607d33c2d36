"""How Python itself is set during a run: several threads that hand over often, and very many short-lived objects."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

_HANDOVER_SECONDS = 0.0005
"""How long a busy thread may keep the interpreter from the others, in the whole process.

SQLite lets go of it at every step; with Python's 5 ms the thread that commits waits for the event loop again and
again.
"""
_NEW_OBJECTS = 50_000
"""After so many new objects the garbage collector looks for cycles among them (Python: 700).

What a call leaves behind is freed by its reference count. With Python's own settings the collector took an eighth of a
run's CPU, most of it on walking the loaded modules again and again: these are set aside until the run is over.
"""


class _Settings:
    """How Python was set before the first of the runs that go on now: the last of them to end sets it so again."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._runs = 0
        self._handover, self._thresholds, self._sets_aside = 0.0, gc.get_threshold(), False

    def run_begins(self) -> None:
        with self._guard:
            self._runs += 1
            if self._runs > 1:
                return
            self._handover, self._thresholds = sys.getswitchinterval(), gc.get_threshold()
            self._sets_aside = gc.get_freeze_count() == 0  # else somebody else did, and what is theirs stays
            sys.setswitchinterval(min(self._handover, _HANDOVER_SECONDS))
            if self._thresholds[0]:  # 0: switched off
                gc.set_threshold(max(self._thresholds[0], _NEW_OBJECTS), *self._thresholds[1:])
            if self._sets_aside:
                gc.freeze()

    def run_ends(self) -> None:
        with self._guard:
            self._runs -= 1
            if self._runs:
                return
            if self._sets_aside:
                gc.unfreeze()
            gc.set_threshold(*self._thresholds)
            sys.setswitchinterval(self._handover)


_settings = _Settings()


@contextmanager
def set_for_a_run() -> Generator[None]:
    """Hand over often and collect seldom; after the last run of this process everything is as it was."""
    _settings.run_begins()
    try:
        yield
    finally:
        _settings.run_ends()
