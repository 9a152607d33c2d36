"""Sums of what was spent: made by the database, since a project may have a million calls."""

from __future__ import annotations

import json

from sqlalchemy import BigInteger, bindparam, cast, func, select

from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.statement import Statement, number, word
from labelwright.adapters.storage.tables import annotation, call, ledger, prediction
from labelwright.domain.ids import ProjectId
from labelwright.events import CertificateIssued
from labelwright.events.base import project_stream
from labelwright.ports.costs import AnswerTimes, CallCosts, CallTime, IssuedCertificate, RunVersions

_ZERO, _FIRST, _MONTH, _THOUSAND = number(0), number(1), number(7), number(1000)
_UNKNOWN = (call.c.status != word("error")) & call.c.cost_pico.is_(None)
_called_in = func.substr(call.c.created_at, _FIRST, _MONTH)
_answered_in = func.substr(annotation.c.created_at, _FIRST, _MONTH)

CALL_COSTS = Statement(
    select(
        call.c.run,
        call.c.model,
        call.c.provider,
        _called_in,
        func.count(),
        func.count().filter(call.c.status != word("ok")),
        func.count().filter(_UNKNOWN),
        func.coalesce(func.sum(call.c.tokens_in), _ZERO),
        func.coalesce(func.sum(call.c.tokens_out), _ZERO),
        func.coalesce(func.sum(call.c.cost_pico), _ZERO),
    )
    .where(call.c.project == bindparam("project"))
    .group_by(call.c.run, call.c.model, call.c.provider, _called_in)
    .order_by(_called_in, call.c.run, call.c.model, call.c.provider)
)
# All answers of a submission carry the seconds of the whole of it.
_submission = (
    select(
        annotation.c.annotator,
        annotation.c.purpose,
        _answered_in.label("month"),
        annotation.c.guideline_version,
        annotation.c.suggestion_shown,
        annotation.c.submission,
        func.count().label("answers"),
        cast(func.round(func.max(annotation.c.seconds) * _THOUSAND), BigInteger).label("milliseconds"),
    )
    .where(annotation.c.project == bindparam("project"))
    .group_by(
        annotation.c.annotator,
        annotation.c.purpose,
        _answered_in,
        annotation.c.guideline_version,
        annotation.c.suggestion_shown,
        annotation.c.submission,
    )
    .subquery("submission")
)
_kind = (
    _submission.c.annotator,
    _submission.c.purpose,
    _submission.c.month,
    _submission.c.guideline_version,
    _submission.c.suggestion_shown,
)
ANSWER_TIMES = Statement(
    select(
        *_kind,
        func.count(),
        func.sum(_submission.c.answers),
        func.count().filter(_submission.c.milliseconds <= _ZERO),
        func.sum(_submission.c.milliseconds),
    )
    .group_by(*_kind)
    .order_by(*_kind)
)
UNPRICED_CALLS = Statement(
    select(call.c.run, call.c.model, call.c.created_at, call.c.latency_ms)
    .where(call.c.project == bindparam("project"), _UNKNOWN)
    .order_by(call.c.run, call.c.model, call.c.created_at)
)
RUN_VERSIONS = Statement(
    select(prediction.c.run, func.max(prediction.c.prompt_hash), func.max(prediction.c.guideline_version))
    .where(prediction.c.project == bindparam("project"))
    .group_by(prediction.c.run)
    .order_by(prediction.c.run)
)
ISSUED = Statement(
    select(ledger.c.body, ledger.c.provenance)
    .where(ledger.c.stream == bindparam("stream"), ledger.c.type == word(CertificateIssued.type))
    .order_by(ledger.c.position)
)


def call_costs(db: Database, project: ProjectId) -> list[CallCosts]:
    """Sum the call ledger by run, model, provider and month."""
    rows = db.run(CALL_COSTS, {"project": project}).fetchall()
    return [CallCosts(*row[:4], *(int(value) for value in row[4:])) for row in rows]


def answer_times(db: Database, project: ProjectId) -> list[AnswerTimes]:
    """Sum the time of submissions, each counted once however many questions it answers."""
    rows = db.run(ANSWER_TIMES, {"project": project}).fetchall()
    return [
        AnswerTimes(who, purpose, month, guideline, bool(shown), int(n), int(answers), int(unknown), int(milliseconds))
        for who, purpose, month, guideline, shown, n, answers, unknown, milliseconds in rows
    ]


def unpriced_calls(db: Database, project: ProjectId) -> list[CallTime]:
    """List answered calls whose cost nobody knows."""
    return [CallTime(*row) for row in db.run(UNPRICED_CALLS, {"project": project}).fetchall()]


def run_versions(db: Database, project: ProjectId) -> list[RunVersions]:
    """Say by which prompt and guideline each run labelled."""
    return [RunVersions(*row) for row in db.run(RUN_VERSIONS, {"project": project}).fetchall()]


def issued_certificates(db: Database, project: ProjectId) -> list[IssuedCertificate]:
    """List every certificate of the project's stream."""
    found: list[IssuedCertificate] = []
    for body, provenance in db.run(ISSUED, {"stream": project_stream(project)}).fetchall():
        told = json.loads(body)
        found.append(IssuedCertificate(told["question"], json.loads(provenance)["at"], told["certificate"]))
    return found
