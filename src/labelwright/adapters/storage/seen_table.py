"""The table of which labels people have seen: a projection of what was shown to them, where, and when first."""

from __future__ import annotations

from sqlalchemy import Index, Table

from labelwright.adapters.storage.columns import integer_column, metadata, text_column

seen = Table(
    "seen",
    metadata,
    text_column("annotator", primary_key=True),
    integer_column("item", primary_key=True),
    text_column("question", primary_key=True),
    text_column("way", primary_key=True),
    integer_column("round", primary_key=True),
    text_column("project"),
    integer_column("position"),
    sqlite_with_rowid=False,
)
Index("seen_by_project", seen.c.project)
