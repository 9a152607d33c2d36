"""R12: a workspace is made and brought up to date by migrations, whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from labelwright.adapters import storage as package
from labelwright.adapters.storage import migrate, open_storage
from labelwright.adapters.storage.opening import NEWEST_REVISION, memory_schema
from labelwright.errors import InvalidValue, StorageFailure, WorkspaceMissing, WorkspaceTooNew
from labelwright.testing.storage_build import PROJECT, begin

Schema = dict[tuple[str, str], tuple[object, ...]]


def schema_of(connection: sqlite3.Connection) -> Schema:
    """What there is, by kind and name: columns of tables, and the words of indexes."""
    found: Schema = {}
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
        if name.startswith(("sqlite_", "alembic_")):
            continue
        columns = tuple(connection.execute(f"PRAGMA table_xinfo({name})").fetchall()) if kind == "table" else ()
        references = connection.execute(f"PRAGMA foreign_key_list({name})").fetchall() if kind == "table" else []
        keys = tuple(sorted(reference[2:5] for reference in references))
        words = (
            " ".join(sql.replace('"', "").split()) if kind == "index" else ("AUTOINCREMENT" in sql, "WITHOUT" in sql)
        )
        found[kind, name] = (columns, keys, words)
    return found


def test_migrations_make_the_same_tables_as_the_code_describes(tmp_path: Path) -> None:
    open_storage(tmp_path / "w.db").close()
    migrated = sqlite3.connect(tmp_path / "w.db")
    described = sqlite3.connect(":memory:")
    for sql in memory_schema():
        described.execute(sql)
    try:
        assert schema_of(migrated) == schema_of(described)
        assert len(schema_of(described)) > 30
    finally:
        migrated.close()
        described.close()


def test_the_newest_revision_is_the_last_migration() -> None:
    scripts = ScriptDirectory(str(Path(package.__file__).parent / "migrations"))
    assert scripts.get_heads() == [NEWEST_REVISION]


def test_opening_again_migrates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = open_storage(tmp_path / "w.db")
    begin(storage)
    storage.close()
    monkeypatch.delattr(migrate, "migrate")  # would be missed if it were called
    storage = open_storage(tmp_path / "w.db")
    with storage.reading() as views:
        assert views.item_count(PROJECT) == 5
    storage.close()


def test_R12_a_workspace_of_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    open_storage(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '0999'")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(WorkspaceTooNew, match="pip install --upgrade labelwright"):
        open_storage(path)
    assert path.read_bytes() == before


def test_R12_a_migration_that_dies_half_way_leaves_nothing_and_can_be_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.db"
    made: list[str] = []
    from alembic import op

    create = op.create_table

    def dying(name: str, *columns: Any, **options: Any) -> object:  # noqa: ANN401  what it stands for
        made.append(name)
        if len(made) == 8:
            raise KeyboardInterrupt
        return create(name, *columns, **options)

    with monkeypatch.context() as patched:
        patched.setattr(op, "create_table", dying)
        with pytest.raises(KeyboardInterrupt):
            open_storage(path)
    connection = sqlite3.connect(path)
    assert schema_of(connection) == {}
    connection.close()
    storage = open_storage(path)
    begin(storage)
    storage.close()


def test_R12_a_workspace_of_the_first_version_is_brought_up_to_date_with_what_it_paid(tmp_path: Path) -> None:
    """Its history stays as it is, and a budget that is set now knows of the calls made before there were budgets."""
    path = tmp_path / "w.db"
    first_version(path)
    with sqlite3.connect(path) as old:
        old.execute("INSERT INTO ledger VALUES (1, 's', 1, 'T', '{}', '{}', 'before', 'after')")
        for number, cost in enumerate((5, None, 7), 1):
            columns = "id, key, project, run, item, item_id, provider, model, step, attempt, status, latency_ms"
            values = f"{number}, 'k', '{PROJECT}', 'r', 1, 'i', 'p', 'm', 0, 0, 'ok', 1.0"
            old.execute(
                f"INSERT INTO call ({columns}, cost_pico, created_at, hash) VALUES ({values}, ?, '', '')", (cost,)
            )
    old.close()
    storage = open_storage(path)
    with storage.reading() as views:
        assert views.head().hash == "after"
        assert views.budget(PROJECT, limit=None).spent == 12
        assert views.jobs(PROJECT) == []
    storage.close()
    described = sqlite3.connect(":memory:")
    for sql in memory_schema():
        described.execute(sql)
    migrated = sqlite3.connect(path)
    assert schema_of(migrated) == schema_of(described)
    migrated.close()
    described.close()


def first_version(path: Path) -> None:
    """Make a workspace as the first version made it."""
    with migrating(path) as config:
        command.upgrade(config, "0001")


@contextmanager
def migrating(path: Path) -> Iterator[Config]:
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        yield config
    engine.dispose()


def test_threads_that_open_new_workspaces_at_once_do_not_meet(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(open_storage, [tmp_path / f"w{n % 2}.db" for n in range(4)]))
    for storage in opened:
        storage.verify()
        storage.close()


def test_a_missing_workspace_is_made_only_when_asked(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceMissing, match="labelwright init"):
        open_storage(tmp_path / "w.db", create=False)
    with pytest.raises(WorkspaceMissing):
        open_storage(tmp_path / "no" / "w.db")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    text, other = tmp_path / "notes.txt", tmp_path / "other.db"
    text.write_text("a diary " * 1000)
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    for path in (text, other):
        before = path.read_bytes()
        with pytest.raises(StorageFailure, match="not a Labelwright workspace"):
            open_storage(path)
        assert path.read_bytes() == before


def test_a_url_names_a_file_and_other_databases_are_named_as_unknown(tmp_path: Path) -> None:
    open_storage(f"sqlite:///{tmp_path}/w.db").close()
    assert (tmp_path / "w.db").is_file()
    with pytest.raises(InvalidValue, match="'oracle' cannot be opened"):
        open_storage("oracle://host/db")
