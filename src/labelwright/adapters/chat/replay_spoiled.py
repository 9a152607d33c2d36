"""What is sent where something goes wrong: an error, a spoiled answer, or a body that is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import orjson

from labelwright.adapters.chat.replay_limits import Headers, retry_headers
from labelwright.adapters.chat.replay_request import CONFIDENCE_KEY, Asked, Dialect
from labelwright.adapters.chat.replayed_body import Written, error_body

JSON_TYPE = b"application/json"
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
HUGE = 50_000_000
NO_LABEL = "no such label"


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole HTTP answer."""

    status: int
    body: bytes
    content_type: bytes = JSON_TYPE
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class _Error:
    """An error in both protocols. kind, code: OpenAI's.  other_kind: Anthropic's.  says: its message for both."""

    status: int
    says: str
    kind: str
    code: str | None
    other_kind: str
    param: str | None = None
    other_status: int | None = None


_LIMITED = _Error(429, "Rate limit reached.", "requests", "rate_limit_exceeded", "rate_limit_error")
_QUOTA = "You exceeded your current quota, please check your plan and billing details."
_LOW_CREDIT = "Your credit balance is too low to access the API. Please go to Plans & Billing."
_FILTERED = "The prompt was flagged by the content filter."
_NO_SCHEMA = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
_NO_TOOL = "This model does not take a tool choice."
_ERRORS: Mapping[str, _Error] = {
    "429": _LIMITED,
    "429-retry-after": _LIMITED,
    "500": _Error(500, "The server had an error.", "server_error", None, "api_error"),
    "503": _Error(503, "The engine is overloaded.", "server_error", None, "overloaded_error", other_status=529),
    "400": _Error(400, "This request is rejected.", "invalid_request_error", None, "invalid_request_error"),
    "filtered-input": _Error(400, _FILTERED, "invalid_request_error", "content_filter", "invalid_request_error"),
    "401": _Error(
        401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key", "authentication_error"
    ),
    "quota": _Error(429, _QUOTA, "insufficient_quota", "insufficient_quota", "invalid_request_error", other_status=400),
    "model-unknown": _Error(
        404, "The model does not exist.", "invalid_request_error", "model_not_found", "not_found_error", param="model"
    ),
}


def refused(name: str, dialect: Dialect, retry_after: float) -> Reply:
    """Write the refusal of this name. retry_after: seconds, where it says so."""
    if name == "502":
        return Reply(502, HTML, b"text/html")
    if name == "redirect":
        return Reply(302, b"", headers=((b"location", b"https://example.invalid/v1"),))
    if name == "schema-unsupported":
        error = _Error(
            400,
            _NO_TOOL if dialect == "anthropic" else _NO_SCHEMA,
            "invalid_request_error",
            "unsupported_parameter",
            "invalid_request_error",
            param="response_format",
        )
    else:
        error = _ERRORS[name]
    headers = tuple(retry_headers(retry_after)) if name in ("429-retry-after", "503") else ()
    return _written(error, dialect, headers)


def over_limit(of: str, wait: float, dialect: Dialect, headers: Headers) -> Reply:
    """Write the refusal of what is over a limit."""
    said = replace(_LIMITED, kind=of, says=f"Rate limit reached for {of} per minute. Try again in {wait:.3f}s.")
    return _written(said, dialect, (*headers, *retry_headers(wait)))


def _written(error: _Error, dialect: Dialect, headers: tuple[tuple[bytes, bytes], ...]) -> Reply:
    if dialect == "anthropic":
        says = _LOW_CREDIT if error.code == "insufficient_quota" else error.says
        if error.code == "model_not_found":
            says = "model: no such model"
        body = error_body(says, code=None, kind=error.other_kind, dialect="anthropic")
        return Reply(error.other_status or error.status, body, headers=headers)
    return Reply(
        error.status, error_body(error.says, code=error.code, param=error.param, kind=error.kind), headers=headers
    )


def is_offered(name: str, asked: Asked) -> bool:
    """Whether a fault can happen to this request: a schema that was not sent cannot be refused."""
    if name != "schema-unsupported":
        return True
    return asked.tool is not None if asked.dialect == "anthropic" else asked.by_schema


def spoiled(name: str, written: Written, asked: Asked) -> Written:
    """Spoil an answer, its bill intact; what is no JSON object gets a label outside the schema."""
    content = written.content or ""
    match name:
        case "length":
            return replace(written, content=content[: len(content) // 2], finish="length")
        case "refusal":
            return replace(written, content=None, refusal="I cannot help with that.")
        case "content-filter":
            return replace(written, content="", finish="content_filter")
        case "null-content":
            return replace(written, content=None)
        case "missing-usage":
            return replace(written, states_usage=False)
        case "prose":
            return replace(written, content=f"Sure! Here is the answer: {content} I hope this helps.")
        case _:
            return replace(written, content=_respelled(name, content, asked))


def _respelled(name: str, content: str, asked: Asked) -> str:
    try:
        stated: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        stated = None
    if not isinstance(stated, dict) or not stated:
        return NO_LABEL
    answer = cast("dict[str, Any]", stated)
    first = next(iter(answer))
    match name:
        case "extra-key":
            return _json({**answer, "mood": "sunny"})
        case "missing-key":
            return _json({key: value for key, value in answer.items() if key != first})
        case "duplicate-key":
            return f"{content[:-1]},{_json(first)}:{_json(NO_LABEL)}}}"
        case "nan" if asked.tool is None or asked.dialect == "openai":
            return content.replace(_json(first) + ":" + _json(answer[first]), _json(first) + ":NaN", 1)
        case _:  # a tool's input cannot hold NaN
            key = next(key for key in answer if key != CONFIDENCE_KEY)
            return _json({**answer, key: NO_LABEL})


def broken(name: str, body: bytes) -> Reply:
    """Give what comes instead of a body."""
    match name:
        case "empty":
            return Reply(200, b"")
        case "html":
            return Reply(200, HTML, b"text/html")
        case "broken-json":
            return Reply(200, body[: len(body) // 2])
        case "array":
            return Reply(200, b"[1,2,3]")
        case "no-choices":
            stated = cast("dict[str, Any]", orjson.loads(body))
            kept = {key: value for key, value in stated.items() if key not in ("usage", "content")}
            return Reply(200, orjson.dumps(kept | ({"choices": []} if "choices" in kept else {})))
        case _:
            return Reply(200, body)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
