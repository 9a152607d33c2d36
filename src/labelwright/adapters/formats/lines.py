"""A file as numbered lines of bytes: plain or gzip, hashed, never longer in memory than the longest allowed line."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import IO, cast

from labelwright.errors import InvalidFile, did_you_mean

MOST_LINE_BYTES = 4_000_000
_BLOCK = 1 << 20
_WIDE_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00\xfe\xff": "UTF-32"}


class LineFile:
    """Lines of a file that stays as it is while it is read.

    Raises: InvalidFile, when it is missing, empty, a folder, damaged or UTF-16, or changes under our hands.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.is_dir():
            raise InvalidFile(path, "is a folder", hint="; name one file in it")
        if not path.is_file():
            near = did_you_mean(path.name, (p.name for p in path.parent.iterdir())) if path.parent.is_dir() else ""
            raise InvalidFile(path, "there is no such file", hint=near if "did you mean" in near else "")
        state = path.stat()
        if not state.st_size:
            raise InvalidFile(path, "is empty", hint="; nothing was imported")
        self.size = state.st_size
        self._state = _state(state)
        self._raw: IO[bytes] | None = None
        self.sha256 = self._hash()

    def position(self) -> int:
        """Give how many bytes of the file are read so far."""
        if self._raw is None:
            return 0
        return self.size if self._raw.closed else self._raw.tell()

    def lines(self) -> Generator[tuple[int, bytes | None, int]]:
        """Give (number from 1, line with its end, bytes); the line is None when it is longer than allowed.

        Close it, however the reading ends: until then the file is open.
        """
        with self.path.open("rb") as raw:
            self._raw = raw
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if self.path.suffix == ".gz" else raw
            number = 0
            try:
                first = True
                while line := stream.readline(MOST_LINE_BYTES + 1):
                    number += 1
                    if first:
                        line = self._without_mark(line)
                        first = False
                    if len(line) > MOST_LINE_BYTES and not line.endswith(b"\n"):
                        yield number, None, len(line) + _skip(stream)
                    else:
                        yield number, line, len(line)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                problem = f"this is no whole gzip file ({error})"
                raise InvalidFile(self.path, problem, line=number + 1, hint="; copy it again") from None
        if _state(self.path.stat()) != self._state:
            raise InvalidFile(self.path, "changed while it was read", hint="; import it again when it is complete")

    def _hash(self) -> str:
        digest = hashlib.sha256()
        with self.path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def _without_mark(self, line: bytes) -> bytes:
        for mark, encoding in _WIDE_MARKS.items():
            if line.startswith(mark):
                hint = f"; convert it: iconv -f {encoding} -t UTF-8 {self.path.name} > utf8-{self.path.name}"
                raise InvalidFile(self.path, f"is {encoding}, not UTF-8", line=1, hint=hint)
        return line.removeprefix(b"\xef\xbb\xbf")


def _skip(stream: IO[bytes]) -> int:
    """Read to the end of an over-long line, in pieces; give how many bytes."""
    skipped = 0
    while piece := stream.readline(_BLOCK):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _state(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_size, state.st_mtime_ns, state.st_ino


def not_utf8(line: bytes, encoding: str, error: UnicodeDecodeError) -> tuple[str, str]:
    """Say where a line cannot be decoded, and with what it could."""
    problem = f"byte {error.start + 1} of the line (0x{line[error.start]:02x}) is not {encoding.upper()}"
    hint = "save the file as UTF-8, or pass its encoding, such as: --encoding cp1252"
    return problem, hint
