"""A workspace's database: many readers, one writer, on SQLite in a file or in memory."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from labelwright.adapters.storage.database import Database, connect
from labelwright.adapters.storage.rebuild import rebuild
from labelwright.adapters.storage.verify import verify
from labelwright.adapters.storage.views import StoredViews
from labelwright.adapters.storage.writer import Writer
from labelwright.domain.project import ProjectConfig
from labelwright.errors import LabelwrightError, StorageFailure
from labelwright.ports.ledger_reads import Head
from labelwright.ports.storage import Transaction, Views

T = TypeVar("T")

_MOST_IDLE = 8


class SqliteStorage:
    """`ports.storage.Storage` on a SQLite file: readers have snapshots of their own and never wait for the writer."""

    def __init__(self, path: Path, writing: sqlite3.Connection) -> None:
        self._path = path
        self._configurations: dict[str, ProjectConfig] = {}
        self._writing = writing
        self._writer = Writer(Database(writing, self._configurations), threading.Lock())
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def reading(self) -> Generator[Views]:
        if self._closed:
            raise StorageFailure("the workspace is closed; open it again to read")
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = connect(self._path, read_only=True)
        db = Database(connection, self._configurations)
        db.command("BEGIN")
        try:
            yield StoredViews(db)
        finally:
            connection.execute("COMMIT")
            if self._closed or len(self._idle) >= _MOST_IDLE:
                connection.close()
            else:
                self._idle.append(connection)

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self._writer.write(work)

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        return self._writer.submit(work)

    def verify(self, expected: Head | None = None) -> Head:
        with self.reading() as views:
            return verify(_database(views), expected)

    def rebuild(self) -> int:
        return self._writer.write(lambda transaction: rebuild(_database(transaction)))

    def close(self) -> None:
        self._writer.close()
        self._closed = True
        with suppress(IndexError):
            while True:
                self._idle.pop().close()
        self._writing.close()


class MemoryStorage:
    """The same in memory, for tests and trials: a reader gets a copy, made between two commits."""

    def __init__(self, writing: sqlite3.Connection) -> None:
        self._configurations: dict[str, ProjectConfig] = {}
        self._writing = writing
        self._lock = threading.Lock()
        self._writer = Writer(Database(writing, self._configurations), self._lock)
        self._closed = False

    @contextmanager
    def reading(self) -> Generator[Views]:
        if self._writer.is_here:
            raise StorageFailure("a read inside a write would wait for itself; read through the transaction at hand")
        connection = connect(None)
        try:
            with self._lock:
                if self._closed:
                    raise StorageFailure("the workspace is closed; open it again to read")
                self._writing.backup(connection)
            connection.execute("PRAGMA query_only=ON")
            yield StoredViews(Database(connection, self._configurations))
        finally:
            connection.close()

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self._writer.write(work)

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        return self._writer.submit(work)

    def verify(self, expected: Head | None = None) -> Head:
        with self.reading() as views:
            return verify(_database(views), expected)

    def rebuild(self) -> int:
        return self._writer.write(lambda transaction: rebuild(_database(transaction)))

    def close(self) -> None:
        self._writer.close()
        with self._lock:
            if not self._closed:
                self._closed = True
                self._writing.close()


def _database(views: Views) -> Database:
    if not isinstance(views, StoredViews):  # only this module makes them
        raise LabelwrightError(f"{views!r} does not come from this storage")
    return views.database
