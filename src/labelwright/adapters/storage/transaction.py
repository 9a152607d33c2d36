"""The writing face of the storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labelwright.adapters.storage import (
    access,
    budgets,
    bulk,
    calls,
    drafts,
    jobs,
    ledger,
    outbound,
    projections,
    queue,
)
from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.views import StoredViews
from labelwright.domain.annotation import Purpose
from labelwright.domain.canonical import canonical_json
from labelwright.domain.ids import AnnotatorId, EntryId, ProjectId
from labelwright.domain.provenance import Provenance
from labelwright.domain.queue import Draft, Lease
from labelwright.errors import VersionConflict
from labelwright.events.base import Event
from labelwright.ports.access import Session, StoredResponse
from labelwright.ports.budget import BudgetHolder
from labelwright.ports.calls import CallRecord
from labelwright.ports.jobs import Job, JobCounts, JobState, Wish
from labelwright.ports.ledger_reads import Head
from labelwright.ports.outbound import OutboundRecord


class StoredTransaction(StoredViews):
    """`ports.storage.Transaction`: one piece of work inside a transaction that holds the writer's lock.

    failure: what stopped an `append` half-way. A piece that swallows it is undone all the same: never half an event.
    """

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.failure: Exception | None = None

    def append(
        self, events: Sequence[Event], provenance: Provenance, *, expected: Mapping[str, int] | None = None
    ) -> Head:
        db = self._db
        versions: dict[str, int] = {}
        for stream, version in (expected or {}).items():
            versions[stream] = ledger.stream_version(db, stream)
            if versions[stream] != version:
                raise VersionConflict(stream, version, versions[stream])
        made_by = canonical_json(provenance.body()).decode()
        tail = ledger.head(db)  # read under the writer's lock: nobody else can add after it
        try:
            for event in events:
                stream, body = event.stream, event.body()
                if stream not in versions:
                    versions[stream] = ledger.stream_version(db, stream)
                versions[stream] += 1
                row = ledger.add(
                    db,
                    tail,
                    stream=stream,
                    version=versions[stream],
                    type=event.type,
                    body=canonical_json(body).decode(),
                    provenance=made_by,
                )
                projections.record(db, event, row)
                projections.show(db, row, body)
                tail = Head(row.position, row.hash)
        except Exception as failure:  # noted for the group commit, and passed on
            self.failure = failure
            raise
        return tail

    def record_calls(self, rows: Sequence[CallRecord]) -> None:
        try:
            calls.record(self._db, rows)
        except Exception as failure:  # noted for the group commit, and passed on
            self.failure = failure
            raise

    # queue

    def claim(
        self, project: ProjectId, annotator: AnnotatorId, *, now: float, lease_seconds: float, count: int = 1
    ) -> list[Lease]:
        return queue.claim(self._db, project, annotator, now=now, lease_seconds=lease_seconds, count=count)

    def finish_entry(self, entry: EntryId, fence: int, annotator: AnnotatorId, submission: str) -> bool:
        return queue.finish(self._db, entry, fence, annotator, submission)

    def reopen_entry(
        self, submission: str, *, annotator: AnnotatorId, now: float, lease_seconds: float
    ) -> Lease | None:
        return queue.reopen(self._db, submission, annotator=annotator, now=now, lease_seconds=lease_seconds)

    def fill_entry(self, entry: EntryId, annotator: AnnotatorId, submission: str, *, now: float) -> bool:
        return bulk.fill(self._db, entry, annotator, submission, now=now)

    def put_entries_back(self, submission: str) -> int:
        return bulk.put_back(self._db, submission)

    def release_entry(self, entry: EntryId, fence: int, annotator: AnnotatorId) -> bool:
        return queue.release(self._db, entry, fence, annotator)

    def renew_entry(
        self, entry: EntryId, fence: int, annotator: AnnotatorId, *, now: float, lease_seconds: float
    ) -> bool:
        return queue.renew(self._db, entry, fence, annotator, now=now, lease_seconds=lease_seconds)

    def close_entries(self, project: ProjectId, purpose: Purpose, *, slots: tuple[int, int] | None = None) -> int:
        return queue.close(self._db, project, purpose, slots)

    def keep_draft(self, annotator: AnnotatorId, entry: EntryId, draft: Draft, *, now: float) -> None:
        drafts.keep(self._db, annotator, entry, draft, now=now)

    def forget_draft(self, annotator: AnnotatorId, entry: EntryId) -> None:
        drafts.forget(self._db, annotator, entry)

    # operations

    def reserve_budget(
        self, holder: BudgetHolder, amount: int, *, at_least: int, limit: int | None, now: float, lost_before: float
    ) -> int:
        return budgets.reserve(
            self._db, holder, amount, at_least=at_least, limit=limit, now=now, lost_before=lost_before
        )

    def settle_budget(self, holder: BudgetHolder, *, spent: int, released: int, now: float) -> None:
        budgets.settle(self._db, holder, spent=spent, released=released, now=now)

    def touch_budget(self, holder: BudgetHolder, *, now: float) -> None:
        budgets.touch(self._db, holder, now=now)

    def add_job(self, job: Job) -> None:
        jobs.add(self._db, job)

    def take_job(self, worker: str, *, now: float) -> Job | None:
        return jobs.take(self._db, worker, now=now)

    def beat_job(self, job: str, fence: int, counts: JobCounts, *, state: JobState, now: float) -> Wish | None:
        return jobs.beat(self._db, job, fence, counts, state=state, now=now)

    def end_job(
        self, job: str, fence: int, counts: JobCounts, *, state: JobState, now: float, problem: str | None = None
    ) -> bool:
        return jobs.end(self._db, job, fence, counts, state=state, now=now, problem=problem)

    def move_job(
        self,
        job: Job,
        *,
        state: JobState,
        wish: Wish,
        now: float,
        releases: bool = False,
        problem: str | None = None,
    ) -> bool:
        return jobs.move(self._db, job, state=state, wish=wish, now=now, releases=releases, problem=problem)

    def record_outbound(self, rows: Sequence[OutboundRecord]) -> None:
        outbound.record(self._db, rows)

    # access

    def add_invite(
        self, token_hash: str, project: ProjectId, annotator: AnnotatorId, *, expires_at: float, uses: int
    ) -> None:
        access.add_invite(self._db, token_hash, project, annotator, expires_at=expires_at, uses=uses)

    def redeem_invite(self, token_hash: str, *, now: float) -> Session | None:
        return access.redeem_invite(self._db, token_hash, now=now)

    def add_session(self, token_hash: str, project: ProjectId, annotator: AnnotatorId, *, expires_at: float) -> None:
        access.add_session(self._db, token_hash, project, annotator, expires_at=expires_at)

    def end_session(self, token_hash: str) -> None:
        access.end_session(self._db, token_hash)

    def remember(self, key: str, annotator: AnnotatorId, response: StoredResponse, *, now: float) -> None:
        access.remember(self._db, key, annotator, response, now=now)
