"""Anthropic's Messages.

The answer is asked for as the input of a tool that the model must call, with the answer's schema. What a model turns
out not to take (a temperature, a tool it must call) is remembered and left out from the next attempt on. The static
system prompt is marked for the cache when it is long enough to be kept there. There are no log-probabilities.

Source: Anthropic API reference, messages, tool use, prompt caching, errors; CONTRACTS II.4, II.5 and II.7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from labelwright.adapters.chat.endpoint import Endpoint, HttpAnswer, key_of
from labelwright.adapters.chat.http_failures import ErrorBody, failure_of, read_error
from labelwright.adapters.chat.message_body import read_message
from labelwright.adapters.chat.outbound_guard import OutboundGuard
from labelwright.adapters.chat.pictures import anthropic_content, check_pictures
from labelwright.adapters.chat.provider import Provider
from labelwright.adapters.chat.rate_headers import with_limits
from labelwright.domain.project import ModelSource, Question
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import ChatRequest, ChatResponse
from labelwright.prompting.failures import ChatRefused, FormatUnsupported, ModelUnknown, QuotaSpent

API_VERSION = "2023-06-01"
SHORTEST_CACHED = 4_096
"""Bytes of a system prompt that may reach the smallest cacheable prefix (1,024 tokens, by model up to 4,096)."""
_LONGEST_ANSWER = 4_096
"""Sent where the request names no limit: the protocol needs one."""
_SPENT = ("credit balance is too low", "usage limits")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a model has turned out to take."""

    temperature: bool = True
    tool: bool = True


class Anthropic:
    """A messages endpoint under `base_url` (up to and including `/v1`).

    api_key: None = none is sent.  seconds: how long one attempt may take, connecting included.
    Raises: InvalidValue, when the address or the key cannot be used at all.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        seconds: float = 120.0,
        guard: OutboundGuard | None = None,
    ) -> None:
        headers = {"anthropic-version": API_VERSION} | ({} if api_key is None else {"x-api-key": api_key})
        self._endpoint = Endpoint(base_url, "/messages", api_key=api_key, headers=headers, seconds=seconds, guard=guard)
        self._dialects: dict[str, Dialect] = {}

    @property
    def provider(self) -> str:
        """The endpoint's address: under the same base URL others speak another protocol."""
        return self._endpoint.base_url + "/messages"

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Make one attempt. A seed and log-probabilities are not asked for: the protocol has neither."""
        dialect = self.dialect(request.model)
        answer = await self._endpoint.post(self.body(request, dialect))
        return self.read(request, answer, dialect)

    async def close(self) -> None:
        """Close all connections."""
        await self._endpoint.close()

    def dialect(self, model: str) -> Dialect:
        """Say what the model has turned out to take so far."""
        return self._dialects.get(model, Dialect())

    def body(self, request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
        """Write a request's body. Raises InvalidValue, when a picture cannot be sent."""
        check_pictures(request)
        return _body(request, dialect)

    def written(self, request: ChatRequest) -> bytes:
        """Give the body of a first attempt, byte for byte."""
        return orjson.dumps(self.body(request, Dialect()))

    def read(self, request: ChatRequest, answer: HttpAnswer, dialect: Dialect) -> ChatResponse:
        """Read what came back. dialect: in which the request was written.

        Raises: ChatFailure, ChatRefused.
        """
        if answer.status != 200:
            raise self._failure(request, dialect, answer)
        return with_limits(read_message(answer.body), answer.headers)

    def _failure(self, request: ChatRequest, dialect: Dialect, answer: HttpAnswer) -> Exception:
        kept = self._endpoint.text_of(answer)
        status, body, error = answer.status, kept.encode(), read_error(kept)
        said = f"{self.provider} answered {status}: {error.message}"
        if status == 400:
            simpler = _simpler(dialect, request, error)
            if simpler is not None:
                if self.dialect(request.model) == dialect:  # else another call has learnt more
                    self._dialects[request.model] = simpler
                return FormatUnsupported(said, http_status=status, body=body)
            if any(words in error.message.lower() for words in _SPENT):
                return QuotaSpent(f"{said}; add credit, then run the same command again", http_status=status, body=body)
        if status == 404 and error.type == "not_found_error":
            if "model" in error.message.lower():
                return ModelUnknown(f"{said} (model {request.model!r})", http_status=status, body=body)
            hint = "there is no messages endpoint at this address: base_url usually ends in /v1"
            return ChatRefused(f"{said}; {hint}", http_status=status, body=body)
        return failure_of(status, answer.headers, error, endpoint=self.provider, model=request.model, path="messages")


def _body(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    system = "\n\n".join(m.content for m in request.messages if m.role == "system")
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": _LONGEST_ANSWER if request.max_tokens is None else request.max_tokens,
        "messages": [
            {"role": m.role, "content": anthropic_content(m.content, m.images)}
            for m in request.messages
            if m.role != "system"
        ],
    }
    if system:
        block: dict[str, Any] = {"type": "text", "text": system}
        if len(system.encode("utf-8", "surrogatepass")) >= SHORTEST_CACHED:
            block["cache_control"] = {"type": "ephemeral"}
        body["system"] = [block]
    if request.temperature is not None and dialect.temperature:
        body["temperature"] = request.temperature
    if request.answer_schema is not None and dialect.tool:
        name = request.schema_name
        described = "Give the answer, in exactly this form."
        body["tools"] = [{"name": name, "description": described, "input_schema": request.answer_schema}]
        body["tool_choice"] = {"type": "tool", "name": name, "disable_parallel_tool_use": True}
    return body


def _simpler(dialect: Dialect, request: ChatRequest, error: ErrorBody) -> Dialect | None:
    """Leave out what the model says it does not take; None when that is not what it says."""
    said = error.message.lower()
    if "temperature" in said and request.temperature is not None and dialect.temperature:
        return replace(dialect, temperature=False)
    if "tool" in said and request.answer_schema is not None and dialect.tool:
        return replace(dialect, tool=False)
    return None


def connect(
    source: ModelSource,
    *,
    environment: Mapping[str, str],
    send_metadata: bool = False,  # noqa: ARG001 - the protocol has no place for an item's id
    guard: OutboundGuard | None = None,
) -> Anthropic:
    """Open a configured endpoint with the key from its named environment variable. Raises KeyRefused."""
    return Anthropic(source.base_url, api_key=key_of(source, environment), seconds=source.timeout_seconds, guard=guard)


def _check(source: ModelSource, questions: Sequence[Question]) -> None:  # noqa: ARG001 - it takes every question
    if source.temperature > 1:
        raise InvalidValue(
            "temperature", f"{source.temperature:g} is more than provider 'anthropic' takes", "; the most is 1"
        )


PROVIDER = Provider(
    "anthropic",
    frozenset({"verbalised", "consistency", "agreement", "neighbours", "combined", "none"}),
    connect,
    _check,
)
