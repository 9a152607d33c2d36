"""A folder of exported files: filled aside, then put in place file by file, the manifest last."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

from labelwright.adapters.formats.export_csv import CsvWriter
from labelwright.adapters.formats.export_jsonl import ItemsWriter, JsonlWriter
from labelwright.adapters.formats.manifest import MANIFEST, manifest_bytes
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidInput, did_you_mean
from labelwright.ports.sinks import ExportedFile, ExportRecord

FORMATS = ("jsonl", "csv", "items")
_ASIDE = ".export-"


class _Writer(Protocol):
    file: str

    def head(self) -> bytes: ...
    def lines(self, records: Sequence[ExportRecord]) -> bytes: ...


class _Open:
    """One file being written: its bytes are hashed on the way."""

    def __init__(self, writer: _Writer, path: Path) -> None:
        self.writer, self.path = writer, path
        self._stream: IO[bytes] = path.open("wb")
        self._digest = hashlib.sha256()
        self._bytes = self._rows = 0
        self._put(writer.head())

    def write(self, records: Sequence[ExportRecord]) -> None:
        self._put(self.writer.lines(records))
        self._rows += len(records)

    def _put(self, block: bytes) -> None:
        self._stream.write(block)
        self._digest.update(block)
        self._bytes += len(block)

    def close(self) -> ExportedFile:
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        return ExportedFile(self._digest.hexdigest(), self._bytes, self._rows)

    def abandon(self) -> None:
        self._stream.close()


class ExportFolder:
    """`ports.sinks.ExportSink` in a folder.

    formats: of `jsonl` (data.jsonl), `csv` (data.csv) and `items` (items.jsonl).
    Raises: InvalidInput, for a format that there is not, or a place that holds somebody else's files.
    """

    def __init__(
        self, destination: Path, *, formats: Sequence[str] = ("jsonl", "csv"), guard_formulas: bool = False
    ) -> None:
        for name in formats:
            if name not in FORMATS:
                raise InvalidInput(f"--format: there is no format {name!r}{did_you_mean(name, FORMATS)}")
        if not formats:
            raise InvalidInput("--format: no format is asked for; choose of jsonl, csv, items")
        self._destination = destination
        self._formats = [name for name in FORMATS if name in formats]
        self._guard = guard_formulas
        self._aside: Path | None = None
        self._open: list[_Open] = []

    def begin(self, content_fields: Sequence[str], questions: Sequence[str]) -> None:
        makers: dict[str, Callable[[], _Writer]] = {
            "jsonl": lambda: JsonlWriter(content_fields, questions),
            "csv": lambda: CsvWriter(content_fields, questions, guard_formulas=self._guard),
            "items": lambda: ItemsWriter(content_fields, questions),
        }
        writers = [makers[name]() for name in self._formats]
        self._make_room([writer.file for writer in writers])
        self._aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=self._destination))
        for writer in writers:
            self._open.append(_Open(writer, self._aside / writer.file))

    def options(self) -> dict[str, Json]:
        return {"formats": list(self._formats), "guard_formulas": self._guard}

    def write(self, records: Sequence[ExportRecord]) -> None:
        for one in self._open:
            one.write(records)

    def files(self) -> dict[str, ExportedFile]:
        return {one.writer.file: one.close() for one in self._open}

    def publish(self, manifest: Mapping[str, Json]) -> None:
        if self._aside is None:
            return
        with (self._aside / MANIFEST).open("wb") as stream:
            stream.write(manifest_bytes(manifest))
            stream.flush()
            os.fsync(stream.fileno())
        for name in [*(one.writer.file for one in self._open), MANIFEST]:
            (self._aside / name).replace(self._destination / name)
        self._aside.rmdir()
        _sync_folder(self._destination)
        self._aside = None

    def discard(self) -> None:
        for one in self._open:
            one.abandon()
        if self._aside is not None:
            shutil.rmtree(self._aside, ignore_errors=True)

    def _make_room(self, names: Sequence[str]) -> None:
        folder = self._destination
        if folder.exists() and not folder.is_dir():
            raise InvalidInput(f"{folder}: is a file; name a folder to export to")
        folder.mkdir(parents=True, exist_ok=True)
        left_over = list(folder.glob(f"{_ASIDE}*"))  # of an export that was killed, perhaps while it put files in place
        if not (folder / MANIFEST).exists() and not left_over:
            foreign = [name for name in names if (folder / name).exists()]
            if foreign:
                raise InvalidInput(f"{folder}: holds a {foreign[0]} that is no export of ours; name another folder")
        for aside in left_over:
            shutil.rmtree(aside, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    """Make renames survive a power loss."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
