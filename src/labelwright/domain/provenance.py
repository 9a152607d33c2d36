"""Who, when, why, by what: on every event."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.domain.canonical import Json


@dataclass(frozen=True, slots=True)
class Provenance:
    """actor: an annotator id, or `system`. at: RFC 3339, UTC. run: the execution that did it, if one did."""

    actor: str
    at: str
    via: str
    """`cli`, `api`, `python`, `server`."""
    run: str | None = None
    version: str = ""

    def body(self) -> dict[str, Json]:
        """Give the JSON the ledger keeps."""
        return {"actor": self.actor, "at": self.at, "via": self.via, "run": self.run, "version": self.version}
