"""Budgets, jobs, and a log of what left."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; nothing that is there changes."""
    op.create_table(
        "budget",
        *_texts("project"),
        *_wholes("spent", "reserved", "lost", "granted", "paid"),
        sa.PrimaryKeyConstraint("project"),
    )
    op.execute(
        "INSERT INTO budget (project, spent, reserved, lost, granted, paid) "
        "SELECT project, 0, 0, 0, 0, COALESCE(SUM(cost_pico), 0) FROM call GROUP BY project"
    )
    op.create_table(
        "budget_holder",
        *_texts("project", "run", "process"),
        *_wholes("reserved", "lost"),
        *_reals("beat_at"),
        sa.PrimaryKeyConstraint("project", "run", "process"),
    )
    op.create_index("budget_holding", "budget_holder", ["project", "beat_at"], **_where("reserved > 0"))
    op.create_table(
        "job",
        _number("number"),
        *_texts("id", "project", "kind", "state", "wish", "counts"),
        *_reals("created_at"),
        *_reals("started_at", "beat_at", "ended_at", nullable=True),
        *_texts("worker", nullable=True),
        *_texts("asked_by"),
        *_texts("problem", nullable=True),
        *_wholes("most", nullable=True),
        *_wholes("fence"),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("job_id", "job", ["id"], unique=True)
    op.create_index("job_by_project", "job", ["project", "number"])
    op.create_index("job_waiting", "job", ["number"], **_where("state = 'waiting'"))
    op.create_table(
        "outbound",
        _number("number"),
        *_texts("at", "project", "run"),
        *_wholes("item", nullable=True),
        *_texts("digest"),
        *_wholes("size"),
        *_texts("host"),
        *_texts("region", nullable=True),
        *_texts("fields", "pii"),
        *_wholes("replaced"),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbound_by_project", "outbound", ["project", "number"])


def downgrade() -> None:
    """Drop them: what they hold is of no use to the version before."""
    for table in ("outbound", "job", "budget_holder", "budget"):
        op.drop_table(table)


# ---------------------------------------------------------------- columns, as they were when this was written

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, _NUMBER, autoincrement=True, nullable=False)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _wholes(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, _NUMBER, autoincrement=False, nullable=nullable) for name in names]


def _reals(*names: str, nullable: bool = False) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=nullable) for name in names]


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
