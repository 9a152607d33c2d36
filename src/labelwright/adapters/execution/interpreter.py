"""How Python itself is set during a run: several threads that hand over often, and very many short-lived objects."""

from __future__ import annotations

import gc
import sys
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


@contextmanager
def set_for_a_run() -> Generator[None]:
    """Hand over often and collect seldom; afterwards everything is as it was."""
    handover, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sets_aside = gc.get_freeze_count() == 0  # else somebody else did, and what is theirs stays
    sys.setswitchinterval(min(handover, _HANDOVER_SECONDS))
    if thresholds[0]:  # 0: switched off
        gc.set_threshold(max(thresholds[0], _NEW_OBJECTS), *thresholds[1:])
    if sets_aside:
        gc.freeze()
    try:
        yield
    finally:
        if sets_aside:
            gc.unfreeze()
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(handover)
