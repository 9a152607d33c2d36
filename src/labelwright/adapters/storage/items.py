"""Items, and how far each import has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import bindparam, func, insert, select

from labelwright.adapters.storage.database import Database, json_text, read_json
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.projection_tables import import_chunk
from labelwright.adapters.storage.statement import ListStatement, Statement, given, number
from labelwright.adapters.storage.tables import item, ledger
from labelwright.domain.ids import ItemId, ItemKey, ProjectId
from labelwright.domain.item import Item
from labelwright.errors import AlreadyExists, NotFound
from labelwright.events import ItemsImported

_ITEM = (item.c.key, item.c.id, item.c.content, item.c.metadata, item.c.content_hash)

ITEM_COUNT = Statement(
    select(func.coalesce(func.sum(import_chunk.c.accepted), number(0))).where(
        import_chunk.c.project == bindparam("project")
    )
)
ITEMS_AFTER = Statement(
    select(*_ITEM)
    .where(item.c.project == bindparam("project"), item.c.key > bindparam("after"))
    .order_by(item.c.key)
    .limit(bindparam("limit"))
    .offset(number(0))
)
ITEMS_BY_KEY = ListStatement(
    lambda keys: select(*_ITEM).where(item.c.project == bindparam("project"), item.c.key.in_(keys)).order_by(item.c.key)
)
ITEM_KEYS = Statement(select(item.c.key).where(item.c.project == bindparam("project")).order_by(item.c.key))
ITEM_IDS = Statement(select(item.c.key, item.c.id).where(item.c.project == bindparam("project")).order_by(item.c.key))
KNOWN_IDS = ListStatement(
    lambda ids: select(item.c.id, item.c.content_hash).where(item.c.project == bindparam("project"), item.c.id.in_(ids))
)
ITEM_SALT = Statement(select(item.c.salt).where(item.c.key == bindparam("item")))
IMPORT_PROGRESS = Statement(
    select(
        func.coalesce(func.max(import_chunk.c.last_line), number(0)),
        func.coalesce(func.sum(import_chunk.c.accepted), number(0)),
        func.coalesce(func.sum(import_chunk.c.rejected), number(0)),
    ).where(import_chunk.c.project == bindparam("project"), import_chunk.c.source_hash == bindparam("source_hash"))
)
IMPORT_PARTS = Statement(
    select(ledger.c.body, import_chunk.c.accepted)
    .select_from(import_chunk.join(ledger, ledger.c.position == import_chunk.c.position))
    .where(import_chunk.c.project == bindparam("project"))
    .order_by(import_chunk.c.position)
)
ADD_ITEM = Statement(
    insert(item).values(given(item, "project", "id", "content", "metadata", "content_hash", "salt", "position"))
)
ADD_CHUNK = Statement(
    insert(import_chunk).values(
        given(import_chunk, "position", "project", "source_hash", "last_line", "accepted", "rejected")
    )
)


def item_count(db: Database, project: ProjectId) -> int:
    """Count a project's items."""
    return db.value(ITEM_COUNT, {"project": project})


def items(db: Database, project: ProjectId, after: int, limit: int) -> list[Item]:
    """Give items by key."""
    return [_item(row) for row in db.run(ITEMS_AFTER, {"project": project, "after": after, "limit": limit})]


def items_by_key(db: Database, project: ProjectId, keys: Sequence[int]) -> list[Item]:
    """Give these items, in the order of the keys asked for; keys of other projects give nothing."""
    wanted = [int(key) for key in keys]
    found = {row[0]: row for row in db.run_list(ITEMS_BY_KEY, wanted, {"project": project})}
    return [_item(found[key]) for key in wanted if key in found]


def _item(row: tuple[Any, ...]) -> Item:
    key, id, content, metadata, content_hash = row
    return Item(ItemKey(key), ItemId(id), read_json(content), read_json(metadata), content_hash)


def item_keys(db: Database, project: ProjectId) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Give all keys, ascending."""
    keys = [row[0] for row in db.run(ITEM_KEYS, {"project": project})]
    return np.array(keys, dtype=np.int64)


def item_ids(db: Database, project: ProjectId) -> dict[int, ItemId]:
    """Give key -> the user's id."""
    return dict(db.run(ITEM_IDS, {"project": project}).fetchall())


def known_ids(db: Database, project: ProjectId, ids: Sequence[str]) -> dict[str, str]:
    """Give, of these ids, those that are taken, with their content hash."""
    return dict(db.run_list(KNOWN_IDS, ids, {"project": project}))


def item_salt(db: Database, key: int) -> bytes:
    """Give the salt of an item's commitments."""
    salt = db.value(ITEM_SALT, {"item": int(key)})
    if salt is None:
        raise NotFound(f"there is no item with key {key}")
    return salt


def import_progress(db: Database, project: ProjectId, source_hash: str) -> tuple[int, int, int]:
    """Give (last line covered, accepted, rejected) of a file so far."""
    row = db.one(IMPORT_PROGRESS, {"project": project, "source_hash": source_hash})
    return (0, 0, 0) if row is None else (row[0], row[1], row[2])


def import_parts(db: Database, project: ProjectId) -> list[tuple[str, int]]:
    """Give (run, items it brought) per chunk, oldest first."""
    parts = db.run(IMPORT_PARTS, {"project": project}).fetchall()
    return [(str(read_json(body)["run"]), accepted) for body, accepted in parts]


# ---------------------------------------------------------------- what events write


def record_items(db: Database, event: ItemsImported, row: Row) -> None:
    """Keep the items."""
    try:
        db.run_many(
            ADD_ITEM,
            [
                {
                    "project": event.project,
                    "id": new.id,
                    "content": json_text(new.content),
                    "metadata": json_text(new.metadata) if new.metadata else "{}",
                    "content_hash": new.content_hash,
                    "salt": new.salt,
                    "position": row.position,
                }
                for new in event.items
            ],
        )
    except AlreadyExists as error:
        lines = f"lines {event.first_line} to {event.last_line} of {event.source!r}"
        raise AlreadyExists(f"an item id in {lines} is taken in this project; nothing of these was imported") from error


def items_imported(db: Database, row: Row, body: Body) -> None:
    """Count the chunk."""
    columns = ("project", "source_hash", "last_line", "accepted", "rejected")
    db.run(ADD_CHUNK, {"position": row.position, **{name: body[name] for name in columns}})
