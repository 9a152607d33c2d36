"""JSON lines: one object per line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import orjson

from labelwright.adapters.formats.lines import MOST_LINE_BYTES, LineFile, not_utf8
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidFile
from labelwright.ports.sources import AnyRow, BadRow, Row

MOST_KEYS = 10_000
DEEPEST = 64
_LONG_NUMBER = re.compile(rb"[0-9]{19}")


class JsonlSource:
    """A `.jsonl` or `.jsonl.gz` file. Blank lines are passed over."""

    def __init__(self, path: Path, *, encoding: str = "utf-8") -> None:
        self._file, self._encoding = LineFile(path), encoding

    @property
    def name(self) -> str:
        return self._file.path.name

    @property
    def hash(self) -> str:
        return f"{self._file.sha256}:jsonl:{self._encoding}"

    @property
    def size(self) -> int:
        return self._file.size

    def position(self) -> int:
        return self._file.position()

    def rows(self) -> Iterator[AnyRow]:
        """Read objects; a line that is none is a BadRow, told with its byte or column."""
        with closing(self._file.lines()) as lines:
            yield from self._rows(lines)

    def _rows(self, lines: Iterable[tuple[int, bytes | None, int]]) -> Iterator[AnyRow]:
        plain = self._encoding == "utf-8"
        seen = False
        for number, line, size in lines:
            if line is None:
                seen = True
                yield BadRow(number, number, *_too_long(size), size)
                continue
            try:
                fields = orjson.loads(line if plain else line.decode(self._encoding))
            except ValueError as error:
                if not line.strip():
                    continue
                self._refuse_an_array(line, first=not seen)
                seen = True
                yield BadRow(number, number, *self._explained(line, error), size)
                continue
            seen = True
            if not isinstance(fields, dict):
                self._refuse_an_array(line, first=number == 1)
                problem = f"an object is needed, not {type(fields).__name__}"
                yield BadRow(number, number, problem, 'write {"id": "1", "text": "..."}', size)
                continue
            found = cast("dict[str, Json]", fields)
            trouble = None if _is_plain(line, found) else _looked_closer(line, self._encoding)
            if trouble is None:
                yield Row(number, number, found, size)
            elif isinstance(trouble, dict):
                yield Row(number, number, trouble, size)
            else:
                yield BadRow(number, number, *trouble, size)
        if not seen:
            raise InvalidFile(self._file.path, "holds only blank lines", hint="; nothing was imported")

    def _explained(self, line: bytes, error: ValueError) -> tuple[str, str]:
        if isinstance(error, UnicodeDecodeError):
            return not_utf8(line, self._encoding, error)
        try:
            line.decode(self._encoding)
        except UnicodeDecodeError as wrong:
            return not_utf8(line, self._encoding, wrong)
        if isinstance(error, orjson.JSONDecodeError):
            if "surrogate" in error.msg:
                return f"holds half a character (column {error.pos + 1})", "write the whole surrogate pair, or U+FFFD"
            return f"this is no JSON: {error.msg} (column {error.pos + 1})", "each line must be one whole JSON object"
        return "this is no JSON", "each line must be one whole JSON object"

    def _refuse_an_array(self, line: bytes, *, first: bool) -> None:
        if first and line.lstrip().startswith(b"["):
            hint = "; write one object per line, for instance: jq -c '.[]' in.json > out.jsonl"
            raise InvalidFile(self._file.path, "is one JSON array, not JSON lines", line=1, hint=hint)


def _is_plain(line: bytes, fields: dict[str, Json]) -> bool:
    """Whether the fast reader can have lost nothing: as many colons after quotes as keys, no long number, no NUL."""
    return (
        line.count(b'":') == len(fields) + sum(len(v) for v in fields.values() if isinstance(v, dict))
        and line.count(b"{") + line.count(b"[") <= DEEPEST
        and b"\\u0000" not in line
        and len(fields) <= MOST_KEYS
        and _LONG_NUMBER.search(line) is None
    )


def _looked_closer(line: bytes, encoding: str) -> tuple[str, str] | dict[str, Json] | None:
    """Read again with care: twice the same key, integers of any length, NUL, depth."""
    if _depth(line) > DEEPEST:
        return f"is nested more than {DEEPEST} deep", "flatten it"
    twins: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) < len(found):
            names = [name for name, _ in found]
            twins.append(next(name for name in names if names.count(name) > 1))
        return made

    try:
        fields = json.loads(line.decode(encoding), object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return "this holds a number that is too long", "write it as text, in quotes"
    if twins:
        return f"key {twins[0][:60]!r} is there twice", "keep one of them"
    if len(fields) > MOST_KEYS:
        return f"has {len(fields):,} keys", f"the most is {MOST_KEYS:,}"
    if b"\\u0000" in line and _has_nul(fields):
        return "holds a NUL character (\\u0000)", "remove it: databases and browsers cut the text there"
    return fields


def _depth(line: bytes) -> int:
    """Give how deep brackets are nested outside of strings."""
    depth = deepest = 0
    for bracket in re.finditer(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', line):
        if bracket[0] in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket[0] in b"]}":
            depth -= 1
    return deepest


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in cast("dict[str, object]", value).items() for part in pair)
    return isinstance(value, list) and any(_has_nul(part) for part in cast("list[object]", value))


def _too_long(size: int) -> tuple[str, str]:
    return f"is {size:,} bytes long", f"the most for one row is {MOST_LINE_BYTES:,}: shorten the text or split it"
