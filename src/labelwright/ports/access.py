"""Who may come in, and what answer a repeated request got. None of it is an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from labelwright.domain.annotator import Annotator
from labelwright.domain.ids import AnnotatorId, ProjectId


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


class AccessReads(Protocol):
    """Looking up tokens and idempotency keys."""

    def session(self, token_hash: str, *, now: float) -> Session | None:
        """Give who the token speaks for; None when it is unknown, ended or expired."""
        ...

    def remembered(self, key: str, annotator: AnnotatorId) -> StoredResponse | None:
        """Give the answer that an idempotency key got."""
        ...


class AccessMoves(Protocol):
    """Letting in and out, inside one transaction."""

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
    def remember(self, key: str, annotator: AnnotatorId, response: StoredResponse, *, now: float) -> None: ...
