"""The table of what people asked the assistant: content, brought by events."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from labelwright.adapters.storage.columns import integer_column, metadata, number_column, optional_integer, text_column

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

assistant_use = Table(
    "assistant_use",
    metadata,
    number_column("number"),
    text_column("id"),
    text_column("project"),
    Column("item", _NUMBER, ForeignKey("item.key"), nullable=False),
    text_column("annotator"),
    integer_column("round"),
    text_column("asked"),
    text_column("answer"),
    text_column("model"),
    optional_integer("cost_micro"),
    text_column("run"),
    integer_column("guideline_version"),
    text_column("created_at"),
    Column("position", _NUMBER, ForeignKey("ledger.position"), nullable=False),
    UniqueConstraint("id", name="assistant_use_id"),
    sqlite_autoincrement=True,
)
Index("assistant_use_by_item", assistant_use.c.item)
Index("assistant_use_by_position", assistant_use.c.position, unique=True)
