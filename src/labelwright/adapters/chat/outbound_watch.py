"""What was handed to the network, told to whoever watches: the exact bytes by their hash alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextvars import ContextVar, Token

_watcher: ContextVar[Callable[[Sent], None] | None] = ContextVar("outbound_watcher", default=None)


class Sent:
    """One request body that left. host: as the address names it, with its port where it has one.

    body: hashed when the hash is asked for, which is not on the event loop: hashing lets other threads have the
    interpreter, and a busy one keeps it.  sha256: of the body, in hex, where nobody holds it whole.
    """

    __slots__ = ("_body", "_sha256", "bytes_sent", "host")

    def __init__(self, host: str, bytes_sent: int, sha256: str | None = None, *, body: bytes = b"") -> None:
        self.host, self.bytes_sent, self._body, self._sha256 = host, bytes_sent, body, sha256

    @property
    def sha256(self) -> str:
        """The hash of the body, in hex."""
        if self._sha256 is None:
            self._sha256, self._body = hashlib.sha256(self._body).hexdigest(), b""
        return self._sha256

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sent):
            return NotImplemented
        return (self.host, self.bytes_sent, self.sha256) == (other.host, other.bytes_sent, other.sha256)

    def __hash__(self) -> int:
        return hash((self.host, self.bytes_sent))


class watching:  # noqa: N801 - reads as a word of the language, and costs less than a generator
    """Have every request that is sent within this block, by this task, told.

    A request is told once its attempt is over, whatever came of it: also when it broke and may not have arrived. Only
    where no connection was made, nothing is told: nothing left.
    """

    __slots__ = ("_before", "_see")

    def __init__(self, see: Callable[[Sent], None]) -> None:
        self._see = see
        self._before: Token[Callable[[Sent], None] | None] | None = None

    def __enter__(self) -> None:
        self._before = _watcher.set(self._see)

    def __exit__(self, *_problem: object) -> None:
        if self._before is not None:
            _watcher.reset(self._before)


def tell_streamed(host: str, *, bytes_sent: int, sha256: str) -> None:
    """Tell that a body was sent that nobody held whole."""
    see = _watcher.get()
    if see is not None:
        see(Sent(host, bytes_sent, sha256=sha256))


def tell_sent(host: str, body: bytes) -> None:
    """Tell that a body was sent; for endpoints."""
    see = _watcher.get()
    if see is not None:
        see(Sent(host, len(body), body=body))
