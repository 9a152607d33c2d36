"""Hold conversations through a provider's batch API: all at once, request by request.

What is answered in the call ledger is taken from there, whoever asked for it; everything else is written into shards
and sent. While these are out, nothing is held open but the conversations themselves, at most `most_open` of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from labelwright.adapters.chat.outbound_watch import Sent
from labelwright.adapters.execution.batch_session import BatchParts, BatchSession
from labelwright.adapters.execution.batch_settings import BatchSettings
from labelwright.adapters.execution.budget_gate import check_price
from labelwright.adapters.execution.one_process import alone
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.ports.batches import BatchProvider, BatchStore
from labelwright.ports.calls import CallStore
from labelwright.ports.chat import ChatModel, Finished, RunScope, Work
from labelwright.ports.jobs import JobCounts

T = TypeVar("T")


class BatchRunner:
    """A `FlowRunner` for one model, through its provider's batch API.

    folder: where shards are written on their way, in the workspace; one process at a time uses it.
    stop: set it (from a signal handler, say) to end the run: what is out stays out, and the next run fetches it.
    new_id: gives a fresh text.  tell: takes lines for people: what was sent, how long it takes, what came back.
    see: takes each body that was sent for a batch, with the run's id and the items whose texts are in it.
    alone: asks the first request; None = the same endpoint, of which nobody is told what was sent.
    A run's budget must be held under the same process id in every process (`StoredBudget(process="batch")`): what one
    process set aside, another settles.
    """

    def __init__(
        self,
        provider: BatchProvider,
        calls: CallStore,
        batches: BatchStore,
        *,
        model: str,
        folder: Path,
        new_id: Callable[[], str],
        settings: BatchSettings | None = None,
        retry: RetryPolicy | None = None,
        stop: threading.Event | None = None,
        now: Callable[[], float] = time.time,
        tell: Callable[[str], None] | None = None,
        see: Callable[[Sent, str, Sequence[int]], None] | None = None,
        alone: ChatModel | None = None,
        seed: int = 1,
    ) -> None:
        self._parts = BatchParts(
            provider,
            calls,
            batches,
            model,
            folder,
            settings or BatchSettings(),
            retry or RetryPolicy(),
            stop or threading.Event(),
            now,
            new_id,
            tell or _say_nothing,
            see,
            alone or provider.live,
            seed,
        )
        self._stopped = False
        self._counts: Callable[[], JobCounts] = JobCounts

    @property
    def provider(self) -> str:
        """The endpoint that is called, as live calls name it."""
        return self._parts.provider.live.provider

    @property
    def stopped(self) -> bool:
        """Whether the last `run` ended early because it was asked to."""
        return self._stopped

    def run(self, work: Iterable[Work[T]], scope: RunScope) -> Iterator[Sequence[Finished[T]]]:
        """Hold every conversation; give the finished ones in chunks.

        Raises: ProviderFailure, also when another process holds batches of this workspace; NotReady, BudgetSpent and
        ProviderRefused as other runners do. What is out then stays out.
        """
        self._stopped = False
        check_price(scope)
        with alone(self._parts.folder / "lock", "holds this workspace's batches"):
            session = BatchSession[T](self._parts, work, scope)
            self._counts = session.counts
            try:
                yield from session.hold()
                self._stopped = session.was_stopped
            finally:
                session.close()

    def counts(self) -> JobCounts:
        """Say how far the last `run` is."""
        return self._counts()


def _say_nothing(_line: str) -> None:
    """Tell nobody."""
