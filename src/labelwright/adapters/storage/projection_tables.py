"""The *projections*: made anew from ledger and content at any time."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, UniqueConstraint

from labelwright.adapters.storage.columns import NUMBER, integer_column, metadata, text_column

project = Table(
    "project",
    metadata,
    text_column("id", primary_key=True),
    text_column("name"),
    text_column("created_at"),
    UniqueConstraint("name", name="project_name"),
)

configuration = Table(
    "configuration",
    metadata,
    text_column("project", primary_key=True),
    integer_column("version", primary_key=True),
    integer_column("position"),
)

import_chunk = Table(
    "import_chunk",
    metadata,
    integer_column("position", primary_key=True),
    text_column("project"),
    text_column("source_hash"),
    integer_column("last_line"),
    integer_column("accepted"),
    integer_column("rejected"),
)
Index("import_chunk_by_project", import_chunk.c.project)

run = Table(
    "run",
    metadata,
    text_column("project", primary_key=True),
    text_column("id", primary_key=True),
    integer_column("started"),
    Column("finished", NUMBER),
)

plan = Table(
    "plan",
    metadata,
    text_column("project", primary_key=True),
    integer_column("position"),
)

certificate = Table(
    "certificate",
    metadata,
    text_column("project", primary_key=True),
    text_column("question", primary_key=True),
    integer_column("position"),
)

current_prediction = Table(
    "current_prediction",
    metadata,
    text_column("project", primary_key=True),
    text_column("question", primary_key=True),
    text_column("model", primary_key=True),
    integer_column("item", primary_key=True),
    integer_column("prediction"),
    sqlite_with_rowid=False,
)

current_decision = Table(
    "current_decision",
    metadata,
    text_column("project", primary_key=True),
    text_column("question", primary_key=True),
    integer_column("item", primary_key=True),
    integer_column("decision"),
    sqlite_with_rowid=False,
)

current_resolution = Table(
    "current_resolution",
    metadata,
    text_column("project", primary_key=True),
    integer_column("item", primary_key=True),
    text_column("question", primary_key=True),
    integer_column("resolution"),
    sqlite_with_rowid=False,
)

skip = Table(
    "skip",
    metadata,
    text_column("annotator", primary_key=True),
    integer_column("item", primary_key=True),
    text_column("project", primary_key=True),
    sqlite_with_rowid=False,
)

annotator_tally = Table(
    "annotator_tally",
    metadata,
    text_column("project", primary_key=True),
    text_column("annotator", primary_key=True),
    integer_column("labels"),
    integer_column("submissions"),
)

queue_tally = Table(
    "queue_tally",
    metadata,
    text_column("project", primary_key=True),
    text_column("purpose", primary_key=True),
    integer_column("total"),
    integer_column("done"),
)

PROJECTIONS = (
    project,
    configuration,
    import_chunk,
    run,
    plan,
    certificate,
    current_prediction,
    current_decision,
    current_resolution,
    skip,
    annotator_tally,
    queue_tally,
)
