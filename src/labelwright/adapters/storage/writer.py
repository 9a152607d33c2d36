"""Group commit: one thread writes, takes what waits, commits it together, and only then answers."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from typing import Any, Generic, TypeVar

from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.transaction import StoredTransaction
from labelwright.errors import LabelwrightError, StorageFailure

T = TypeVar("T")

MOST_PIECES = 64
LONGEST_SECONDS = 0.02
"""A group takes no further piece after so long: other processes wait for the same lock."""


class _Piece(Generic[T]):
    __slots__ = ("future", "result", "work")

    def __init__(self, work: Callable[[StoredTransaction], T]) -> None:
        self.work, self.future = work, Future[T]()
        self.result: T | None = None

    def answer(self, failure: Exception | None) -> None:
        """Tell the caller."""
        if failure is None:
            self.future.set_result(self.result)  # pyright: ignore[reportArgumentType]  T may be None
        elif self.future.running() or self.future.set_running_or_notify_cancel():
            self.future.set_exception(failure)


class Writer:
    """The one writing thread of this process.

    lock: held from BEGIN to COMMIT (the in-memory storage copies its database for readers between transactions).
    """

    def __init__(
        self, db: Database, lock: AbstractContextManager[Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._db, self._lock, self._clock = db, lock, clock
        self._waiting: queue.SimpleQueue[_Piece[Any] | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._write_groups, name="labelwright-writer", daemon=True)
        self._thread.start()

    @property
    def is_here(self) -> bool:
        """Whether the caller stands inside a piece of work."""
        return threading.current_thread() is self._thread

    def submit(self, work: Callable[[StoredTransaction], T]) -> Future[T]:
        """Queue a piece of work; its future resolves after the commit."""
        piece = _Piece(work)
        with self._closing:
            if self._closed:
                raise StorageFailure("the workspace is closed; open it again to write")
            self._waiting.put(piece)
        return piece.future

    def write(self, work: Callable[[StoredTransaction], T]) -> T:
        """Do a piece of work and wait for its commit."""
        if self.is_here:
            raise StorageFailure("a write inside a write would wait for itself; use the transaction at hand")
        return self.submit(work).result()

    def close(self) -> None:
        """Finish what is queued, then stop."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _write_groups(self) -> None:
        goes_on = True
        while goes_on and (first := self._waiting.get()) is not None:
            done: list[_Piece[Any]] = []
            with self._lock:
                try:
                    goes_on = self._write_group(first, done)
                    failure = None
                except Exception as problem:  # noqa: BLE001  the thread must live, and every caller must hear of it
                    failure = problem
                    self._abandon()
            # Only now, after the commit, is anybody told.
            for piece in [first, *done]:
                if not piece.future.done():
                    piece.answer(failure)

    def _write_group(self, first: _Piece[Any], done: list[_Piece[Any]]) -> bool:
        """Do `first` and what waits behind it, and commit. Gives False when the end of the queue was met.

        done: filled with the pieces that are part of the commit.
        """
        self._db.command("BEGIN IMMEDIATE")
        deadline = self._clock() + LONGEST_SECONDS
        piece: _Piece[Any] | None = first
        while piece is not None:
            self._do(piece, done)
            if len(done) >= MOST_PIECES or self._clock() > deadline:
                break
            try:
                piece = self._waiting.get_nowait()
            except queue.Empty:
                break
        self._db.command("COMMIT")
        return piece is not None

    def _do(self, piece: _Piece[Any], done: list[_Piece[Any]]) -> None:
        """Do a piece. One that fails is undone, and its caller told at once: nothing of it will be kept."""
        if not piece.future.set_running_or_notify_cancel():
            return
        # The first needs no savepoint: nothing stands before it that must be kept.
        alone = not done
        transaction = StoredTransaction(self._db)
        try:
            if not alone:
                self._db.command("SAVEPOINT piece")
            piece.result = piece.work(transaction)
            if transaction.failure is not None:
                raise transaction.failure  # noqa: TRY301  a piece that swallows its failure has failed
            if not alone:
                self._db.command("RELEASE piece")
        except BaseException as problem:  # noqa: BLE001  whatever it is, it belongs to the caller
            piece.future.set_exception(problem)
            self._undo(alone=alone)
        else:
            done.append(piece)

    def _undo(self, *, alone: bool) -> None:
        if alone:
            self._abandon()
            self._db.command("BEGIN IMMEDIATE")
        elif not self._db.connection.in_transaction:
            # SQLite itself undoes everything on a full disk or a failing one.
            raise StorageFailure("the database undid a group of writes; nothing of it was kept, try again")
        else:
            self._db.command("ROLLBACK TO piece")
            self._db.command("RELEASE piece")

    def _abandon(self) -> None:
        if self._db.connection.in_transaction:
            with suppress(LabelwrightError):
                self._db.command("ROLLBACK")
