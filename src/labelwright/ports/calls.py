"""The call ledger: one row per attempt to reach a model, failed ones included, and the answers that were paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

CallStatus: TypeAlias = Literal["ok", "truncated", "error"]
"""`ok`: a whole answer, reused for ever.  `truncated`: billed but cut off, never reused.  `error`: no answer."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One attempt at one request, as it is kept. Append-only; several rows may share a key.

    key: `prompting.chat.request_key`, 32 hex characters.  item: the `ItemKey`.  step: the request's number within the
    item's conversation (0, then repairs).  attempt: the try's number, from 0, within this step and run.
    response: for `ok` and `truncated` the answer (`prompting.chat.encode_response`); for `error` the body, if one came.
    tokens_*: as the provider states them; None = not stated.
    cost_pico: pico-USD (10^-12), exact: tokens times micro-USD per million tokens; None = unknown price or usage.
    created_at: RFC 3339, UTC.
    most_pico: what it may have cost at most, where only the usage is not known. No part of the row: it is counted
    against a budget that is set later.
    """

    key: str
    project: str
    run: str
    item: int
    item_id: str
    provider: str
    model: str
    step: int
    attempt: int
    status: CallStatus
    http_status: int | None
    error: str | None
    response: bytes | None
    tokens_in: int | None
    tokens_out: int | None
    tokens_cached: int | None
    cost_pico: int | None
    latency_ms: float
    created_at: str
    most_pico: int | None = None


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A whole answer, which run paid for it, and how long it took. response: `prompting.chat.encode_response`."""

    response: bytes
    run: str
    latency_ms: float


class CallReads(Protocol):
    """Looking up paid answers."""

    def answered_calls(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Give, of these keys (at most 1000), those with an `ok` row, each with its newest `response`."""
        ...

    def calls_of(self, keys: Sequence[str]) -> dict[str, AnsweredCall]:
        """Give, of these keys (at most 1000), those with an `ok` row, each with its newest."""
        ...


class CallLog(CallReads, Protocol):
    """Looking up and adding, inside one transaction."""

    def record_calls(self, rows: Sequence[CallRecord]) -> None:
        """Append rows; durable when the transaction commits."""
        ...


class CallStore(Protocol):
    """What the driver of flows needs: calls may come from any thread."""

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Give the paid answers of these keys."""
        ...

    def commit(self, rows: Sequence[CallRecord]) -> None:
        """Append rows; returns only after they are durable."""
        ...
