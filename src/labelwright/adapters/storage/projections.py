"""What each event writes: its content rows, and what is shown because of it.

`RECORD` keeps what the ledger's body leaves out (needs the event). `SHOW` makes projections from the ledger's row and
the content alone, so the same function serves when it happens and when all is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from labelwright.adapters.storage import (
    annotations,
    assistant,
    decisions,
    first_answers,
    items,
    label_changes,
    objections,
    predictions,
    projects,
    remarks,
    runs,
    seen,
)
from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.errors import StorageFailure
from labelwright.events import (
    AnnotationRetracted,
    AnnotationSubmitted,
    AnnotatorAdded,
    AnswerObjected,
    AssistantAsked,
    AuditReserved,
    CalibrationPlanned,
    CertificateIssued,
    Event,
    Exported,
    ItemRemarked,
    ItemsImported,
    ItemSkipped,
    ItemsResolved,
    ItemsRouted,
    LabelRestored,
    LabelsMigrated,
    LabelsSeen,
    ObjectionSettled,
    PredictionsRecorded,
    ProjectConfigured,
    ProjectCreated,
    RemarkWithdrawn,
    RunFinished,
    RunStarted,
    SuggestionRevealed,
)

RECORD: Mapping[str, Callable[[Database, Any, Row], None]] = {
    ProjectCreated.type: projects.check_created,
    AnnotatorAdded.type: projects.record_annotator,
    ItemsImported.type: items.record_items,
    PredictionsRecorded.type: predictions.record_predictions,
    AnnotationSubmitted.type: annotations.record_annotation,
    SuggestionRevealed.type: first_answers.record_revealed,
    CalibrationPlanned.type: decisions.record_plan,
    ItemsRouted.type: decisions.record_routes,
    AuditReserved.type: decisions.record_audit,
    ItemsResolved.type: decisions.record_resolutions,
    ItemRemarked.type: remarks.record_remark,
    AssistantAsked.type: assistant.record_asked,
    AnswerObjected.type: objections.record_objected,
}

SHOW: Mapping[str, Callable[[Database, Row, Body], None]] = {
    ProjectCreated.type: projects.project_created,
    ProjectConfigured.type: projects.project_configured,
    LabelsMigrated.type: label_changes.show_nothing,
    AnnotatorAdded.type: projects.annotator_added,
    ItemsImported.type: items.items_imported,
    PredictionsRecorded.type: predictions.predictions_recorded,
    AnnotationSubmitted.type: annotations.annotation_submitted,
    SuggestionRevealed.type: first_answers.revealed,
    AnnotationRetracted.type: annotations.annotation_retracted,
    ItemSkipped.type: annotations.item_skipped,
    CalibrationPlanned.type: decisions.calibration_planned,
    CertificateIssued.type: decisions.certificate_issued,
    ItemsRouted.type: decisions.items_routed,
    AuditReserved.type: decisions.audit_reserved,
    ItemsResolved.type: decisions.items_resolved,
    RunStarted.type: runs.run_started,
    RunFinished.type: runs.run_finished,
    Exported.type: runs.exported,
    ItemRemarked.type: remarks.item_remarked,
    RemarkWithdrawn.type: remarks.remark_withdrawn,
    LabelRestored.type: remarks.label_restored,
    AssistantAsked.type: assistant.assistant_asked,
    LabelsSeen.type: seen.labels_seen,
    AnswerObjected.type: objections.answer_objected,
    ObjectionSettled.type: objections.objection_settled,
}


def record(db: Database, event: Event, row: Row) -> None:
    """Write the event's content rows."""
    keep = RECORD.get(event.type)
    if keep is not None:
        keep(db, event, row)


def show(db: Database, row: Row, body: Body | None = None) -> None:
    """Write what is shown because of a row of the ledger."""
    if row.type not in SHOW:
        known = f"this version knows {len(SHOW)} types of events"
        raise StorageFailure(f"position {row.position} holds an event of the unknown type {row.type!r}; {known}")
    SHOW[row.type](db, row, json.loads(row.body) if body is None else body)
