"""Any endpoint that speaks OpenAI's chat completions: OpenAI, vLLM, Ollama, most others, and `labelwright replay`.

One `complete` is one HTTP request. What a server turns out not to understand (JSON-schema answers, log-probabilities,
metadata, a temperature, the older name of the token limit) is remembered per model and left out from the next attempt
on.

Source: OpenAI API reference, chat completions; CONTRACTS II.1 and II.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from labelwright.adapters.chat.completion_body import read_completion
from labelwright.adapters.chat.endpoint import Endpoint, HttpAnswer, key_of
from labelwright.adapters.chat.http_failures import ErrorBody, failure_of, read_error
from labelwright.adapters.chat.outbound_guard import OutboundGuard
from labelwright.adapters.chat.provider import Provider
from labelwright.adapters.chat.rate_headers import with_limits
from labelwright.domain.project import ModelSource
from labelwright.prompting.chat import ChatRequest, ChatResponse
from labelwright.prompting.failures import FormatUnsupported

_WEAKER = {"json_schema": "json_object", "json_object": "text"}


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What a model's endpoint has turned out to understand."""

    answer_format: str = "json_schema"
    token_limit: str = "max_tokens"  # noqa: S105 - a parameter's name
    logprobs: bool = True
    metadata: bool = True
    temperature: bool = True


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
            base_url, "/chat/completions", api_key=api_key, headers=bearer(api_key), seconds=seconds, guard=guard
        )
        self._send_metadata = send_metadata
        self._dialects: dict[str, _Dialect] = {}

    @property
    def provider(self) -> str:
        """The endpoint's base URL."""
        return self._endpoint.base_url

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Make one attempt."""
        dialect = self._dialects.get(request.model, _Dialect())
        answer = await self._endpoint.post(self._body(request, dialect))
        if answer.status == 200:
            return with_limits(read_completion(answer.body), answer.headers)
        raise self._failure(request, dialect, answer)

    async def close(self) -> None:
        """Close all connections."""
        await self._endpoint.close()

    def _body(self, request: ChatRequest, dialect: _Dialect) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        }
        if request.temperature is not None and dialect.temperature:
            body["temperature"] = request.temperature
        if request.max_tokens is not None:
            body[dialect.token_limit] = request.max_tokens
        if request.seed is not None:
            body["seed"] = request.seed
        if request.answer_schema is not None:
            if dialect.answer_format == "json_schema":
                named = {"name": request.schema_name, "strict": True, "schema": request.answer_schema}
                body["response_format"] = {"type": "json_schema", "json_schema": named}
            elif dialect.answer_format == "json_object":
                body["response_format"] = {"type": "json_object"}
        if request.top_logprobs is not None and dialect.logprobs:
            body["logprobs"] = True
            body["top_logprobs"] = request.top_logprobs
        if self._send_metadata and dialect.metadata and request.metadata:
            body["metadata"] = dict(request.metadata)
        return body

    def _failure(self, request: ChatRequest, dialect: _Dialect, answer: HttpAnswer) -> Exception:
        kept = self._endpoint.text_of(answer)
        error = read_error(kept)
        simpler = _simpler(dialect, request, error) if answer.status in (400, 422) else None
        if simpler is not None:
            if self._dialects.get(request.model, _Dialect()) == dialect:  # else another call has learnt more already
                self._dialects[request.model] = simpler
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
    seconds: float = 120.0,
    guard: OutboundGuard | None = None,
) -> OpenAICompatible:
    """Open a configured endpoint with the key from its named environment variable.

    Raises: KeyRefused, when the variable is not set: nothing would be answered.
    """
    return OpenAICompatible(
        source.base_url,
        api_key=key_of(source, environment),
        send_metadata=send_metadata,
        seconds=seconds,
        guard=guard,
    )


PROVIDER = Provider("openai", frozenset({"verbalised", "logprob", "agreement", "none"}), connect)


def bearer(api_key: str | None) -> dict[str, str]:
    """Give the header that carries an OpenAI key."""
    return {} if api_key is None else {"Authorization": f"Bearer {api_key}"}


def _simpler(dialect: _Dialect, request: ChatRequest, error: ErrorBody) -> _Dialect | None:
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
    names = ("response_format", "json_schema", "json_object", "structured", "schema")
    if request.answer_schema is not None and dialect.answer_format in _WEAKER and any(n in said for n in names):
        return replace(dialect, answer_format=_WEAKER[dialect.answer_format])
    return None
