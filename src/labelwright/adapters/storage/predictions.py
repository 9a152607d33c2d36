"""What models said."""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat
from operator import attrgetter
from typing import Any

import numpy as np
from sqlalchemy import bindparam, select

from labelwright.adapters.storage.database import Database, json_text, read_json
from labelwright.adapters.storage.label_changes import Today
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.projection_tables import current_decision, current_prediction
from labelwright.adapters.storage.projects import project_by_id
from labelwright.adapters.storage.statement import InsertRows, ListStatement, Statement, number, upsert
from labelwright.adapters.storage.tables import decision, item, prediction
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.events import PredictionsRecorded
from labelwright.ports.prediction_reads import PredictionColumns, PredictionOrigin, SignalColumns, SuggestionRow

_CURRENT = current_prediction.c
_OF_MODEL = (
    _CURRENT.project == bindparam("project"),
    _CURRENT.question == bindparam("question"),
    _CURRENT.model == bindparam("model"),
)
_JOINED = current_prediction.join(prediction, prediction.c.id == _CURRENT.prediction)

PREDICTION_COLUMNS = Statement(
    select(
        prediction.c.id,
        _CURRENT.item,
        prediction.c.status,
        prediction.c.value,
        prediction.c.confidence,
        prediction.c.confidence_kind,
        prediction.c.position,
    )
    .select_from(_JOINED)
    .where(*_OF_MODEL)
    .order_by(_CURRENT.item)
)
PREDICTED_ITEMS = Statement(
    select(_CURRENT.item)
    .select_from(_JOINED)
    .where(*_OF_MODEL, prediction.c.prompt_hash == bindparam("prompt_hash"), prediction.c.status != bindparam("failed"))
    .order_by(_CURRENT.item)
)
SIGNALS = Statement(
    select(_CURRENT.item, prediction.c.signals).select_from(_JOINED).where(*_OF_MODEL).order_by(_CURRENT.item)
)
ORIGINS = ListStatement(
    lambda ids: select(
        prediction.c.id,
        prediction.c.model,
        prediction.c.run,
        prediction.c.prompt_hash,
        prediction.c.schema_version,
        prediction.c.guideline_version,
        prediction.c.confidence,
        prediction.c.confidence_kind,
    ).where(prediction.c.project == bindparam("project"), prediction.c.id.in_(ids))
)
QUARANTINED = Statement(
    select(item.c.id, prediction.c.question, prediction.c.model, prediction.c.problem, prediction.c.raw)
    .join_from(prediction, item, item.c.key == prediction.c.item)
    .where(prediction.c.project == bindparam("project"), prediction.c.status == bindparam("status"))
    .order_by(prediction.c.id)
    .limit(bindparam("limit"))
    .offset(number(0))
)
SUGGESTION = Statement(
    select(
        prediction.c.id,
        prediction.c.value,
        decision.c.probability,
        prediction.c.model,
        prediction.c.signals,
        prediction.c.prompt_hash,
        prediction.c.guideline_version,
        prediction.c.position,
    )
    .select_from(
        _JOINED.outerjoin(
            current_decision,
            (current_decision.c.project == _CURRENT.project)
            & (current_decision.c.question == _CURRENT.question)
            & (current_decision.c.item == _CURRENT.item),
        ).outerjoin(decision, decision.c.id == current_decision.c.decision)
    )
    .where(*_OF_MODEL, _CURRENT.item == bindparam("item"), prediction.c.status == bindparam("valid"))
)
_NEW = (
    "item",
    "question",
    "model",
    "status",
    "value",
    "confidence",
    "confidence_kind",
    "signals",
    "problem",
    "raw",
    "call_key",
    "run",
    "schema_version",
    "guideline_version",
    "prompt_hash",
)
_values = attrgetter(*_NEW)
_VALUE, _SIGNALS = _NEW.index("value"), _NEW.index("signals")
ADD_PREDICTION = InsertRows(prediction, "project", *_NEW, "position")
SHOW_PREDICTIONS = Statement(
    upsert(
        current_prediction,
        ("project", "question", "model", "item", "prediction"),
        keys=("project", "question", "model", "item"),
        update=("prediction",),
        select=select(
            prediction.c.project, prediction.c.question, prediction.c.model, prediction.c.item, prediction.c.id
        )
        .where(prediction.c.position == bindparam("at"))
        .order_by(prediction.c.id),
    )
)


def columns(db: Database, project: ProjectId, question: str, model: str) -> PredictionColumns:
    """Give the newest prediction per item as columns."""
    rows = db.run(PREDICTION_COLUMNS, {"project": project, "question": question, "model": model}).fetchall()
    read: dict[str, Json] = {}  # labels repeat: each text is read once
    for row in rows:
        if row[3] not in read:
            read[row[3]] = json.loads(row[3])
    today = Today(db, project)
    confidence = [np.nan if row[4] is None else row[4] for row in rows]
    return PredictionColumns(
        id=np.array([row[0] for row in rows], dtype=np.int64),
        item=np.array([row[1] for row in rows], dtype=np.int64),
        status=[row[2] for row in rows],
        value=[today(question, read[row[3]], row[6]) if today else read[row[3]] for row in rows],
        confidence=np.array(confidence, dtype=np.float64),
        confidence_kind=[row[5] for row in rows],
    )


def signals(db: Database, project: ProjectId, question: str, model: str) -> SignalColumns:
    """Give what each of the newest predictions keeps under `signals`, as columns."""
    keys = array("q")
    found: dict[str, array[float]] = {}
    asked = {"project": project, "question": question, "model": model}
    for place, (key, text) in enumerate(db.run(SIGNALS, asked)):
        keys.append(key)
        kept: dict[str, object] = {} if text == "{}" else read_json(text).get("signals") or {}
        for name, value in kept.items():
            if isinstance(value, int | float):
                column = found.setdefault(name, array("d"))
                column.extend(repeat(np.nan, place - len(column)))
                column.append(value)
    for column in found.values():
        column.extend(repeat(np.nan, len(keys) - len(column)))
    return SignalColumns(
        np.array(keys, dtype=np.int64), {name: np.array(found[name], dtype=np.float64) for name in sorted(found)}
    )


def predicted_items(
    db: Database, project: ProjectId, model: str, prompt_hash: str, question: str
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Give the keys of items whose newest prediction of this model is by this prompt and did not fail."""
    asked = {"project": project, "question": question, "model": model, "prompt_hash": prompt_hash, "failed": "failed"}
    return np.array([row[0] for row in db.run(PREDICTED_ITEMS, asked)], dtype=np.int64)


def origins(db: Database, project: ProjectId, ids: Sequence[int]) -> dict[int, PredictionOrigin]:
    """Give where predictions come from, by id."""
    return {row[0]: PredictionOrigin(*row[1:]) for row in db.run_list(ORIGINS, ids, {"project": project})}


def quarantined(db: Database, project: ProjectId, status: str, limit: int) -> list[dict[str, Json]]:
    """Give rows that are not valid, with their raw text."""
    rows = db.run(QUARANTINED, {"project": project, "status": status, "limit": limit})
    names = ("item", "question", "model", "problem", "raw")
    return [dict(zip(names, row, strict=True)) for row in rows]


def suggestions(db: Database, project: ProjectId, key: int, questions: Sequence[str]) -> dict[str, SuggestionRow]:
    """Give the labeller's valid prediction per question."""
    found = project_by_id(db, project)
    if found is None or found.config.labeller is None:
        return {}
    asked = {"project": project, "model": found.config.labeller, "item": int(key), "valid": "valid"}
    today = Today(db, project)
    shown: dict[str, SuggestionRow] = {}
    for question in questions:
        row = db.one(SUGGESTION, {**asked, "question": question})
        if row is not None:
            shown[question] = _suggestion(row, question, today)
    return shown


def opinions(
    db: Database, project: ProjectId, key: int, questions: Sequence[str], models: Sequence[str]
) -> dict[str, list[SuggestionRow]]:
    """Give what each of these models says. What is known of the labeller's word is not known of another's."""
    today = Today(db, project)
    found: dict[str, list[SuggestionRow]] = {}
    for question in questions:
        asked = {"project": project, "item": int(key), "valid": "valid", "question": question}
        rows = (db.one(SUGGESTION, {**asked, "model": model}) for model in models)
        found[question] = [
            replace(_suggestion(row, question, today), probability=None) for row in rows if row is not None
        ]
    return found


def _suggestion(row: tuple[Any, ...], question: str, today: Today) -> SuggestionRow:
    number, value, probability, model, signals, prompt_hash, guideline_version, position = row
    reasoning = json.loads(signals).get("reasoning")
    text = reasoning if isinstance(reasoning, str) else None
    said = today(question, json.loads(value), position)
    return SuggestionRow(number, said, probability, model, text, prompt_hash, guideline_version)


# ---------------------------------------------------------------- what events write


def record_predictions(db: Database, event: PredictionsRecorded, row: Row) -> None:
    """Keep the predictions."""
    rows: list[tuple[Any, ...]] = []
    for new in event.predictions:
        values = list(_values(new))
        values[_VALUE] = json_text(new.value)
        values[_SIGNALS] = json_text(new.signals) if new.signals else "{}"
        rows.append((event.project, *values, row.position))
    db.insert(ADD_PREDICTION, rows)


def predictions_recorded(db: Database, row: Row, _body: Body) -> None:
    """Let the newest prediction per (question, model, item) count."""
    db.run(SHOW_PREDICTIONS, {"at": row.position})
