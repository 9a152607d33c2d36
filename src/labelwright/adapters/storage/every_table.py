"""All tables of a workspace together: what a new database is made with."""

from __future__ import annotations

from labelwright.adapters.storage import (
    access_tables,
    assistant_table,
    batch_tables,
    draft_table,
    objection_table,
    operations_tables,
    projection_tables,
    queue_table,
    remark_table,
    seen_table,
    tables,
)
from labelwright.adapters.storage.columns import metadata

__all__ = ["MODULES", "metadata"]

MODULES = (
    tables,
    queue_table,
    projection_tables,
    access_tables,
    operations_tables,
    batch_tables,
    draft_table,
    remark_table,
    assistant_table,
    seen_table,
    objection_table,
)
