"""Remarks on items, and the ways from an item to what happened to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BY_ITEM = ("prediction", "sample", "decision", "resolution")


def upgrade() -> None:
    """Add the table and the indexes; nothing that is there changes."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "remark",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("item", number, sa.ForeignKey("item.key"), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("position", number, sa.ForeignKey("ledger.position"), nullable=False),
        sa.Column("withdrawn", number),
        sa.UniqueConstraint("id", name="remark_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("remark_by_item", "remark", ["item"])
    op.create_index("remark_by_position", "remark", ["position"], unique=True)
    for table in _BY_ITEM:
        op.create_index(f"{table}_by_item", table, ["item"])


def downgrade() -> None:
    """Drop them; remarks stay in the ledger as commitments only."""
    for table in _BY_ITEM:
        op.drop_index(f"{table}_by_item", table)
    op.drop_table("remark")
