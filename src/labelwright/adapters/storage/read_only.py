"""A workspace that this user may read but not write: read without leaving anything behind."""

from __future__ import annotations

import getpass
import os
import sqlite3
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

from labelwright.adapters.storage.database import PATIENCE_SECONDS, Database
from labelwright.adapters.storage.verify import verify
from labelwright.adapters.storage.views import StoredViews
from labelwright.domain.project import ProjectConfig
from labelwright.errors import StorageFailure
from labelwright.ports.ledger_reads import Head
from labelwright.ports.storage import Transaction, Views

T = TypeVar("T")


def may_write(path: Path) -> bool:
    """Whether SQLite could write here: the file itself, and its log and index beside it."""
    if not path.exists():
        return os.access(path.parent, os.W_OK)
    beside = (Path(f"{path}{ending}") for ending in ("-wal", "-shm"))
    return all(os.access(file if file.exists() else path.parent, os.W_OK) for file in (path, *beside))


def refusal(path: Path, why: str = "nothing was written") -> StorageFailure:
    """Say that it is read-only, for whom, and what to do."""
    todo = "run this as its owner, or make the file and its folder writable"
    return StorageFailure(f"{path} is read-only for user {_user()!r}: {why}; {todo}")


def has_log(path: Path) -> bool:
    """Whether commits may stand in a log (-wal) beside the file. Without one, all of them are in the file."""
    return Path(f"{path}-wal").exists()


def look(path: Path, *, logged: bool) -> sqlite3.Connection:
    """Open a file for reading only. Makes no -wal or -shm: they would be ours, and shut its owner out.

    logged: SQLite reads file and log, under its locks; else the file alone, which must not be written meanwhile.
    """
    if not os.access(path, os.R_OK):
        raise StorageFailure(f"{path} may not be read by user {_user()!r}: run this as its owner, or let it be read")
    if logged and not os.access(f"{path}-shm", os.R_OK):
        raise refusal(path, f"its last changes are in {path.name}-wal, which needs {path.name}-shm to be read")
    mode = "mode=ro" if logged else "mode=ro&immutable=1"
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?{mode}",
        uri=True,
        timeout=PATIENCE_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


class ReadOnlyStorage:
    """`ports.storage.Storage` for reading alone: each reading has a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._configurations: dict[str, ProjectConfig] = {}

    @contextmanager
    def reading(self) -> Generator[Views]:
        with self._snapshot() as db:
            yield StoredViews(db)

    @contextmanager
    def _snapshot(self) -> Generator[Database]:
        before, logged = _written(self._path), has_log(self._path)
        db = Database(look(self._path, logged=logged), self._configurations)
        try:
            db.command("BEGIN")
            yield db
        finally:
            db.connection.close()
            if not logged and _written(self._path) != before:
                raise StorageFailure(f"{self._path} was written while it was read; try again")

    def verify(self, expected: Head | None = None) -> Head:
        with self._snapshot() as db:
            return verify(db, expected)

    def write(self, work: Callable[[Transaction], T]) -> T:  # noqa: ARG002 - refused whatever it is
        self._refuse()

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:  # noqa: ARG002 - refused whatever it is
        self._refuse()

    def rebuild(self) -> int:
        self._refuse()

    def close(self) -> None:
        """There is nothing to close: each reading closes its own."""

    def _refuse(self) -> NoReturn:
        raise refusal(self._path)


def _written(path: Path) -> tuple[int, int, int]:
    """Give what changes when the file is written."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _user() -> str:
    try:
        import pwd  # noqa: PLC0415 - not on Windows

        return pwd.getpwuid(os.geteuid()).pw_name
    except (ImportError, KeyError):
        return getpass.getuser()
