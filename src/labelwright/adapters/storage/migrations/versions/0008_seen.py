"""Which labels people have seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# As folding the ledger again gives them: each way once, at its first time.
_KNOWN = (
    ("question, 'suggestion'", "first_answer"),
    ("'*', 'assistant'", "assistant_use"),
    ("question, 'answered'", "annotation WHERE suggestion_shown = 1"),
)


def upgrade() -> None:
    """Add the table, and fill it with what is known to have been seen."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "seen",
        sa.Column("annotator", sa.Text(), primary_key=True, nullable=False),
        sa.Column("item", number, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("question", sa.Text(), primary_key=True, nullable=False),
        sa.Column("way", sa.Text(), primary_key=True, nullable=False),
        sa.Column("round", number, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("position", number, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("seen_by_project", "seen", ["project"])
    for what, rows in _KNOWN:
        op.execute(
            "INSERT INTO seen (annotator, item, question, way, round, project, position) "  # noqa: S608 - constants of this file
            f"SELECT annotator, item, {what}, round, project, MIN(position) FROM {rows} GROUP BY 1, 2, 3, 4, 5, 6"
        )


def downgrade() -> None:
    """Drop it; it can be folded from the ledger again."""
    op.drop_table("seen")
