"""Write a recorded answer as a provider would have sent it: a chat completion, or one of Anthropic's messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from labelwright.adapters.chat.recording import FoundAnswer, RecordingMiss
from labelwright.adapters.chat.replay_further import (
    EXPLANATION,
    PROBABILITY,
    REASONING,
    guesses_of,
    is_doubt,
    is_review,
    not_recorded,
    p_true_of,
    verdict_of,
    wants_guesses,
)
from labelwright.adapters.chat.replay_request import CONFIDENCE_KEY, Asked, Dialect, Properties
from labelwright.domain.canonical import Json

TOKENS_RULE = "approximate: one token per four bytes of UTF-8, rounded up"


@dataclass(frozen=True, slots=True)
class Written:
    """An answer about to be sent. finish: in OpenAI's words.  refusal: what a model says that declines."""

    found: FoundAnswer
    content: str | None
    prompt_tokens: int
    finish: str = "stop"
    refusal: str | None = None
    states_usage: bool = True

    @property
    def completion_tokens(self) -> int:
        """Tokens of what is said, by the stated rule."""
        return tokens_of(self.content or self.refusal or "")


def tokens_of(text: str) -> int:
    """Count tokens by the stated rule."""
    return -(-len(text.encode()) // 4)


def content_of(found: FoundAnswer, keys: Properties | None, questions: Sequence[str]) -> str:
    """Write the answer as a JSON object with these keys, or, without keys, as plain text.

    What was not recorded is null, also where a schema asks for a label: a recording makes nothing up.
    Raises: RecordingMiss, when a key is neither a recorded question nor what a flow asks beside them.
    """
    if keys is not None:
        return _json({key: _entry(found, key, keys, questions) for key in keys})
    only = found.answer.labels.get(questions[0]) if len(questions) == 1 else None
    return only if isinstance(only, str) else _json({name: found.answer.labels.get(name) for name in questions})


def answer_body(written: Written, asked: Asked, *, number: int, created: int, questions: Sequence[str]) -> bytes:
    """Write the whole body. `labelwright` says that the answer is recorded, and to whose prompt it was given."""
    form = _message if asked.dialect == "anthropic" else _completion
    answer = written.found.answer
    body = form(written, asked, number, created, questions)
    origin: dict[str, Json] = {
        "recorded": True,
        "prompt": answer.prompt,
        "sample": answer.sample,
        "confidence_kind": answer.confidence_kind,
        "reasoning": answer.reasoning,
        "tokens": TOKENS_RULE,
    }
    missing = not_recorded(answer, asked.answer_keys(questions), questions)
    if missing:
        origin["not_recorded"] = list(missing)
    if written.found.n_samples is not None:
        origin["samples_recorded"] = written.found.n_samples
    body["labelwright"] = origin
    if not written.states_usage:
        del body["usage"]
    return orjson.dumps(body)


def error_body(
    message: str,
    *,
    code: str | None,
    param: str | None = None,
    kind: str = "invalid_request_error",
    dialect: Dialect = "openai",
) -> bytes:
    """Write an error as the provider does."""
    if dialect == "anthropic":
        return orjson.dumps({"type": "error", "error": {"type": kind, "message": message}})
    return orjson.dumps({"error": {"message": message, "type": kind, "param": param, "code": code}})


def _completion(written: Written, asked: Asked, number: int, created: int, questions: Sequence[str]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": written.content, "refusal": written.refusal}
    finish, tops = written.finish, asked.top_logprobs
    if asked.tool is not None and written.content is not None:
        call = {"name": asked.tool, "arguments": written.content}
        message |= {"content": None, "tool_calls": [{"id": f"call_{number}", "type": "function", "function": call}]}
        finish = "tool_calls" if finish == "stop" else finish
    weighs = tops is not None and asked.tool is None and written.content is not None
    weighs = weighs and not is_doubt(asked.answer_keys(questions) or {}, questions)  # of labels, not of verdicts
    logprobs = _logprobs(written.found, written.content or "", tops or 0, questions) if weighs else None
    prompt_tokens, completion_tokens = written.prompt_tokens, written.completion_tokens
    return {
        "id": f"chatcmpl-replay-{number}",
        "object": "chat.completion",
        "created": created,
        "model": asked.model,
        "system_fingerprint": "labelwright-replay",
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": logprobs}],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
        },
    }


_STOPPED = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


def _message(
    written: Written,
    asked: Asked,
    number: int,
    _created: int,
    _questions: Sequence[str],
) -> dict[str, Any]:
    stopped = "refusal" if written.refusal is not None else _STOPPED[written.finish]
    said = written.content or written.refusal
    blocks: list[dict[str, Any]] = []
    if asked.tool is not None and written.content is not None and _is_object(written.content):
        # Byte for byte: a key that is there twice stays so.
        given = orjson.Fragment(written.content)
        blocks = [{"type": "tool_use", "id": f"toolu_replay_{number}", "name": asked.tool, "input": given}]
        stopped = "tool_use" if stopped == "end_turn" else stopped
    elif said:
        blocks = [{"type": "text", "text": said}]
    return {
        "id": f"msg_replay_{number}",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": blocks,
        "stop_reason": stopped,
        "stop_sequence": None,
        "usage": {"input_tokens": written.prompt_tokens, "output_tokens": written.completion_tokens},
    }


def _entry(found: FoundAnswer, name: str, keys: Properties, questions: Sequence[str]) -> Json:
    answer = found.answer
    if is_review(keys):
        return None
    if name in questions:
        if is_doubt(keys, questions):
            return verdict_of(answer, name)
        if wants_guesses(keys[name]):
            return guesses_of(answer.labels.get(name), answer.confidence.get(name))
        return _in_form(answer.labels.get(name), keys[name])
    if name == CONFIDENCE_KEY:
        return {question: answer.confidence.get(question) for question in questions}
    if name == PROBABILITY:
        return {question: p_true_of(answer, question) for question in questions if question in keys}
    if name == REASONING:  # a text in every schema; an empty one is read as none
        return answer.reasoning or ""
    if name == EXPLANATION:
        return answer.reasoning
    raise RecordingMiss(
        f"the schema asks for {name!r}; recorded are {', '.join(questions)}",
        status=400,
        code="invalid_schema",
        param="response_format",
    )


def _in_form(label: Json, schema: object) -> Json:
    """Give a recorded label as the number it is where the schema asks for one; recordings hold texts."""
    wanted: Any = schema.get("type") if isinstance(schema, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if not isinstance(label, str) or wanted not in ("integer", "number"):
        return label
    try:
        number = float(label)
    except ValueError:
        return label
    return int(number) if wanted == "integer" and number.is_integer() else number


def _logprobs(found: FoundAnswer, content: str, top_logprobs: int, questions: Sequence[str]) -> dict[str, Json] | None:
    """Cut the content in three around the label, whose log-probabilities were recorded; None when none were."""
    recorded, label = found.answer.logprobs, found.answer.labels.get(questions[0])
    if recorded is None or len(questions) != 1 or not isinstance(label, str) or label not in recorded:
        return None
    if not content.startswith("{"):
        return {"content": [_token(label, recorded, top_logprobs)], "refusal": None}
    key = _json(questions[0]) + ":"
    before, key, after = content.partition(key)
    closed = _json(label)[1:]  # with its closing quote, so that `no` and `not` differ
    if not after.startswith('"' + closed):
        return None
    scaffold: dict[str, Json] = {"logprob": 0.0, "top_logprobs": []}
    first, last = before + key + '"', after[1 + len(closed) :]
    ends = {_json(name)[1:]: logprob for name, logprob in recorded.items()}
    tokens: list[Json] = [
        {"token": first, "bytes": list(first.encode()), **scaffold},
        _token(closed, ends, top_logprobs),
        {"token": last, "bytes": list(last.encode()), **scaffold},
    ]
    return {"content": tokens, "refusal": None}


def _token(text: str, logprobs: Mapping[str, float], top: int) -> Json:
    best = sorted(logprobs.items(), key=lambda pair: -pair[1])[:top]
    return {
        "token": text,
        "bytes": list(text.encode()),
        "logprob": logprobs[text],
        "top_logprobs": [{"token": t, "bytes": list(t.encode()), "logprob": lp} for t, lp in best],
    }


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
