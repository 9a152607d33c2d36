"""Executions."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, insert, select, update

from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.projection_tables import run
from labelwright.adapters.storage.statement import Statement, given
from labelwright.adapters.storage.tables import ledger
from labelwright.domain.ids import ProjectId
from labelwright.errors import AlreadyExists
from labelwright.ports.project_reads import RunRow

_begin, _end = ledger.alias("begin"), ledger.alias("end")

RUNS = Statement(
    select(run.c.id, _begin.c.body, _begin.c.provenance, _end.c.body)
    .select_from(
        run.join(_begin, _begin.c.position == run.c.started).outerjoin(_end, _end.c.position == run.c.finished)
    )
    .where(run.c.project == bindparam("project"))
    .order_by(run.c.started)
)
START = Statement(insert(run).values(given(run, "project", "id", "started")))
FINISH = Statement(
    update(run)
    .where(run.c.project == bindparam("of_project"), run.c.id == bindparam("of_run"))
    .values(finished=bindparam("at"))
)


def runs(db: Database, project: ProjectId) -> list[RunRow]:
    """Give a project's runs, oldest first."""
    found: list[RunRow] = []
    for id, begin, provenance, end in db.run(RUNS, {"project": project}).fetchall():
        body = json.loads(begin)
        report = None if end is None else json.loads(end)["report"]
        at = json.loads(provenance)["at"]
        found.append(RunRow(id, body["kind"], body["parameters"], at, end is not None, report))
    return found


def run_started(db: Database, row: Row, body: Body) -> None:
    """Show the run."""
    try:
        db.run(START, {"project": body["project"], "id": body["run"], "started": row.position})
    except AlreadyExists as error:
        raise AlreadyExists(f"run {body['run']!r} has already begun; give the new run another id") from error


def run_finished(db: Database, row: Row, body: Body) -> None:
    """Show that it is over."""
    db.run(FINISH, {"of_project": body["project"], "of_run": body["run"], "at": row.position})


def exported(_db: Database, _row: Row, _body: Body) -> None:
    """Nothing is shown of an export but the event itself."""
