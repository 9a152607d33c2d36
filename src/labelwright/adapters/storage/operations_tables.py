"""The tables of what goes on: budgets, jobs, what left. Operational: not in the ledger, not made anew."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Table, Text, text

from labelwright.adapters.storage.columns import integer_column, metadata, number_column, optional_integer, text_column

# One row per project, so that a reservation is one conditional UPDATE. All amounts are pico-USD.
budget = Table(
    "budget",
    metadata,
    text_column("project", primary_key=True),
    integer_column("spent"),
    integer_column("reserved"),
    integer_column("lost"),
    integer_column("granted"),  # what the last reservation got: RETURNING can give new values only
    integer_column("paid"),  # the sum over the call ledger, kept with every call
)

# One row per run and process. A process that is not heard of any more leaves `reserved`, which becomes `lost`.
budget_holder = Table(
    "budget_holder",
    metadata,
    text_column("project", primary_key=True),
    text_column("run", primary_key=True),
    text_column("process", primary_key=True),
    integer_column("reserved"),
    integer_column("lost"),
    Column("beat_at", Float, nullable=False),
)
_HOLDING = text("reserved > 0")
Index(
    "budget_holding",
    budget_holder.c.project,
    budget_holder.c.beat_at,
    sqlite_where=_HOLDING,
    postgresql_where=_HOLDING,
)

job = Table(
    "job",
    metadata,
    number_column("number"),
    text_column("id"),
    text_column("project"),
    text_column("kind"),
    text_column("state"),  # waiting -> running -> (pausing -> paused -> waiting) -> done, failed or cancelled
    text_column("wish"),
    text_column("counts"),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("beat_at", Float),
    Column("ended_at", Float),
    Column("worker", Text),
    text_column("asked_by"),
    Column("problem", Text),
    optional_integer("most"),
    integer_column("fence"),  # grows with every worker that takes it
    sqlite_autoincrement=True,
)
Index("job_id", job.c.id, unique=True)
Index("job_by_project", job.c.project, job.c.number)
_WAITING = text("state = 'waiting'")
Index("job_waiting", job.c.number, sqlite_where=_WAITING, postgresql_where=_WAITING)

outbound = Table(
    "outbound",
    metadata,
    number_column("number"),
    text_column("at"),
    text_column("project"),
    text_column("run"),
    optional_integer("item"),
    text_column("digest"),
    integer_column("size"),
    text_column("host"),
    Column("region", Text),
    text_column("fields"),
    text_column("pii"),
    integer_column("replaced"),
    sqlite_autoincrement=True,
)
Index("outbound_by_project", outbound.c.project, outbound.c.number)
