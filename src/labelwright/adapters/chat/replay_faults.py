"""Faults that a replay server makes on purpose, so that a client can be seen to survive them.

Each has a name. Which request meets which is drawn from the seed, the request's bytes and how often these came before:
the same run meets the same faults, however its requests overtake each other.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from labelwright.errors import InvalidInput, did_you_mean

Stage: TypeAlias = Literal["refused", "answered", "lost"]
"""`refused`: no work was done, nothing is billed.  `answered`: billed, and the client can know it.  `lost`: billed, but
the answer, or the bill in it, does not arrive."""

EVERY = "all"
RETRY_AFTER = 1.0
SLOW_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One way to go wrong. ends_run: no client should go on after it, so that `all` leaves it out."""

    name: str
    stage: Stage
    happens: str
    ends_run: bool = False


_KINDS = (
    FaultKind("429", "refused", "a rate limit that does not say how long to wait"),
    FaultKind("429-retry-after", "refused", "a rate limit that says how long"),
    FaultKind("500", "refused", "the server fails"),
    FaultKind("502", "refused", "a gateway's page, in HTML"),
    FaultKind("503", "refused", "overloaded, with Retry-After"),
    FaultKind("reset", "refused", "the connection is dropped before anything is done"),
    FaultKind("silent", "refused", "no answer ever comes"),
    FaultKind("400", "refused", "this request is rejected"),
    FaultKind("filtered-input", "refused", "a content filter rejects the item"),
    FaultKind("schema-unsupported", "refused", "answers by JSON schema are not offered"),
    FaultKind("401", "refused", "the key is refused", ends_run=True),
    FaultKind("quota", "refused", "the quota is spent", ends_run=True),
    FaultKind("model-unknown", "refused", "there is no such model", ends_run=True),
    FaultKind("redirect", "refused", "the address has moved", ends_run=True),
    FaultKind("dropped", "lost", "the connection is dropped after the work was done"),
    FaultKind("cut", "lost", "the connection is dropped in the middle of the answer"),
    FaultKind("late", "lost", "the answer comes after --slow-seconds"),
    FaultKind("drip", "lost", "the answer comes bit by bit, over --slow-seconds"),
    FaultKind("empty", "lost", "status 200 and no body"),
    FaultKind("html", "lost", "status 200 and a page in HTML"),
    FaultKind("broken-json", "lost", "half of the body's JSON"),
    FaultKind("array", "lost", "JSON that is no answer"),
    FaultKind("no-choices", "lost", "an answer without a choice or a bill"),
    FaultKind("huge", "lost", "a body of 50 MB"),
    FaultKind("missing-usage", "lost", "a whole answer that does not say what it cost"),
    FaultKind("null-content", "answered", "an answer without a text"),
    FaultKind("length", "answered", "the text is cut off: finish_reason: length"),
    FaultKind("refusal", "answered", "the model declines"),
    FaultKind("content-filter", "answered", "a content filter stops the text"),
    FaultKind("wrong-label", "answered", "a label outside the schema"),
    FaultKind("extra-key", "answered", "a key that was not asked for"),
    FaultKind("missing-key", "answered", "a key less than asked for"),
    FaultKind("duplicate-key", "answered", "a key twice"),
    FaultKind("nan", "answered", "NaN for a value"),
    FaultKind("prose", "answered", "words around the JSON"),
)
FAULTS: Mapping[str, FaultKind] = MappingProxyType({kind.name: kind for kind in _KINDS})
MALFORMED = ("html", "empty", "broken-json", "no-choices", "null-content", "array")


def _none() -> dict[str, float]:
    return {}


@dataclass(frozen=True, slots=True)
class FaultRates:
    """How often which fault happens, as shares of all requests.

    shares: by name of `FAULTS`, or `all`: spread evenly over those that need not end a run.
    rate_429, rate_500, rate_malformed, rate_truncated: shares under the names they had before.
    latency_ms: waited before every answer.  retry_after: seconds that a 429 asks for.
    slow_seconds: of `late` and `drip`.  quota: after this many answers everything is refused as spent; None = never.
    api_key: the key to demand; None = none.
    requests_per_minute, tokens_per_minute: what is over is refused; None = no limit.
    burst_seconds: the limit's bucket holds what so many seconds bring.
    Raises: InvalidInput, when a name is unknown or the shares are more than everything.
    """

    latency_ms: float = 0.0
    rate_429: float = 0.0
    rate_500: float = 0.0
    rate_malformed: float = 0.0
    rate_truncated: float = 0.0
    retry_after: float | None = None
    quota: int | None = None
    api_key: str | None = None
    seed: int = 1
    shares: Mapping[str, float] = field(default_factory=_none)
    slow_seconds: float = SLOW_SECONDS
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    burst_seconds: float = 1.0

    def __post_init__(self) -> None:
        total = sum(self.by_name().values())
        if total > 1 + 1e-9:
            raise InvalidInput(f"the shares of the faults sum to {total:g}; together they may be at most 1")

    def by_name(self) -> dict[str, float]:
        """Give the share of each fault that happens at all."""
        found: dict[str, float] = {}
        limited = "429" if self.retry_after is None else "429-retry-after"
        malformed = [(name, self.rate_malformed / len(MALFORMED)) for name in MALFORMED]
        named = [(limited, self.rate_429), ("500", self.rate_500), *malformed, ("length", self.rate_truncated)]
        survivable = [kind.name for kind in _KINDS if not kind.ends_run]
        for name, share in self.shares.items():
            named += [(each, share / len(survivable)) for each in survivable] if name == EVERY else [(name, share)]
        for name, share in named:
            if share > 0:
                found[name] = found.get(name, 0.0) + share
        return found


def read_shares(stated: Iterable[str]) -> dict[str, float]:
    """Read `NAME=SHARE` as often as it is given; the shares of a name add up. Raises InvalidInput."""
    found: dict[str, float] = {}
    for text in stated:
        name, _, share = text.partition("=")
        if name != EVERY and name not in FAULTS:
            raise InvalidInput(f"there is no fault {name!r}{did_you_mean(name, (EVERY, *FAULTS))}")
        try:
            value = float(share)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1:
            raise InvalidInput(f"--fault {text!r} names no share between 0 and 1, such as {name}=0.05")
        found[name] = found.get(name, 0.0) + value
    return found


class FaultDealer:
    """Draws, for each request, whether and how it goes wrong."""

    def __init__(self, rates: FaultRates) -> None:
        self._seed = rates.seed.to_bytes(16, "big", signed=True)
        self._names: list[str] = []
        self._until: list[float] = []
        total = 0.0
        for name, share in rates.by_name().items():
            total += share
            self._names.append(name)
            self._until.append(total)

    def draw(self, request: bytes, before: int) -> str | None:
        """Draw a fault for a request; None = none. request: its hash.  before: how often it came before."""
        if not self._until:
            return None
        drawn = hashlib.sha256(self._seed + request + before.to_bytes(8, "big")).digest()
        place = bisect_right(self._until, int.from_bytes(drawn[:7], "big") / 2**56)
        return self._names[place] if place < len(self._names) else None
