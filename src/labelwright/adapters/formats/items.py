"""Choose the reader of a file of items by its name."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright.adapters.formats.csv_items import CsvSource
from labelwright.adapters.formats.jsonl import JsonlSource
from labelwright.domain.canonical import digest
from labelwright.errors import InvalidFile, InvalidInput, InvalidValue, did_you_mean
from labelwright.ports.sources import AnyRow, Row, RowSource

_FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "csv"}


def open_items(
    path: Path, *, format: str | None = None, encoding: str = "utf-8", delimiter: str | None = None
) -> RowSource:
    """Open a file of items: JSON lines or CSV, either gzipped.

    Raises: InvalidFile, when it cannot be used; InvalidInput, for a format, encoding or delimiter that is none.
    """
    suffixes = [suffix for suffix in path.suffixes if suffix != ".gz"]
    found = format or (_FORMATS.get(suffixes[-1].lower()) if suffixes else None)
    if found not in {"jsonl", "csv"}:
        if format is not None:
            raise InvalidInput(f"--format: there is no format {format!r}{did_you_mean(format, ('jsonl', 'csv'))}")
        raise InvalidFile(path, "its name does not say what it is", hint="; pass --format jsonl or --format csv")
    name = _encoding(encoding)
    if found == "jsonl":
        return JsonlSource(path, encoding=name)
    mark = {"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter)
    if mark is not None and (len(mark) != 1 or mark in '"\r\n'):
        raise InvalidInput(f"--delimiter: {delimiter!r} is not one character; write for instance ';' or tab")
    return CsvSource(path, encoding=name, delimiter=mark)


def _encoding(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        keeps_ascii = '\n{"'.encode(name) == b'\n{"'
    except (LookupError, ValueError, TypeError):
        near = did_you_mean(encoding, ("utf-8", "cp1252", "latin-1", "shift_jis", "gb18030", "koi8-r"))
        raise InvalidInput(f"--encoding: there is no encoding {encoding!r}{near}") from None
    if not keeps_ascii:
        raise InvalidInput(
            f"--encoding: {encoding!r} does not keep line ends; convert it: iconv -f {encoding} -t UTF-8"
        )
    return "utf-8" if name == "utf-8-sig" else name


@dataclass(frozen=True)
class RowsInMemory:
    """Rows that Python already holds, as a source: `labelwright.open(...)...import_items([{...}, ...])`."""

    given: Sequence[Mapping[str, Any]]
    name: str = "rows"
    size: int = 0

    @property
    def hash(self) -> str:
        try:
            return digest([dict(row) for row in self.given])
        except (TypeError, ValueError) as error:
            raise InvalidValue("rows", f"this is no JSON: {error}", "; use text, numbers, lists and dicts") from None

    def position(self) -> int:
        return 0

    def rows(self) -> Iterator[AnyRow]:
        for number, row in enumerate(self.given, start=1):
            yield Row(number, number, dict(row), 0)
