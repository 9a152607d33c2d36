"""The table of answers that were begun. Operational: no event tells of them, and they go with the submission."""

from __future__ import annotations

from sqlalchemy import Column, Float, Table

from labelwright.adapters.storage.columns import integer_column, metadata, text_column

# One row per person and entry: the last write wins. `answers` is what the page had, as JSON; no task type reads it.
draft = Table(
    "draft",
    metadata,
    text_column("annotator", primary_key=True),
    integer_column("entry", primary_key=True),
    text_column("answers"),
    Column("seconds", Float, nullable=False),
    Column("saved_at", Float, nullable=False),
)
