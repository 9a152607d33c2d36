"""What a replay server did, and what a provider would charge for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Bill:
    """Answers and their tokens."""

    answers: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    def add(self, tokens_in: int, tokens_out: int) -> None:
        """Charge for an answer."""
        self.answers += 1
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out

    def as_json(self) -> dict[str, int]:
        """Give the counts."""
        return {"answers": self.answers, "tokens_in": self.tokens_in, "tokens_out": self.tokens_out}


@dataclass(slots=True)
class Tally:
    """Counts of one server. untold: of what is billed, the part whose bill did not reach the client."""

    requests: int = 0
    billed: Bill = field(default_factory=Bill)
    untold: Bill = field(default_factory=Bill)
    statuses: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])
    untold_by_fault: Counter[str] = field(default_factory=Counter[str])
    by_item: Counter[str] = field(default_factory=Counter[str])
    by_request: Counter[bytes] = field(default_factory=Counter[bytes])
    early_retries: int = 0
    over_limit: int = 0
    in_progress: int = 0
    _not_before: dict[bytes, float] = field(default_factory=dict[bytes, float])

    def asked(self, request: bytes, now: float) -> None:
        """Count a request; one that was told to wait and did not is early. now: seconds that only grow."""
        self.requests += 1
        at = self._not_before.pop(request, None)
        if at is not None and now < at:
            self.early_retries += 1

    def told_to_wait(self, request: bytes, until: float) -> None:
        """Remember when a refused request may come again."""
        self._not_before[request] = until

    def answered(self, request: bytes, name: str, tokens_in: int, tokens_out: int) -> None:
        """Charge for an answer, whether it will arrive or not. name: the model and the item."""
        self.billed.add(tokens_in, tokens_out)
        self.by_request[request] += 1
        self.by_item[name] += 1

    def lost(self, fault: str, tokens_in: int, tokens_out: int) -> None:
        """Count an answer whose bill does not reach the client."""
        self.untold.add(tokens_in, tokens_out)
        self.untold_by_fault[fault] += 1

    def as_json(self, *, detailed: bool) -> dict[str, Any]:
        """Give the counts. repeated: answers given again to the very same request body."""
        answers = self.billed.answers
        counts: dict[str, Any] = {
            "requests": self.requests,
            "answers": answers,
            "distinct": len(self.by_request),
            "repeated": answers - len(self.by_request),
            "in_progress": self.in_progress,
            "statuses": dict(self.statuses),
            "faults": dict(self.faults),
            "over_limit": self.over_limit,
            "early_retries": self.early_retries,
            "billed": self.billed.as_json(),
            "billed_untold": {**self.untold.as_json(), "by_fault": dict(self.untold_by_fault)},
        }
        if detailed:
            counts["by_item"] = dict(self.by_item)
        return counts
