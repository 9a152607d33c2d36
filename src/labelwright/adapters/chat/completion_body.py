"""Read the body of a chat completion."""

from __future__ import annotations

from typing import Any

import msgspec

from labelwright.adapters.chat.http_failures import read_error
from labelwright.prompting.chat import ChatResponse, TokenAlternative, TokenLogprob
from labelwright.prompting.failures import MalformedAnswer
from labelwright.prompting.usage import Usage

_KEPT = 20_000


class _Alternative(msgspec.Struct):
    token: str
    logprob: float
    bytes: list[int] | None = None


class _Token(msgspec.Struct):
    token: str
    logprob: float
    bytes: list[int] | None = None
    top_logprobs: list[_Alternative] = []


class _Logprobs(msgspec.Struct):
    content: list[_Token] | None = None


class _Function(msgspec.Struct):
    arguments: str = ""


class _ToolCall(msgspec.Struct):
    function: _Function | None = None


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _CachedTokens(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int = 0
    prompt_tokens_details: _CachedTokens | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] = []
    model: str = ""
    usage: _Usage | None = None
    error: Any = None
    labelwright: dict[str, Any] = {}


_DECODER = msgspec.json.Decoder(_Completion)


def read_completion(body: bytes) -> ChatResponse:
    """Give the answer in a body that came with status 200. Raises MalformedAnswer.

    The answer's text is the arguments of the function that was called, where one was; a second call follows on a line
    of its own, so that the answer is no JSON object and the model is shown its mistake.
    """
    try:
        completion = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise MalformedAnswer(
            f"the body is no chat completion ({_shown(body)}: {problem})", http_status=200, body=body[:_KEPT]
        ) from None
    usage = _usage(completion.usage)
    if not completion.choices:
        why = (
            "" if completion.error is None else f" but an error ({read_error(body.decode('utf-8', 'replace')).message})"
        )
        raise MalformedAnswer(f"the body has no choices{why}", http_status=200, body=body[:_KEPT], usage=usage)
    choice = completion.choices[0]
    if choice.finish_reason == "error":  # OpenRouter: the provider behind it failed half-way
        raise MalformedAnswer("the answer ended in an error", http_status=200, body=body[:_KEPT], usage=usage)
    message = choice.message
    calls = [call.function.arguments for call in message.tool_calls or () if call.function is not None]
    finish_reason = "stop" if calls and choice.finish_reason == "tool_calls" else choice.finish_reason
    if message.content is None and message.refusal is None and not calls and finish_reason == "stop":
        raise MalformedAnswer("the message has no content", http_status=200, body=body[:_KEPT], usage=usage)
    return ChatResponse(
        text="\n".join(calls) if calls else message.content or "",
        finish_reason=finish_reason,
        usage=usage,
        model=completion.model,
        refusal=message.refusal,
        logprobs=_logprobs(choice.logprobs),
        extra=completion.labelwright,
    )


def _usage(stated: _Usage | None) -> Usage | None:
    if stated is None or stated.prompt_tokens < 0 or stated.completion_tokens < 0:
        return None
    details = stated.prompt_tokens_details
    cached, written = (0, 0) if details is None else (details.cached_tokens or 0, details.cache_write_tokens or 0)
    cached = max(0, min(cached, stated.prompt_tokens))
    written = max(0, min(written, stated.prompt_tokens - cached))
    return Usage(stated.prompt_tokens, stated.completion_tokens, cached, written)


def _logprobs(stated: _Logprobs | None) -> tuple[TokenLogprob, ...] | None:
    """Some servers send an empty list: that is no log-probability at all, and never a sure answer."""
    if stated is None or not stated.content:
        return None
    return tuple(
        TokenLogprob(
            _bytes(token),
            token.logprob,
            tuple(TokenAlternative(_bytes(alternative), alternative.logprob) for alternative in token.top_logprobs),
        )
        for token in stated.content
    )


def _bytes(token: _Token | _Alternative) -> bytes:
    if token.bytes is None or not all(0 <= value < 256 for value in token.bytes):
        return token.token.encode("utf-8", "surrogatepass")
    return bytes(token.bytes)


def _shown(body: bytes) -> str:
    start = body[:60].decode("utf-8", "replace").strip()
    return repr(start) if start else "empty"
