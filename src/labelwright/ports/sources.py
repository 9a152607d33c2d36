"""Where rows come from: a file that can be read again from its beginning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from labelwright.domain.canonical import Json


@dataclass(frozen=True, slots=True)
class Row:
    """One record. line: where it begins, from 1; last_line: where it ends (a CSV field may hold line ends)."""

    line: int
    last_line: int
    fields: dict[str, Json]
    size: int
    """Bytes it was read from."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """One record that cannot be read, and why."""

    line: int
    last_line: int
    problem: str
    hint: str
    size: int


AnyRow: TypeAlias = Row | BadRow


class RowSource(Protocol):
    """A file of records. Reading it twice gives the same rows in the same order."""

    @property
    def name(self) -> str:
        """Name the file, without its folder."""
        ...

    @property
    def hash(self) -> str:
        """Give the SHA-256 of the file's bytes and of how they are read."""
        ...

    @property
    def size(self) -> int:
        """Give the file's size in bytes, 0 when not known."""
        ...

    def position(self) -> int:
        """Give how many of these bytes are read so far."""
        ...

    def rows(self) -> Iterator[AnyRow]:
        """Read from the beginning. Raises InvalidFile, when the file as a whole cannot be used."""
        ...
