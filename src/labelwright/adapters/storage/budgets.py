"""Budgets: what is spent, what is set aside for calls that are out, and what a dead process took with it (M2).

A reservation is one conditional UPDATE of the project's row: neither threads nor processes can add past the limit. Each
holder (a run in one process) has a row of its own beside it, so that the money of one that died can be told apart.
"""

from __future__ import annotations

from sqlalchemy import and_, bindparam, case, func, insert, select, update

from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.operations_tables import budget, budget_holder
from labelwright.adapters.storage.statement import Statement, given, number, upsert
from labelwright.adapters.storage.tables import call
from labelwright.domain.ids import ProjectId
from labelwright.ports.budget import NO_LIMIT, BudgetHolder, BudgetState

_OF_PROJECT = budget.c.project == bindparam("of_project")
_HELD = and_(
    budget_holder.c.project == bindparam("of_project"),
    budget_holder.c.run == bindparam("of_run"),
    budget_holder.c.process == bindparam("of_process"),
)
_amount = bindparam("amount", type_=budget.c.spent.type)
_left = bindparam("limit", type_=budget.c.spent.type) - budget.c.spent - budget.c.reserved - budget.c.lost
_got = case((_left < _amount, _left), else_=_amount)

STATE = Statement(select(budget.c.spent, budget.c.reserved, budget.c.lost).where(_OF_PROJECT))
PAID_BEFORE = Statement(
    select(func.coalesce(func.sum(call.c.cost_pico), number(0))).where(call.c.project == bindparam("of_project"))
)
BEGIN = Statement(
    upsert(budget, ("project", "spent", "reserved", "lost", "granted"), keys=("project",)),
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
HOLDER = Statement(select(budget_holder.c.reserved, budget_holder.c.lost).where(_HELD).with_for_update())
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
TOUCH = Statement(update(budget_holder).where(_HELD).values(beat_at=bindparam("now")))
SILENT = Statement(
    select(budget_holder.c.run, budget_holder.c.process, budget_holder.c.reserved, budget_holder.c.beat_at).where(
        budget_holder.c.project == bindparam("of_project"),
        budget_holder.c.reserved > number(0),
        budget_holder.c.beat_at < bindparam("lost_before"),
    )
)
LOSE = Statement(
    update(budget_holder)
    .where(_HELD, budget_holder.c.reserved == bindparam("was"), budget_holder.c.beat_at == bindparam("heard_at"))
    .values(reserved=number(0), lost=budget_holder.c.lost + bindparam("was"))
)


def state(db: Database, project: ProjectId, limit: int | None) -> BudgetState:
    """Say where a project's budget stands; before its first reservation, what its calls have cost."""
    row = db.one(STATE, {"of_project": project})
    spent, reserved, lost = row or (db.value(PAID_BEFORE, {"of_project": project}), 0, 0)
    return BudgetState(limit, spent, reserved, lost)


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
    _begin(db, holder.project)
    _lose_the_silent(db, holder.project, lost_before)
    asked = {"amount": amount, "at_least": at_least, "limit": NO_LIMIT if limit is None else limit}
    got = db.run(RESERVE, {**asked, "of_project": holder.project}).fetchall()
    granted: int = got[0][0] if got else 0
    _hold(db, holder, reserved=granted, lost=0, now=now)
    return granted


def settle(db: Database, holder: BudgetHolder, *, spent: int, released: int, now: float) -> None:
    """Book what was spent; what was set aside is given back from where it stands: reserved, or taken for lost."""
    _begin(db, holder.project)
    reserved, lost = db.one(HOLDER, _named(holder)) or (0, 0)
    from_reserved = min(released, reserved)
    from_lost = min(released - from_reserved, lost)
    _hold(db, holder, reserved=-from_reserved, lost=-from_lost, now=now)
    booked = {"more_spent": spent, "less_reserved": from_reserved, "more_lost": -from_lost}
    db.run(BOOK, {**booked, "of_project": holder.project})


def touch(db: Database, holder: BudgetHolder, *, now: float) -> None:
    """Say that a holder lives."""
    db.run(TOUCH, {**_named(holder), "now": now})


def _begin(db: Database, project: str) -> None:
    """Make the project's row, where it has none: calls that were paid before count."""
    if db.one(STATE, {"of_project": project}) is None:
        paid = db.value(PAID_BEFORE, {"of_project": project})
        db.run(BEGIN, {"project": project, "spent": paid, "reserved": 0, "lost": 0, "granted": 0})


def _lose_the_silent(db: Database, project: str, lost_before: float) -> None:
    """Count as lost what is held by those who have not been heard of: the provider may have billed it."""
    silent = db.run(SILENT, {"of_project": project, "lost_before": lost_before}).fetchall()
    for run, process, reserved, heard_at in silent:
        whose = {"of_project": project, "of_run": run, "of_process": process}
        if db.run(LOSE, {**whose, "was": reserved, "heard_at": heard_at}).rowcount:
            moved = {"more_spent": 0, "less_reserved": reserved, "more_lost": reserved}
            db.run(BOOK, {**moved, "of_project": project})


def _hold(db: Database, holder: BudgetHolder, *, reserved: int, lost: int, now: float) -> None:
    change = {**_named(holder), "more_reserved": reserved, "more_lost": lost, "now": now}
    if not db.run(HOLD, change).rowcount and reserved > 0:
        whose = {"project": holder.project, "run": holder.run, "process": holder.process}
        db.run(ADD_HOLDER, {**whose, "reserved": reserved, "lost": 0, "beat_at": now})


def _named(holder: BudgetHolder) -> dict[str, str]:
    return {"of_project": holder.project, "of_run": holder.run, "of_process": holder.process}
