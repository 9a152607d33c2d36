"""What was spent, summed as finely as anybody asks: calls by run, model and month; people's time by its purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId


@dataclass(frozen=True, slots=True)
class CallCosts:
    """Attempts at calls of one run, model, provider and month (`2026-11`). cost_pico: of those whose cost is known.

    n_unknown: answered calls without a known cost.
    """

    run: str
    model: str
    provider: str
    month: str
    n_calls: int
    n_failed: int
    n_unknown: int
    tokens_in: int
    tokens_out: int
    cost_pico: int


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """Submissions by one person of one kind, guideline and month, those that were taken back included: time was spent.

    n_answers: answers to questions in them.  milliseconds: of those whose time was measured; n_unknown: the others.
    """

    annotator: str
    purpose: str
    month: str
    guideline_version: int
    suggestion_shown: bool
    n_submissions: int
    n_answers: int
    n_unknown: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class CallTime:
    """When an answered call without a known price was out. ended_at: RFC 3339."""

    run: str
    model: str
    ended_at: str
    latency_ms: float


@dataclass(frozen=True, slots=True)
class RunVersions:
    """By which prompt and guideline a run's predictions were made."""

    run: str
    prompt_hash: str
    guideline_version: int


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate as it was issued, whether or not it still holds."""

    question: str
    at: str
    certificate: dict[str, Json]


@dataclass(frozen=True, slots=True)
class CallTotals:
    """Sums over the call ledger. cost_micro: micro-USD, None when any answered call's price is unknown."""

    calls: int
    failed: int
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cost_micro: int | None


class CostReads(Protocol):
    """Looking up what was spent."""

    def newest_call(self) -> int:
        """Give the number of the newest call of all projects; 0 where there is none."""
        ...

    def call_totals(self, project: ProjectId) -> CallTotals: ...
    def call_costs(self, project: ProjectId) -> list[CallCosts]:
        """Give the sums over the call ledger; they add up to what the budget says was paid."""
        ...

    def answer_times(self, project: ProjectId) -> list[AnswerTimes]: ...
    def unpriced_calls(self, project: ProjectId) -> list[CallTime]:
        """Give the answered calls whose cost is not known, by run, model and time."""
        ...

    def run_versions(self, project: ProjectId) -> list[RunVersions]: ...
    def issued_certificates(self, project: ProjectId) -> list[IssuedCertificate]:
        """Give all certificates there ever were, oldest first."""
        ...
