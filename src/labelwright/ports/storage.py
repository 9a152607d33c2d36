"""The storage port: transactions that read views, append events and move the queue.

All writing goes through `Storage.write(work)`: `work` gets a `Transaction`, and what it returns is given back only
after the commit is on disk. Storage may commit several pieces of work together (group commit), each inside its own
savepoint: an exception in one undoes that one and is raised to its own caller alone. Bulk services write in chunks that
hold the writer for some 20 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from labelwright.domain.provenance import Provenance
from labelwright.events.base import Event
from labelwright.ports.access import AccessMoves, AccessReads
from labelwright.ports.answer_reads import AnswerReads
from labelwright.ports.budget import BudgetMoves, BudgetReads
from labelwright.ports.calls import CallLog, CallReads
from labelwright.ports.costs import CostReads
from labelwright.ports.decision_reads import DecisionReads
from labelwright.ports.item_reads import ItemLists, ItemReads
from labelwright.ports.item_search import ItemSearch
from labelwright.ports.jobs import JobMoves, JobReads
from labelwright.ports.ledger_reads import Head, LedgerReads
from labelwright.ports.outbound import OutboundMoves, OutboundReads
from labelwright.ports.prediction_reads import PredictionReads
from labelwright.ports.project_reads import ProjectReads
from labelwright.ports.queue import QueueMoves, QueueReads

T = TypeVar("T")


class Views(
    LedgerReads,
    ProjectReads,
    ItemLists,
    ItemReads,
    ItemSearch,
    PredictionReads,
    AnswerReads,
    DecisionReads,
    QueueReads,
    CallReads,
    CostReads,
    BudgetReads,
    JobReads,
    OutboundReads,
    AccessReads,
    Protocol,
):
    """Reading. Never writes. Within one `reading()` or `write()` all answers are of one snapshot."""


class Transaction(Views, CallLog, QueueMoves, BudgetMoves, JobMoves, OutboundMoves, AccessMoves, Protocol):
    """Reading and writing, as one."""

    def append(
        self, events: Sequence[Event], provenance: Provenance, *, expected: Mapping[str, int] | None = None
    ) -> Head:
        """Append events, write their rows and projections; give the new head.

        expected: stream -> version it must be at (raises VersionConflict); others append unconditionally.
        """
        ...


class Storage(Protocol):
    """One workspace's database. Several processes may have it open at once."""

    def reading(self) -> AbstractContextManager[Views]:
        """Read one snapshot; never waits for the writer."""
        ...

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Do the work in a transaction and give its result after the commit is durable."""
        ...

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Queue the work for the next group commit; the future resolves after the commit is durable."""
        ...

    def verify(self, expected: Head | None = None) -> Head:
        """Recompute the chain and every root and commitment. Raises LedgerBroken at the first that does not hold.

        expected: a head noted down earlier; finds a tail that was cut off, which a chain alone cannot see.
        """
        ...

    def rebuild(self) -> int:
        """Make all projections anew from ledger and content tables; give the number of events folded."""
        ...

    def close(self) -> None: ...
