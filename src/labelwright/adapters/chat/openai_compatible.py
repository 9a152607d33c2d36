"""Any endpoint that speaks OpenAI's chat completions: OpenAI, vLLM, Ollama, most others, and `labelwright replay`.

One `complete` is one HTTP request. What a server turns out not to understand (JSON-schema answers, log-probabilities,
metadata, the older name of the token limit) is remembered per model and left out from the next attempt on. Redirects
are never followed, and the key never appears in an error.

Source: OpenAI API reference, chat completions; CONTRACTS II.1 and II.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from labelwright.adapters.chat.completion_body import read_completion
from labelwright.adapters.chat.http_failures import ErrorBody, failure_of, read_error
from labelwright.domain.project import ModelSource
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import ChatRequest, ChatResponse
from labelwright.prompting.failures import (
    CallTimedOut,
    ConnectionFailed,
    FormatUnsupported,
    KeyRefused,
    MalformedAnswer,
)

LARGEST_BODY = 8_000_000
_WEAKER = {"json_schema": "json_object", "json_object": "text"}


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What a model's endpoint has turned out to understand."""

    answer_format: str = "json_schema"
    token_limit: str = "max_tokens"  # noqa: S105 - a parameter's name
    logprobs: bool = True
    metadata: bool = True


class OpenAICompatible:
    """A chat endpoint under `base_url` (up to and including `/v1`).

    api_key: None = none is sent.  send_metadata: whether the item's id travels along as OpenAI `metadata`.
    seconds: how long one attempt may take, connecting included.
    Raises: InvalidValue, when the address or the key cannot be used at all.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        send_metadata: bool = False,
        seconds: float = 120.0,
    ) -> None:
        self._base_url = checked_base_url(base_url)
        self._url = self._base_url + "/chat/completions"
        self._api_key = _checked_key(api_key)
        self._send_metadata = send_metadata
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, 10.0))
        self._session: aiohttp.ClientSession | None = None
        self._dialects: dict[str, _Dialect] = {}

    @property
    def provider(self) -> str:
        """The endpoint's base URL."""
        return self._base_url

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Make one attempt."""
        dialect = self._dialects.get(request.model, _Dialect())
        try:
            body = orjson.dumps(self._body(request, dialect))
        except TypeError as problem:
            raise InvalidValue("", f"the request cannot be written as JSON ({problem})") from None
        try:
            async with self._opened().post(self._url, data=body, allow_redirects=False) as reply:
                answer = await _read(reply)
                status, headers = reply.status, reply.headers
        except TimeoutError:
            raise CallTimedOut(f"{self._base_url} gave no answer within {self._timeout.total:g} s") from None
        except aiohttp.ClientError as problem:
            raise ConnectionFailed(self._scrubbed(f"{self._base_url}: {problem or type(problem).__name__}")) from None
        if status == 200:
            return read_completion(answer)
        raise self._failure(request, dialect, status, headers, answer)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            if self._api_key is not None:
                headers["Authorization"] = f"Bearer {self._api_key}"
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                headers=headers,
            )
        return self._session

    def _body(self, request: ChatRequest, dialect: _Dialect) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        }
        if request.temperature is not None:
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

    def _failure(
        self, request: ChatRequest, dialect: _Dialect, status: int, headers: Mapping[str, str], answer: bytes
    ) -> Exception:
        kept = self._scrubbed(answer[:20_000].decode("utf-8", "replace"))
        error = read_error(kept)
        simpler = _simpler(dialect, request, error) if status in (400, 422) else None
        if simpler is not None:
            if self._dialects.get(request.model, _Dialect()) == dialect:  # else another call has learnt more already
                self._dialects[request.model] = simpler
            return FormatUnsupported(
                f"{self._base_url} does not take a parameter: {error.message}", http_status=status, body=kept.encode()
            )
        return failure_of(status, headers, error, endpoint=self._base_url, model=request.model)

    def _scrubbed(self, text: str) -> str:
        return text if self._api_key is None else text.replace(self._api_key, "[key]")


def connect(
    source: ModelSource, *, environment: Mapping[str, str], send_metadata: bool = False, seconds: float = 120.0
) -> OpenAICompatible:
    """Open a configured endpoint with the key from its named environment variable.

    Raises: KeyRefused, when the variable is not set: nothing would be answered.
    """
    api_key = None
    if source.api_key_env is not None:
        api_key = environment.get(source.api_key_env, "")
        if not api_key:
            raise KeyRefused(
                f"environment variable {source.api_key_env!r} is not set; it must hold the key for {source.base_url}"
                f" (or leave api_key_env out of project.yaml, if no key is needed)"
            )
    return OpenAICompatible(source.base_url, api_key=api_key, send_metadata=send_metadata, seconds=seconds)


def checked_base_url(base_url: str) -> str:
    """Check an address before anything is sent to it. Raises InvalidValue."""
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError as problem:
        raise InvalidValue("base_url", f"{base_url!r} is no address ({problem})") from None
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidValue("base_url", f"{base_url!r} is no http(s) address", ", such as https://api.openai.com/v1")
    if parts.username is not None or parts.password is not None:
        raise InvalidValue("base_url", "a key or password stands in the address", "; use api_key_env instead")
    if parts.query or parts.fragment:
        raise InvalidValue("base_url", f"{base_url!r} has a query or fragment", "; end it at /v1")
    return base_url.rstrip("/")


def _checked_key(api_key: str | None) -> str | None:
    if api_key is not None and (not api_key.isascii() or not api_key.isprintable() or " " in api_key):
        raise InvalidValue(
            "api_key_env", "the key holds spaces, line breaks or non-ASCII characters", "; copy it again"
        )
    return api_key


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    """Read a body of bounded size. What is too long is not read to its end: the connection is dropped."""
    length = reply.content_length
    if length is not None and length <= LARGEST_BODY and "Content-Encoding" not in reply.headers:
        return await reply.read()
    parts: list[bytes] = []
    size = 0
    async for part in reply.content.iter_any():
        size += len(part)
        if size > LARGEST_BODY:
            reply.close()
            raise MalformedAnswer(f"the answer is longer than {LARGEST_BODY:,} bytes", http_status=reply.status)
        parts.append(part)
    return b"".join(parts)


def _simpler(dialect: _Dialect, request: ChatRequest, error: ErrorBody) -> _Dialect | None:
    """Leave out what the server says it does not understand; None when that is not what it says."""
    said = f"{error.param or ''} {error.message}".lower()
    if "max_completion_tokens" in said and dialect.token_limit == "max_tokens":  # noqa: S105 - a parameter's name
        return replace(dialect, token_limit="max_completion_tokens")  # noqa: S106 - a parameter's name
    if "logprobs" in said and request.top_logprobs is not None and dialect.logprobs:
        return replace(dialect, logprobs=False)
    if "metadata" in said and request.metadata and dialect.metadata:
        return replace(dialect, metadata=False)
    names = ("response_format", "json_schema", "json_object", "structured", "schema")
    if request.answer_schema is not None and dialect.answer_format in _WEAKER and any(n in said for n in names):
        return replace(dialect, answer_format=_WEAKER[dialect.answer_format])
    return None
