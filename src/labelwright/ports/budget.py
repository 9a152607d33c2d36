"""Money: what a project may spend on calls, over all its runs, workers and processes at once (M2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

NO_LIMIT = 2**62
"""What a limit of "none" is to the statements: 4.6 million USD in pico-USD."""


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
