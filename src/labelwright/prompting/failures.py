"""What can go wrong between a request and its answer.

ChatFailure                    (ProviderFailure) this attempt gave no answer
├── RateLimited                429: wait, then try again
├── ServerFailed               408, 409, 5xx: try again
├── CallTimedOut               no answer in time: try again
├── ConnectionFailed           no connection, or it broke: try again
│   └── ConnectTimedOut        the host did not even take the connection in time
├── MalformedAnswer            a body that is no chat completion: try again
├── FormatUnsupported          the server refuses the answer format: ask again with a weaker one
└── RequestRejected            other 4xx: this item fails, the others go on
ChatRefused                    (ProviderRefused) the run stops at once
├── KeyRefused                 401, 403
├── QuotaSpent                 nothing left to spend
└── ModelUnknown               there is no such model

Each carries the HTTP status and the body it came with, so that the attempt can be kept in the call ledger.
"""

from __future__ import annotations

from labelwright.errors import ProviderFailure, ProviderRefused
from labelwright.prompting.chat import RateLimits
from labelwright.prompting.usage import Usage


class ChatFailure(ProviderFailure):
    """This attempt gave no answer.

    retry_after: seconds the server asks us to wait; None = it does not say.
    usage: what the attempt was billed, where the broken answer still says so.
    limits: the provider's rate limits, as the headers say.  retries: None = as its kind usually is.
    is_sent: whether the request may have left; False = it surely did not, and cannot be billed.
    """

    retries = True
    """Whether the same request may be sent again."""

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        retry_after: float | None = None,
        body: bytes | None = None,
        usage: Usage | None = None,
        limits: RateLimits | None = None,
        retries: bool | None = None,
        is_sent: bool = True,
    ) -> None:
        super().__init__(message)
        self.http_status, self.retry_after, self.body, self.usage = http_status, retry_after, body, usage
        self.limits, self.is_sent = limits, is_sent
        if retries is not None:
            self.retries = retries


class RateLimited(ChatFailure):
    """Too many requests for now."""


class ServerFailed(ChatFailure):
    """The server failed, or asks for another try."""


class CallTimedOut(ChatFailure):
    """No answer in time."""


class ConnectionFailed(ChatFailure):
    """No connection, or it broke."""


class ConnectTimedOut(ConnectionFailed):
    """The host did not take the connection in time: it is away, or a firewall drops what is sent to it."""


class MalformedAnswer(ChatFailure):
    """The body is no chat completion."""


class FormatUnsupported(ChatFailure):
    """The server refuses the answer format; the next attempt uses a weaker one."""


class RequestRejected(ChatFailure):
    """The server rejects this request; sending it again would not help."""

    retries = False


class ChatRefused(ProviderRefused):
    """The endpoint refuses us: the run stops at once."""

    def __init__(self, message: str, *, http_status: int | None = None, body: bytes | None = None) -> None:
        super().__init__(message)
        self.http_status, self.body = http_status, body


class KeyRefused(ChatRefused):
    """The key is missing, wrong, or lacks a permission."""


class QuotaSpent(ChatRefused):
    """There is nothing left to spend."""


class ModelUnknown(ChatRefused):
    """The endpoint has no such model."""
