"""Time, randomness and names, as an argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from labelwright.domain.provenance import Provenance


@dataclass(frozen=True, slots=True)
class World:
    """now: epoch seconds. new_id: a fresh, unguessable id. random_bytes: n unpredictable bytes.

    Seeds of statistical draws are not here: they are written down in the policy and the plan.
    """

    now: Callable[[], float]
    new_id: Callable[[], str]
    random_bytes: Callable[[int], bytes]
    actor: str = "system"
    via: str = "python"
    version: str = ""

    def timestamp(self) -> str:
        """Give the time as RFC 3339 in UTC, to the millisecond."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def provenance(self, *, run: str | None = None) -> Provenance:
        """Say who does this, when and by what."""
        return Provenance(actor=self.actor, at=self.timestamp(), via=self.via, run=run, version=self.version)
