"""Plans, certificates, decisions and labels of record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from labelwright.adapters.storage.database import Database, json_text, read_json
from labelwright.adapters.storage.label_changes import Today
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.projection_tables import certificate, current_decision, current_resolution, plan
from labelwright.adapters.storage.queue import count_entries, record_entries
from labelwright.adapters.storage.statement import Statement, given, upsert
from labelwright.adapters.storage.tables import decision, ledger, resolution, sample
from labelwright.domain.canonical import Json
from labelwright.domain.decision import Decision, Resolution
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.events import AuditReserved, CalibrationPlanned, ItemsResolved, ItemsRouted

PLAN = Statement(
    select(ledger.c.position, ledger.c.body)
    .join_from(plan, ledger, ledger.c.position == plan.c.position)
    .where(plan.c.project == bindparam("project"))
)
SAMPLE = Statement(select(sample.c.item).where(sample.c.position == bindparam("at")).order_by(sample.c.place))
CERTIFICATES = Statement(
    select(certificate.c.question, ledger.c.position, ledger.c.body)
    .join_from(certificate, ledger, ledger.c.position == certificate.c.position)
    .where(certificate.c.project == bindparam("project"))
    .order_by(certificate.c.question)
)
_DECISIONS = (
    select(
        decision.c.item,
        decision.c.question,
        decision.c.route,
        decision.c.reason,
        decision.c.score,
        decision.c.probability,
    )
    .join_from(current_decision, decision, decision.c.id == current_decision.c.decision)
    .where(current_decision.c.project == bindparam("project"))
    .order_by(current_decision.c.question, current_decision.c.item)
)
DECISIONS = Statement(_DECISIONS)
DECISIONS_OF_QUESTION = Statement(_DECISIONS.where(current_decision.c.question == bindparam("question")))
_CURRENT_RESOLUTIONS = current_resolution.join(resolution, resolution.c.id == current_resolution.c.resolution)
RESOLUTIONS = Statement(
    select(
        resolution.c.item,
        resolution.c.question,
        resolution.c.value,
        resolution.c.status,
        resolution.c.probability,
        resolution.c.method,
        resolution.c.voters,
        resolution.c.evidence,
        resolution.c.position,
    )
    .select_from(_CURRENT_RESOLUTIONS)
    .where(current_resolution.c.project == bindparam("project"))
    .order_by(current_resolution.c.item, current_resolution.c.question)
)
RESOLUTION_COUNTS = Statement(
    select(resolution.c.question, resolution.c.status, func.count())
    .select_from(_CURRENT_RESOLUTIONS)
    .where(current_resolution.c.project == bindparam("project"))
    .group_by(resolution.c.question, resolution.c.status)
    .order_by(resolution.c.question, resolution.c.status)
)
ADD_SAMPLE = Statement(insert(sample).values(given(sample, "position", "place", "item")))
ADD_DECISION = Statement(
    insert(decision).values(
        given(decision, "project", "item", "question", "route", "reason", "score", "probability", "position")
    )
)
SHOW_DECISIONS = Statement(
    upsert(
        current_decision,
        ("project", "question", "item", "decision"),
        keys=("project", "question", "item"),
        update=("decision",),
        select=select(decision.c.project, decision.c.question, decision.c.item, decision.c.id)
        .where(decision.c.position == bindparam("at"))
        .order_by(decision.c.id),
    )
)
ADD_RESOLUTION = Statement(
    insert(resolution).values(
        given(
            resolution,
            "project",
            "item",
            "question",
            "value",
            "status",
            "probability",
            "method",
            "voters",
            "evidence",
            "position",
        )
    )
)
SHOW_RESOLUTIONS = Statement(
    upsert(
        current_resolution,
        ("project", "item", "question", "resolution"),
        keys=("project", "item", "question"),
        update=("resolution",),
        select=select(resolution.c.project, resolution.c.item, resolution.c.question, resolution.c.id)
        .where(resolution.c.position == bindparam("at"))
        .order_by(resolution.c.id),
    )
)
SHOW_PLAN = Statement(upsert(plan, ("project", "position"), keys=("project",), update=("position",)))
SHOW_CERTIFICATE = Statement(
    upsert(certificate, ("project", "question", "position"), keys=("project", "question"), update=("position",))
)


def newest_plan(db: Database, project: ProjectId) -> dict[str, Json] | None:
    """Give the newest plan with its sample."""
    row = db.one(PLAN, {"project": project})
    if row is None:
        return None
    position, text = row
    body = json.loads(text)
    items = [key for (key,) in db.run(SAMPLE, {"at": position})]
    return {"plan": body["plan"], "frozen": body["frozen"], "items": items, "position": position}


def certificates(db: Database, project: ProjectId) -> dict[str, dict[str, Json]]:
    """Give the newest certificate per question."""
    found: dict[str, dict[str, Json]] = {}
    for question, position, text in db.run(CERTIFICATES, {"project": project}).fetchall():
        body = json.loads(text)
        kept = {name: body[name] for name in ("plan", "certificate", "calibration")}
        found[question] = {**kept, "position": position}
    return found


def decisions(db: Database, project: ProjectId, question: str | None) -> list[Decision]:
    """Give the decisions in force."""
    if question is None:
        rows = db.run(DECISIONS, {"project": project})
    else:
        rows = db.run(DECISIONS_OF_QUESTION, {"project": project, "question": question})
    return [Decision(ItemKey(row[0]), QuestionName(row[1]), *row[2:]) for row in rows]


def resolutions(db: Database, project: ProjectId) -> Iterator[Resolution]:
    """Stream the labels of record."""
    today = Today(db, project)
    for row in db.run(RESOLUTIONS, {"project": project}):
        yield _resolution(row, today)


def _resolution(row: tuple[Any, ...], today: Today) -> Resolution:
    item, question, value, status, probability, method, voters, evidence, position = row
    return Resolution(
        ItemKey(item),
        QuestionName(question),
        today(question, read_json(value), position),
        status,
        probability,
        method,
        tuple(read_json(voters)),
        read_json(evidence),
    )


def resolution_counts(db: Database, project: ProjectId) -> dict[str, dict[str, int]]:
    """Count per question and status."""
    counts: dict[str, dict[str, int]] = {}
    for question, status, n in db.run(RESOLUTION_COUNTS, {"project": project}):
        counts.setdefault(question, {})[status] = n
    return counts


# ---------------------------------------------------------------- what events write


def record_plan(db: Database, event: CalibrationPlanned, row: Row) -> None:
    """Keep the sample and its entries."""
    _record_sample(db, row, event.items)
    record_entries(db, event.project, event.entries, row)


def calibration_planned(db: Database, row: Row, body: Body) -> None:
    """Make the plan the newest."""
    db.run(SHOW_PLAN, {"project": body["project"], "position": row.position})
    count_entries(db, body["project"])


def certificate_issued(db: Database, row: Row, body: Body) -> None:
    """Replace the question's certificate."""
    values = {"project": body["project"], "question": body["question"], "position": row.position}
    db.run(SHOW_CERTIFICATE, values)


def record_routes(db: Database, event: ItemsRouted, row: Row) -> None:
    """Keep the decisions and their entries."""
    db.run_many(
        ADD_DECISION,
        [
            {
                "project": event.project,
                "item": new.item,
                "question": new.question,
                "route": new.route,
                "reason": new.reason,
                "score": new.score,
                "probability": new.probability,
                "position": row.position,
            }
            for new in event.decisions
        ],
    )
    record_entries(db, event.project, event.entries, row)


def items_routed(db: Database, row: Row, body: Body) -> None:
    """Let the newest decision per (item, question) count."""
    db.run(SHOW_DECISIONS, {"at": row.position})
    count_entries(db, body["project"])


def record_audit(db: Database, event: AuditReserved, row: Row) -> None:
    """Keep the sample and its entries."""
    _record_sample(db, row, [entry.item for entry in event.entries])
    record_entries(db, event.project, event.entries, row)


def audit_reserved(db: Database, _row: Row, body: Body) -> None:
    """Count the entries."""
    count_entries(db, body["project"])


def record_resolutions(db: Database, event: ItemsResolved, row: Row) -> None:
    """Keep the labels of record."""
    db.run_many(
        ADD_RESOLUTION,
        [
            {
                "project": event.project,
                "item": new.item,
                "question": new.question,
                "value": json_text(new.value),
                "status": new.status,
                "probability": new.probability,
                "method": new.method,
                "voters": json_text(new.voters),
                "evidence": json_text(new.evidence) if new.evidence else "{}",
                "position": row.position,
            }
            for new in event.resolutions
        ],
    )


def items_resolved(db: Database, row: Row, _body: Body) -> None:
    """Let the newest resolution per (item, question) count."""
    db.run(SHOW_RESOLUTIONS, {"at": row.position})


def _record_sample(db: Database, row: Row, items: list[ItemKey] | tuple[int, ...]) -> None:
    places = ({"position": row.position, "place": place, "item": key} for place, key in enumerate(items))
    db.run_many(ADD_SAMPLE, places)
