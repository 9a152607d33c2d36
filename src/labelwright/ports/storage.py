"""The storage port: transactions that read views, append events and move the queue.

All writing goes through `Storage.write(work)`: `work` gets a `Transaction`, and what it returns is given back only
after the commit is on disk. Storage may commit several pieces of work together (group commit), each inside its own
savepoint: an exception in one undoes that one and is raised to its own caller alone. Bulk services write in chunks that
hold the writer for some 20 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from labelwright.domain.annotation import Annotation, FirstAnswer, Purpose
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.decision import Decision, Resolution
from labelwright.domain.ids import AnnotationId, AnnotatorId, EntryId, ItemId, ItemKey, ProjectId, QuestionName
from labelwright.domain.item import Item
from labelwright.domain.project import Project, ProjectConfig
from labelwright.domain.provenance import Provenance
from labelwright.domain.queue import Draft, Lease, QueueCounts
from labelwright.events.base import Event
from labelwright.history.label_changes import LabelChange
from labelwright.ports.budget import BudgetHolder, BudgetState
from labelwright.ports.calls import CallLog, CallReads
from labelwright.ports.costs import CostReads
from labelwright.ports.item_reads import ItemReads
from labelwright.ports.item_search import ItemSearch
from labelwright.ports.jobs import Job, JobCounts, JobState, Wish
from labelwright.ports.outbound import OutboundRecord

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PredictionColumns:
    """The newest prediction of one model for one question, by ascending item key; arrays of equal length N.

    item: (N,) int64.  status: (N,) "valid" | "invalid" | "failed".  value: N JSON values, None unless valid.
    confidence: (N,) float64, nan = unknown.
    """

    id: np.ndarray[tuple[int], np.dtype[np.int64]]
    item: np.ndarray[tuple[int], np.dtype[np.int64]]
    status: list[str]
    value: list[Json]
    confidence: np.ndarray[tuple[int], np.dtype[np.float64]]
    confidence_kind: list[str | None]


@dataclass(frozen=True, slots=True)
class SignalColumns:
    """Every signal of the newest predictions of one model for one question; the rows of `PredictionColumns`.

    item: (N,) int64, ascending.  signals: name -> (N,) float64, nan = this prediction has none of that name.
    """

    item: np.ndarray[tuple[int], np.dtype[np.int64]]
    signals: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]


@dataclass(frozen=True, slots=True)
class PredictionOrigin:
    """Where a prediction comes from."""

    model: str
    run: str
    prompt_hash: str
    schema_version: int
    guideline_version: int
    confidence: float | None
    confidence_kind: str | None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One row of the ledger."""

    position: int
    stream: str
    version: int
    type: str
    body: dict[str, Json]
    provenance: dict[str, Json]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger ends. Position 0 and 64 zeros when it is empty."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """What an annotator may be shown: a prediction with its calibrated probability (None = not calibrated)."""

    prediction: int
    value: Json
    probability: float | None
    model: str
    reasoning: str | None
    prompt_hash: str
    guideline_version: int


@dataclass(frozen=True, slots=True)
class Session:
    """Who a token speaks for."""

    annotator: Annotator
    project: ProjectId


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The answer an idempotency key got."""

    body_hash: str
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class ConfigVersion:
    """When a version of a configuration came into force, and through whom. actor: an annotator's id, or `system`."""

    version: int
    position: int
    at: str
    actor: str
    via: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as it stands. finished: whether its RunFinished is in the ledger."""

    id: str
    kind: str
    parameters: dict[str, Json]
    started_at: str
    finished: bool
    report: dict[str, Json] | None


@dataclass(frozen=True, slots=True)
class CallTotals:
    """Sums over the call ledger. cost_micro: micro-USD, None when any answered call's price is unknown."""

    calls: int
    failed: int
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cost_micro: int | None


class Views(CallReads, CostReads, ItemReads, ItemSearch, Protocol):
    """Reading. Never writes. Within one `reading()` or `write()` all answers are of one snapshot."""

    # ledger
    def head(self) -> Head: ...
    def events(self, *, after: int = 0, limit: int = 1000) -> list[StoredEvent]: ...
    def stream_version(self, stream: str) -> int:
        """Give the last version of a stream; 0 when it has none."""
        ...

    # projects and people
    def projects(self) -> list[Project]: ...
    def project_by_name(self, name: str) -> Project | None: ...
    def project(self, project: ProjectId) -> Project | None: ...
    def config(self, project: ProjectId, version: int) -> ProjectConfig | None: ...
    def config_versions(self, project: ProjectId) -> list[ConfigVersion]:
        """Give all versions of the configuration, oldest first."""
        ...

    def label_changes(self, project: ProjectId) -> tuple[LabelChange, ...]:
        """Give how labels were renamed, merged and split, oldest first, undone changes included.

        All values that are read here say what they say today: through every change that came after them.
        """
        ...

    def annotators(self, project: ProjectId) -> list[Annotator]: ...
    def runs(self, project: ProjectId) -> list[RunRow]: ...

    # items
    def item_count(self, project: ProjectId) -> int: ...
    def items(self, project: ProjectId, *, after: int = 0, limit: int = 1000) -> list[Item]:
        """Give items by ascending key, after the key `after`."""
        ...

    def items_by_key(self, project: ProjectId, keys: Sequence[int]) -> list[Item]: ...
    def item_keys(self, project: ProjectId) -> np.ndarray[tuple[int], np.dtype[np.int64]]: ...
    def item_ids(self, project: ProjectId) -> dict[int, ItemId]: ...
    def known_ids(self, project: ProjectId, ids: Sequence[str]) -> dict[str, str]:
        """Give, of these item ids, those that are taken, each with the content hash it is taken by."""
        ...

    def import_progress(self, project: ProjectId, source_hash: str) -> tuple[int, int, int]:
        """Give (last line covered, accepted, rejected) of imports of this very file so far; zeros when none."""
        ...

    def import_parts(self, project: ProjectId) -> list[tuple[str, int]]:
        """Give (run, items it brought) of every chunk of every import, in the order in which the items came in.

        Laid end to end they cover `item_keys`, which come in that order too.
        """
        ...

    def item_salt(self, item: ItemKey) -> bytes: ...

    # models
    def predictions(self, project: ProjectId, question: str, model: str) -> PredictionColumns: ...
    def signals(self, project: ProjectId, question: str, model: str) -> SignalColumns:
        """Give all signals of the newest predictions, from what each keeps under `signals`."""
        ...

    def prediction_origins(self, project: ProjectId, ids: Sequence[int]) -> dict[int, PredictionOrigin]:
        """Give, of these predictions, where each comes from, superseded ones included."""
        ...

    def prediction_raw(self, project: ProjectId, *, status: str, limit: int = 100) -> list[dict[str, Json]]:
        """Give quarantined rows: item id, question, model, problem, raw."""
        ...

    def predicted_items(
        self, project: ProjectId, model: str, prompt_hash: str, question: str
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Give the keys of items whose newest prediction of this model is by this prompt and valid or invalid.

        An item is due again when it failed, or when another prompt has answered since.
        """
        ...

    def suggestions(self, project: ProjectId, item: ItemKey, questions: Sequence[str]) -> dict[str, SuggestionRow]:
        """Give the labeller's valid prediction per question, with the probability of the decision."""
        ...

    def opinions(
        self, project: ProjectId, item: ItemKey, questions: Sequence[str], models: Sequence[str]
    ) -> dict[str, list[SuggestionRow]]:
        """Give what each of these models says per question, valid answers only; `probability` is not known for any."""
        ...

    def call_totals(self, project: ProjectId) -> CallTotals: ...

    # operations: none of it is an event
    def budget(self, project: ProjectId, *, limit: int | None) -> BudgetState:
        """Say where the budget stands. limit: pico-USD, None = none."""
        ...

    def jobs(self, project: ProjectId, *, limit: int = 50) -> list[Job]:
        """Give the newest jobs, newest first."""
        ...

    def job(self, project: ProjectId, job: str) -> Job | None: ...
    def has_waiting_job(self) -> bool:
        """Say whether any project has a job that no worker has taken."""
        ...

    def outbound(self, project: ProjectId, *, after: int = 0, limit: int = 1000) -> list[tuple[int, OutboundRecord]]:
        """Give what left, each row with its number, oldest first, after that number."""
        ...

    # people's answers
    def annotations(
        self, project: ProjectId, *, question: str | None = None, purpose: Purpose | None = None
    ) -> list[Annotation]:
        """Give active and surplus annotations (not the retracted), oldest first."""
        ...

    def annotation(self, annotation: AnnotationId) -> Annotation | None: ...
    def submission(self, project: ProjectId, submission: str) -> list[Annotation]:
        """Give all annotations, retracted included, that came as one submission."""
        ...

    def last_submission(self, project: ProjectId, annotator: AnnotatorId) -> str | None:
        """Give the newest submission of that person that is not retracted."""
        ...

    def first_answers(self, project: ProjectId) -> list[FirstAnswer]:
        """Give what people said before a suggestion was revealed to them, oldest first."""
        ...

    def first_answers_of(
        self, project: ProjectId, annotator: AnnotatorId, item: ItemKey, in_round: int
    ) -> dict[QuestionName, FirstAnswer]:
        """Give what one person first said of one item in one round; empty: nothing was revealed to them."""
        ...

    def label_count(self, project: ProjectId) -> int:
        """Count answers by people, retracted ones excluded."""
        ...

    def submissions(
        self, project: ProjectId, annotator: AnnotatorId, *, before: int | None = None, limit: int = 20
    ) -> list[tuple[int, str]]:
        """Give that person's submissions that are not retracted, newest first, each with its number.

        before: only those with a smaller number (a cursor).
        """
        ...

    def submission_count(self, project: ProjectId, annotator: AnnotatorId) -> int:
        """Count that person's submissions, retracted ones excluded."""
        ...

    # decisions
    def plan(self, project: ProjectId) -> dict[str, Json] | None:
        """Give the newest CalibrationPlanned: {plan, frozen, items: [keys], position}."""
        ...

    def certificates(self, project: ProjectId) -> dict[str, dict[str, Json]]:
        """Give per question the newest CertificateIssued: {plan, certificate, calibration, position}."""
        ...

    def decisions(self, project: ProjectId, question: str | None = None) -> list[Decision]:
        """Give the decisions in force, by question and item key."""
        ...

    def resolutions(self, project: ProjectId) -> Iterator[Resolution]:
        """Stream the labels of record, by item key and question."""
        ...

    def resolution_counts(self, project: ProjectId) -> dict[str, dict[str, int]]:
        """Count per question and status."""
        ...

    # queue
    def queue_counts(self, project: ProjectId) -> list[QueueCounts]: ...
    def queued(self, project: ProjectId, purpose: Purpose) -> set[tuple[int, str]]:
        """Give the (item, question) pairs that have entries of this purpose, in any state."""
        ...

    def waiting(self, project: ProjectId, items: Sequence[ItemKey]) -> list[Lease]:
        """Give the slots of these items that are not filled, by item, newest round first.

        expires_at: a slot that nobody holds has 0, or a time that has passed.
        """
        ...

    def held(self, project: ProjectId, entry: EntryId) -> tuple[Lease, AnnotatorId | None, str] | None:
        """Give an entry with its holder and state ("open" | "leased" | "done")."""
        ...

    def draft(self, annotator: AnnotatorId, entry: EntryId) -> Draft | None:
        """Give what this person has begun to answer there."""
        ...

    # access
    def session(self, token_hash: str, *, now: float) -> Session | None:
        """Give who the token speaks for; None when it is unknown, ended or expired."""
        ...

    def remembered(self, key: str, annotator: AnnotatorId) -> StoredResponse | None:
        """Give the answer that an idempotency key got."""
        ...


class Transaction(Views, CallLog, Protocol):
    """Reading and writing, as one."""

    def append(
        self, events: Sequence[Event], provenance: Provenance, *, expected: Mapping[str, int] | None = None
    ) -> Head:
        """Append events, write their rows and projections; give the new head.

        expected: stream -> version it must be at (raises VersionConflict); others append unconditionally.
        """
        ...

    # queue
    def claim(
        self, project: ProjectId, annotator: AnnotatorId, *, now: float, lease_seconds: float, count: int = 1
    ) -> list[Lease]:
        """Claim the `count` most urgent entries this person may have, in one UPDATE … RETURNING each.

        Entries this annotator still holds come first and are renewed (a reload gives the same item back). Never an item
        this annotator has answered, skipped, or holds in another slot of the same round. Expired leases are free.
        A blind slot of an item of which this annotator has seen a label is left to somebody else who is signed in and
        has not, where there is anybody.
        Calibration and audit come before review (their priority says so).
        """
        ...

    def finish_entry(self, entry: EntryId, fence: int, annotator: AnnotatorId, submission: str) -> bool:
        """Mark the slot filled, if the caller still holds it under this fence (expired but unclaimed counts)."""
        ...

    def reopen_entry(
        self, submission: str, *, annotator: AnnotatorId, now: float, lease_seconds: float
    ) -> Lease | None:
        """Give the slot of a retracted submission back to its annotator; None when it filled no slot."""
        ...

    def fill_entry(self, entry: EntryId, annotator: AnnotatorId, submission: str, *, now: float) -> bool:
        """Fill a slot that nobody holds, without a claim; a claim that has run out no longer counts."""
        ...

    def put_entries_back(self, submission: str) -> int:
        """Open all slots again that a submission filled, for anybody; give how many."""
        ...

    def release_entry(self, entry: EntryId, fence: int, annotator: AnnotatorId) -> bool:
        """Give a claim back unanswered."""
        ...

    def renew_entry(
        self, entry: EntryId, fence: int, annotator: AnnotatorId, *, now: float, lease_seconds: float
    ) -> bool:
        """Extend a claim the caller still holds under this fence (expired but unclaimed counts); the fence stays."""
        ...

    def close_entries(self, project: ProjectId, purpose: Purpose, *, slots: tuple[int, int] | None = None) -> int:
        """Take all open entries of this purpose out of the queue (they are replaced by a new routing).

        slots: only those from the first of these numbers to before the second.
        """
        ...

    def keep_draft(self, annotator: AnnotatorId, entry: EntryId, draft: Draft, *, now: float) -> None:
        """Keep what was begun, in the place of what was kept before. No event, no label."""
        ...

    def forget_draft(self, annotator: AnnotatorId, entry: EntryId) -> None: ...

    # operations: none of it is an event
    def reserve_budget(
        self, holder: BudgetHolder, amount: int, *, at_least: int, limit: int | None, now: float, lost_before: float
    ) -> int:
        """Set money aside, in one conditional UPDATE (M2); give what was: `amount`, what is left, or 0.

        What holders that have not been heard of since `lost_before` hold is counted as lost first.
        """
        ...

    def settle_budget(self, holder: BudgetHolder, *, spent: int, released: int, now: float) -> None:
        """Book what was spent, and give back what was set aside for it, also where it was taken for lost."""
        ...

    def touch_budget(self, holder: BudgetHolder, *, now: float) -> None:
        """Say that the holder lives."""
        ...

    def add_job(self, job: Job) -> None: ...
    def take_job(self, worker: str, *, now: float) -> Job | None:
        """Take the job that has waited longest, in one UPDATE; None when none waits."""
        ...

    def beat_job(self, job: str, fence: int, counts: JobCounts, *, state: JobState, now: float) -> Wish | None:
        """Report on a job held under this fence; give what is wished. None: it is somebody else's now, or over.

        The state that is shown follows the wish; `state` says whether the worker has come to rest ("paused") or not.
        """
        ...

    def end_job(
        self, job: str, fence: int, counts: JobCounts, *, state: JobState, now: float, problem: str | None = None
    ) -> bool:
        """Put a held job down: `done`, `failed`, `cancelled` or, to go on another time, `paused` or `waiting`."""
        ...

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
        """Change a job as people ask, if it still is as `job` says (state and fence).

        releases: take it out of its worker's hands, who is not heard any more; so do `waiting` and the ended states.
        """
        ...

    def record_outbound(self, rows: Sequence[OutboundRecord]) -> None: ...

    # access; none of it is an event
    def add_invite(
        self, token_hash: str, project: ProjectId, annotator: AnnotatorId, *, expires_at: float, uses: int
    ) -> None: ...
    def redeem_invite(self, token_hash: str, *, now: float) -> Session | None:
        """Use an invite once; None when it is unknown, expired or used up."""
        ...

    def add_session(
        self, token_hash: str, project: ProjectId, annotator: AnnotatorId, *, expires_at: float
    ) -> None: ...
    def end_session(self, token_hash: str) -> None: ...

    # idempotency
    def remember(self, key: str, annotator: AnnotatorId, response: StoredResponse, *, now: float) -> None: ...


class Storage(Protocol):
    """One workspace's database. Several processes may have it open at once."""

    def reading(self) -> AbstractContextManager[Views]:
        """Read one snapshot; never waits for the writer."""
        ...

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Do the work in a transaction and give its result after the commit is durable."""
        ...

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Queue the work for the next group commit; the future resolves after the commit is durable."""
        ...

    def verify(self, expected: Head | None = None) -> Head:
        """Recompute the chain and every root and commitment. Raises LedgerBroken at the first that does not hold.

        expected: a head noted down earlier; finds a tail that was cut off, which a chain alone cannot see.
        """
        ...

    def rebuild(self) -> int:
        """Make all projections anew from ledger and content tables; give the number of events folded."""
        ...

    def close(self) -> None: ...
