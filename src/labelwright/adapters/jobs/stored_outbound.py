"""The log of what left, in a workspace's database."""

from __future__ import annotations

from collections.abc import Sequence

from labelwright.ports.outbound import OutboundRecord
from labelwright.ports.storage import Storage


class StoredOutbound:
    """An `OutboundLog` in a workspace's database."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def record(self, rows: Sequence[OutboundRecord]) -> None:
        """Append rows; returns only after they are durable."""
        if rows:
            self._storage.write(lambda transaction: transaction.record_outbound(rows))
