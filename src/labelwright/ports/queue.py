"""The queue of slots that people fill: reading it, and moving it. Who holds what is not an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from labelwright.domain.annotation import Purpose
from labelwright.domain.ids import AnnotatorId, EntryId, ItemKey, ProjectId
from labelwright.domain.queue import Draft, Lease, QueueCounts


class QueueReads(Protocol):
    """Looking at slots."""

    def queue_counts(self, project: ProjectId) -> list[QueueCounts]: ...
    def queued(self, project: ProjectId, purpose: Purpose) -> set[tuple[int, str]]:
        """Give the (item, question) pairs that have entries of this purpose, in any state."""
        ...

    def waiting(self, project: ProjectId, items: Sequence[ItemKey]) -> list[Lease]:
        """Give the slots of these items that are not filled, by item, newest round first.

        expires_at: a slot that nobody holds has 0, or a time that has passed.
        """
        ...

    def held(self, project: ProjectId, entry: EntryId) -> tuple[Lease, AnnotatorId | None, str] | None:
        """Give an entry with its holder and state ("open" | "leased" | "done")."""
        ...

    def draft(self, annotator: AnnotatorId, entry: EntryId) -> Draft | None:
        """Give what this person has begun to answer there."""
        ...


class QueueMoves(Protocol):
    """Moving slots, inside one transaction."""

    def claim(
        self, project: ProjectId, annotator: AnnotatorId, *, now: float, lease_seconds: float, count: int = 1
    ) -> list[Lease]:
        """Claim the `count` most urgent entries this person may have, in one UPDATE … RETURNING each.

        Entries this annotator still holds come first and are renewed (a reload gives the same item back). Never an item
        this annotator has answered, skipped, or holds in another slot of the same round. Expired leases are free.
        A blind slot of an item of which this annotator has seen a label is left to somebody else who is signed in and
        has not, where there is anybody.
        Calibration and audit come before review (their priority says so).
        """
        ...

    def finish_entry(self, entry: EntryId, fence: int, annotator: AnnotatorId, submission: str) -> bool:
        """Mark the slot filled, if the caller still holds it under this fence (expired but unclaimed counts)."""
        ...

    def reopen_entry(
        self, submission: str, *, annotator: AnnotatorId, now: float, lease_seconds: float
    ) -> Lease | None:
        """Give the slot of a retracted submission back to its annotator; None when it filled no slot."""
        ...

    def fill_entry(self, entry: EntryId, annotator: AnnotatorId, submission: str, *, now: float) -> bool:
        """Fill a slot that nobody holds, without a claim; a claim that has run out no longer counts."""
        ...

    def put_entries_back(self, submission: str) -> int:
        """Open all slots again that a submission filled, for anybody; give how many."""
        ...

    def release_entry(self, entry: EntryId, fence: int, annotator: AnnotatorId) -> bool:
        """Give a claim back unanswered."""
        ...

    def renew_entry(
        self, entry: EntryId, fence: int, annotator: AnnotatorId, *, now: float, lease_seconds: float
    ) -> bool:
        """Extend a claim the caller still holds under this fence (expired but unclaimed counts); the fence stays."""
        ...

    def close_entries(self, project: ProjectId, purpose: Purpose, *, slots: tuple[int, int] | None = None) -> int:
        """Take all open entries of this purpose out of the queue (they are replaced by a new routing).

        slots: only those from the first of these numbers to before the second.
        """
        ...

    def keep_draft(self, annotator: AnnotatorId, entry: EntryId, draft: Draft, *, now: float) -> None:
        """Keep what was begun, in the place of what was kept before. No event, no label."""
        ...

    def forget_draft(self, annotator: AnnotatorId, entry: EntryId) -> None: ...
