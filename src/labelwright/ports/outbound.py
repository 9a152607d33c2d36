"""What left this machine: for every request that carried an item's data, a row, and never the data itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from labelwright.domain.ids import ProjectId


@dataclass(frozen=True, slots=True)
class OutboundRecord:
    """One request body that was handed to the network.

    at: RFC 3339, UTC.  item: the `ItemKey`; None when the request was about no single item (a batch's file).
    digest: sha256 of the bytes, in hex.  size: of the body, in bytes.  host: as the address names it, with its port.
    region: where the provider says it works; None = not known.  fields: content fields whose text went into it.
    pii: the privacy mode in force.  replaced: how many pieces of personal data were replaced before it left.
    """

    at: str
    project: str
    run: str
    item: int | None
    digest: str
    size: int
    host: str
    region: str | None
    fields: tuple[str, ...]
    pii: str
    replaced: int


class OutboundLog(Protocol):
    """Keeping it; calls may come from any thread."""

    def record(self, rows: Sequence[OutboundRecord]) -> None:
        """Append rows; returns only after they are durable."""
        ...


class OutboundReads(Protocol):
    """Looking at what left."""

    def outbound(self, project: ProjectId, *, after: int = 0, limit: int = 1000) -> list[tuple[int, OutboundRecord]]:
        """Give what left, each row with its number, oldest first, after that number."""
        ...


class OutboundMoves(Protocol):
    """Writing down what left, inside one transaction."""

    def record_outbound(self, rows: Sequence[OutboundRecord]) -> None: ...
