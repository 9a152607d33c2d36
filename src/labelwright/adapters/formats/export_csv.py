"""CSV: a row per item, the fields it shows, five columns per question. JSON lines carry everything; this does not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

import orjson

from labelwright.domain.canonical import Json
from labelwright.ports.sinks import ExportRecord, LabelRecord

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PARTS = ("", ".status", ".probability", ".method", ".votes")


class CsvWriter:
    """`data.csv`, UTF-8, CRLF as RFC 4180 has it.

    Text stands as it is, all else as JSON; an absent value is an empty cell.

    guard_formulas: put a ' before cells that a spreadsheet would take for a formula (they begin with = + - @, a tab or
    a carriage return). It changes the text, so it is done only when asked for.
    """

    file = "data.csv"

    def __init__(
        self, content_fields: Sequence[str], questions: Sequence[str], *, guard_formulas: bool = False
    ) -> None:
        self._fields, self._questions, self._guard = content_fields, questions, guard_formulas

    def head(self) -> bytes:
        """Begin the file: the names of the columns."""
        names = [f"{question}{part}" for question in self._questions for part in _PARTS]
        taken = {"id", *names, "metadata"}
        shown = [f"content.{name}" if name in taken else name for name in self._fields]
        return self._written([["id", *shown, *names, "metadata"]])

    def lines(self, records: Sequence[ExportRecord]) -> bytes:
        """Write records, a row each."""
        return self._written([list(self._row(one)) for one in records])

    def tail(self) -> bytes:
        """End the file."""
        return b""

    def _row(self, record: ExportRecord) -> Iterator[str]:
        yield record.id
        for name in self._fields:
            yield _cell(record.content.get(name))
        for question in self._questions:
            yield from _label(record.labels[question])
        yield _cell(dict(record.metadata)) if record.metadata else ""

    def _written(self, rows: Sequence[Sequence[str]]) -> bytes:
        stream = io.StringIO()
        # With "\n" as the line end, Python 3.11 would not quote a cell that holds a bare CR.
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerows([_guarded(row) for row in rows] if self._guard else rows)
        return stream.getvalue().encode()


def _label(label: LabelRecord) -> Iterator[str]:
    yield _cell(label.value)
    yield label.status
    yield _cell(label.probability)
    yield label.method or ""
    yield " ".join(str(vote["vote"]) for vote in label.votes)


def _cell(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return str(value)


def _guarded(row: Sequence[str]) -> list[str]:
    return [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row]
