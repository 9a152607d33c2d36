"""Who may come in, and what repeated requests got: *operational* rows, neither content nor projection."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, LargeBinary, Table

from labelwright.adapters.storage.columns import integer_column, metadata, text_column

invite = Table(
    "invite",
    metadata,
    text_column("token_hash", primary_key=True),
    text_column("project"),
    text_column("annotator"),
    Column("expires_at", Float, nullable=False),
    integer_column("uses"),
)

session = Table(
    "session",
    metadata,
    text_column("token_hash", primary_key=True),
    text_column("project"),
    text_column("annotator"),
    Column("expires_at", Float, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    text_column("annotator", primary_key=True),
    text_column("key", primary_key=True),
    text_column("body_hash"),
    integer_column("status"),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
    sqlite_with_rowid=False,
)
Index("idempotency_by_age", idempotency.c.created_at)
