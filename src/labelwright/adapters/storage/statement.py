"""SQL as SQLAlchemy Core objects, compiled once to text and run straight through the driver.

Core's own `execute` costs some 50 µs a statement, the driver 5; a submission runs ten. The objects stay what they are,
so a test compiles each of them for PostgreSQL too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import Integer, Select, Table, bindparam, insert, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement, ColumnElement
from sqlalchemy.sql.elements import BindParameter

Build: TypeAlias = Callable[[Dialect], ClauseElement]

SQLITE: Dialect = sqlite.dialect(paramstyle="named")
POSTGRESQL: Dialect = postgresql.dialect(paramstyle="pyformat")


class Statement:
    """One statement with named parameters. Given as a Core object, or as a function of the dialect."""

    def __init__(self, source: ClauseElement | Build) -> None:
        self._source = source

    @cached_property
    def text(self) -> str:
        """Give the SQL for SQLite."""
        return self.compiled(SQLITE)

    def compiled(self, dialect: Dialect) -> str:
        """Give the SQL for any dialect."""
        source = self._source
        built = source if isinstance(source, ClauseElement) else source(dialect)
        compiled = built.compile(dialect=dialect)
        # A value inside a statement would become a parameter nobody gives: constants are written with `word`, `number`.
        assert all(value is None for value in (compiled.params or {}).values()), compiled.params  # noqa: S101
        return str(compiled)


class ListStatement:
    """One statement over a list of keys: `build` gets one parameter per key.

    Few sizes are compiled; a list is cut into the largest and the rest padded with its last key.
    """

    SIZES = (1, 16, 64, 256)

    def __init__(self, build: Callable[[Sequence[BindParameter[Any]]], ClauseElement]) -> None:
        self._build = build
        self._of_size: dict[int, Statement] = {}

    def of_size(self, size: int) -> Statement:
        """Give the statement for that many keys."""
        if size not in self._of_size:
            self._of_size[size] = Statement(self._build([bindparam(f"key_{i}") for i in range(size)]))
        return self._of_size[size]

    def chunks(self, keys: Sequence[Any]) -> list[tuple[Statement, dict[str, Any]]]:
        """Cut the keys into statements with their parameters."""
        largest = self.SIZES[-1]
        cut: list[tuple[Statement, dict[str, Any]]] = []
        for start in range(0, len(keys), largest):
            part = list(keys[start : start + largest])
            size = next(size for size in self.SIZES if size >= len(part))
            part += [part[-1]] * (size - len(part))
            cut.append((self.of_size(size), {f"key_{i}": key for i, key in enumerate(part)}))
        return cut


class InsertRows(Statement):
    """An INSERT of many rows at once, their values in the order of `columns`.

    The driver gives the interpreter away at each step of SQLite, which a row-by-row INSERT takes as many of as there
    are rows; a busy event loop then keeps it each time. A statement of many rows is one step.
    """

    _MOST_VALUES = 900
    """Below the fewest parameters that a SQLite takes."""

    def __init__(self, table: Table, *columns: str) -> None:
        self.columns = columns
        assert columns == tuple(c.name for c in table.columns if c.name in columns), columns  # noqa: S101 - as Core writes them
        super().__init__(insert(table).values(given(table, *columns)))
        largest = self._MOST_VALUES // len(self.columns)
        self._sizes = tuple(2**power for power in range(largest.bit_length() - 1, -1, -1))
        self._of_size: dict[int, str] = {}

    def chunks(self, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, list[Any]]]:
        """Cut the rows into statements with their parameters."""
        start = 0
        while start < len(rows):
            size = next(size for size in self._sizes if size <= len(rows) - start)
            yield self._text_of(size), list(chain.from_iterable(rows[start : start + size]))
            start += size

    def _text_of(self, size: int) -> str:
        if size not in self._of_size:
            head, _, _ = self.text.partition("VALUES")
            row = f"({', '.join('?' * len(self.columns))})"
            self._of_size[size] = f"{head}VALUES {', '.join([row] * size)}"
        return self._of_size[size]


def word(value: str) -> ColumnElement[str]:
    """Write a constant into the SQL itself, so that partial indexes recognise it."""
    return literal_column(f"'{value}'")


def number(value: int) -> ColumnElement[int]:
    """Write a constant into the SQL itself."""
    return literal_column(str(value), Integer)


def given(table: Table, *columns: str) -> dict[str, BindParameter[Any]]:
    """Give a parameter of its own name for each of these columns."""
    return {column: bindparam(column, type_=table.c[column].type) for column in columns}


def upsert(
    table: Table,
    columns: Sequence[str],
    *,
    keys: Sequence[str],
    update: Sequence[str] = (),
    where: ColumnElement[bool] | None = None,
    select: Select[*tuple[Any, ...]] | None = None,
) -> Build:
    """Build INSERT … ON CONFLICT: replace the `update` columns of the row that is there (none: leave it alone)."""

    def build(dialect: Dialect) -> ClauseElement:
        insert = postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
        insert = insert.values(given(table, *columns)) if select is None else insert.from_select(list(columns), select)
        if not update:
            return insert.on_conflict_do_nothing(index_elements=list(keys))
        replaced = {column: insert.excluded[column] for column in update}
        return insert.on_conflict_do_update(index_elements=list(keys), set_=replaced, where=where)

    return build
