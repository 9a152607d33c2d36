"""Read a chat request, as far as a recording can honour it: a chat completion, or one of Anthropic's messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import msgspec

from labelwright.adapters.chat.recording import RecordingMiss
from labelwright.adapters.chat.replay_further import (
    EXPLANATION,
    GUESS,
    PROBABILITY,
    REASONING,
    REVIEWS,
    Properties,
    guess_schema,
)
from labelwright.prompting.block import CLOSING

Dialect: TypeAlias = Literal["openai", "anthropic"]

CONFIDENCE_KEY = "confidence"


class _Part(msgspec.Struct):
    """A part of a turn: a text, a picture, a document, a tool's result. Only texts can hold the item."""

    type: str = "text"
    text: str | None = None


class _Turn(msgspec.Struct):
    role: str
    content: str | list[_Part] | None = None


class _Schema(msgspec.Struct):
    properties: dict[str, Any] = {}


class _NamedSchema(msgspec.Struct):
    schema: _Schema


class _Format(msgspec.Struct):
    type: str
    json_schema: _NamedSchema | None = None


class _Function(msgspec.Struct):
    name: str
    parameters: _Schema | None = None


class _FunctionTool(msgspec.Struct):
    function: _Function | None = None


class _Completion(msgspec.Struct):
    model: str
    messages: list[_Turn]
    response_format: _Format | None = None
    tools: list[_FunctionTool] | None = None
    tool_choice: Any = None
    metadata: dict[str, str] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    stream: bool | None = None
    n: int | None = None


class _InputTool(msgspec.Struct):
    name: str = ""
    input_schema: _Schema | None = None


class _OutputFormat(msgspec.Struct):
    schema: _Schema | None = None


class _OutputConfig(msgspec.Struct):
    format: _OutputFormat | None = None


class _Messages(msgspec.Struct):
    model: str
    messages: list[_Turn]
    system: str | list[_Part] | None = None
    tools: list[_InputTool] | None = None
    tool_choice: Any = None
    output_config: _OutputConfig | None = None
    stream: bool | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, and how.

    texts: the conversation's texts, in order, without the assistant's: its turns hold no item.
    properties: the keys of the object asked for and their schemas; None = none are named.
    wants_object: a JSON object of whatever was recorded.  tool: the answer is this tool's input; None = it is text.
    sample: which of several answers to the same question this is, from 0; None = not said.
    """

    model: str
    texts: Sequence[str]
    properties: Properties | None = None
    wants_object: bool = False
    tool: str | None = None
    by_schema: bool = False
    item_id: str | None = None
    sample: int | None = None
    top_logprobs: int | None = None
    dialect: Dialect = "openai"

    def answer_keys(self, questions: Sequence[str]) -> Properties | None:
        """Give the keys of the answer and their schemas; None when plain text is asked for.

        Where no schema names the keys, the prompt's words do: a confidence is given when they name one.
        """
        if self.properties is not None:
            return self.properties
        last = self.texts[-1].rpartition(CLOSING)[2] if self.texts else ""  # what is asked after the item
        for keys in (*REVIEWS, (EXPLANATION,)):
            if _names(last, keys):
                return {key: {} for key in keys}
        if _names(last, GUESS):
            return {key: guess_schema() for key in questions}
        named = any(f"`{CONFIDENCE_KEY}`" in text or f'"{CONFIDENCE_KEY}"' in text for text in self.texts)
        if self.wants_object or any("JSON" in text and f"`{questions[0]}`" in text for text in self.texts):
            if _names(last, (*questions, PROBABILITY)):
                return {key: {} for key in (*questions, PROBABILITY)}
            reasons = _names(self.texts[0], (REASONING,)) or _names(last, (REASONING,))
            keys = (*([REASONING] if reasons else []), *questions, *([CONFIDENCE_KEY] if named else []))
            return {key: {} for key in keys}
        return None


def read_request(body: bytes | None, *, largest: int, dialect: Dialect = "openai") -> Asked:
    """Read a request. body: None = it was longer than `largest` bytes. Raises RecordingMiss."""
    if body is None:
        raise RecordingMiss(f"the request is longer than {largest:,} bytes", status=413, code="too_large")
    try:
        return _read_messages(body) if dialect == "anthropic" else _read_completion(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise RecordingMiss(f"this is no chat request ({problem})", status=400, code="invalid_request") from None


_COMPLETION = msgspec.json.Decoder(_Completion)
_MESSAGES = msgspec.json.Decoder(_Messages)


def _read_completion(body: bytes) -> Asked:
    request = _COMPLETION.decode(body)
    _check_stream(stream=request.stream)
    if request.n not in (None, 1):
        raise RecordingMiss("a recording gives one answer at a time", status=400, code="unsupported", param="n")
    tools = {tool.function.name: tool.function.parameters for tool in request.tools or () if tool.function}
    tool = None if request.tool_choice == "none" else _chosen(request.tool_choice, tools)
    asked = request.response_format
    properties: Properties | None = None
    if tool is not None:
        properties = _properties(tools[tool])
    elif asked is not None and asked.type == "json_schema":
        if asked.json_schema is None:
            raise RecordingMiss(
                "response_format.json_schema is missing", status=400, code="invalid_schema", param="response_format"
            )
        properties = asked.json_schema.schema.properties
    return Asked(
        model=request.model,
        texts=_texts(request.messages),
        properties=properties,
        wants_object=(asked is not None and asked.type == "json_object") or tool is not None,
        tool=tool,
        by_schema=asked is not None and asked.type == "json_schema",
        item_id=(request.metadata or {}).get("item_id"),
        sample=_place((request.metadata or {}).get("sample")),
        top_logprobs=(request.top_logprobs or 0) if request.logprobs else None,
    )


def _read_messages(body: bytes) -> Asked:
    request = _MESSAGES.decode(body)
    _check_stream(stream=request.stream)
    tools = {tool.name: tool.input_schema for tool in request.tools or ()}
    tool = _chosen(request.tool_choice, tools)
    output = None if request.output_config is None else request.output_config.format
    schema = tools[tool] if tool is not None else None if output is None else output.schema
    system = [] if request.system is None else _texts([_Turn("system", request.system)])
    return Asked(
        model=request.model,
        texts=[*system, *_texts(request.messages)],
        properties=_properties(schema),
        wants_object=tool is not None,
        tool=tool,
        by_schema=tool is None and schema is not None,
        dialect="anthropic",
    )


def _check_stream(*, stream: bool | None) -> None:
    if stream:
        raise RecordingMiss("a recording does not stream", status=400, code="unsupported", param="stream")


def _texts(turns: Sequence[_Turn]) -> list[str]:
    found: list[str] = []
    for turn in turns:
        if turn.role == "assistant" or turn.content is None:
            continue
        if isinstance(turn.content, str):
            found.append(turn.content)
        else:
            found += [part.text for part in turn.content if part.type == "text" and part.text is not None]
    return found


def _chosen(choice: Any, tools: Mapping[str, object]) -> str | None:  # noqa: ANN401 - JSON
    """Give the tool that is named, else the first: a recorded answer is always given where one can be."""
    named = None
    if isinstance(choice, dict):
        stated: Any = choice.get("function", choice)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        named = stated.get("name") if isinstance(stated, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if isinstance(named, str) and named in tools:
        return named
    return next(iter(tools), None)


def _names(text: str, keys: Sequence[str]) -> bool:
    return all(f"`{key}`" in text for key in keys)


def _place(stated: str | None) -> int | None:
    return int(stated) if stated is not None and stated.isascii() and stated.isdigit() else None


def _properties(schema: _Schema | None) -> Properties | None:
    return schema.properties if schema is not None and schema.properties else None
