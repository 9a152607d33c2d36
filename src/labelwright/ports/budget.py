"""Money: what a project may spend on calls, over all its runs, workers and processes at once (M2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from labelwright.domain.ids import ProjectId

NO_LIMIT = 2**62
"""What a limit of "none" is to the statements: 4.6 million USD in pico-USD."""
LOST_AFTER_SECONDS = 60.0
"""A process that holds money and has not been heard of for so long is taken for dead."""


@dataclass(frozen=True, slots=True)
class BudgetState:
    """Where a project's budget stands, in pico-USD. limit None = none was set.

    spent: what answered calls cost.  reserved: the worst case of calls that are out now.
    lost: the worst case of calls whose process died: the provider may have billed them, so they count as spent.
    """

    limit: int | None
    spent: int
    reserved: int
    lost: int


@dataclass(frozen=True, slots=True)
class BudgetHolder:
    """Who holds reservations: one run in one process. Names its row, so that a dead process's money can be told apart.

    run: the run, as the call ledger names it.  process: a fresh id per process.
    """

    project: str
    run: str
    process: str


class Budget(Protocol):
    """One project's budget. All amounts are whole pico-USD; may be called from any thread and several processes."""

    def reserve(self, run: str, amount: int, *, at_least: int) -> int:
        """Set money aside before calls are sent; durable when this returns.

        Gives what was set aside: `amount`, or what is left of the limit where that is at least `at_least`, else 0.
        """
        ...

    def settle(self, run: str, *, spent: int, released: int) -> None:
        """Book what a run's calls have cost, and give back what was set aside for them (`released` >= `spent`)."""
        ...

    def state(self) -> BudgetState:
        """Say where it stands."""
        ...


class BudgetReads(Protocol):
    """Looking at budgets."""

    def budget(self, project: ProjectId, *, limit: int | None, now: float | None = None) -> BudgetState:
        """Say where the budget stands. limit: pico-USD, None = none.

        now: what processes that are silent for too long hold is told as lost already, as the next reservation will
        book it; None = as it is booked. The sum is the same: nothing is freed by looking.
        """
        ...


class BudgetMoves(Protocol):
    """Moving money, inside one transaction."""

    def reserve_budget(
        self, holder: BudgetHolder, amount: int, *, at_least: int, limit: int | None, now: float, lost_before: float
    ) -> int:
        """Set money aside, in one conditional UPDATE (M2); give what was: `amount`, what is left, or 0.

        What holders that have not been heard of since `lost_before` hold is counted as lost first.
        """
        ...

    def settle_budget(self, holder: BudgetHolder, *, spent: int, released: int, now: float) -> None:
        """Book what was spent, and give back what was set aside for it, also where it was taken for lost."""
        ...

    def touch_budget(self, holder: BudgetHolder, *, now: float) -> None:
        """Say that the holder lives."""
        ...
