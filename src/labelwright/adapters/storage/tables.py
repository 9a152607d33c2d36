"""The ledger, and *content*: written once, each row stamped with the position of the event that brought it."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint, text

from labelwright.adapters.storage.columns import (
    NUMBER,
    integer_column,
    item_column,
    metadata,
    number_column,
    position_column,
    text_column,
)

ledger = Table(
    "ledger",
    metadata,
    integer_column("position", primary_key=True),
    text_column("stream"),
    integer_column("version"),
    text_column("type"),
    text_column("body"),
    text_column("provenance"),
    text_column("previous_hash"),
    text_column("hash"),
    UniqueConstraint("stream", "version", name="ledger_stream_version"),
)

# ---------------------------------------------------------------- content

annotator = Table(
    "annotator",
    metadata,
    text_column("project", primary_key=True),
    text_column("id", primary_key=True),
    text_column("name"),
    text_column("kind"),
    text_column("role"),
    position_column(),
)

item = Table(
    "item",
    metadata,
    number_column("key"),
    text_column("project"),
    text_column("id"),
    text_column("content"),
    text_column("metadata"),
    text_column("content_hash"),
    Column("salt", LargeBinary, nullable=False),
    position_column(),
    UniqueConstraint("project", "id", name="item_id"),
    sqlite_autoincrement=True,
)
Index("item_by_project", item.c.project, item.c.key)
Index("item_by_position", item.c.position)

prediction = Table(
    "prediction",
    metadata,
    number_column("id"),
    text_column("project"),
    item_column(),
    text_column("question"),
    text_column("model"),
    text_column("status"),
    text_column("value"),
    Column("confidence", Float),
    Column("confidence_kind", Text),
    text_column("signals"),
    Column("problem", Text),
    Column("raw", Text),
    Column("call_key", Text),
    text_column("run"),
    integer_column("schema_version"),
    integer_column("guideline_version"),
    text_column("prompt_hash"),
    position_column(),
    sqlite_autoincrement=True,
)
Index("prediction_by_position", prediction.c.position)
Index("prediction_by_item", prediction.c.item)
_QUARANTINED = text("status <> 'valid'")
Index(
    "prediction_quarantined",
    prediction.c.project,
    prediction.c.status,
    sqlite_where=_QUARANTINED,
    postgresql_where=_QUARANTINED,
)

annotation = Table(
    "annotation",
    metadata,
    number_column("number"),
    text_column("id"),
    text_column("project"),
    item_column(),
    text_column("question"),
    text_column("annotator"),
    integer_column("round"),
    text_column("purpose"),
    text_column("value"),
    integer_column("schema_version"),
    integer_column("guideline_version"),
    Column("seconds", Float, nullable=False),
    integer_column("suggestion_shown"),
    text_column("status"),
    text_column("created_at"),
    text_column("submission"),
    position_column(),
    # A projection: the position of the event that took the answer back.
    Column("retraction", NUMBER),
    Column("assistance", Text),
    UniqueConstraint("id", name="annotation_id"),
    sqlite_autoincrement=True,
)
_STANDING = text("retraction IS NULL")
# R4: at most one annotation per (item, question, annotator, round) stands.
Index(
    "annotation_once",
    annotation.c.item,
    annotation.c.annotator,
    annotation.c.round,
    annotation.c.question,
    unique=True,
    sqlite_where=_STANDING,
    postgresql_where=_STANDING,
)
Index("annotation_by_annotator", annotation.c.project, annotation.c.annotator, annotation.c.number)
Index("annotation_by_submission", annotation.c.submission)
Index("annotation_by_position", annotation.c.position, unique=True)

# What a person said before the suggestion was revealed to them: the first answer stays the first.
first_answer = Table(
    "first_answer",
    metadata,
    text_column("annotator", primary_key=True),
    integer_column("item", primary_key=True),
    integer_column("round", primary_key=True),
    text_column("question", primary_key=True),
    text_column("project"),
    text_column("value"),
    Column("seconds", Float, nullable=False),
    text_column("created_at"),
    position_column(),
)
Index("first_answer_by_project", first_answer.c.project)
Index("first_answer_by_position", first_answer.c.position)

sample = Table(
    "sample",
    metadata,
    Column("position", NUMBER, ForeignKey("ledger.position"), primary_key=True, autoincrement=False),
    integer_column("place", primary_key=True),
    item_column(),
    sqlite_with_rowid=False,
)
Index("sample_by_item", sample.c.item)

decision = Table(
    "decision",
    metadata,
    number_column("id"),
    text_column("project"),
    item_column(),
    text_column("question"),
    text_column("route"),
    text_column("reason"),
    Column("score", Float),
    Column("probability", Float),
    position_column(),
)
Index("decision_by_position", decision.c.position)
Index("decision_by_item", decision.c.item)

resolution = Table(
    "resolution",
    metadata,
    number_column("id"),
    text_column("project"),
    item_column(),
    text_column("question"),
    text_column("value"),
    text_column("status"),
    Column("probability", Float),
    text_column("method"),
    text_column("voters"),
    text_column("evidence"),
    position_column(),
)
Index("resolution_by_position", resolution.c.position)
Index("resolution_by_item", resolution.c.item)

# Append-only, under a running hash of its own: a paid answer is on disk before any event speaks of it.
call = Table(
    "call",
    metadata,
    number_column("id"),
    text_column("key"),
    text_column("project"),
    text_column("run"),
    integer_column("item"),
    text_column("item_id"),
    text_column("provider"),
    text_column("model"),
    integer_column("step"),
    integer_column("attempt"),
    text_column("status"),
    Column("http_status", NUMBER),
    Column("error", Text),
    Column("response", LargeBinary),
    Column("tokens_in", NUMBER),
    Column("tokens_out", NUMBER),
    Column("tokens_cached", NUMBER),
    Column("cost_pico", NUMBER),
    Column("latency_ms", Float, nullable=False),
    text_column("created_at"),
    text_column("hash"),
)
_ANSWERED = text("status = 'ok'")
Index("call_answered", call.c.key, sqlite_where=_ANSWERED, postgresql_where=_ANSWERED)
Index("call_by_project", call.c.project)
