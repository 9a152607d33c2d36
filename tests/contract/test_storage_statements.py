"""Every statement is written once and means the same to SQLite and PostgreSQL."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement

from labelwright.adapters import storage as package
from labelwright.adapters.storage import queue, verify
from labelwright.adapters.storage.database import connect
from labelwright.adapters.storage.every_table import metadata
from labelwright.adapters.storage.opening import memory_schema, open_storage
from labelwright.adapters.storage.statement import POSTGRESQL, SQLITE, InsertRows, ListStatement, Statement

SKIPPED = {"migrations", "migrate"}


def statements() -> Iterator[tuple[str, Statement]]:
    """Every statement that stands in a module of the storage, alone or in a tuple."""
    for module in pkgutil.iter_modules(package.__path__):
        if module.name in SKIPPED:
            continue
        for name, value in vars(importlib.import_module(f"{package.__name__}.{module.name}")).items():
            for found in value if isinstance(value, tuple) else (value,):
                if isinstance(found, ListStatement):
                    yield f"{module.name}.{name}", found.of_size(3)
                elif isinstance(found, Statement):
                    yield f"{module.name}.{name}", found


ALL = list(statements())


def test_no_statement_is_overlooked() -> None:
    # Written by hand: a look-alike of the storage's own use would overlook what it overlooks.
    assert len(ALL) > 80
    names = {name for name, _ in ALL}
    assert {"queue.CLAIM", "ledger.ADD_EVENT", "items.ITEMS_BY_KEY", "verify.STRAYS", "rebuild.CLEAR"} <= names


@pytest.mark.parametrize(("name", "statement"), ALL, ids=[name for name, _ in ALL])
def test_every_statement_compiles_for_postgresql(name: str, statement: Statement) -> None:
    text = statement.compiled(POSTGRESQL)
    assert ":" not in text.replace("::", "")  # parameters are %(name)s there
    assert "?" not in text


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    connection = connect(None)
    for sql in memory_schema():
        connection.execute(sql)
    yield connection
    connection.close()


@pytest.mark.parametrize(("name", "statement"), ALL, ids=[name for name, _ in ALL])
def test_every_statement_is_understood_by_sqlite(
    name: str, statement: Statement, connection: sqlite3.Connection
) -> None:
    parameters = dict.fromkeys(statement_parameters(statement))
    connection.execute(f"EXPLAIN {statement.text}", parameters)


def statement_parameters(statement: Statement) -> list[str]:
    source = statement._source
    built = source if isinstance(source, ClauseElement) else source(SQLITE)
    return list(built.compile(dialect=SQLITE).params or {})


def test_tables_and_indexes_compile_for_postgresql() -> None:
    for table in metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=POSTGRESQL))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=POSTGRESQL))


def test_upserts_and_skipped_locks_are_written_for_each_database() -> None:
    assert "FOR UPDATE SKIP LOCKED" in queue.CLAIM.compiled(POSTGRESQL)
    assert "FOR UPDATE" not in queue.CLAIM.text
    assert "ON CONFLICT" in queue.ADD_ENTRY.text
    assert "ON CONFLICT" in queue.ADD_ENTRY.compiled(POSTGRESQL)


@pytest.mark.parametrize(
    ("statement", "index"),
    [(queue.CLAIM, "queue_waiting"), (queue.CLAIM, "queue_held"), (queue.RENEW_HELD, "queue_held")],
)
def test_claiming_walks_an_index_and_sorts_nothing(
    statement: Statement, index: str, connection: sqlite3.Connection
) -> None:
    parameters = dict.fromkeys(statement_parameters(statement))
    plan = " / ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", parameters))
    assert index in plan
    if statement is queue.CLAIM:
        assert "TEMP B-TREE" not in plan
        assert "annotation_once" in plan
    assert "SCAN queue" not in plan


def test_verify_asks_for_rows_by_index(connection: sqlite3.Connection) -> None:
    for statement in (verify.ITEM_LEAVES, verify.ANNOTATIONS_AT, verify.DECISION_LEAVES, verify.RESOLUTION_LEAVES):
        plan = " / ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", {"at": 1}))
        assert "_by_position" in plan


def test_synchronous_is_full_and_stays_full(tmp_path: Path) -> None:
    """R1, R2. Mutant: synchronous=NORMAL. (2 is FULL.)"""
    storage = open_storage(tmp_path / "w.db")
    try:
        asked = storage.write(
            lambda t: [
                t.database.connection.execute(f"PRAGMA {name}").fetchone()[0]  # type: ignore[attr-defined]
                for name in ("synchronous", "journal_mode", "foreign_keys", "busy_timeout")
            ]
        )
        assert asked == [2, "wal", 1, 30000]
        with storage.reading() as views:
            reading = views.database.connection  # type: ignore[attr-defined]
            assert reading.execute("PRAGMA query_only").fetchone() == (1,)
    finally:
        storage.close()


INSERTS = [(name, statement) for name, statement in ALL if isinstance(statement, InsertRows)]


@pytest.mark.parametrize(("name", "statement"), INSERTS, ids=[name for name, _ in INSERTS])
@pytest.mark.parametrize("n", [0, 1, 2, 31, 100])
def test_many_rows_at_once_are_the_rows_that_were_given(
    connection: sqlite3.Connection, name: str, statement: InsertRows, n: int
) -> None:
    rows = [tuple(1_000 * row + place for place in range(len(statement.columns))) for row in range(1, n + 1)]
    table = name.split(".", maxsplit=1)[0].removesuffix("s")
    columns = ", ".join(f'"{column}"' for column in statement.columns)
    connection.execute("BEGIN")
    connection.execute("PRAGMA defer_foreign_keys=ON")
    try:
        for text, values in statement.chunks(rows):
            assert text.count("?") == len(values) <= 900
            connection.execute(text, values)
        found = connection.execute(f"SELECT {columns} FROM {table} ORDER BY rowid").fetchall()
    finally:
        connection.execute("ROLLBACK")
    assert [[float(value) for value in row] for row in found] == [[float(value) for value in row] for row in rows]


def test_there_are_statements_of_many_rows() -> None:
    assert {name for name, _ in INSERTS} == {"calls.ADD", "outbound.ADD", "predictions.ADD_PREDICTION"}
