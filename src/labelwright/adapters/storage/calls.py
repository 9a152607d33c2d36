"""Paid calls: append-only rows under a running hash of their own.

They are on disk before any event can speak of them (a call must not be paid twice after a crash), so the ledger cannot
hold them; each row's hash covers the one before, and `verify` walks that chain too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, func, select

from labelwright.adapters.storage import budgets
from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.statement import InsertRows, ListStatement, Statement, number, word
from labelwright.adapters.storage.tables import call
from labelwright.domain.canonical import canonical_json
from labelwright.domain.ids import ProjectId
from labelwright.ports.calls import AnsweredCall, CallRecord
from labelwright.ports.costs import CallTotals

FIELDS = (
    "key",
    "project",
    "run",
    "item",
    "item_id",
    "provider",
    "model",
    "step",
    "attempt",
    "status",
    "http_status",
    "error",
    "response",
    "tokens_in",
    "tokens_out",
    "tokens_cached",
    "cost_pico",
    "latency_ms",
    "created_at",
)
_values = attrgetter(*FIELDS)
_RESPONSE, _LATENCY = FIELDS.index("response"), FIELDS.index("latency_ms")
_PICO_PER_MICRO = 1_000_000

ANSWERED = ListStatement(
    lambda keys: (
        select(call.c.key, call.c.response).where(call.c.key.in_(keys), call.c.status == word("ok")).order_by(call.c.id)
    )
)
OF_KEYS = ListStatement(
    lambda keys: (
        select(call.c.key, call.c.response, call.c.run, call.c.latency_ms)
        .where(call.c.key.in_(keys), call.c.status == word("ok"))
        .order_by(call.c.id)
    )
)
_answered = call.c.status != word("error")
_ONE = number(1)
TOTALS = Statement(
    select(
        func.count(),
        func.count().filter(call.c.status != word("ok")),
        func.coalesce(func.sum(call.c.tokens_in), number(0)),
        func.coalesce(func.sum(call.c.tokens_out), number(0)),
        func.coalesce(func.sum(call.c.tokens_cached), number(0)),
        func.coalesce(func.sum(call.c.cost_pico), number(0)),
        func.count().filter(_answered, call.c.cost_pico.is_(None)),
    ).where(call.c.project == bindparam("project"))
)
LAST = Statement(select(call.c.id, call.c.hash).order_by(call.c.id.desc()).limit(_ONE).offset(number(0)))
ADD = InsertRows(call, "id", *FIELDS, "hash")
CALLS_AFTER = Statement(
    select(call.c.id, call.c.hash, *(call.c[name] for name in FIELDS))
    .where(call.c.id > bindparam("after"))
    .order_by(call.c.id)
    .limit(bindparam("limit"))
    .offset(number(0))
)


def answered(db: Database, keys: Sequence[str]) -> dict[str, bytes]:
    """Give the newest whole answer of each key that has one."""
    return {key: bytes(response) for key, response in db.run_list(ANSWERED, keys, {}) if response is not None}


def of_keys(db: Database, keys: Sequence[str]) -> dict[str, AnsweredCall]:
    """Give the newest answer of each key that has one, with its run and how long it took."""
    rows = db.run_list(OF_KEYS, keys, {})
    return {key: AnsweredCall(bytes(said), run, latency) for key, said, run, latency in rows if said is not None}


def newest(db: Database) -> int:
    """Give the number of the newest call; 0 where there is none."""
    last = db.one(LAST)
    return 0 if last is None else int(last[0])


def totals(db: Database, project: ProjectId) -> CallTotals:
    """Sum over a project's calls; the exact sum of their costs rounded up once, to whole micro-USD."""
    row = db.one(TOTALS, {"project": project})
    calls, failed, tokens_in, tokens_out, cached, pico, unpriced = row or (0, 0, 0, 0, 0, 0, 0)
    cost = None if unpriced else -(-pico // _PICO_PER_MICRO)
    return CallTotals(calls, failed, tokens_in, tokens_out, cached, cost)


def record(db: Database, rows: Sequence[CallRecord]) -> None:
    """Append rows, each hashed after the one before."""
    last = db.one(LAST)
    count, previous = (0, "0" * 64) if last is None else (last[0], last[1])
    added: list[tuple[Any, ...]] = []
    for row in rows:
        count += 1
        values = list(_values(row))
        values[_LATENCY] = float(row.latency_ms)  # as the database gives it back
        previous = call_hash(previous, count, values)
        added.append((count, *values, previous))
    db.insert(ADD, added)
    for project, run in sorted({(row.project, row.run) for row in rows}):
        of_run = [row for row in rows if (row.project, row.run) == (project, run)]
        cost = sum([row.cost_pico or 0 for row in of_run])
        unknown = sum([row.most_pico or 0 for row in of_run if row.cost_pico is None])
        budgets.pay(db, project, run, cost=cost, unknown=unknown)


def call_hash(previous: str, place: int, values: Sequence[Any]) -> str:
    """Give sha256(previous ‖ canonical JSON of [place, values]); the response goes in by its own hash."""
    plain = list(values)
    response = plain[_RESPONSE]
    plain[_RESPONSE] = None if response is None else hashlib.sha256(response).hexdigest()
    return hashlib.sha256(previous.encode() + canonical_json([place, plain])).hexdigest()
