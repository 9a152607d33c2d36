"""Calls to a batch API: small ones that are answered at once, and long ones that carry a whole shard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import orjson

from labelwright.adapters.chat.endpoint import Endpoint, HttpAnswer, HttpProblem, Upload
from labelwright.adapters.chat.http_failures import failure_of, read_error
from labelwright.adapters.chat.outbound_guard import OutboundGuard
from labelwright.domain.canonical import Json
from labelwright.prompting.chat import ChatRequest
from labelwright.prompting.failures import MalformedAnswer, QuotaSpent

_LONG = 30
_LEAST_LONG_SECONDS = 3600.0
_SPENT = ("credit balance is too low", "usage limits", "billing hard limit")


class BatchCalls:
    """One provider's address, as its batch API is called. headers: the key's among them.

    seconds: how long a small call may take; one that carries a shard, thirty times as long, and an hour at least.
    Raises: InvalidValue, when the address or the key cannot be used at all.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None,
        headers: Mapping[str, str],
        seconds: float,
        guard: OutboundGuard | None,
    ) -> None:
        def endpoint(allowed: float) -> Endpoint:
            return Endpoint(base_url, "", api_key=api_key, headers=headers, seconds=allowed, guard=guard)

        self._short, self._long = endpoint(seconds), endpoint(max(seconds * _LONG, _LEAST_LONG_SECONDS))
        self.address = self._short.base_url

    async def ask(self, method: str, path: str, content: Json = None) -> dict[str, Any]:
        """Make a small call; give the JSON object that answers it. Raises ChatFailure, ChatRefused."""
        body = None if content is None else orjson.dumps(content)
        upload = None if body is None else Upload(lambda: iter((body,)), len(body))
        return self._read(await self._short.send(method, path, upload=upload))

    async def upload(self, path: str, upload: Upload) -> dict[str, Any]:
        """Post a shard; give the JSON object that answers it. Raises ChatFailure, ChatRefused."""
        return self._read(await self._long.send("POST", path, upload=upload))

    async def lines(self, path: str) -> AsyncIterator[bytes]:
        """Give a result's lines, empty ones left out. Raises ChatFailure, ChatRefused."""
        try:
            async for line in self._long.lines(path):
                if line.strip():
                    yield line
        except HttpProblem as problem:
            raise self._failure(problem.answer) from None

    async def close(self) -> None:
        """Close all connections."""
        await self._short.close()
        await self._long.close()

    def _read(self, answer: HttpAnswer) -> dict[str, Any]:
        if answer.status != 200:
            raise self._failure(answer)
        try:
            stated: Any = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            stated = None
        if not isinstance(stated, dict):
            raise MalformedAnswer(f"{self.address} answered no JSON object", http_status=200, body=answer.body[:20_000])
        return cast("dict[str, Any]", stated)

    def _failure(self, answer: HttpAnswer) -> Exception:
        error = read_error(self._short.text_of(answer))
        if answer.status == 400 and any(words in error.message.lower() for words in _SPENT):
            said = f"{self.address} answered 400: {error.message}; add credit, then run the same command again"
            return QuotaSpent(said, http_status=400, body=error.text.encode())
        return failure_of(answer.status, answer.headers, error, endpoint=self.address, model="", path="batch")


def stand_in(model: str) -> ChatRequest:
    """Give a request in place of the one that a line answers: it asked for all that a server may not understand."""
    return ChatRequest(model, (), answer_schema={}, temperature=0.0, top_logprobs=0, metadata={"item_id": ""})


def word(stated: Mapping[str, Any], name: str) -> str | None:
    """Give a text of a JSON object; None where there is none."""
    value = stated.get(name)
    return value if isinstance(value, str) and value else None


def objects(stated: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Give the objects of a list in a JSON object."""
    value: Any = stated.get(name)
    listed = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", one) for one in listed if isinstance(one, dict)]


def count(stated: Mapping[str, Any], name: str) -> int:
    """Give a number of a JSON object; 0 where there is none."""
    value: Any = stated.get(name)
    return value if isinstance(value, int) and value >= 0 else 0
