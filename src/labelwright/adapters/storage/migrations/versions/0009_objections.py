"""What models said against people's answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nothing that is there changes."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "objection",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("annotation", sa.Text(), nullable=False),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("item", number, sa.ForeignKey("item.key"), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("round", number, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("cost_micro", number),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("guideline_version", number, nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("settled", sa.Text()),
        sa.Column("position", number, sa.ForeignKey("ledger.position"), nullable=False),
        sa.UniqueConstraint("id", name="objection_id"),
        sa.UniqueConstraint("annotation", name="objection_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("objection_by_annotator", "objection", ["project", "annotator"])
    op.create_index("objection_by_position", "objection", ["position"])


def downgrade() -> None:
    """Drop it; what was objected to stays in the ledger as commitments only."""
    op.drop_table("objection")
