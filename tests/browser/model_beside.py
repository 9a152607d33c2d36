"""A scripted model that the page's server asks: run in a thread, since the browser keeps the test's own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from labelwright.testing.scripted_server import Reply, ScriptedServer, in_thread, scripted_server


def model_beside(
    *replies: Reply, answer: Callable[[dict[str, Any]], Reply] | None = None
) -> AbstractContextManager[ScriptedServer]:
    """Serve these replies in turn, or what `answer` says to each request."""
    return in_thread(lambda: scripted_server(*replies, answer=answer))
