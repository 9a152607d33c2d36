"""CSV with a header: every cell is text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from labelwright.adapters.formats.lines import MOST_LINE_BYTES, LineFile, not_utf8
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidFile
from labelwright.ports.sources import AnyRow, BadRow, Row

MOST_COLUMNS = 10_000
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


class CsvSource:
    """A `.csv`, `.tsv` or gzipped file with a header. Wholly empty lines are passed over."""

    def __init__(self, path: Path, *, encoding: str = "utf-8", delimiter: str | None = None) -> None:
        self._file, self._encoding = LineFile(path), encoding
        self._delimiter = delimiter or ("\t" if ".tsv" in path.suffixes else ",")

    @property
    def name(self) -> str:
        return self._file.path.name

    @property
    def hash(self) -> str:
        return f"{self._file.sha256}:csv:{self._encoding}:{self._delimiter}"

    @property
    def size(self) -> int:
        return self._file.size

    def position(self) -> int:
        return self._file.position()

    def rows(self) -> Iterator[AnyRow]:
        """Read records under the header's names; a record that does not fit it is a BadRow."""
        # The module's limit is global to the process: it is raised to what one row may hold, never lowered.
        csv.field_size_limit(max(csv.field_size_limit(), MOST_LINE_BYTES))
        with closing(_Text(self._file, self._encoding)) as text:
            yield from self._rows(text)

    def _rows(self, text: _Text) -> Iterator[AnyRow]:
        reader = csv.reader(text, delimiter=self._delimiter, strict=True)
        header = self._header(reader, text)
        while True:
            begins, size_before = text.number + 1, text.bytes
            text.bad.clear()
            try:
                cells = next(reader, None)
                problem, hint = "", ""
            except csv.Error as error:
                cells, (problem, hint) = [], _explained(error)
            if cells is None:
                return
            line, last_line, size = begins, text.number, text.bytes - size_before
            if not cells and not problem and not text.bad:
                continue
            if text.bad:
                problem, hint = text.bad[0]
            elif not problem and len(cells) != len(header):
                problem = f"has {len(cells)} cells where the header has {len(header)}"
                hint = "put cells that hold the delimiter or a quote in quotes"
            elif not problem and any("\0" in cell for cell in cells):
                problem, hint = "holds a NUL character", "remove it: databases and browsers cut the text there"
            elif not problem and size > MOST_LINE_BYTES:
                problem, hint = f"is {size:,} bytes long", f"the most for one row is {MOST_LINE_BYTES:,}"
            if problem:
                yield BadRow(line, last_line, problem, hint, size)
            else:
                fields: dict[str, Json] = dict(zip(header, cells, strict=True))
                yield Row(line, last_line, fields, size)

    def _header(self, reader: Iterator[list[str]], text: _Text) -> list[str]:
        path = self._file.path
        try:
            header = next(filter(None, reader), None)
        except csv.Error as error:
            raise InvalidFile(path, f"the header cannot be read: {_explained(error)[0]}", line=1) from None
        if text.bad:
            raise InvalidFile(path, f"the header: {text.bad[0][0]}", line=1, hint=f"; {text.bad[0][1]}")
        if header is None:
            raise InvalidFile(path, "holds only blank lines", hint="; nothing was imported")
        if len(header) > MOST_COLUMNS:
            raise InvalidFile(path, f"has {len(header):,} columns", line=1, hint=f"; the most is {MOST_COLUMNS:,}")
        if len(header) == 1:
            other = next((mark for mark in _DELIMITERS if mark != self._delimiter and mark in header[0]), None)
            if other is not None:
                hint = f"; pass --delimiter {'tab' if other == chr(9) else repr(other)}"
                raise InvalidFile(path, f"the columns seem to be set apart by {_DELIMITERS[other]}", line=1, hint=hint)
        for place, name in enumerate(header):
            if not name.strip():
                raise InvalidFile(
                    path, f"column {place + 1} has no name", line=1, hint="; the first line names the columns"
                )
            if name in header[:place]:
                raise InvalidFile(path, f"column {name!r} is there twice", line=1, hint="; rename one")
        return header


class _Text:
    """Decoded lines for the reader, which remember where they could not be decoded."""

    def __init__(self, file: LineFile, encoding: str) -> None:
        self._lines, self._encoding = file.lines(), encoding
        self.number = 0
        self.bytes = 0
        self.bad: list[tuple[str, str]] = []

    def close(self) -> None:
        self._lines.close()

    def __iter__(self) -> _Text:
        return self

    def __next__(self) -> str:
        self.number, line, size = next(self._lines)
        self.bytes += size
        if line is None:
            self.bad.append((f"a line is {size:,} bytes long", f"the most for one row is {MOST_LINE_BYTES:,}"))
            return "\n"
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError as error:
            self.bad.append(not_utf8(line, self._encoding, error))
            return line.decode(self._encoding, "replace")


def _explained(error: csv.Error) -> tuple[str, str]:
    said = str(error)
    if "unexpected end" in said:
        return "a quote is opened here and never closed", "close it, or double quotes that belong to the text"
    if "field larger" in said:
        return "a cell is too long, or a quote is never closed", f"the most for one row is {MOST_LINE_BYTES:,} bytes"
    if "new-line character" in said:
        return "has line ends of a kind CSV does not know (a bare CR)", "save the file with LF or CRLF line ends"
    if "expected after" in said:
        return "text follows a closing quote", "double quotes that belong to the text"
    return f"this is no CSV: {said}", "check the quotes and the delimiter"
