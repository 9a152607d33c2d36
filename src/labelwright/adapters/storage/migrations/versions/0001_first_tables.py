"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table of a new workspace."""
    _history()
    _calls_and_queue()
    _projections()
    _access()


def downgrade() -> None:
    """Refuse: there is nothing before the first tables."""
    raise RuntimeError("there is no version before this one; delete the workspace instead")


def _history() -> None:
    op.create_table(
        "ledger",
        *_wholes("position"),
        *_texts("stream"),
        *_wholes("version"),
        *_texts("type", "body", "provenance", "previous_hash", "hash"),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("stream", "version", name="ledger_stream_version"),
    )
    op.create_table(
        "annotator",
        *_texts("project", "id", "name", "kind", "role"),
        _reference("position", "ledger.position"),
        sa.PrimaryKeyConstraint("project", "id"),
    )
    op.create_table(
        "item",
        _number("key"),
        *_texts("project", "id", "content", "metadata", "content_hash"),
        *_blobs("salt"),
        _reference("position", "ledger.position"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("project", "id", name="item_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("item_by_position", "item", ["position"])
    op.create_index("item_by_project", "item", ["project", "key"])
    op.create_table(
        "prediction",
        _number("id"),
        *_texts("project"),
        _reference("item", "item.key"),
        *_texts("question", "model", "status", "value"),
        *_reals("confidence", nullable=True),
        *_texts("confidence_kind", nullable=True),
        *_texts("signals"),
        *_texts("problem", "raw", "call_key", nullable=True),
        *_texts("run"),
        *_wholes("schema_version", "guideline_version"),
        *_texts("prompt_hash"),
        _reference("position", "ledger.position"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("prediction_by_position", "prediction", ["position"])
    op.create_index("prediction_quarantined", "prediction", ["project", "status"], **_where("status <> 'valid'"))
    op.create_table(
        "annotation",
        _number("number"),
        *_texts("id", "project"),
        _reference("item", "item.key"),
        *_texts("question", "annotator"),
        *_wholes("round"),
        *_texts("purpose", "value"),
        *_wholes("schema_version", "guideline_version"),
        *_reals("seconds"),
        *_wholes("suggestion_shown"),
        *_texts("status", "created_at", "submission"),
        _reference("position", "ledger.position"),
        *_wholes("retraction", nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id", name="annotation_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("annotation_by_annotator", "annotation", ["project", "annotator", "number"])
    op.create_index("annotation_by_position", "annotation", ["position"], unique=True)
    op.create_index("annotation_by_submission", "annotation", ["submission"])
    op.create_index(
        "annotation_once",
        "annotation",
        ["item", "annotator", "round", "question"],
        unique=True,
        **_where("retraction IS NULL"),
    )
    op.create_table(
        "sample",
        _reference("position", "ledger.position"),
        *_wholes("place"),
        _reference("item", "item.key"),
        sa.PrimaryKeyConstraint("position", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decision",
        _number("id"),
        *_texts("project"),
        _reference("item", "item.key"),
        *_texts("question", "route", "reason"),
        *_reals("score", "probability", nullable=True),
        _reference("position", "ledger.position"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("decision_by_position", "decision", ["position"])
    op.create_table(
        "resolution",
        _number("id"),
        *_texts("project"),
        _reference("item", "item.key"),
        *_texts("question", "value", "status"),
        *_reals("probability", nullable=True),
        *_texts("method", "voters", "evidence"),
        _reference("position", "ledger.position"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("resolution_by_position", "resolution", ["position"])


def _calls_and_queue() -> None:
    op.create_table(
        "call",
        _number("id"),
        *_texts("key", "project", "run"),
        *_wholes("item"),
        *_texts("item_id", "provider", "model"),
        *_wholes("step", "attempt"),
        *_texts("status"),
        *_wholes("http_status", nullable=True),
        *_texts("error", nullable=True),
        *_blobs("response", nullable=True),
        *_wholes("tokens_in", "tokens_out", "tokens_cached", "cost_pico", nullable=True),
        *_reals("latency_ms"),
        *_texts("created_at", "hash"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("call_answered", "call", ["key"], **_where("status = 'ok'"))
    op.create_index("call_by_project", "call", ["project"])
    op.create_table(
        "queue",
        _number("id"),
        *_texts("project"),
        _reference("item", "item.key"),
        *_wholes("round"),
        *_texts("purpose"),
        *_wholes("slot"),
        *_texts("questions"),
        *_reals("priority"),
        *_wholes("blind"),
        *_texts("reason", "state"),
        *_texts("holder", nullable=True),
        *_wholes("fence"),
        *_reals("available_at"),
        *_texts("submission", nullable=True),
        _reference("position", "ledger.position"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item", "round", "purpose", "slot", name="queue_slot"),
        sqlite_autoincrement=True,
    )
    op.create_index("queue_by_purpose", "queue", ["project", "purpose", "state"])
    op.create_index("queue_by_submission", "queue", ["submission"])
    op.create_index(
        "queue_held", "queue", ["holder", "item", "round", "purpose"], unique=True, **_where("state = 'leased'")
    )
    op.create_index(
        "queue_waiting",
        "queue",
        ["project", sa.literal_column("priority DESC"), "id"],
        **_where("state IN ('open', 'leased')"),
    )


def _projections() -> None:
    op.create_table(
        "project",
        *_texts("id", "name", "created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="project_name"),
    )
    op.create_table(
        "configuration",
        *_texts("project"),
        *_wholes("version", "position"),
        sa.PrimaryKeyConstraint("project", "version"),
    )
    op.create_table(
        "import_chunk",
        *_wholes("position"),
        *_texts("project", "source_hash"),
        *_wholes("last_line", "accepted", "rejected"),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("import_chunk_by_project", "import_chunk", ["project"])
    op.create_table(
        "run",
        *_texts("project", "id"),
        *_wholes("started"),
        *_wholes("finished", nullable=True),
        sa.PrimaryKeyConstraint("project", "id"),
    )
    op.create_table(
        "plan",
        *_texts("project"),
        *_wholes("position"),
        sa.PrimaryKeyConstraint("project"),
    )
    op.create_table(
        "certificate",
        *_texts("project", "question"),
        *_wholes("position"),
        sa.PrimaryKeyConstraint("project", "question"),
    )
    op.create_table(
        "current_prediction",
        *_texts("project", "question", "model"),
        *_wholes("item", "prediction"),
        sa.PrimaryKeyConstraint("project", "question", "model", "item"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "current_decision",
        *_texts("project", "question"),
        *_wholes("item", "decision"),
        sa.PrimaryKeyConstraint("project", "question", "item"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "current_resolution",
        *_texts("project"),
        *_wholes("item"),
        *_texts("question"),
        *_wholes("resolution"),
        sa.PrimaryKeyConstraint("project", "item", "question"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "skip",
        *_texts("annotator"),
        *_wholes("item"),
        *_texts("project"),
        sa.PrimaryKeyConstraint("annotator", "item", "project"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "annotator_tally",
        *_texts("project", "annotator"),
        *_wholes("labels", "submissions"),
        sa.PrimaryKeyConstraint("project", "annotator"),
    )
    op.create_table(
        "queue_tally",
        *_texts("project", "purpose"),
        *_wholes("total", "done"),
        sa.PrimaryKeyConstraint("project", "purpose"),
    )


def _access() -> None:
    op.create_table(
        "invite",
        *_texts("token_hash", "project", "annotator"),
        *_reals("expires_at"),
        *_wholes("uses"),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "session",
        *_texts("token_hash", "project", "annotator"),
        *_reals("expires_at"),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "idempotency",
        *_texts("annotator", "key", "body_hash"),
        *_wholes("status"),
        *_blobs("body"),
        *_reals("created_at"),
        sa.PrimaryKeyConstraint("annotator", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("idempotency_by_age", "idempotency", ["created_at"])


# ---------------------------------------------------------------- columns, as they were when this was written

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, _NUMBER, autoincrement=True, nullable=False)


def _reference(name: str, target: str) -> sa.Column[int]:
    return sa.Column(name, _NUMBER, sa.ForeignKey(target), autoincrement=False, nullable=False)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _wholes(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, _NUMBER, autoincrement=False, nullable=nullable) for name in names]


def _reals(*names: str, nullable: bool = False) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=nullable) for name in names]


def _blobs(*names: str, nullable: bool = False) -> list[sa.Column[bytes]]:
    return [sa.Column(name, sa.LargeBinary(), nullable=nullable) for name in names]


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
