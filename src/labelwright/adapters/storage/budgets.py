"""Budgets: what is spent, what is set aside for calls that are out, and what a dead process took with it (M2).

A reservation is one conditional UPDATE of the project's row: neither threads nor processes can add past the limit. Each
holder (a run in one process) has a row of its own beside it, so that the money of one that died can be told apart.
"""

from __future__ import annotations

from sqlalchemy import and_, bindparam, case, insert, or_, select, update

from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.operations_tables import budget, budget_holder
from labelwright.adapters.storage.statement import Statement, given, number, upsert
from labelwright.domain.ids import ProjectId
from labelwright.ports.budget import LOST_AFTER_SECONDS, NO_LIMIT, BudgetHolder, BudgetState

_OF_PROJECT = budget.c.project == bindparam("of_project")
_HELD = and_(
    budget_holder.c.project == bindparam("of_project"),
    budget_holder.c.run == bindparam("of_run"),
    budget_holder.c.process == bindparam("of_process"),
)
_amount = bindparam("amount", type_=budget.c.spent.type)
_left = bindparam("limit", type_=budget.c.spent.type) - budget.c.spent - budget.c.reserved - budget.c.lost
_got = case((_left < _amount, _left), else_=_amount)

STATE = Statement(select(budget.c.spent, budget.c.reserved, budget.c.lost, budget.c.paid).where(_OF_PROJECT))
ADD_PROJECT = Statement(
    upsert(budget, ("project", "spent", "reserved", "lost", "granted", "paid"), keys=("project",)),
)
PAY = Statement(
    update(budget)
    .where(_OF_PROJECT)
    .values(paid=budget.c.paid + bindparam("more_paid"), spent=budget.c.spent + bindparam("more_spent"))
)
CATCH_UP = Statement(
    update(budget)
    .where(_OF_PROJECT, budget.c.reserved == number(0), budget.c.spent < budget.c.paid)
    .values(spent=budget.c.paid)
)
RESERVE = Statement(
    update(budget)
    .where(_OF_PROJECT, _left >= bindparam("at_least", type_=budget.c.spent.type))
    .values(reserved=budget.c.reserved + _got, granted=_got)
    .returning(budget.c.granted)
)
BOOK = Statement(
    update(budget)
    .where(_OF_PROJECT)
    .values(
        spent=budget.c.spent + bindparam("more_spent"),
        reserved=budget.c.reserved - bindparam("less_reserved"),
        lost=budget.c.lost + bindparam("more_lost"),
    )
)
HOLDERS = Statement(
    select(budget_holder.c.process, budget_holder.c.reserved, budget_holder.c.lost)
    .where(budget_holder.c.project == bindparam("of_project"), budget_holder.c.run == bindparam("of_run"))
    .order_by(budget_holder.c.process != bindparam("of_process"), budget_holder.c.process)
    .with_for_update()
)
HOLD = Statement(
    update(budget_holder)
    .where(_HELD)
    .values(
        reserved=budget_holder.c.reserved + bindparam("more_reserved"),
        lost=budget_holder.c.lost + bindparam("more_lost"),
        beat_at=bindparam("now"),
    )
)
ADD_HOLDER = Statement(
    insert(budget_holder).values(
        given(budget_holder, "project", "run", "process", "reserved", "lost", "beat_at"),
    )
)
BOOKS = Statement(
    select(budget_holder.c.process)
    .where(budget_holder.c.project == bindparam("of_project"), budget_holder.c.run == bindparam("of_run"))
    .limit(number(1))
    .offset(number(0))
)
TOUCH = Statement(update(budget_holder).where(_HELD).values(beat_at=bindparam("now")))
SILENT = Statement(
    select(budget_holder.c.run, budget_holder.c.process, budget_holder.c.reserved, budget_holder.c.beat_at).where(
        budget_holder.c.project == bindparam("of_project"),
        budget_holder.c.reserved > number(0),
        # A word from far in the future is none: the clock was set back, and whoever lives speaks by the new one.
        or_(budget_holder.c.beat_at < bindparam("lost_before"), budget_holder.c.beat_at > bindparam("lost_after")),
    )
)
LOSE = Statement(
    update(budget_holder)
    .where(_HELD, budget_holder.c.reserved == bindparam("was"), budget_holder.c.beat_at == bindparam("heard_at"))
    .values(reserved=number(0), lost=budget_holder.c.lost + bindparam("was"))
)


def state(db: Database, project: ProjectId, limit: int | None, now: float | None = None) -> BudgetState:
    """Say where a project's budget stands; calls that were made without a budget count too.

    now: what the silent hold is told as lost, though only the next reservation books it: reading never writes.
    """
    spent, reserved, lost, paid = db.one(STATE, {"of_project": project}) or (0, 0, 0, 0)
    silent = 0
    if reserved and now is not None:
        since = {"lost_before": now - LOST_AFTER_SECONDS, "lost_after": now + LOST_AFTER_SECONDS}
        silent = sum(held for _, _, held, _ in db.run(SILENT, {"of_project": project, **since}).fetchall())
    return BudgetState(limit, max(spent, paid), reserved - silent, lost + silent)


def pay(db: Database, project: str, run: str, *, cost: int, unknown: int = 0) -> None:
    """Add to what the project's calls have cost, in the transaction that keeps them.

    A run that has a budget books what it spends; of one without, this is the only account. unknown: at most the cost
    of its calls of which nobody knows what they were billed.
    """
    books = db.one(BOOKS, {"of_project": project, "of_run": run}) is not None
    spent = 0 if books else cost + unknown
    if not db.run(PAY, {"of_project": project, "more_paid": cost, "more_spent": spent}).rowcount:
        _add_project(db, project, paid=cost, spent=spent)


def reserve(
    db: Database,
    holder: BudgetHolder,
    amount: int,
    *,
    at_least: int,
    limit: int | None,
    now: float,
    lost_before: float,
) -> int:
    """Set money aside for a holder."""
    of_project = {"of_project": holder.project}
    _lose_the_silent(db, holder.project, lost_before, 2 * now - lost_before)
    if not db.run(TOUCH, {**_named(holder), "now": now}).rowcount:  # its first reservation
        _add_project(db, holder.project, paid=0)
        db.run(CATCH_UP, of_project)  # what was paid without a budget counts from now on
        db.run(ADD_HOLDER, {**_row(holder), "reserved": 0, "lost": 0, "beat_at": now})
    asked = {"amount": amount, "at_least": at_least, "limit": NO_LIMIT if limit is None else limit}
    got = db.run(RESERVE, {**asked, **of_project}).fetchall()
    granted: int = got[0][0] if got else 0
    if granted:
        db.run(HOLD, {**_named(holder), "more_reserved": granted, "more_lost": 0, "now": now})
    return granted


def settle(db: Database, holder: BudgetHolder, *, spent: int, released: int, now: float) -> None:
    """Book what was spent; what was set aside is given back from where it stands.

    First what this process holds for the run, reserved or taken for lost; then what others set aside for the same run,
    as when a batch is fetched by another process than the one that sent it.
    """
    booked = {"more_spent": spent, "less_reserved": 0, "more_lost": 0}
    for process, reserved, lost in db.run(HOLDERS, _named(holder)).fetchall():
        from_reserved = min(released, reserved)
        from_lost = min(released - from_reserved, lost)
        released -= from_reserved + from_lost
        if from_reserved or from_lost:
            whose = {"of_project": holder.project, "of_run": holder.run, "of_process": process}
            db.run(HOLD, {**whose, "more_reserved": -from_reserved, "more_lost": -from_lost, "now": now})
            booked["less_reserved"] += from_reserved
            booked["more_lost"] -= from_lost
    _add_project(db, holder.project, paid=0)
    db.run(BOOK, {**booked, "of_project": holder.project})


def touch(db: Database, holder: BudgetHolder, *, now: float) -> None:
    """Say that a holder lives."""
    db.run(TOUCH, {**_named(holder), "now": now})


def _add_project(db: Database, project: str, *, paid: int, spent: int = 0) -> None:
    """Make the project's row, where it has none."""
    db.run(ADD_PROJECT, {"project": project, "spent": spent, "reserved": 0, "lost": 0, "granted": 0, "paid": paid})


def _lose_the_silent(db: Database, project: str, lost_before: float, lost_after: float) -> None:
    """Count as lost what is held by those who have not been heard of: the provider may have billed it."""
    silent = db.run(SILENT, {"of_project": project, "lost_before": lost_before, "lost_after": lost_after}).fetchall()
    for run, process, reserved, heard_at in silent:
        whose = {"of_project": project, "of_run": run, "of_process": process}
        if db.run(LOSE, {**whose, "was": reserved, "heard_at": heard_at}).rowcount:
            moved = {"more_spent": 0, "less_reserved": reserved, "more_lost": reserved}
            db.run(BOOK, {**moved, "of_project": project})


def _named(holder: BudgetHolder) -> dict[str, str]:
    return {"of_project": holder.project, "of_run": holder.run, "of_process": holder.process}


def _row(holder: BudgetHolder) -> dict[str, str]:
    return {"project": holder.project, "run": holder.run, "process": holder.process}
