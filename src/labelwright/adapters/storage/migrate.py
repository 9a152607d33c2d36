"""Bring a workspace's tables up to date, in one transaction: a killed migration leaves the old ones."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool

from labelwright.adapters.storage.database import connect

# Alembic keeps what it is doing in module globals.
_one_at_a_time = threading.Lock()


def migrate(path: Path) -> None:
    """Run every migration that is due. Several processes may try at once: the first does it."""
    raw = connect(path)
    try:
        engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
        # The driver is in autocommit; the transaction is ours, and takes the writer's lock at once.
        event.listen(engine, "begin", _begin)
        with _one_at_a_time, engine.begin() as connection:
            command.upgrade(_config(connection), "head")
    finally:
        raw.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
