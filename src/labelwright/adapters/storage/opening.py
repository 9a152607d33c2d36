"""Open a workspace's database; make it, or bring it up to date, where that is needed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from labelwright.adapters.storage.database import PATIENCE_SECONDS, connect, translated
from labelwright.adapters.storage.every_table import metadata
from labelwright.adapters.storage.read_only import ReadOnlyStorage, has_log, look, may_write, refusal
from labelwright.adapters.storage.storage import MemoryStorage, SqliteStorage
from labelwright.errors import InvalidValue, StorageFailure, WorkspaceMissing, WorkspaceTooNew
from labelwright.ports.storage import Storage

NEWEST_REVISION = "0009"
"""The last of migrations/versions. Known here so that opening an up-to-date workspace need not import Alembic."""
MEMORY = "memory:"


def open_storage(target: str | Path, *, create: bool = True) -> Storage:
    """Open the database at a path, `sqlite:///path`, or `memory:`.

    create: make it when the file is missing. What this user may not write is opened for reading only.
    Raises WorkspaceMissing (create=False), WorkspaceTooNew, and StorageFailure when the file is something else.
    """
    if target == MEMORY:
        return _open_memory()
    path = _path(target)
    if not path.exists() and not create:
        raise WorkspaceMissing(path.parent)
    if not path.parent.is_dir():
        raise WorkspaceMissing(path.parent)
    if not may_write(path):
        return _open_read_only(path)
    _prepare(path)
    return SqliteStorage(path, connect(path))


def _open_read_only(path: Path) -> Storage:
    if not path.exists():
        raise refusal(path.parent, "a workspace cannot be made there")
    revision = _revision(path, lambda file: look(file, logged=has_log(file)))
    if revision is None or revision < NEWEST_REVISION:
        raise refusal(path, "it was written by an earlier version of Labelwright and must be brought up to date")
    _check_not_newer(path, revision)
    return ReadOnlyStorage(path)


def _path(target: str | Path) -> Path:
    if isinstance(target, Path):
        return target
    if target.startswith("sqlite:///"):
        return Path(target.removeprefix("sqlite:///"))
    if "://" in target:
        scheme = target.split("://", maxsplit=1)[0]
        hint = "; give a file's path, sqlite:///path or memory:"
        raise InvalidValue("workspace", f"a database of kind {scheme!r} cannot be opened", hint)
    return Path(target)


def _open_memory() -> Storage:
    connection = connect(None)
    for sql in memory_schema():
        connection.execute(sql)
    return MemoryStorage(connection)


def memory_schema() -> list[str]:
    """Give the statements that make all tables and indexes, as the migrations do."""
    from sqlalchemy.schema import CreateIndex, CreateTable  # noqa: PLC0415

    from labelwright.adapters.storage.statement import SQLITE  # noqa: PLC0415

    made: list[str] = []
    for table in metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=SQLITE)))
        made += [
            str(CreateIndex(index).compile(dialect=SQLITE))
            for index in sorted(table.indexes, key=lambda i: i.name or "")
        ]
    return made


def _prepare(path: Path) -> None:
    revision = _revision(path, _only_look)
    if revision == NEWEST_REVISION:
        return
    _check_not_newer(path, revision)
    from labelwright.adapters.storage.migrate import migrate  # noqa: PLC0415  Alembic costs 0.1 s, and is rarely needed

    migrate(path)


def _check_not_newer(path: Path, revision: str | None) -> None:
    if revision is not None and revision > NEWEST_REVISION:
        found = f"{path} was written by a later version of Labelwright (schema {revision}, here {NEWEST_REVISION})"
        raise WorkspaceTooNew(f"{found}: upgrade with: pip install --upgrade labelwright")


def _only_look(path: Path) -> sqlite3.Connection:
    """Open for reading: a file that is something else must stay as it is."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=PATIENCE_SECONDS)


def _revision(path: Path, opened: Callable[[Path], sqlite3.Connection]) -> str | None:
    """Give the schema's revision, None when the file is missing or empty. Raises StorageFailure for other files."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    connection = opened(path)
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            return None
        if "alembic_version" not in tables or "ledger" not in tables:
            raise StorageFailure(f"{path} is a database, but not a Labelwright workspace")
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        raise translated(error) from error
    except sqlite3.DatabaseError as error:
        raise StorageFailure(f"{path} is not a Labelwright workspace: {error}") from error
    else:
        return revision
    finally:
        connection.close()
