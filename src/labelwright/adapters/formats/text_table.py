"""Read a whole CSV, TSV or JSONL file, gzipped or not, as columns; write one so that it is never seen half-done."""

from __future__ import annotations

import csv
import gzip
import io
import os
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shlex import quote
from typing import Any, TypeAlias, cast

import orjson

from labelwright.errors import InvalidFile, did_you_mean

Cell: TypeAlias = str | float | None
"""Text, a number, or None where nothing was given."""

_CSV_ENDINGS = {".csv": "", ".tsv": "\t", ".txt": ""}
_JSONL_ENDINGS = {".jsonl", ".ndjson"}
_DELIMITERS = ",;\t|"
_BYTE_ORDER_MARKS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


@dataclass(frozen=True, slots=True)
class TextTable:
    """A file as columns of equal length; `lines` holds the line each row begins on."""

    file: Path
    sha256: str
    columns: dict[str, list[Cell]]
    lines: list[int]

    def column(self, name: str, *, option: str = "") -> list[Cell]:
        """Give a column by name; raises InvalidFile with the nearest name when there is none."""
        if name not in self.columns:
            chosen = f" (chosen by {option})" if option else ""
            raise InvalidFile(self.file, f"has no column {name!r}{chosen}", hint=did_you_mean(name, self.columns))
        return self.columns[name]


def read_text_table(file: Path) -> TextTable:
    """Read a `.csv`, `.tsv`, `.jsonl` or such with `.gz`; cells of text are stripped of surrounding blanks.

    JSON lists and objects become canonical JSON text, so that equal label sets are equal; a list of texts is sorted.
    Raises: InvalidFile with the line, or the byte where the text is not UTF-8.
    """
    if not file.exists():
        raise InvalidFile(file, "there is no such file")
    if not file.is_file():
        raise InvalidFile(file, "is not a file")
    packed = file.read_bytes()
    content = _unpacked(file, packed)
    if not content.strip():
        needs = (
            "one JSON object per line" if _ending(file) in _JSONL_ENDINGS else "a header line, and one line per item"
        )
        raise InvalidFile(file, f"is empty; it needs {needs}")
    text = _decoded(file, content)
    ending = _ending(file)
    if ending in _JSONL_ENDINGS:
        columns, lines = _jsonl(file, text)
    elif ending in _CSV_ENDINGS:
        columns, lines = _csv(file, text, _CSV_ENDINGS[ending])
    else:
        known = ", ".join([*_CSV_ENDINGS, *sorted(_JSONL_ENDINGS)])
        raise InvalidFile(file, f"ends in {ending or 'nothing'!r}; name it {known}, with .gz added when gzipped")
    if not lines:
        raise InvalidFile(file, "holds a header and no rows")
    return TextTable(file, sha256(packed).hexdigest(), columns, lines)


def write_csv(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file (gzipped when named `.gz`) by way of a temporary one, so that it is whole or not there."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    content = text.getvalue().encode()
    write_whole(file, gzip.compress(content, mtime=0) if file.suffix == ".gz" else content)


def write_whole(file: Path, content: bytes) -> None:
    """Write a file by way of a temporary one beside it, synced before it takes the name."""
    if not file.parent.is_dir():
        raise InvalidFile(file, f"cannot be written: there is no folder {file.parent}")
    try:
        descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as problem:
        raise InvalidFile(file, f"cannot be written: {problem.strerror}") from problem
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(file)
    except OSError as problem:
        Path(temporary).unlink(missing_ok=True)
        raise InvalidFile(file, f"cannot be written: {problem.strerror}") from problem
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _ending(file: Path) -> str:
    return (Path(file.stem).suffix if file.suffix == ".gz" else file.suffix).lower()


def _unpacked(file: Path, packed: bytes) -> bytes:
    if file.suffix != ".gz":
        return packed
    if not packed:
        return packed
    try:
        return gzip.decompress(packed)
    except (gzip.BadGzipFile, EOFError, zlib.error) as problem:
        raise InvalidFile(file, f"is not a complete gzip file ({problem})") from problem


def _decoded(file: Path, content: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            raise InvalidFile(file, f"is in {encoding}; {_in_utf8(file, encoding)}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise InvalidFile(
            file,
            f"is not UTF-8: byte 0x{content[problem.start]:02x} at position {problem.start}; "
            f"{_in_utf8(file, 'CP1252')}",
            line=line,
        ) from problem


def _in_utf8(file: Path, encoding: str) -> str:
    return f"save it as UTF-8, such as: iconv -f {encoding} -t UTF-8 {quote(file.name)} > utf8{''.join(file.suffixes)}"


def _csv(file: Path, text: str, delimiter: str) -> tuple[dict[str, list[Cell]], list[int]]:
    first = text[: text.find("\n")] if "\n" in text else text
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter or max(_DELIMITERS, key=first.count), strict=True
    )
    rows: list[list[str]] = []
    lines: list[int] = []
    begins = 1
    try:
        header = [name.strip() for name in next(reader)]
        _check_header(file, header)
        begins = reader.line_num + 1
        for row in reader:
            if len(row) != len(header):
                if not row:
                    begins = reader.line_num + 1
                    continue
                raise InvalidFile(file, f"has {len(row)} fields, and the header {len(header)}", line=begins)
            rows.append(row)
            lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as problem:
        raise InvalidFile(file, f"is not readable as CSV from here on ({problem})", line=begins) from problem
    columns: dict[str, list[Cell]] = {
        name: [row[place].strip() or None for row in rows] for place, name in enumerate(header)
    }
    return columns, lines


def _check_header(file: Path, header: list[str]) -> None:
    for place, name in enumerate(header, start=1):
        if not name:
            raise InvalidFile(file, f"column {place} has no name", line=1)
        if header.index(name) != place - 1:
            raise InvalidFile(file, f"has two columns named {name!r}", line=1)


def _jsonl(file: Path, text: str) -> tuple[dict[str, list[Cell]], list[int]]:
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as problem:
            raise InvalidFile(file, f"is not valid JSON ({problem})", line=number) from problem
        if not isinstance(record, dict):
            raise InvalidFile(file, "must hold one JSON object per line", line=number)
        records.append(cast("dict[str, Any]", record))
        lines.append(number)
    names = dict.fromkeys(name for record in records for name in record)
    return {name: [_cell(record.get(name)) for record in records] for name in names}, lines


def _cell(value: object) -> Cell:
    match value:
        case None:
            return None
        case str():
            return value.strip() or None
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return value
        case list():
            parts = cast("list[object]", value)
            if all(isinstance(part, str) for part in parts):
                return orjson.dumps(sorted(cast("list[str]", parts))).decode()
            return orjson.dumps(parts).decode()
        case _:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
