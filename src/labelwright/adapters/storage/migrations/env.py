"""Alembic runs this; `migrate.py` hands over the connection, with its transaction already begun."""

from __future__ import annotations

from alembic import context

from labelwright.adapters.storage.every_table import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
