"""Read the body of an Anthropic message."""

from __future__ import annotations

import msgspec

from labelwright.prompting.chat import ChatResponse
from labelwright.prompting.failures import MalformedAnswer
from labelwright.prompting.usage import Usage

_KEPT = 20_000
_FINISHED = {
    "end_turn": "stop",
    "tool_use": "stop",
    "stop_sequence": "stop",
    "refusal": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
}


class _Block(msgspec.Struct):
    type: str
    text: str = ""
    input: msgspec.Raw = msgspec.Raw(b"")


class _StopDetails(msgspec.Struct):
    explanation: str | None = None
    category: str | None = None


class _Usage(msgspec.Struct):
    input_tokens: int
    output_tokens: int = 0
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class _Message(msgspec.Struct):
    content: list[_Block]
    stop_reason: str | None = None
    stop_details: _StopDetails | None = None
    model: str = ""
    usage: _Usage | None = None


_DECODER = msgspec.json.Decoder(_Message)


def read_message(body: bytes) -> ChatResponse:
    """Give the answer in a body that came with status 200. Raises MalformedAnswer.

    The answer's text is the tool call's input, byte for byte, where there is one; a second call follows on a line of
    its own, so that the answer is no JSON object and the model is shown its mistake.
    """
    try:
        message = _DECODER.decode(body)
        calls = [bytes(block.input).decode() for block in message.content if block.type == "tool_use"]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        shown = repr(body[:60].decode("utf-8", "replace").strip()) if body.strip() else "empty"
        raise MalformedAnswer(
            f"the body is no message ({shown}: {problem})", http_status=200, body=body[:_KEPT]
        ) from None
    usage = _usage(message.usage)
    words = "".join(block.text for block in message.content if block.type == "text")
    text = "\n".join(calls) if calls else words
    finish_reason = _FINISHED.get(message.stop_reason or "", message.stop_reason)
    if not text and message.stop_reason in ("end_turn", "tool_use", "stop_sequence"):
        raise MalformedAnswer("the message has no content", http_status=200, body=body[:_KEPT], usage=usage)
    return ChatResponse(
        text=text,
        finish_reason=finish_reason,
        usage=usage,
        model=message.model,
        refusal=_refusal(message, words) if message.stop_reason == "refusal" else None,
    )


def _refusal(message: _Message, words: str) -> str:
    details = message.stop_details or _StopDetails()
    return words or details.explanation or details.category or "it did not say why"


def _usage(stated: _Usage | None) -> Usage | None:
    """Anthropic counts cached tokens beside `input_tokens`, not within."""
    if stated is None:
        return None
    read, written = stated.cache_read_input_tokens or 0, stated.cache_creation_input_tokens or 0
    if min(stated.input_tokens, stated.output_tokens, read, written) < 0:
        return None
    return Usage(stated.input_tokens + read + written, stated.output_tokens, read, written)
