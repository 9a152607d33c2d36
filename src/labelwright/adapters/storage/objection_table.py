"""The table of what models said against people's answers: content, brought by events."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from labelwright.adapters.storage.columns import integer_column, metadata, number_column, optional_integer, text_column

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

objection = Table(
    "objection",
    metadata,
    number_column("number"),
    text_column("id"),
    text_column("project"),
    text_column("annotation"),
    text_column("submission"),
    Column("item", _NUMBER, ForeignKey("item.key"), nullable=False),
    text_column("question"),
    text_column("annotator"),
    integer_column("round"),
    text_column("reason"),
    text_column("evidence"),
    text_column("model"),
    optional_integer("cost_micro"),
    text_column("run"),
    integer_column("guideline_version"),
    text_column("created_at"),
    Column("settled", Text),  # a projection of what the person said of it
    Column("position", _NUMBER, ForeignKey("ledger.position"), nullable=False),
    UniqueConstraint("id", name="objection_id"),
    UniqueConstraint("annotation", name="objection_once"),
    sqlite_autoincrement=True,
)
Index("objection_by_annotator", objection.c.project, objection.c.annotator)
Index("objection_by_position", objection.c.position)
