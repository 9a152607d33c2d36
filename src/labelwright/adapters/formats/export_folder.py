"""A folder of exported files: filled aside, then put in place file by file, the manifest last."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

from labelwright.adapters.formats.card_files import CARD_FILES, card_files, exported
from labelwright.adapters.formats.coco import CocoWriter
from labelwright.adapters.formats.croissant import Publication
from labelwright.adapters.formats.export_csv import CsvWriter
from labelwright.adapters.formats.export_jsonl import ItemsWriter, JsonlWriter, json_line
from labelwright.adapters.formats.manifest import MANIFEST, card_only, manifest_bytes
from labelwright.adapters.formats.yolo import Classes, YoloWriter
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidInput, did_you_mean
from labelwright.ports.sinks import ExportedFile, ExportRecord

FORMATS = ("jsonl", "csv", "items", "coco", "yolo")
_ASIDE = ".export-"


class _Writer(Protocol):
    file: str

    def head(self) -> bytes: ...
    def lines(self, records: Sequence[ExportRecord]) -> bytes: ...
    def tail(self) -> bytes: ...


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
        self._put(self.writer.tail())
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        return ExportedFile(self._digest.hexdigest(), self._bytes, self._rows)

    def abandon(self) -> None:
        self._stream.close()


class ExportFolder:
    """`ports.sinks.ExportSink` in a folder.

    formats: of `jsonl` (data.jsonl), `csv` (data.csv), `items` (items.jsonl), `coco` (coco.json) and `yolo` (yolo.zip).
    about: licence, address and creator, for the card.  media: the folder under which paths in the content are files.
    classes: what questions about images ask for.
    Raises: InvalidInput, for a format that there is not, or a place that holds somebody else's files.
    """

    def __init__(
        self,
        destination: Path,
        *,
        formats: Sequence[str] = ("jsonl", "csv"),
        guard_formulas: bool = False,
        about: Publication | None = None,
        media: Path | None = None,
        classes: Sequence[Classes] = (),
    ) -> None:
        for name in formats:
            if name not in FORMATS:
                raise InvalidInput(f"--format: there is no format {name!r}{did_you_mean(name, FORMATS)}")
        if not formats:
            raise InvalidInput(f"--format: no format is asked for; choose of {', '.join(FORMATS)}")
        self._destination, self._media, self._classes = destination, media, classes
        self._formats = [name for name in FORMATS if name in formats]
        self._guard, self._about = guard_formulas, about or Publication()
        self._aside: Path | None = None
        self._open: list[_Open] = []
        self._further: dict[str, ExportedFile] = {}
        self._files: dict[str, ExportedFile] = {}

    def begin(self, content_fields: Sequence[str], questions: Sequence[str]) -> None:
        makers: dict[str, Callable[[], _Writer]] = {
            "jsonl": lambda: JsonlWriter(content_fields, questions),
            "csv": lambda: CsvWriter(content_fields, questions, guard_formulas=self._guard),
            "items": lambda: ItemsWriter(content_fields, questions),
            "coco": lambda: CocoWriter(self._media),
            "yolo": lambda: YoloWriter(self._classes, self._media),
        }
        writers = [makers[name]() for name in self._formats]
        self._make_room([*(writer.file for writer in writers), *CARD_FILES.values()])
        self._aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=self._destination))
        for writer in writers:
            self._open.append(_Open(writer, self._aside / writer.file))

    def options(self) -> dict[str, Json]:
        stated = {"license": self._about.license, "url": self._about.url, "creator": self._about.creator}
        about = {name: value for name, value in stated.items() if value is not None}
        return {"formats": list(self._formats), "guard_formulas": self._guard, **about}

    def write(self, records: Sequence[ExportRecord]) -> None:
        for one in self._open:
            one.write(records)

    def add_lines(self, name: str, rows: Iterable[Mapping[str, Json]]) -> None:
        if self._aside is None:
            return
        digest, n_bytes, n_rows = hashlib.sha256(), 0, 0
        with (self._aside / name).open("wb") as stream:
            for row in rows:
                text = json_line(row)
                stream.write(text)
                digest.update(text)
                n_bytes, n_rows = n_bytes + len(text), n_rows + 1
            stream.flush()
            os.fsync(stream.fileno())
        self._further[name] = ExportedFile(digest.hexdigest(), n_bytes, n_rows)

    def files(self) -> dict[str, ExportedFile]:
        self._files = {one.writer.file: one.close() for one in self._open} | self._further
        return dict(self._files)

    def describe(self, card: Mapping[str, Json]) -> dict[str, ExportedFile]:
        described: dict[str, ExportedFile] = {}
        for name, text in card_files(card, self._files, about=self._about).items():
            self._put(name, text)
            self._further[name] = described[name] = exported(text)
        return described

    def _put(self, name: str, text: bytes) -> None:
        if self._aside is not None:
            with (self._aside / name).open("wb") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())

    def publish(self, manifest: Mapping[str, Json]) -> None:
        if self._aside is None:
            return
        self._put(MANIFEST, manifest_bytes(manifest))
        for name in [*(one.writer.file for one in self._open), *self._further, MANIFEST]:
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
        of_card = card_only(folder)
        if (not (folder / MANIFEST).exists() or of_card is not None) and not left_over:
            foreign = [name for name in names if (folder / name).exists() and name not in (of_card or ())]
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
