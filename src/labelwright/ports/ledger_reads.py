"""Reading the ledger itself: its events as they are kept, and where it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from labelwright.domain.canonical import Json


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One row of the ledger."""

    position: int
    stream: str
    version: int
    type: str
    body: dict[str, Json]
    provenance: dict[str, Json]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger ends. Position 0 and 64 zeros when it is empty."""

    position: int
    hash: str


class LedgerReads(Protocol):
    """Reading events."""

    def head(self) -> Head: ...
    def events(self, *, after: int = 0, limit: int = 1000) -> list[StoredEvent]: ...
    def stream_version(self, stream: str) -> int:
        """Give the last version of a stream; 0 when it has none."""
        ...
