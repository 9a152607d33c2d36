"""How a provider writes what it says: the bodies a scripted server needs to speak one protocol."""

from __future__ import annotations

from typing import Any, Protocol

import orjson

from labelwright.prompting.usage import Usage
from labelwright.testing.scripted_server import Reply, completion, error

TOKENS = Usage(20, 5)


class Wire(Protocol):
    """One protocol, as `chat_suite` needs it."""

    path: str
    """Of the endpoint, below the base URL."""

    def asked(self, body: dict[str, Any]) -> str:
        """Give the text of a request's last message."""
        ...

    def pictures(self, body: dict[str, Any]) -> list[str]:
        """Give the pictures of a request's last message, as data URLs or links, in order."""
        ...

    def answer(self, text: str, *, usage: Usage | None = TOKENS) -> bytes:
        """Write a whole answer: a JSON object with the one key `label`."""
        ...

    def empty_answers(self) -> list[bytes]:
        """Give bodies with status 200, well-formed and without an answer; the first states `TOKENS`."""
        ...

    def incomplete(self) -> list[bytes]:
        """Give answers that did not end by themselves; none where the protocol has no such thing."""
        ...

    def refused(self) -> bytes:
        """Write that the model declined."""
        ...

    def error(self, message: str) -> bytes:
        """Write an error."""
        ...

    def quota_spent(self) -> Reply:
        """Say that nothing is left to spend."""
        ...

    def no_such_model(self) -> Reply:
        """Say that the model is not known."""
        ...


class OpenAIWire:
    """Chat completions."""

    path = "/chat/completions"

    def asked(self, body: dict[str, Any]) -> str:
        return _text(body["messages"][-1]["content"])

    def pictures(self, body: dict[str, Any]) -> list[str]:
        parts = body["messages"][-1]["content"]
        return [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]

    def answer(self, text: str, *, usage: Usage | None = TOKENS) -> bytes:
        return completion(text, usage=None if usage is None else self._usage(usage))

    def empty_answers(self) -> list[bytes]:
        stray = completion(choices=[{"index": 0, "message": "hello"}])
        failed = completion(choices=[{"message": {"content": "{"}, "finish_reason": "error"}])
        return [completion(choices=[]), b'{"choices": []}', completion(None), stray, failed]

    def incomplete(self) -> list[bytes]:
        def choice(finish: str, content: str) -> bytes:
            return completion(choices=[{"index": 0, "message": {"content": content}, "finish_reason": finish}])

        return [choice("length", '{"la'), choice("content_filter", "")]

    def refused(self) -> bytes:
        message = {"content": None, "refusal": "I cannot."}
        return completion(choices=[{"index": 0, "message": message, "finish_reason": "stop"}])

    def error(self, message: str) -> bytes:
        return error(message)

    def quota_spent(self) -> Reply:
        return Reply(error("spent", code="insufficient_quota"), 429)

    def no_such_model(self) -> Reply:
        return Reply(error("no such model", code="model_not_found"), 404)

    def _usage(self, usage: Usage) -> dict[str, Any]:
        details = {"cached_tokens": usage.cached_tokens, "cache_write_tokens": usage.cache_write_tokens}
        return {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "prompt_tokens_details": details,
        }


class AnthropicWire:
    """Messages."""

    path = "/messages"

    def asked(self, body: dict[str, Any]) -> str:
        return _text(body["messages"][-1]["content"])

    def pictures(self, body: dict[str, Any]) -> list[str]:
        sources = [block["source"] for block in body["messages"][-1]["content"] if block["type"] == "image"]
        return [
            source["url"] if source["type"] == "url" else f"data:{source['media_type']};base64,{source['data']}"
            for source in sources
        ]

    def answer(self, text: str, *, usage: Usage | None = TOKENS) -> bytes:
        tool = {"type": "tool_use", "id": "toolu_1", "name": "answer", "input": orjson.Fragment(text)}
        return self.message([tool], "tool_use", usage=usage)

    def empty_answers(self) -> list[bytes]:
        return [self.message([], "end_turn"), b'{"type": "message"}', b'{"content": "hello"}']

    def incomplete(self) -> list[bytes]:
        half: list[dict[str, Any]] = [{"type": "tool_use", "id": "toolu_1", "name": "answer", "input": {}}]
        reasons = ("max_tokens", "model_context_window_exceeded", "pause_turn")
        return [self.message(half, reason) for reason in reasons]

    def refused(self) -> bytes:
        return self.message([{"type": "text", "text": "I cannot."}], "refusal")

    def error(self, message: str, kind: str = "invalid_request_error") -> bytes:
        return orjson.dumps({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"})

    def quota_spent(self) -> Reply:
        return Reply(self.error("Your credit balance is too low to access the Anthropic API."), 400)

    def no_such_model(self) -> Reply:
        return Reply(self.error("model: m", "not_found_error"), 404)

    def message(self, content: list[dict[str, Any]], stop_reason: str, *, usage: Usage | None = TOKENS) -> bytes:
        """Write a message of these blocks."""
        body: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
        body |= {"content": content, "stop_reason": stop_reason, "stop_sequence": None}
        if usage is not None:
            cached, written = usage.cached_tokens, usage.cache_write_tokens
            body["usage"] = {
                "input_tokens": usage.prompt_tokens - cached - written,
                "cache_read_input_tokens": cached,
                "cache_creation_input_tokens": written,
                "output_tokens": usage.completion_tokens,
            }
        return orjson.dumps(body)


class DecisionsWire:
    """Decisions: the question is the last message's, the answer a choice with the probability of each."""

    path = "/decisions"

    def asked(self, body: dict[str, Any]) -> str:
        return _text(body["input"][-1]["content"])

    def pictures(self, body: dict[str, Any]) -> list[str]:
        parts = body["input"][-1]["content"]
        return [part["image_url"] for part in parts if part["type"] == "input_image"]

    def answer(self, text: str, *, usage: Usage | None = TOKENS) -> bytes:
        return self.decision([self.choice("q0", orjson.loads(text)["label"])], usage=usage)

    def empty_answers(self) -> list[bytes]:
        unknown: dict[str, Any] = {"type": "score", "name": "q0", "score": 1.5}
        wild = self.choice("q0", "a", a=1.2)
        stray: dict[str, Any] = {"type": "choice", "name": "q1", "choice": "a", "probabilities": []}
        bodies: list[list[dict[str, Any]]] = [[], [unknown], [wild], [stray]]
        return [self.decision(answers) for answers in bodies]

    def incomplete(self) -> list[bytes]:
        return []

    def refused(self) -> bytes:
        return self.decision([{"type": "refusal", "name": "q0"}])

    def error(self, message: str) -> bytes:
        return error(message)

    def quota_spent(self) -> Reply:
        return Reply(error("spent", code="insufficient_quota"), 429)

    def no_such_model(self) -> Reply:
        return Reply(error("no such model", code="model_not_found"), 404)

    def choice(self, name: str, chosen: str, **probabilities: float) -> dict[str, Any]:
        """Write the answer to a choice; sure of itself where no probabilities are given."""
        listed = [{"value": value, "probability": p} for value, p in (probabilities or {chosen: 1.0}).items()]
        return {"type": "choice", "name": name, "choice": chosen, "confidence": 0.5, "probabilities": listed}

    def decision(self, answers: list[dict[str, Any]], *, usage: Usage | None = TOKENS) -> bytes:
        """Write a body of these answers."""
        body: dict[str, Any] = {"model": "m", "answers": answers}
        if usage is not None:
            details = {"cached_tokens": usage.cached_tokens, "cache_write_tokens": usage.cache_write_tokens}
            body["usage"] = {
                "input_tokens": usage.prompt_tokens,
                "input_tokens_details": details,
                "output_tokens": usage.completion_tokens,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": usage.prompt_tokens + usage.completion_tokens,
            }
        return orjson.dumps(body)


def _text(content: str | list[dict[str, Any]]) -> str:
    """Give a turn's text, where pictures may stand before it."""
    return content if isinstance(content, str) else next(part["text"] for part in content if "text" in part)
