"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table of a new workspace."""
    op.create_table(
        "annotator_tally",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("labels", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("submissions", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("project", "annotator"),
    )
    op.create_table(
        "call",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("item", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("step", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("attempt", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("response", sa.LargeBinary(), nullable=True),
        sa.Column("tokens_in", _NUMBER, nullable=True),
        sa.Column("tokens_out", _NUMBER, nullable=True),
        sa.Column("tokens_cached", _NUMBER, nullable=True),
        sa.Column("cost_pico", _NUMBER, nullable=True),
        sa.Column("latency_ms", sa.Float(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "call_answered",
        "call",
        ["key"],
        unique=False,
        sqlite_where=sa.text("status = 'ok'"),
        postgresql_where=sa.text("status = 'ok'"),
    )
    op.create_index("call_by_project", "call", ["project"], unique=False)
    op.create_table(
        "certificate",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("position", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("project", "question"),
    )
    op.create_table(
        "configuration",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("version", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("position", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("project", "version"),
    )
    op.create_table(
        "current_decision",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("item", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("decision", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("project", "question", "item"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "current_prediction",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("item", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("prediction", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("project", "question", "model", "item"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "current_resolution",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("item", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("resolution", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("project", "item", "question"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idempotency",
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("status", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("annotator", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "import_chunk",
        sa.Column("position", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("source_hash", sa.Text(), nullable=False),
        sa.Column("last_line", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("accepted", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("rejected", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("import_chunk_by_project", "import_chunk", ["project"], unique=False)
    op.create_table(
        "invite",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("uses", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "ledger",
        sa.Column("position", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("version", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("stream", "version", name="ledger_stream_version"),
    )
    op.create_table(
        "plan",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("position", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("project"),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="project_name"),
    )
    op.create_table(
        "queue_tally",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("total", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("done", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("project", "purpose"),
    )
    op.create_table(
        "run",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("started", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("finished", _NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("project", "id"),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "skip",
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("item", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("annotator", "item", "project"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "annotator",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("position", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["position"],
            ["ledger.position"],
        ),
        sa.PrimaryKeyConstraint("project", "id"),
    )
    op.create_table(
        "item",
        sa.Column("key", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("position", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["position"],
            ["ledger.position"],
        ),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("project", "id", name="item_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("item_by_position", "item", ["position"], unique=False)
    op.create_index("item_by_project", "item", ["project", "key"], unique=False)
    op.create_table(
        "annotation",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("round", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("schema_version", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("guideline_version", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("suggestion_shown", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("position", _NUMBER, nullable=False),
        sa.Column("retraction", _NUMBER, nullable=True),
        sa.ForeignKeyConstraint(
            ["item"],
            ["item.key"],
        ),
        sa.ForeignKeyConstraint(
            ["position"],
            ["ledger.position"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id", name="annotation_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("annotation_by_annotator", "annotation", ["project", "annotator", "number"], unique=False)
    op.create_index("annotation_by_position", "annotation", ["position"], unique=True)
    op.create_index("annotation_by_submission", "annotation", ["submission"], unique=False)
    op.create_index(
        "annotation_once",
        "annotation",
        ["item", "annotator", "round", "question"],
        unique=True,
        sqlite_where=sa.text("retraction IS NULL"),
        postgresql_where=sa.text("retraction IS NULL"),
    )
    op.create_table(
        "decision",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("position", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["item"],
            ["item.key"],
        ),
        sa.ForeignKeyConstraint(
            ["position"],
            ["ledger.position"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("decision_by_position", "decision", ["position"], unique=False)
    op.create_table(
        "prediction",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("confidence_kind", sa.Text(), nullable=True),
        sa.Column("signals", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("call_key", sa.Text(), nullable=True),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("schema_version", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("guideline_version", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("prompt_hash", sa.Text(), nullable=False),
        sa.Column("position", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["item"],
            ["item.key"],
        ),
        sa.ForeignKeyConstraint(
            ["position"],
            ["ledger.position"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("prediction_by_position", "prediction", ["position"], unique=False)
    op.create_index(
        "prediction_quarantined",
        "prediction",
        ["project", "status"],
        unique=False,
        sqlite_where=sa.text("status <> 'valid'"),
        postgresql_where=sa.text("status <> 'valid'"),
    )
    op.create_table(
        "queue",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("round", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("slot", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("blind", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("fence", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("available_at", sa.Float(), nullable=False),
        sa.Column("submission", sa.Text(), nullable=True),
        sa.Column("position", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["item"],
            ["item.key"],
        ),
        sa.ForeignKeyConstraint(
            ["position"],
            ["ledger.position"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item", "round", "purpose", "slot", name="queue_slot"),
        sqlite_autoincrement=True,
    )
    op.create_index("queue_by_purpose", "queue", ["project", "purpose", "state"], unique=False)
    op.create_index("queue_by_submission", "queue", ["submission"], unique=False)
    op.create_index(
        "queue_held",
        "queue",
        ["holder", "item", "round", "purpose"],
        unique=True,
        sqlite_where=sa.text("state = 'leased'"),
        postgresql_where=sa.text("state = 'leased'"),
    )
    op.create_index(
        "queue_waiting",
        "queue",
        ["project", sa.literal_column("priority DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('open', 'leased')"),
        postgresql_where=sa.text("state IN ('open', 'leased')"),
    )
    op.create_table(
        "resolution",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("voters", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("position", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["item"],
            ["item.key"],
        ),
        sa.ForeignKeyConstraint(
            ["position"],
            ["ledger.position"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("resolution_by_position", "resolution", ["position"], unique=False)
    op.create_table(
        "sample",
        sa.Column("position", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("place", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["item"],
            ["item.key"],
        ),
        sa.ForeignKeyConstraint(
            ["position"],
            ["ledger.position"],
        ),
        sa.PrimaryKeyConstraint("position", "place"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Refuse: there is nothing before the first tables."""
    raise RuntimeError("there is no version before this one; delete the workspace instead")
