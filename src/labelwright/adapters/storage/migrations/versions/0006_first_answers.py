"""What people said before a suggestion was revealed, and how a model's help stood by an answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table and a column; nothing that is there changes."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("annotation", sa.Column("assistance", sa.Text(), nullable=True))
    op.create_table(
        "first_answer",
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("item", number, autoincrement=False, nullable=False),
        sa.Column("round", number, autoincrement=False, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("position", number, sa.ForeignKey("ledger.position"), nullable=False),
        sa.PrimaryKeyConstraint("annotator", "item", "round", "question"),
    )
    op.create_index("first_answer_by_project", "first_answer", ["project"])
    op.create_index("first_answer_by_position", "first_answer", ["position"])


def downgrade() -> None:
    """Drop them: the version before cannot say what they mean."""
    op.drop_table("first_answer")
    op.drop_column("annotation", "assistance")
