"""One process at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from labelwright.errors import ProviderFailure


@contextmanager
def alone(file: Path, what: str) -> Generator[None]:
    """Hold a file's lock: the operating system lets go of it with the process, however that ends.

    what: is said of it to whoever comes second. Where there are no such locks (Windows), nobody is kept out.
    Raises: ProviderFailure, when another process holds it.
    """
    try:
        import fcntl  # noqa: PLC0415 - not on every platform
    except ImportError:
        yield
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("wb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ProviderFailure(f"another process {what}; wait for it, or stop it") from None
        yield


@contextmanager
def first_at(file: Path, work: str) -> Generator[bool]:
    """Claim a piece of work among all that share a file; gives False where another process has it in hand.

    The claim ends with the process, however that ends. Where there are no such locks (Windows), everybody is first.
    """
    try:
        import fcntl  # noqa: PLC0415 - not on every platform
    except ImportError:
        yield True
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # One byte of the file stands for each piece of work; none is ever written.
    place = int.from_bytes(hashlib.sha256(work.encode()).digest()[:7], "big")
    with file.open("ab") as held:
        try:
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            yield False
            return
        yield True
