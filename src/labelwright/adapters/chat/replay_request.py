"""Read a chat completion request, as far as a recording can honour it."""

from __future__ import annotations

from typing import Any

import msgspec

from labelwright.adapters.chat.recording import RecordingMiss


class _Part(msgspec.Struct):
    text: str = ""


class _Turn(msgspec.Struct):
    role: str
    content: str | list[_Part] | None = None


class _Schema(msgspec.Struct):
    properties: dict[str, Any]


class _NamedSchema(msgspec.Struct):
    schema: _Schema


class _Format(msgspec.Struct):
    type: str
    json_schema: _NamedSchema | None = None


class ReplayRequest(msgspec.Struct):
    """What is asked, and how."""

    model: str
    messages: list[_Turn]
    response_format: _Format | None = None
    metadata: dict[str, str] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    stream: bool | None = None
    n: int | None = None

    @property
    def texts(self) -> list[str]:
        """The conversation's texts, in order, without the assistant's: its turns hold no item."""
        found: list[str] = []
        for turn in self.messages:
            if turn.role != "assistant" and turn.content is not None:
                found += [turn.content] if isinstance(turn.content, str) else [part.text for part in turn.content]
        return found

    def answer_keys(self, questions: tuple[str, ...]) -> tuple[str, ...] | None:
        """Give the keys of the JSON object asked for; None when plain text is. Raises RecordingMiss."""
        asked = self.response_format
        if asked is None or asked.type == "text":
            return None
        if asked.type == "json_schema":
            if asked.json_schema is None:
                raise RecordingMiss(
                    "response_format.json_schema is missing", status=400, code="invalid_schema", param="response_format"
                )
            return tuple(asked.json_schema.schema.properties)
        return (*questions, "confidence")


_DECODER = msgspec.json.Decoder(ReplayRequest)


def read_request(body: bytes | None, *, largest: int) -> ReplayRequest:
    """Read a request. body: None = it was longer than `largest` bytes. Raises RecordingMiss."""
    if body is None:
        raise RecordingMiss(f"the request is longer than {largest:,} bytes", status=413, code="too_large")
    try:
        request = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise RecordingMiss(f"this is no chat request ({problem})", status=400, code="invalid_request") from None
    if request.stream:
        raise RecordingMiss("a recording does not stream", status=400, code="unsupported", param="stream")
    if request.n not in (None, 1):
        raise RecordingMiss("a recording gives one answer at a time", status=400, code="unsupported", param="n")
    return request
