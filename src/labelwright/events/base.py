"""The shape of an event."""

from __future__ import annotations

from typing import ClassVar, Protocol

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId


class Event(Protocol):
    """Something that happened.

    `body` is what the ledger hashes: ids, counts, settings and commitments, never item content and never a label
    (erasing an item must leave the chain whole). What else the event carries (rows of an append-only content table,
    under the Merkle root that the body names) is written in the same transaction, stamped with the event's position.
    """

    type: ClassVar[str]

    @property
    def project(self) -> ProjectId: ...

    @property
    def stream(self) -> str:
        """The sequence this event belongs to; UNIQUE(stream, version) is the lock for people's edits."""
        ...

    def body(self) -> dict[str, Json]: ...


def project_stream(project: ProjectId) -> str:
    """Name the stream of a project's settings."""
    return f"project:{project}"


def label_stream(project: ProjectId, item: int, question: str) -> str:
    """Name the stream of one (item, question)."""
    return f"label:{project}:{item}:{question}"


def run_stream(project: ProjectId, run: str) -> str:
    """Name the stream of one run."""
    return f"run:{project}:{run}"
