"""Where results go: a report of rejected rows, and the files of an export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from labelwright.domain.canonical import Json


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that did not come in: its line, its id where known, why, and what to do."""

    line: int
    id: str | None
    reason: str
    hint: str


class RejectionSink(Protocol):
    """The report of an import's rejected rows. A killed import leaves it at most a few rows ahead of the ledger."""

    def keep_until(self, line: int) -> int:
        """Drop what was noted after this line (0: everything), and go on from there; give how many stay."""
        ...

    def add(self, rejections: Sequence[Rejection]) -> None:
        """Note rows; they are written down when this returns."""
        ...


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """The label of record of one question, with where it came from. Built by `services.export`."""

    value: Json
    status: str
    probability: float | None
    method: str | None
    certificate: str | None
    """The certificate it was accepted under, if it was."""
    votes: Sequence[Mapping[str, Json]]
    """Who, when, why: one object per vote that was counted, a person's or a model's."""


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One item with its labels, by question in the order of the schema."""

    id: str
    content: Mapping[str, Json]
    metadata: Mapping[str, Json]
    labels: Mapping[str, LabelRecord]


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export."""

    sha256: str
    bytes: int
    rows: int


class ExportSink(Protocol):
    """A folder being filled: nothing of it is seen before `publish`."""

    def begin(self, content_fields: Sequence[str], questions: Sequence[str]) -> None:
        """Open the files. Raises InvalidInput, when the place cannot be used."""
        ...

    def options(self) -> dict[str, Json]:
        """Give how the files are written, for the manifest."""
        ...

    def write(self, records: Sequence[ExportRecord]) -> None:
        """Write records to every file."""
        ...

    def add_lines(self, name: str, rows: Iterable[Mapping[str, Json]]) -> None:
        """Write a further file, of JSON lines."""
        ...

    def files(self) -> dict[str, ExportedFile]:
        """Close the files; give them by name."""
        ...

    def describe(self, card: Mapping[str, Json]) -> dict[str, ExportedFile]:
        """Write the data-set card beside the files; give what it consists of, by name."""
        ...

    def publish(self, manifest: Mapping[str, Json]) -> None:
        """Write the manifest beside the files and put all in place, the manifest last."""
        ...

    def discard(self) -> None:
        """Leave nothing behind."""
        ...
