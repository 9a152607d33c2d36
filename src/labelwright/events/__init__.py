"""What can happen. One room per noun; `Event` is what the ledger takes."""

from labelwright.events.annotations import AnnotationRetracted, AnnotationSubmitted, ItemSkipped, SuggestionRevealed
from labelwright.events.assistant import AssistantAsked
from labelwright.events.base import Event
from labelwright.events.decisions import (
    AuditReserved,
    CalibrationPlanned,
    CertificateIssued,
    ItemsResolved,
    ItemsRouted,
)
from labelwright.events.items import ItemsImported
from labelwright.events.labels import LabelsMigrated
from labelwright.events.objections import AnswerObjected, ObjectionSettled
from labelwright.events.predictions import PredictionsRecorded
from labelwright.events.project import AnnotatorAdded, ProjectConfigured, ProjectCreated
from labelwright.events.remarks import ItemRemarked, LabelRestored, RemarkWithdrawn
from labelwright.events.runs import Exported, RunFinished, RunStarted
from labelwright.events.sightings import LabelsSeen

__all__ = [
    "AnnotationRetracted",
    "AnnotationSubmitted",
    "AnnotatorAdded",
    "AnswerObjected",
    "AssistantAsked",
    "AuditReserved",
    "CalibrationPlanned",
    "CertificateIssued",
    "Event",
    "Exported",
    "ItemRemarked",
    "ItemSkipped",
    "ItemsImported",
    "ItemsResolved",
    "ItemsRouted",
    "LabelRestored",
    "LabelsMigrated",
    "LabelsSeen",
    "ObjectionSettled",
    "PredictionsRecorded",
    "ProjectConfigured",
    "ProjectCreated",
    "RemarkWithdrawn",
    "RunFinished",
    "RunStarted",
    "SuggestionRevealed",
]
