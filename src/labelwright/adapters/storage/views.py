"""The reading face of the storage: each method asks the file of its noun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from labelwright.adapters.storage import (
    access,
    annotations,
    assistant,
    budgets,
    bulk,
    calls,
    costs,
    decisions,
    drafts,
    explore,
    first_answers,
    items,
    jobs,
    label_changes,
    ledger,
    objections,
    outbound,
    predictions,
    projects,
    queue,
    remarks,
    runs,
    seen,
    trail,
)
from labelwright.adapters.storage.database import Database
from labelwright.domain.annotation import Annotation, AssistantUse, FirstAnswer, Purpose, Remark
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.decision import Decision, Resolution
from labelwright.domain.ids import AnnotationId, AnnotatorId, EntryId, ItemId, ItemKey, ProjectId, QuestionName
from labelwright.domain.item import Item
from labelwright.domain.objection import Objection
from labelwright.domain.project import Project, ProjectConfig
from labelwright.domain.queue import Draft, Lease, QueueCounts
from labelwright.domain.sighting import Sighting
from labelwright.history.label_changes import LabelChange
from labelwright.ports.access import Session, StoredResponse
from labelwright.ports.budget import BudgetState
from labelwright.ports.calls import AnsweredCall
from labelwright.ports.costs import AnswerTimes, CallCosts, CallTime, CallTotals, IssuedCertificate, RunVersions
from labelwright.ports.item_reads import TrailRow
from labelwright.ports.item_search import FoundItem, ItemFilter
from labelwright.ports.jobs import Job
from labelwright.ports.ledger_reads import Head, StoredEvent
from labelwright.ports.outbound import OutboundRecord
from labelwright.ports.prediction_reads import PredictionColumns, PredictionOrigin, SignalColumns, SuggestionRow
from labelwright.ports.project_reads import ConfigVersion, RunRow


class StoredViews:
    """`ports.storage.Views` over one connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def database(self) -> Database:
        """Give the connection it reads."""
        return self._db

    # ledger

    def head(self) -> Head:
        return ledger.head(self._db)

    def events(self, *, after: int = 0, limit: int = 1000) -> list[StoredEvent]:
        return ledger.events(self._db, after, limit)

    def stream_version(self, stream: str) -> int:
        return ledger.stream_version(self._db, stream)

    # projects and people

    def projects(self) -> list[Project]:
        return projects.projects(self._db)

    def project_by_name(self, name: str) -> Project | None:
        return projects.project_by_name(self._db, name)

    def project(self, project: ProjectId) -> Project | None:
        return projects.project_by_id(self._db, project)

    def config(self, project: ProjectId, version: int) -> ProjectConfig | None:
        return projects.config(self._db, project, version)

    def config_versions(self, project: ProjectId) -> list[ConfigVersion]:
        return projects.config_versions(self._db, project)

    def label_changes(self, project: ProjectId) -> tuple[LabelChange, ...]:
        return label_changes.label_changes(self._db, project)

    def annotators(self, project: ProjectId) -> list[Annotator]:
        return projects.annotators(self._db, project)

    def runs(self, project: ProjectId) -> list[RunRow]:
        return runs.runs(self._db, project)

    # items

    def item_count(self, project: ProjectId) -> int:
        return items.item_count(self._db, project)

    def items(self, project: ProjectId, *, after: int = 0, limit: int = 1000) -> list[Item]:
        return items.items(self._db, project, after, limit)

    def items_by_key(self, project: ProjectId, keys: Sequence[int]) -> list[Item]:
        return items.items_by_key(self._db, project, keys)

    def item_keys(self, project: ProjectId) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return items.item_keys(self._db, project)

    def item_ids(self, project: ProjectId) -> dict[int, ItemId]:
        return items.item_ids(self._db, project)

    def known_ids(self, project: ProjectId, ids: Sequence[str]) -> dict[str, str]:
        return items.known_ids(self._db, project, ids)

    def import_progress(self, project: ProjectId, source_hash: str) -> tuple[int, int, int]:
        return items.import_progress(self._db, project, source_hash)

    def import_parts(self, project: ProjectId) -> list[tuple[str, int]]:
        return items.import_parts(self._db, project)

    def item_salt(self, item: ItemKey) -> bytes:
        return items.item_salt(self._db, item)

    def item_by_id(self, project: ProjectId, id: str) -> Item | None:
        return trail.item_by_id(self._db, project, id)

    def trail(self, project: ProjectId, item: ItemKey) -> list[TrailRow]:
        return trail.trail(self._db, project, item)

    def remarks(self, project: ProjectId, item: ItemKey | None = None) -> list[Remark]:
        return remarks.of_project(self._db, project) if item is None else remarks.of_item(self._db, project, item)

    def assistant_uses(
        self, project: ProjectId, annotator: AnnotatorId, item: ItemKey, in_round: int
    ) -> list[AssistantUse]:
        return assistant.of_person(self._db, project, annotator, item, in_round)

    def find_items(self, project: ProjectId, asked: ItemFilter, *, after: int = 0, limit: int = 50) -> list[FoundItem]:
        return explore.find(self._db, project, asked, after, limit)

    def find_keys(self, project: ProjectId, asked: ItemFilter, *, limit: int) -> list[ItemKey]:
        return explore.keys(self._db, project, asked, limit)

    # models

    def predictions(self, project: ProjectId, question: str, model: str) -> PredictionColumns:
        return predictions.columns(self._db, project, question, model)

    def signals(self, project: ProjectId, question: str, model: str) -> SignalColumns:
        return predictions.signals(self._db, project, question, model)

    def prediction_origins(self, project: ProjectId, ids: Sequence[int]) -> dict[int, PredictionOrigin]:
        return predictions.origins(self._db, project, ids)

    def prediction_raw(self, project: ProjectId, *, status: str, limit: int = 100) -> list[dict[str, Json]]:
        return predictions.quarantined(self._db, project, status, limit)

    def predicted_items(
        self, project: ProjectId, model: str, prompt_hash: str, question: str
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return predictions.predicted_items(self._db, project, model, prompt_hash, question)

    def suggestions(self, project: ProjectId, item: ItemKey, questions: Sequence[str]) -> dict[str, SuggestionRow]:
        return predictions.suggestions(self._db, project, item, questions)

    def answered_calls(self, keys: Sequence[str]) -> dict[str, bytes]:
        return calls.answered(self._db, keys)

    def calls_of(self, keys: Sequence[str]) -> dict[str, AnsweredCall]:
        return calls.of_keys(self._db, keys)

    def newest_call(self) -> int:
        return calls.newest(self._db)

    def call_totals(self, project: ProjectId) -> CallTotals:
        return calls.totals(self._db, project)

    # what was spent

    def call_costs(self, project: ProjectId) -> list[CallCosts]:
        return costs.call_costs(self._db, project)

    def answer_times(self, project: ProjectId) -> list[AnswerTimes]:
        return costs.answer_times(self._db, project)

    def unpriced_calls(self, project: ProjectId) -> list[CallTime]:
        return costs.unpriced_calls(self._db, project)

    def run_versions(self, project: ProjectId) -> list[RunVersions]:
        return costs.run_versions(self._db, project)

    def issued_certificates(self, project: ProjectId) -> list[IssuedCertificate]:
        return costs.issued_certificates(self._db, project)

    # operations

    def budget(self, project: ProjectId, *, limit: int | None, now: float | None = None) -> BudgetState:
        return budgets.state(self._db, project, limit, now)

    def jobs(self, project: ProjectId, *, limit: int = 50) -> list[Job]:
        return jobs.jobs(self._db, project, limit)

    def job(self, project: ProjectId, job: str) -> Job | None:
        return jobs.job_of(self._db, project, job)

    def has_waiting_job(self) -> bool:
        return jobs.is_any_waiting(self._db)

    def outbound(self, project: ProjectId, *, after: int = 0, limit: int = 1000) -> list[tuple[int, OutboundRecord]]:
        return outbound.sent(self._db, project, after, limit)

    # people's answers

    def annotations(
        self, project: ProjectId, *, question: str | None = None, purpose: Purpose | None = None
    ) -> list[Annotation]:
        return annotations.standing(self._db, project, question, purpose)

    def annotation(self, annotation: AnnotationId) -> Annotation | None:
        return annotations.by_id(self._db, annotation)

    def submission(self, project: ProjectId, submission: str) -> list[Annotation]:
        return annotations.of_submission(self._db, project, submission)

    def last_submission(self, project: ProjectId, annotator: AnnotatorId) -> str | None:
        return annotations.last_submission(self._db, project, annotator)

    def submissions(
        self, project: ProjectId, annotator: AnnotatorId, *, before: int | None = None, limit: int = 20
    ) -> list[tuple[int, str]]:
        return annotations.submissions(self._db, project, annotator, before, limit)

    def submission_count(self, project: ProjectId, annotator: AnnotatorId) -> int:
        return annotations.submission_count(self._db, project, annotator)

    def label_count(self, project: ProjectId) -> int:
        return annotations.label_count(self._db, project)

    # decisions

    def plan(self, project: ProjectId) -> dict[str, Json] | None:
        return decisions.newest_plan(self._db, project)

    def certificates(self, project: ProjectId) -> dict[str, dict[str, Json]]:
        return decisions.certificates(self._db, project)

    def decisions(self, project: ProjectId, question: str | None = None) -> list[Decision]:
        return decisions.decisions(self._db, project, question)

    def resolutions(self, project: ProjectId) -> Iterator[Resolution]:
        return decisions.resolutions(self._db, project)

    def resolution_counts(self, project: ProjectId) -> dict[str, dict[str, int]]:
        return decisions.resolution_counts(self._db, project)

    # queue

    def queue_counts(self, project: ProjectId) -> list[QueueCounts]:
        return queue.counts(self._db, project)

    def queued(self, project: ProjectId, purpose: Purpose) -> set[tuple[int, str]]:
        return queue.queued(self._db, project, purpose)

    def waiting(self, project: ProjectId, items: Sequence[ItemKey]) -> list[Lease]:
        return bulk.waiting(self._db, project, items)

    def held(self, project: ProjectId, entry: EntryId) -> tuple[Lease, AnnotatorId | None, str] | None:
        return queue.held(self._db, project, entry)

    def opinions(
        self, project: ProjectId, item: ItemKey, questions: Sequence[str], models: Sequence[str]
    ) -> dict[str, list[SuggestionRow]]:
        return predictions.opinions(self._db, project, item, questions, models)

    def first_answers(self, project: ProjectId) -> list[FirstAnswer]:
        return first_answers.first_answers(self._db, project)

    def first_answers_of(
        self, project: ProjectId, annotator: AnnotatorId, item: ItemKey, in_round: int
    ) -> dict[QuestionName, FirstAnswer]:
        return first_answers.first_answers_of(self._db, project, annotator, item, in_round)

    def seen_by(self, annotator: AnnotatorId, items: Sequence[ItemKey]) -> list[Sighting]:
        return seen.seen_by(self._db, annotator, items)

    def objections(
        self, project: ProjectId, annotator: AnnotatorId | None = None, *, item: ItemKey | None = None
    ) -> list[Objection]:
        return objections.objections(self._db, project, annotator, item)

    def seen_by_each(self, project: ProjectId) -> dict[int, frozenset[AnnotatorId]]:
        return seen.seen_by_each(self._db, project)

    def people_here(self, project: ProjectId, *, now: float) -> frozenset[AnnotatorId]:
        return seen.people_here(self._db, project, now)

    def draft(self, annotator: AnnotatorId, entry: EntryId) -> Draft | None:
        return drafts.kept(self._db, annotator, entry)

    # access

    def session(self, token_hash: str, *, now: float) -> Session | None:
        return access.session_of(self._db, token_hash, now=now)

    def remembered(self, key: str, annotator: AnnotatorId) -> StoredResponse | None:
        return access.remembered(self._db, key, annotator)
