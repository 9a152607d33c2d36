"""Any endpoint that speaks OpenAI's chat completions: OpenAI, vLLM, Ollama, most others, and `labelwright replay`.

One `complete` is one HTTP request. The answer is asked for by a strict JSON schema; where that is not taken, as a call
of a function with that schema (not with log-probabilities, which no server gives for one), as a JSON object with the
schema beside it (as llama-cpp-python, Together and Fireworks take it), as a JSON object, or in plain text. What a
server turns out not to understand (of these, or log-probabilities, metadata, a temperature, the older name of the token
limit) is remembered per model and left out from the next attempt on.

Source: OpenAI API reference, chat completions, function calling; CONTRACTS II.1 and II.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import orjson

from labelwright.adapters.chat.completion_body import read_completion
from labelwright.adapters.chat.endpoint import Endpoint, HttpAnswer, key_of
from labelwright.adapters.chat.http_failures import ErrorBody, failure_of, read_error
from labelwright.adapters.chat.outbound_guard import OutboundGuard
from labelwright.adapters.chat.pictures import check_pictures, openai_content
from labelwright.adapters.chat.provider import Provider
from labelwright.adapters.chat.rate_headers import with_limits
from labelwright.adapters.chat.strict_schema import StrictSchemas
from labelwright.domain.canonical import Json
from labelwright.domain.project import ModelSource
from labelwright.prompting.chat import ChatRequest, ChatResponse, Message
from labelwright.prompting.failures import FormatUnsupported

_WEAKER = {
    "json_schema": "tool",
    "tool": "object_with_schema",
    "object_with_schema": "json_object",
    "json_object": "text",
}
_AZURE = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_ABOUT_SCHEMAS = ("response_format", "json_schema", "json_object", "structured", "schema")
_ABOUT_TOOLS = ("tool", "function")
_COMPLAINTS = (
    "validation error",
    "input should be",
    "unsupported",
    "not supported",
    "not implemented",
    "unknown param",
)
_LONG = 1_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a model's endpoint has turned out to understand."""

    answer_format: str = "json_schema"
    token_limit: str = "max_tokens"  # noqa: S105 - a parameter's name
    logprobs: bool = True
    metadata: bool = True
    temperature: bool = True


_WHOLE = Dialect()


class OpenAICompatible:
    """A chat endpoint under `base_url` (up to and including `/v1`).

    api_key: None = none is sent.  send_metadata: whether the item's id travels along as OpenAI `metadata`.
    seconds: how long one attempt may take, connecting included.  guard: decides where calls may go.
    Raises: InvalidValue, when the address or the key cannot be used at all.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        send_metadata: bool = False,
        seconds: float = 120.0,
        guard: OutboundGuard | None = None,
    ) -> None:
        self._endpoint = Endpoint(
            base_url,
            "/chat/completions",
            api_key=api_key,
            headers=key_headers(base_url, api_key),
            seconds=seconds,
            guard=guard,
        )
        self._send_metadata = send_metadata
        self._strict = StrictSchemas()
        self._dialects: dict[str, Dialect] = {}

    @property
    def provider(self) -> str:
        """The endpoint's base URL."""
        return self._endpoint.base_url

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Make one attempt."""
        dialect = self.dialect(request.model)
        answer = await self._endpoint.post(self.body(request, dialect))
        return self.read(request, answer, dialect)

    async def close(self) -> None:
        """Close all connections."""
        await self._endpoint.close()

    def dialect(self, model: str) -> Dialect:
        """Say what the model's endpoint has turned out to understand so far."""
        return self._dialects.get(model, _WHOLE)

    def body(self, request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
        """Write a request's body. Raises InvalidValue, when a picture cannot be sent."""
        check_pictures(request)
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": m.role, "content": _content(m)} for m in request.messages],
        }
        if request.temperature is not None and dialect.temperature:
            body["temperature"] = request.temperature
        if request.max_tokens is not None:
            body[dialect.token_limit] = request.max_tokens
        if request.seed is not None:
            body["seed"] = request.seed
        if request.answer_schema is not None:
            body |= _answer_in(
                _format_of(request, dialect), request.schema_name, self._strict.of(request.answer_schema)
            )
        if request.top_logprobs is not None and dialect.logprobs:
            body["logprobs"] = True
            body["top_logprobs"] = request.top_logprobs
        if self._send_metadata and dialect.metadata and request.metadata:
            body["metadata"] = dict(request.metadata)
        return body

    def written(self, request: ChatRequest) -> bytes:
        """Give the body of a first attempt, byte for byte."""
        return orjson.dumps(self.body(request, _WHOLE))

    def read(self, request: ChatRequest, answer: HttpAnswer, dialect: Dialect) -> ChatResponse:
        """Read what came back. dialect: in which the request was written.

        Raises: ChatFailure, ChatRefused.
        """
        if answer.status != 200:
            raise self._failure(request, dialect, answer)
        response = read_completion(answer.body)
        if request.answer_schema is not None and _format_of(request, dialect) == "tool" and _is_no_object(response):
            self._learn(request.model, dialect, replace(dialect, answer_format=_WEAKER["tool"]))  # it passes tools over
        return with_limits(response, answer.headers)

    def _learn(self, model: str, dialect: Dialect, simpler: Dialect) -> None:
        if self.dialect(model) == dialect:  # else another call has learnt more already
            self._dialects[model] = simpler

    def _failure(self, request: ChatRequest, dialect: Dialect, answer: HttpAnswer) -> Exception:
        kept = self._endpoint.text_of(answer)
        error = read_error(kept)
        simpler = _simpler(dialect, request, error) if _speaks_of_parameters(answer.status, error) else None
        if simpler is not None:
            self._learn(request.model, dialect, simpler)
            return FormatUnsupported(
                f"{self.provider} does not take a parameter: {error.message}",
                http_status=answer.status,
                body=kept.encode(),
            )
        return failure_of(answer.status, answer.headers, error, endpoint=self.provider, model=request.model)


def connect(
    source: ModelSource,
    *,
    environment: Mapping[str, str],
    send_metadata: bool = False,
    guard: OutboundGuard | None = None,
) -> OpenAICompatible:
    """Open a configured endpoint with the key from its named environment variable.

    Raises: KeyRefused, when the variable is not set: nothing would be answered.
    """
    return OpenAICompatible(
        source.base_url,
        api_key=key_of(source, environment),
        send_metadata=send_metadata,
        seconds=source.timeout_seconds,
        guard=guard,
    )


PROVIDER = Provider(
    "openai",
    frozenset({"verbalised", "logprob", "consistency", "p_true", "agreement", "neighbours", "combined", "none"}),
    connect,
)


def key_headers(base_url: str, api_key: str | None) -> dict[str, str]:
    """Give the header that carries a key: a bearer token, but for Azure's keys, whose header is `api-key`.

    What begins as a JSON web token (`eyJ`) is one of Entra's, and a bearer token at Azure too.
    """
    if api_key is None:
        return {}
    if is_azure(base_url) and not api_key.startswith("eyJ"):
        return {"api-key": api_key}
    return {"Authorization": f"Bearer {api_key}"}


def is_azure(base_url: str) -> bool:
    """Whether an address is one of Azure's: it differs in how keys are sent, and in batches."""
    try:
        return (urlsplit(base_url).hostname or "").endswith(_AZURE)
    except ValueError:
        return False


def _speaks_of_parameters(status: int, error: ErrorBody) -> bool:
    """Whether an error may be about how something is asked: to what it rejects, some servers answer 500."""
    said = error.message.lower()
    return status in (400, 422) or (status in (500, 501) and any(words in said for words in _COMPLAINTS))


def _simpler(dialect: Dialect, request: ChatRequest, error: ErrorBody) -> Dialect | None:
    """Leave out what the server says it does not understand; None when that is not what it says."""
    said = f"{error.param or ''} {error.message}".lower()
    if "max_completion_tokens" in said and dialect.token_limit == "max_tokens":  # noqa: S105 - a parameter's name
        return replace(dialect, token_limit="max_completion_tokens")  # noqa: S106 - a parameter's name
    if "temperature" in said and request.temperature is not None and dialect.temperature:
        return replace(dialect, temperature=False)
    if "logprobs" in said and request.top_logprobs is not None and dialect.logprobs:
        return replace(dialect, logprobs=False)
    if "metadata" in said and request.metadata and dialect.metadata:
        return replace(dialect, metadata=False)
    if request.answer_schema is None or dialect.answer_format == "text":
        return None
    used = _format_of(request, dialect)
    names = (*_ABOUT_SCHEMAS, *_ABOUT_TOOLS) if used == "tool" else _ABOUT_SCHEMAS
    return replace(dialect, answer_format=_WEAKER[used]) if any(name in said for name in names) else None


def _format_of(request: ChatRequest, dialect: Dialect) -> str:
    """Give how the answer is asked for: a function's arguments come without log-probabilities."""
    if dialect.answer_format == "tool" and request.top_logprobs is not None and dialect.logprobs:
        return _WEAKER["tool"]
    return dialect.answer_format


def _content(message: Message) -> object:
    """Write a message; a long text alone is most often the same for every item, and written as JSON once."""
    if message.images or len(message.content) < _LONG:
        return openai_content(message.content, message.images)
    try:
        return _written_once(message.content)
    except TypeError:  # a lone surrogate: said where the whole is written
        return message.content


@lru_cache(maxsize=32)
def _written_once(text: str) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(text))


def _answer_in(form: str, name: str, schema: Mapping[str, Json]) -> dict[str, Any]:
    match form:
        case "json_schema":
            stated = {"name": name, "strict": True, "schema": schema}
            return {"response_format": {"type": "json_schema", "json_schema": stated}}
        case "tool":
            function = {"name": name, "description": "Give the answer, in exactly this form.", "parameters": schema}
            chosen = {"type": "function", "function": {"name": name}}
            return {"tools": [{"type": "function", "function": function}], "tool_choice": chosen}
        case "object_with_schema":
            return {"response_format": {"type": "json_object", "schema": schema}}
        case "json_object":
            return {"response_format": {"type": "json_object"}}
        case _:
            return {}


def _is_no_object(response: ChatResponse) -> bool:
    """Whether a whole answer is words: where a function was to be called, nobody looked at it."""
    return response.is_whole and response.refusal is None and not response.text.lstrip().startswith("{")
