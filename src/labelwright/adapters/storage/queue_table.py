"""The table of the slots that people fill."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Table, Text, UniqueConstraint, text

from labelwright.adapters.storage.columns import (
    integer_column,
    item_column,
    metadata,
    number_column,
    position_column,
    text_column,
)

# A slot's definition is content (it comes with an event); who holds it until when is operational.
queue = Table(
    "queue",
    metadata,
    number_column("id"),
    text_column("project"),
    item_column(),
    integer_column("round"),
    text_column("purpose"),
    integer_column("slot"),
    text_column("questions"),
    Column("priority", Float, nullable=False),
    integer_column("blind"),
    text_column("reason"),
    text_column("state"),  # open -> leased -> done; release: leased -> open; undo: done -> leased
    Column("holder", Text),
    integer_column("fence"),  # grows with every claim
    Column("available_at", Float, nullable=False),  # a lease's end: past it, the slot is free without anybody's action
    Column("submission", Text),
    position_column(),
    # R4: one row per slot, one holder per row.
    UniqueConstraint("item", "round", "purpose", "slot", name="queue_slot"),
    sqlite_autoincrement=True,
)
_WAITING = text("state IN ('open', 'leased')")
_LEASED = text("state = 'leased'")
Index(
    "queue_waiting",
    queue.c.project,
    queue.c.priority.desc(),
    queue.c.id,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)
# R4: nobody holds two slots of one item.
Index(
    "queue_held",
    queue.c.holder,
    queue.c.item,
    queue.c.round,
    queue.c.purpose,
    unique=True,
    sqlite_where=_LEASED,
    postgresql_where=_LEASED,
)
Index("queue_by_submission", queue.c.submission)
Index("queue_by_purpose", queue.c.project, queue.c.purpose, queue.c.state)
