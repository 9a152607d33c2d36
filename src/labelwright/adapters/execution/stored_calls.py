"""The call ledger of a workspace, as the driver of flows uses it."""

from __future__ import annotations

from collections.abc import Sequence

from labelwright.ports.calls import CallRecord
from labelwright.ports.storage import Storage


class StoredCalls:
    """A `CallStore` in a workspace's database."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Give the paid answers of these keys."""
        with self._storage.reading() as views:
            return views.answered_calls(keys)

    def commit(self, rows: Sequence[CallRecord]) -> None:
        """Append rows; returns only after they are durable."""
        self._storage.write(lambda transaction: transaction.record_calls(rows))
