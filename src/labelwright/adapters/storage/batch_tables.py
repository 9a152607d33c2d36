"""The tables of batches that are out at a provider. Operational rows: they go once their results are paid calls."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Table, Text

from labelwright.adapters.storage.columns import integer_column, metadata, text_column

batch_shard = Table(
    "batch_shard",
    metadata,
    text_column("id", primary_key=True),
    text_column("project"),
    text_column("run"),
    text_column("provider"),
    text_column("model"),
    Column("after", Text),
    Column("batch", Text),  # missing until the provider is known to have made it
    integer_column("lines"),
    integer_column("tokens"),
    integer_column("reserved"),
    Column("created_at", Float, nullable=False),
)
Index("batch_shard_by_project", batch_shard.c.project, batch_shard.c.created_at)

batch_line = Table(
    "batch_line",
    metadata,
    text_column("shard", primary_key=True),
    text_column("key", primary_key=True),
    integer_column("item"),
    text_column("item_id"),
    integer_column("step"),
    integer_column("attempt"),
    sqlite_with_rowid=False,
)
Index("batch_line_by_key", batch_line.c.key)
