"""What an HTTP status and an error body mean: try again, give this item up, or stop the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson

from labelwright.adapters.chat.rate_headers import read_limits, read_retry_after
from labelwright.prompting.failures import (
    ChatFailure,
    ChatRefused,
    KeyRefused,
    ModelUnknown,
    QuotaSpent,
    RateLimited,
    RequestRejected,
    ServerFailed,
)

_SHOWN = 500
_MODEL_CODES = frozenset({"model_not_found", "DeploymentNotFound"})  # the latter is Azure's
_QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An OpenAI-style error, or as much of it as came. text: the body it was read from."""

    message: str
    code: str | None
    type: str | None
    param: str | None
    text: str


def read_error(text: str) -> ErrorBody:
    """Read an error body of any form; what is no OpenAI-style error becomes the message."""
    try:
        stated: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        stated = None
    error: Any = cast("dict[str, Any]", stated).get("error", stated) if isinstance(stated, dict) else stated
    if isinstance(error, dict):
        fields = cast("dict[str, Any]", error)
        message = fields.get("message") or fields.get("detail") or text
        return ErrorBody(
            str(message)[:_SHOWN], _word(fields, "code"), _word(fields, "type"), _word(fields, "param"), text
        )
    message = error if isinstance(error, str) else text
    return ErrorBody(message.strip()[:_SHOWN] or "(empty body)", None, None, None, text)


def failure_of(
    status: int, headers: Mapping[str, str], error: ErrorBody, *, endpoint: str, model: str, path: str = "chat"
) -> ChatFailure | ChatRefused:
    """Name the failure that a status other than 200 stands for. path: what the endpoint is called, for the hint."""
    said = f"{endpoint} answered {status}: {error.message}"
    body = error.text.encode()
    code, kind = error.code or "", error.type or ""
    if status == 402 or (status == 429 and (code in _QUOTA_CODES or kind in _QUOTA_CODES)):
        return QuotaSpent(f"{said}; add credit, then run the same command again", http_status=status, body=body)
    if status == 403 and "flagged" in error.message.lower():  # OpenRouter's moderation speaks of this item alone
        return RequestRejected(said, http_status=status, body=body)
    if status in (401, 403):
        return KeyRefused(
            f"{said}; check the key in the variable that api_key_env names", http_status=status, body=body
        )
    if status == 404 and is_about_the_model(error):
        return ModelUnknown(f"{said} (model {model!r})", http_status=status, body=body)
    if status == 404 and ((error.code is None and error.type is None) or "invalid url" in error.message.lower()):
        return ChatRefused(
            f"{said}; there is no {path} endpoint at this address: base_url usually ends in /v1",
            http_status=status,
            body=body,
        )
    if 300 <= status < 400:
        target = headers.get("Location", "elsewhere")[:200]
        return ChatRefused(
            f"{endpoint} redirects to {target}; redirects are not followed: put the final address into base_url",
            http_status=status,
            body=body,
        )
    retry_after, limits = read_retry_after(headers), read_limits(headers)
    should_retry = {"true": True, "false": False}.get(headers.get("x-should-retry", "").lower())
    if status == 429:
        return RateLimited(
            said, http_status=status, retry_after=retry_after, body=body, limits=limits, retries=should_retry
        )
    if should_retry or (should_retry is None and (status in (408, 409) or status >= 500)):
        return ServerFailed(said, http_status=status, retry_after=retry_after, body=body, limits=limits)
    return RequestRejected(said, http_status=status, body=body, limits=limits)


def is_about_the_model(error: ErrorBody) -> bool:
    """Whether a 404 says that the model, not the address, is unknown."""
    if error.code is not None and not error.code.isdigit():  # vLLM and SGLang repeat the status there
        return error.code in _MODEL_CODES
    said = error.message.lower()
    return error.param == "model" or ("model" in said and ("not found" in said or "not exist" in said))


def _word(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return None if value is None else str(value)
