"""The ledger: a hash chain of events, one row each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.statement import Statement, given, number
from labelwright.adapters.storage.tables import ledger
from labelwright.domain.canonical import Json, canonical_json
from labelwright.ports.ledger_reads import Head, StoredEvent

NOTHING = Head(0, "0" * 64)
"""The head of an empty ledger."""

_COLUMNS = ("position", "stream", "version", "type", "body", "provenance", "previous_hash", "hash")

HEAD = Statement(
    select(ledger.c.position, ledger.c.hash).order_by(ledger.c.position.desc()).limit(number(1)).offset(number(0))
)
STREAM_VERSION = Statement(select(func.max(ledger.c.version)).where(ledger.c.stream == bindparam("stream")))
ADD_EVENT = Statement(insert(ledger).values(given(ledger, *_COLUMNS)))
EVENTS_AFTER = Statement(
    select(*(ledger.c[name] for name in _COLUMNS))
    .where(ledger.c.position > bindparam("after"))
    .order_by(ledger.c.position)
    .limit(bindparam("limit"))
    .offset(number(0))
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the ledger as it is kept: `body` and `provenance` are canonical JSON text."""

    position: int
    stream: str
    version: int
    type: str
    body: str
    provenance: str
    previous_hash: str
    hash: str

    def expected_hash(self, previous_hash: str) -> str:
        """Compute what the hash must be after that one."""
        return chain_hash(
            previous_hash, self.position, self.stream, self.version, self.type, self.body, self.provenance
        )


def chain_hash(  # noqa: PLR0917  what is hashed, in the order it is hashed
    previous_hash: str, position: int, stream: str, version: int, type: str, body: str, provenance: str
) -> str:
    """Give sha256(previous hash ‖ canonical JSON of [position, stream, version, type, body, provenance])."""
    names = canonical_json([position, stream, version, type])[:-1].decode()
    return hashlib.sha256(f"{previous_hash}{names},{body},{provenance}]".encode()).hexdigest()


def head(db: Database) -> Head:
    """Give the end of the ledger."""
    row = db.one(HEAD)
    return NOTHING if row is None else Head(row[0], row[1])


def stream_version(db: Database, stream: str) -> int:
    """Give the last version of a stream; 0 when it has none."""
    return db.value(STREAM_VERSION, {"stream": stream}) or 0


def add(db: Database, tail: Head, *, stream: str, version: int, type: str, body: str, provenance: str) -> Row:
    """Add a row after `tail`."""
    position = tail.position + 1
    hashed = chain_hash(tail.hash, position, stream, version, type, body, provenance)
    row = Row(position, stream, version, type, body, provenance, tail.hash, hashed)
    db.run(
        ADD_EVENT,
        {
            "position": position,
            "stream": stream,
            "version": version,
            "type": type,
            "body": body,
            "provenance": provenance,
            "previous_hash": tail.hash,
            "hash": hashed,
        },
    )
    return row


def rows_after(db: Database, after: int, limit: int) -> list[Row]:
    """Give rows by position."""
    return [Row(*row) for row in db.run(EVENTS_AFTER, {"after": after, "limit": limit})]


def events(db: Database, after: int, limit: int) -> list[StoredEvent]:
    """Give events by position."""
    return [
        StoredEvent(
            row.position,
            row.stream,
            row.version,
            row.type,
            _object(row.body),
            _object(row.provenance),
            row.previous_hash,
            row.hash,
        )
        for row in rows_after(db, after, limit)
    ]


def _object(text: str) -> dict[str, Json]:
    return json.loads(text)


Body = Mapping[str, Any]
"""An event's body as it was read back from the ledger."""
