"""Write a recorded answer as a chat completion: the body a real provider would have sent."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from labelwright.adapters.chat.recording import FoundAnswer, RecordingMiss
from labelwright.domain.canonical import Json

CONFIDENCE_KEY = "confidence"
TOKENS_RULE = "approximate: one token per four bytes of UTF-8, rounded up"


def content_of(found: FoundAnswer, keys: tuple[str, ...] | None, questions: tuple[str, ...]) -> str:
    """Write the answer as a JSON object with these keys, or, without keys, as plain text.

    What was not recorded is null, also where a schema asks for a label: a recording makes nothing up.
    Raises: RecordingMiss, when a key is no recorded question.
    """
    if keys is not None:
        return _json({key: _entry(found, key, questions) for key in keys})
    only = found.answer.labels.get(questions[0]) if len(questions) == 1 else None
    return only if isinstance(only, str) else _json({name: found.answer.labels.get(name) for name in questions})


def completion_body(
    found: FoundAnswer,
    content: str,
    *,
    model: str,
    number: int,
    created: int,
    prompt_bytes: int,
    top_logprobs: int | None,
    questions: tuple[str, ...],
    finish_reason: str = "stop",
) -> bytes:
    """Write the whole body. `labelwright` says that the answer is recorded, and to whose prompt it was given."""
    answer = found.answer
    prompt_tokens, completion_tokens = -(-prompt_bytes // 4), -(-len(content.encode()) // 4)
    return orjson.dumps(
        {
            "id": f"chatcmpl-replay-{number}",
            "object": "chat.completion",
            "created": created,
            "model": model,
            "system_fingerprint": "labelwright-replay",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": content, "refusal": None},
                    "finish_reason": finish_reason,
                    "logprobs": None if top_logprobs is None else _logprobs(found, content, top_logprobs, questions),
                }
            ],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
                "prompt_tokens_details": {"cached_tokens": 0},
            },
            "labelwright": {
                "recorded": True,
                "prompt": answer.prompt,
                "sample": answer.sample,
                "confidence_kind": answer.confidence_kind,
                "reasoning": answer.reasoning,
                "tokens": TOKENS_RULE,
            },
        }
    )


def error_body(
    message: str, *, code: str | None, param: str | None = None, kind: str = "invalid_request_error"
) -> bytes:
    """Write an error as OpenAI does."""
    return orjson.dumps({"error": {"message": message, "type": kind, "param": param, "code": code}})


def _entry(found: FoundAnswer, name: str, questions: tuple[str, ...]) -> Json:
    if name in questions:
        return found.answer.labels.get(name)
    if name == CONFIDENCE_KEY:
        return {question: found.answer.confidence.get(question) for question in questions}
    raise RecordingMiss(
        f"the schema asks for {name!r}; recorded are {', '.join(questions)}",
        status=400,
        code="invalid_schema",
        param="response_format",
    )


def _logprobs(
    found: FoundAnswer, content: str, top_logprobs: int, questions: tuple[str, ...]
) -> dict[str, Json] | None:
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


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
