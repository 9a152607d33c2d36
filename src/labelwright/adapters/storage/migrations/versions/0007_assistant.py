"""What people asked the assistant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nothing that is there changes."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "assistant_use",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("item", number, sa.ForeignKey("item.key"), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("round", number, nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("cost_micro", number),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("guideline_version", number, nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("position", number, sa.ForeignKey("ledger.position"), nullable=False),
        sa.UniqueConstraint("id", name="assistant_use_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("assistant_use_by_item", "assistant_use", ["item"])
    op.create_index("assistant_use_by_position", "assistant_use", ["position"], unique=True)


def downgrade() -> None:
    """Drop it; what was asked stays in the ledger as commitments only."""
    op.drop_table("assistant_use")
