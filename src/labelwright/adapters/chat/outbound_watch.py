"""What was handed to the network, told to whoever watches: the exact bytes by their hash alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_watcher: ContextVar[Callable[[Sent], None] | None] = ContextVar("outbound_watcher", default=None)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request body that left. host: as the address names it, with its port where it has one.

    sha256: of the body, in hex.
    """

    host: str
    bytes_sent: int
    sha256: str


@contextmanager
def watching(see: Callable[[Sent], None]) -> Generator[None]:
    """Have every request that is sent within this block, by this task, told.

    A request is told once its attempt is over, whatever came of it: also when it broke and may not have arrived. Only
    where no connection was made, nothing is told: nothing left.
    """
    before = _watcher.set(see)
    try:
        yield
    finally:
        _watcher.reset(before)


def tell_streamed(host: str, *, bytes_sent: int, sha256: str) -> None:
    """Tell that a body was sent that nobody held whole."""
    see = _watcher.get()
    if see is not None:
        see(Sent(host, bytes_sent, sha256))


def tell_sent(host: str, body: bytes) -> None:
    """Tell that a body was sent; for endpoints. Nothing is hashed when nobody watches."""
    see = _watcher.get()
    if see is not None:
        see(Sent(host, len(body), hashlib.sha256(body).hexdigest()))
