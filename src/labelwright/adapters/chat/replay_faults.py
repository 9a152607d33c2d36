"""Faults that a replay server makes on purpose, so that a client can be seen to survive them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from labelwright.adapters.chat.replayed_body import error_body

JSON_TYPE = b"application/json"


@dataclass(frozen=True, slots=True)
class FaultRates:
    """How often which fault happens, as shares of all requests; drawn in order from `seed`.

    latency_ms: waited before every answer.  retry_after: seconds that a 429 asks for; None = it does not say.
    quota: after this many answers everything is refused as spent; None = never.
    api_key: the key to demand; None = none.
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


@dataclass(frozen=True, slots=True)
class Fault:
    """What is sent instead of an answer."""

    status: int
    body: bytes
    content_type: bytes = JSON_TYPE
    retry_after: float | None = None


class FaultDealer:
    """Draws, for each request, whether and how it goes wrong."""

    def __init__(self, rates: FaultRates) -> None:
        self._rates = rates
        self._rng = Random(rates.seed)
        self._malformed = 0

    def before(self, *, answered: int, authorization: str | None) -> Fault | None:
        """Draw a fault in place of an answer; None = answer."""
        r = self._rates
        if r.api_key is not None and authorization != f"Bearer {r.api_key}":
            said = error_body("Incorrect API key provided.", code="invalid_api_key")
            return Fault(401, said)
        if r.quota is not None and answered >= r.quota:
            spent = "You exceeded your current quota, please check your plan and billing details."
            return Fault(429, error_body(spent, code="insufficient_quota", kind="insufficient_quota"))
        draw = self._rng.random()
        if draw < r.rate_429:
            limited = error_body("Rate limit reached.", code="rate_limit_exceeded", kind="requests")
            return Fault(429, limited, retry_after=r.retry_after)
        draw -= r.rate_429
        if draw < r.rate_500:
            return Fault(500, error_body("The server had an error.", code=None, kind="server_error"))
        if draw - r.rate_500 < r.rate_malformed:
            self._malformed += 1
            return _MALFORMED[self._malformed % len(_MALFORMED)]
        return None

    def is_truncated(self) -> bool:
        """Draw whether an answer is cut off."""
        return self._rates.rate_truncated > 0 and self._rng.random() < self._rates.rate_truncated


_MALFORMED: Sequence[Fault] = (
    Fault(200, b"<html><body>Bad gateway</body></html>", content_type=b"text/html"),
    Fault(200, b""),
    Fault(200, b'{"id": "x", "object": "chat.completion", "choices": [{"index": 0, "mess'),
    Fault(200, b'{"id": "x", "object": "chat.completion", "choices": []}'),
    Fault(200, b'{"id": "x", "choices": [{"message": {"content": null}, "finish_reason": "stop"}]}'),
    Fault(200, b"[1, 2, 3]"),
)
