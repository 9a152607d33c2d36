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


def number_column(name: str) -> Column[int]:
    """Give the number a row gets by itself."""
    return Column(name, _NUMBER, primary_key=True, autoincrement=True)


def _position() -> Column[int]:
    return Column("position", _NUMBER, ForeignKey("ledger.position"), nullable=False)


def _item() -> Column[int]:
    return Column("item", _NUMBER, ForeignKey("item.key"), nullable=False)


def text_column(name: str, *, primary_key: bool = False) -> Column[str]:
    """Give a text that is never missing."""
    return Column(name, Text, primary_key=primary_key, nullable=False)


def integer_column(name: str, *, primary_key: bool = False) -> Column[int]:
    """Give a whole number that is never missing."""
    return Column(name, _NUMBER, primary_key=primary_key, nullable=False, autoincrement=False)


def optional_integer(name: str) -> Column[int]:
    """Give a whole number that may be missing."""
    return Column(name, _NUMBER)


# ---------------------------------------------------------------- the ledger

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
    _position(),
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
    _position(),
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
    _item(),
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
    _position(),
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
    _item(),
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
    _position(),
    # A projection: the position of the event that took the answer back.
    Column("retraction", _NUMBER),
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
    _position(),
)
Index("first_answer_by_project", first_answer.c.project)
Index("first_answer_by_position", first_answer.c.position)

sample = Table(
    "sample",
    metadata,
    Column("position", _NUMBER, ForeignKey("ledger.position"), primary_key=True, autoincrement=False),
    integer_column("place", primary_key=True),
    _item(),
    sqlite_with_rowid=False,
)
Index("sample_by_item", sample.c.item)

decision = Table(
    "decision",
    metadata,
    number_column("id"),
    text_column("project"),
    _item(),
    text_column("question"),
    text_column("route"),
    text_column("reason"),
    Column("score", Float),
    Column("probability", Float),
    _position(),
)
Index("decision_by_position", decision.c.position)
Index("decision_by_item", decision.c.item)

resolution = Table(
    "resolution",
    metadata,
    number_column("id"),
    text_column("project"),
    _item(),
    text_column("question"),
    text_column("value"),
    text_column("status"),
    Column("probability", Float),
    text_column("method"),
    text_column("voters"),
    text_column("evidence"),
    _position(),
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
    Column("http_status", _NUMBER),
    Column("error", Text),
    Column("response", LargeBinary),
    Column("tokens_in", _NUMBER),
    Column("tokens_out", _NUMBER),
    Column("tokens_cached", _NUMBER),
    Column("cost_pico", _NUMBER),
    Column("latency_ms", Float, nullable=False),
    text_column("created_at"),
    text_column("hash"),
)
_ANSWERED = text("status = 'ok'")
Index("call_answered", call.c.key, sqlite_where=_ANSWERED, postgresql_where=_ANSWERED)
Index("call_by_project", call.c.project)

# A slot's definition is content (it comes with an event); who holds it until when is operational.
queue = Table(
    "queue",
    metadata,
    number_column("id"),
    text_column("project"),
    _item(),
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
    text_column("id", primary_key=True),
    text_column("name"),
    text_column("created_at"),
    UniqueConstraint("name", name="project_name"),
)

configuration = Table(
    "configuration",
    metadata,
    text_column("project", primary_key=True),
    integer_column("version", primary_key=True),
    integer_column("position"),
)

import_chunk = Table(
    "import_chunk",
    metadata,
    integer_column("position", primary_key=True),
    text_column("project"),
    text_column("source_hash"),
    integer_column("last_line"),
    integer_column("accepted"),
    integer_column("rejected"),
)
Index("import_chunk_by_project", import_chunk.c.project)

run = Table(
    "run",
    metadata,
    text_column("project", primary_key=True),
    text_column("id", primary_key=True),
    integer_column("started"),
    Column("finished", _NUMBER),
)

plan = Table(
    "plan",
    metadata,
    text_column("project", primary_key=True),
    integer_column("position"),
)

certificate = Table(
    "certificate",
    metadata,
    text_column("project", primary_key=True),
    text_column("question", primary_key=True),
    integer_column("position"),
)

current_prediction = Table(
    "current_prediction",
    metadata,
    text_column("project", primary_key=True),
    text_column("question", primary_key=True),
    text_column("model", primary_key=True),
    integer_column("item", primary_key=True),
    integer_column("prediction"),
    sqlite_with_rowid=False,
)

current_decision = Table(
    "current_decision",
    metadata,
    text_column("project", primary_key=True),
    text_column("question", primary_key=True),
    integer_column("item", primary_key=True),
    integer_column("decision"),
    sqlite_with_rowid=False,
)

current_resolution = Table(
    "current_resolution",
    metadata,
    text_column("project", primary_key=True),
    integer_column("item", primary_key=True),
    text_column("question", primary_key=True),
    integer_column("resolution"),
    sqlite_with_rowid=False,
)

skip = Table(
    "skip",
    metadata,
    text_column("annotator", primary_key=True),
    integer_column("item", primary_key=True),
    text_column("project", primary_key=True),
    sqlite_with_rowid=False,
)

annotator_tally = Table(
    "annotator_tally",
    metadata,
    text_column("project", primary_key=True),
    text_column("annotator", primary_key=True),
    integer_column("labels"),
    integer_column("submissions"),
)

queue_tally = Table(
    "queue_tally",
    metadata,
    text_column("project", primary_key=True),
    text_column("purpose", primary_key=True),
    integer_column("total"),
    integer_column("done"),
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
