"""Batches that are out at a provider."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; nothing that is there changes."""
    op.create_table(
        "batch_shard",
        *_texts("id", "project", "run", "provider", "model"),
        *_texts("after", "batch", nullable=True),
        *_wholes("lines", "tokens", "reserved"),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("batch_shard_by_project", "batch_shard", ["project", "created_at"])
    op.create_table(
        "batch_line",
        *_texts("shard", "key"),
        *_wholes("item"),
        *_texts("item_id"),
        *_wholes("step", "attempt"),
        sa.PrimaryKeyConstraint("shard", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("batch_line_by_key", "batch_line", ["key"])


def downgrade() -> None:
    """Drop them: what they hold is of no use to the version before."""
    op.drop_table("batch_line")
    op.drop_table("batch_shard")


# ---------------------------------------------------------------- columns, as they were when this was written

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _wholes(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, _NUMBER, autoincrement=False, nullable=nullable) for name in names]
