"""Items come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labelwright.domain.canonical import Json, canonical_json, merkle_root
from labelwright.domain.ids import ProjectId
from labelwright.domain.item import NewItem
from labelwright.events.base import run_stream


def item_leaf(item: NewItem) -> bytes:
    """Give the bytes of an item that its event's Merkle root covers: nothing of it can be guessed without the salt."""
    return item.salt + canonical_json([item.id, item.content_hash, item.metadata])


@dataclass(frozen=True, slots=True)
class ItemsImported:
    """A chunk of an import. Rows: the items; their salted hashes are under the root."""

    type: ClassVar[str] = "items-imported"
    project: ProjectId
    run: str
    source: str
    """File name, without its folder."""
    source_hash: str
    first_line: int
    last_line: int
    """Lines of the source this chunk covers, so that a killed import goes on after it."""
    items: tuple[NewItem, ...]
    rejected: int

    @property
    def stream(self) -> str:
        return run_stream(self.project, self.run)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "run": self.run,
            "source": self.source,
            "source_hash": self.source_hash,
            "first_line": self.first_line,
            "last_line": self.last_line,
            "accepted": len(self.items),
            "rejected": self.rejected,
            "root": merkle_root(item_leaf(item) for item in self.items),
        }
