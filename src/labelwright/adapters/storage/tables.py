"""The tables of a workspace.

*Content* is written once, stamped with the position of the event that brought it. *Projections* (the second half) can
be made anew from ledger and content at any time. *Operational* rows (leases, sessions, idempotency) are neither.
JSON is text, truth is 0 or 1, times are RFC 3339 text or epoch seconds: no driver needs a type of its own.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _number(name: str) -> Column[int]:
    return Column(name, _NUMBER, primary_key=True, autoincrement=True)


def _position() -> Column[int]:
    return Column("position", _NUMBER, ForeignKey("ledger.position"), nullable=False)


def _item() -> Column[int]:
    return Column("item", _NUMBER, ForeignKey("item.key"), nullable=False)


def _text(name: str, *, primary_key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=primary_key, nullable=False)


def _integer(name: str, *, primary_key: bool = False) -> Column[int]:
    return Column(name, _NUMBER, primary_key=primary_key, nullable=False, autoincrement=False)


# ---------------------------------------------------------------- the ledger

ledger = Table(
    "ledger",
    metadata,
    _integer("position", primary_key=True),
    _text("stream"),
    _integer("version"),
    _text("type"),
    _text("body"),
    _text("provenance"),
    _text("previous_hash"),
    _text("hash"),
    UniqueConstraint("stream", "version", name="ledger_stream_version"),
)

# ---------------------------------------------------------------- content

annotator = Table(
    "annotator",
    metadata,
    _text("project", primary_key=True),
    _text("id", primary_key=True),
    _text("name"),
    _text("kind"),
    _text("role"),
    _position(),
)

item = Table(
    "item",
    metadata,
    _number("key"),
    _text("project"),
    _text("id"),
    _text("content"),
    _text("metadata"),
    _text("content_hash"),
    Column("salt", LargeBinary, nullable=False),
    _position(),
    UniqueConstraint("project", "id", name="item_id"),
    sqlite_autoincrement=True,
)
Index("item_by_project", item.c.project, item.c.key)
Index("item_by_position", item.c.position)

prediction = Table(
    "prediction",
    metadata,
    _number("id"),
    _text("project"),
    _item(),
    _text("question"),
    _text("model"),
    _text("status"),
    _text("value"),
    Column("confidence", Float),
    Column("confidence_kind", Text),
    _text("signals"),
    Column("problem", Text),
    Column("raw", Text),
    Column("call_key", Text),
    _text("run"),
    _integer("schema_version"),
    _integer("guideline_version"),
    _text("prompt_hash"),
    _position(),
    sqlite_autoincrement=True,
)
Index("prediction_by_position", prediction.c.position)
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
    _number("number"),
    _text("id"),
    _text("project"),
    _item(),
    _text("question"),
    _text("annotator"),
    _integer("round"),
    _text("purpose"),
    _text("value"),
    _integer("schema_version"),
    _integer("guideline_version"),
    Column("seconds", Float, nullable=False),
    _integer("suggestion_shown"),
    _text("status"),
    _text("created_at"),
    _text("submission"),
    _position(),
    # A projection: the position of the event that took the answer back.
    Column("retraction", _NUMBER),
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

sample = Table(
    "sample",
    metadata,
    Column("position", _NUMBER, ForeignKey("ledger.position"), primary_key=True, autoincrement=False),
    _integer("place", primary_key=True),
    _item(),
    sqlite_with_rowid=False,
)

decision = Table(
    "decision",
    metadata,
    _number("id"),
    _text("project"),
    _item(),
    _text("question"),
    _text("route"),
    _text("reason"),
    Column("score", Float),
    Column("probability", Float),
    _position(),
)
Index("decision_by_position", decision.c.position)

resolution = Table(
    "resolution",
    metadata,
    _number("id"),
    _text("project"),
    _item(),
    _text("question"),
    _text("value"),
    _text("status"),
    Column("probability", Float),
    _text("method"),
    _text("voters"),
    _text("evidence"),
    _position(),
)
Index("resolution_by_position", resolution.c.position)

# Append-only, under a running hash of its own: a paid answer is on disk before any event speaks of it.
call = Table(
    "call",
    metadata,
    _number("id"),
    _text("key"),
    _text("project"),
    _text("run"),
    _integer("item"),
    _text("item_id"),
    _text("provider"),
    _text("model"),
    _integer("step"),
    _integer("attempt"),
    _text("status"),
    Column("http_status", _NUMBER),
    Column("error", Text),
    Column("response", LargeBinary),
    Column("tokens_in", _NUMBER),
    Column("tokens_out", _NUMBER),
    Column("tokens_cached", _NUMBER),
    Column("cost_pico", _NUMBER),
    Column("latency_ms", Float, nullable=False),
    _text("created_at"),
    _text("hash"),
)
_ANSWERED = text("status = 'ok'")
Index("call_answered", call.c.key, sqlite_where=_ANSWERED, postgresql_where=_ANSWERED)
Index("call_by_project", call.c.project)

# A slot's definition is content (it comes with an event); who holds it until when is operational.
queue = Table(
    "queue",
    metadata,
    _number("id"),
    _text("project"),
    _item(),
    _integer("round"),
    _text("purpose"),
    _integer("slot"),
    _text("questions"),
    Column("priority", Float, nullable=False),
    _integer("blind"),
    _text("reason"),
    _text("state"),  # open -> leased -> done; release: leased -> open; undo: done -> leased
    Column("holder", Text),
    _integer("fence"),  # grows with every claim
    Column("available_at", Float, nullable=False),  # a lease's end: past it, the slot is free without anybody's action
    Column("submission", Text),
    _position(),
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

# ---------------------------------------------------------------- projections

project = Table(
    "project",
    metadata,
    _text("id", primary_key=True),
    _text("name"),
    _text("created_at"),
    UniqueConstraint("name", name="project_name"),
)

configuration = Table(
    "configuration",
    metadata,
    _text("project", primary_key=True),
    _integer("version", primary_key=True),
    _integer("position"),
)

import_chunk = Table(
    "import_chunk",
    metadata,
    _integer("position", primary_key=True),
    _text("project"),
    _text("source_hash"),
    _integer("last_line"),
    _integer("accepted"),
    _integer("rejected"),
)
Index("import_chunk_by_project", import_chunk.c.project)

run = Table(
    "run",
    metadata,
    _text("project", primary_key=True),
    _text("id", primary_key=True),
    _integer("started"),
    Column("finished", _NUMBER),
)

plan = Table(
    "plan",
    metadata,
    _text("project", primary_key=True),
    _integer("position"),
)

certificate = Table(
    "certificate",
    metadata,
    _text("project", primary_key=True),
    _text("question", primary_key=True),
    _integer("position"),
)

current_prediction = Table(
    "current_prediction",
    metadata,
    _text("project", primary_key=True),
    _text("question", primary_key=True),
    _text("model", primary_key=True),
    _integer("item", primary_key=True),
    _integer("prediction"),
    sqlite_with_rowid=False,
)

current_decision = Table(
    "current_decision",
    metadata,
    _text("project", primary_key=True),
    _text("question", primary_key=True),
    _integer("item", primary_key=True),
    _integer("decision"),
    sqlite_with_rowid=False,
)

current_resolution = Table(
    "current_resolution",
    metadata,
    _text("project", primary_key=True),
    _integer("item", primary_key=True),
    _text("question", primary_key=True),
    _integer("resolution"),
    sqlite_with_rowid=False,
)

skip = Table(
    "skip",
    metadata,
    _text("annotator", primary_key=True),
    _integer("item", primary_key=True),
    _text("project", primary_key=True),
    sqlite_with_rowid=False,
)

annotator_tally = Table(
    "annotator_tally",
    metadata,
    _text("project", primary_key=True),
    _text("annotator", primary_key=True),
    _integer("labels"),
    _integer("submissions"),
)

queue_tally = Table(
    "queue_tally",
    metadata,
    _text("project", primary_key=True),
    _text("purpose", primary_key=True),
    _integer("total"),
    _integer("done"),
)

PROJECTIONS = (
    project,
    configuration,
    import_chunk,
    run,
    plan,
    certificate,
    current_prediction,
    current_decision,
    current_resolution,
    skip,
    annotator_tally,
    queue_tally,
)

# ---------------------------------------------------------------- operational: access and idempotency

invite = Table(
    "invite",
    metadata,
    _text("token_hash", primary_key=True),
    _text("project"),
    _text("annotator"),
    Column("expires_at", Float, nullable=False),
    _integer("uses"),
)

session = Table(
    "session",
    metadata,
    _text("token_hash", primary_key=True),
    _text("project"),
    _text("annotator"),
    Column("expires_at", Float, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    _text("annotator", primary_key=True),
    _text("key", primary_key=True),
    _text("body_hash"),
    _integer("status"),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
    sqlite_with_rowid=False,
)
Index("idempotency_by_age", idempotency.c.created_at)
