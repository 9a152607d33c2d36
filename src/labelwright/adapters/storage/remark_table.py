"""The table of what people remark on items: content, brought by events."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from labelwright.adapters.storage.columns import metadata, number_column, optional_integer, text_column

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

remark = Table(
    "remark",
    metadata,
    number_column("number"),
    text_column("id"),
    text_column("project"),
    Column("item", _NUMBER, ForeignKey("item.key"), nullable=False),
    text_column("annotator"),
    text_column("kind"),
    text_column("reason"),
    text_column("text"),
    text_column("created_at"),
    Column("position", _NUMBER, ForeignKey("ledger.position"), nullable=False),
    # A projection: the position of the event that withdrew it.
    optional_integer("withdrawn"),
    UniqueConstraint("id", name="remark_id"),
    sqlite_autoincrement=True,
)
Index("remark_by_item", remark.c.item)
Index("remark_by_position", remark.c.position, unique=True)
