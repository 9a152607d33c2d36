"""Batches that are out at a provider, in a workspace's database.

A shard's row comes before its batch is made and goes after its last result is a row of the call ledger; a result's row
and its request's removal are one transaction. So after a kill at any instant each request is out, or answered, or due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import bindparam, delete, insert, select, update

from labelwright.adapters.storage import calls
from labelwright.adapters.storage.batch_tables import batch_line, batch_shard
from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.statement import ListStatement, Statement, given
from labelwright.adapters.storage.views import StoredViews
from labelwright.errors import LabelwrightError
from labelwright.ports.batches import Shard, ShardLine
from labelwright.ports.calls import CallRecord
from labelwright.ports.storage import Storage, Views

_SHARD = ("id", "project", "run", "provider", "model", "after", "batch", "lines", "tokens", "reserved", "created_at")
_LINE = ("key", "item", "item_id", "step", "attempt")
_OF_SHARD = batch_line.c.shard == bindparam("of_shard")

ADD_SHARD = Statement(insert(batch_shard).values(given(batch_shard, *_SHARD)))
ADD_LINE = Statement(insert(batch_line).values(given(batch_line, "shard", *_LINE)))
CREATED = Statement(
    update(batch_shard).where(batch_shard.c.id == bindparam("of_shard")).values(batch=bindparam("made"))
)
FETCHED = Statement(
    update(batch_shard)
    .where(batch_shard.c.id == bindparam("of_shard"))
    .values(lines=batch_shard.c.lines - bindparam("fewer"), reserved=batch_shard.c.reserved - bindparam("released"))
)
OPEN = Statement(
    select(*(batch_shard.c[name] for name in _SHARD))
    .where(
        batch_shard.c.project == bindparam("project"),
        batch_shard.c.provider == bindparam("provider"),
        batch_shard.c.model == bindparam("model"),
    )
    .order_by(batch_shard.c.created_at, batch_shard.c.id)
)
OUT = ListStatement(lambda keys: select(batch_line.c.key, batch_line.c.shard).where(batch_line.c.key.in_(keys)))
LINES = ListStatement(
    lambda keys: select(*(batch_line.c[name] for name in _LINE)).where(_OF_SHARD, batch_line.c.key.in_(keys))
)
LEFT = Statement(select(*(batch_line.c[name] for name in _LINE)).where(_OF_SHARD).order_by(batch_line.c.key))
TAKE_OFF = Statement(delete(batch_line).where(_OF_SHARD, batch_line.c.key == bindparam("of_key")))
CLEAR = Statement(delete(batch_line).where(_OF_SHARD))
CLOSE = Statement(delete(batch_shard).where(batch_shard.c.id == bindparam("of_shard")))


class StoredBatches:
    """A `BatchStore` in a workspace's database."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def record(self, shard: Shard, lines: Sequence[ShardLine]) -> None:
        """Write a shard down."""
        rows = [{"shard": shard.id, **asdict(line)} for line in lines]

        def add(db: Database) -> None:
            db.run(ADD_SHARD, asdict(shard))
            db.run_many(ADD_LINE, rows)

        self._storage.write(lambda transaction: add(_database(transaction)))

    def created(self, shard: str, batch: str) -> None:
        """Write down the id of a shard's batch."""
        at = {"of_shard": shard, "made": batch}
        self._storage.write(lambda transaction: _database(transaction).run(CREATED, at).rowcount)

    def open_shards(self, project: str, provider: str, model: str) -> list[Shard]:
        """Give the shards whose results are not all in the call ledger, oldest first."""
        whose = {"project": project, "provider": provider, "model": model}
        with self._storage.reading() as views:
            return [Shard(*row) for row in _database(views).run(OPEN, whose).fetchall()]

    def out(self, keys: Sequence[str]) -> dict[str, str]:
        """Give, of these requests, those that are out: the shard of each."""
        with self._storage.reading() as views:
            rows: list[tuple[str, str]] = _database(views).run_list(OUT, keys, {})
        return dict(rows)

    def lines(self, shard: str, keys: Sequence[str]) -> dict[str, ShardLine]:
        """Give, of these requests, those of this shard whose result is not in the call ledger."""
        with self._storage.reading() as views:
            rows = _database(views).run_list(LINES, keys, {"of_shard": shard})
        return {row[0]: ShardLine(*row) for row in rows}

    def left(self, shard: str) -> list[ShardLine]:
        """Give all requests of a shard whose result is not in the call ledger."""
        with self._storage.reading() as views:
            return [ShardLine(*row) for row in _database(views).run(LEFT, {"of_shard": shard}).fetchall()]

    def harvest(self, shard: str, rows: Sequence[CallRecord], *, released: int) -> None:
        """Put results into the call ledger and take their requests off the shard, both or neither.

        released: so much less is then set aside for the shard. What another process has put there meanwhile stays as it
        is: no call has two rows.
        """

        def put(db: Database) -> None:
            came = [row for row in rows if db.run(TAKE_OFF, {"of_shard": shard, "of_key": row.key}).rowcount]
            calls.record(db, came)
            db.run(FETCHED, {"of_shard": shard, "fewer": len(came), "released": released})

        self._storage.write(lambda transaction: put(_database(transaction)))

    def close(self, shard: str) -> None:
        """Take a shard off."""

        def remove(db: Database) -> None:
            db.run(CLEAR, {"of_shard": shard})
            db.run(CLOSE, {"of_shard": shard})

        self._storage.write(lambda transaction: remove(_database(transaction)))


def _database(views: Views) -> Database:
    if not isinstance(views, StoredViews):
        raise LabelwrightError(f"{views!r} does not come from a workspace's database")
    return views.database
