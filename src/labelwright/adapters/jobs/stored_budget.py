"""A project's budget in a workspace's database: shared by all threads and processes that call for it (M2)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from labelwright.domain.ids import ProjectId
from labelwright.errors import LabelwrightError
from labelwright.ports.budget import LOST_AFTER_SECONDS, BudgetHolder, BudgetState
from labelwright.ports.storage import Storage, Views

TOUCH_SECONDS = 10.0
_PICO_PER_MICRO = 1_000_000


class StoredBudget:
    """A `Budget`.

    limit: micro-USD, as `Spending.budget` has it; None = no limit (what is spent is counted all the same, so that a
    limit set later knows of it). Or what reads it: then one that changes in the middle of a run counts at once.
    process: a fresh id for this process. A batch that is fetched by another process than the one that sent it gives the
    same id in both: what the first set aside is then what the second settles.
    While money is out, a thread says every ten seconds that this process lives: a call may take longer than a minute.
    """

    def __init__(
        self,
        storage: Storage,
        project: ProjectId,
        limit: int | Callable[[Views], int | None] | None,
        *,
        process: str,
        now: Callable[[], float],
    ) -> None:
        self._storage, self._project, self._process, self._now = storage, project, process, now
        self._limit = limit
        self._out: dict[str, int] = {}
        self._guard = threading.Lock()
        self._closed = threading.Event()
        self._toucher: threading.Thread | None = None

    def reserve(self, run: str, amount: int, *, at_least: int) -> int:
        """Set money aside; durable when this returns."""
        now, holder = self._now(), self._holder(run)
        granted = self._storage.write(
            lambda transaction: transaction.reserve_budget(
                holder,
                amount,
                at_least=at_least,
                limit=self._limit_in(transaction),
                now=now,
                lost_before=now - LOST_AFTER_SECONDS,
            )
        )
        self._count(run, granted)
        return granted

    def settle(self, run: str, *, spent: int, released: int) -> None:
        """Book what calls have cost, and give back what was set aside for them."""
        now, holder = self._now(), self._holder(run)
        self._storage.write(
            lambda transaction: transaction.settle_budget(holder, spent=spent, released=released, now=now)
        )
        self._count(run, -released)

    def state(self) -> BudgetState:
        """Say where it stands."""
        with self._storage.reading() as views:
            return views.budget(self._project, limit=self._limit_in(views))

    def close(self) -> None:
        """Stop saying that this process lives; what it still holds is taken for lost a minute later."""
        self._closed.set()

    def _limit_in(self, views: Views) -> int | None:
        limit = self._limit(views) if callable(self._limit) else self._limit
        return None if limit is None else limit * _PICO_PER_MICRO

    def _holder(self, run: str) -> BudgetHolder:
        return BudgetHolder(self._project, run, self._process)

    def _count(self, run: str, amount: int) -> None:
        with self._guard:
            self._out[run] = max(0, self._out.get(run, 0) + amount)
            if amount > 0 and self._toucher is None and not self._closed.is_set():
                self._toucher = threading.Thread(target=self._touch, name="labelwright-budget", daemon=True)
                self._toucher.start()

    def _touch(self) -> None:
        while not self._closed.wait(TOUCH_SECONDS):
            with self._guard:
                runs = [run for run, out in self._out.items() if out]
                if not runs:
                    self._toucher = None
                    return
            for run in runs:
                holder, now = self._holder(run), self._now()
                with suppress(LabelwrightError):  # a busy or closed workspace: the next time may do
                    self._storage.write(lambda transaction, h=holder, at=now: transaction.touch_budget(h, now=at))
