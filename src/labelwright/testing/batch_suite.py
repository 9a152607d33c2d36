"""What every batch adapter must do, whatever its provider's dialect. Subclass `BatchSuite` in a test module, as below.

```
class TestMine(BatchSuite):
    dialect = "openai"

    def connect(self, base_url: str, *, api_key: str | None = None, seconds: float = 5.0) -> BatchProvider:
        return OpenAIBatch(OpenAICompatible(base_url, api_key=api_key), api_key=api_key, seconds=seconds)
```

The tests are coroutines (pytest-asyncio's `auto` mode runs them) and speak to a local server over a real socket.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from labelwright.adapters.chat.replay_batch import BatchFaults
from labelwright.adapters.chat.replay_request import Dialect
from labelwright.adapters.chat.replay_spoiled import Reply
from labelwright.ports.batches import BatchProvider, LineResult
from labelwright.prompting.chat import ChatRequest, ChatResponse, Image, Message, request_key
from labelwright.prompting.failures import (
    ChatFailure,
    ChatRefused,
    KeyRefused,
    MalformedAnswer,
    ModelUnknown,
    RateLimited,
    RequestRejected,
    ServerFailed,
)
from labelwright.prompting.usage import Usage
from labelwright.testing.batch_server import WIRES, BatchServer, batch_server
from labelwright.testing.chat_suite import KEY, PICTURE, QUESTION

SHARD = "0123456789abcdef"


def asking(text: str) -> ChatRequest:
    """Ask about one item."""
    return replace(QUESTION, messages=(QUESTION.messages[0], Message("user", text)))


class BatchSuite(ABC):
    """The promises of `ports.batches.BatchProvider`. dialect: which of the local server's."""

    dialect: Dialect = "openai"

    @abstractmethod
    def connect(self, base_url: str, *, api_key: str | None = None, seconds: float = 5.0) -> BatchProvider:
        """Give the adapter under test."""

    async def test_every_line_gets_its_own_answer_and_what_it_was_billed(self, tmp_path: Path) -> None:
        def echo(body: dict[str, Any]) -> Reply:
            return Reply(200, self._wire.answer(self._wire.asked(body), usage=Usage(30, 7, 12, 3)))

        texts = [f'{{"label":"é{i}"}}' for i in range(250)]
        async with self._serving(answer=echo) as (server, provider):
            results = await self._batch(provider, [asking(text) for text in texts], tmp_path)
        address = provider.live.provider
        expected = {request_key(asking(text), address): text for text in texts}
        assert {r.key: r.answer.text for r in results if isinstance(r.answer, ChatResponse)} == expected
        assert {r.answer.usage for r in results if isinstance(r.answer, ChatResponse)} == {Usage(30, 7, 12, 3)}
        assert set(server.answered.values()) == {1}

    async def test_a_line_is_byte_for_byte_what_a_live_call_sends(self, tmp_path: Path) -> None:
        picture = replace(QUESTION, messages=(Message("user", "See.", (Image(PICTURE),)),), temperature=None, seed=4)
        requests = [QUESTION, asking('line\nbreak, "quotes", é, \u2028'), picture]
        async with self._serving() as (server, provider):
            await self._batch(provider, requests, tmp_path)
            for request in requests:
                await provider.live.complete(request)
        assert sorted(server.bodies) == sorted(server.live_bodies)

    async def test_a_batch_is_found_by_our_name_and_no_other_is(self, tmp_path: Path) -> None:
        async with self._serving() as (_, provider):
            assert await provider.newest() is None
            assert (await provider.find(SHARD, after=None, lines=2)).batch is None
            strangers = [await self._submit(provider, [asking(f"{i}")] * 1, tmp_path, f"f{i:015}") for i in range(3)]
            after = await provider.newest()
            assert after == strangers[-1]
            ours = await self._submit(provider, [asking("a"), asking("b")], tmp_path)
            others = await self._submit(provider, [asking("c"), asking("d")], tmp_path, "e" * 16)
            for since in (after, None):
                found = await provider.find(SHARD, after=since, lines=2)
                assert (found.batch, found.is_sure) == (ours, True)
                assert (await provider.find("e" * 16, after=since, lines=2)).batch == others
            absent = await provider.find("d" * 16, after=after, lines=2)
            assert (absent.batch, absent.is_sure) == (None, True)
            assert (await provider.find(SHARD, after=others, lines=2)).batch is None

    async def test_a_batch_is_found_among_many(self, tmp_path: Path) -> None:
        async with self._serving() as (_, provider):
            ours = await self._submit(provider, [asking("a"), asking("b")], tmp_path)
            for i in range(110):
                await self._submit(provider, [asking("x")], tmp_path, f"f{i:015}")
            assert (await provider.find(SHARD, after=None, lines=2)).batch == ours

    async def test_while_it_works_it_says_so_and_whoever_cannot_be_told_apart_is_not_denied(
        self, tmp_path: Path
    ) -> None:
        async with self._serving(BatchFaults(seconds=60)) as (_, provider):
            batch = await self._submit(provider, [QUESTION], tmp_path)
            assert (await provider.poll(batch)).state == "working"
            found = await provider.find(SHARD, after=None, lines=1)
            assert found.batch == batch or not found.is_sure
            await provider.cancel(batch)
            assert (await provider.poll(batch)).state == "ended"
            results = [result async for result in provider.results(batch, SHARD, "m")]
        assert [(type(result.answer), result.billed) for result in results] == [(ServerFailed, False)]

    async def test_what_expired_is_told_from_what_was_answered(self, tmp_path: Path) -> None:
        requests = [asking(str(i)) for i in range(10)]
        async with self._serving(BatchFaults(expire_at=0.6)) as (_, provider):
            results = await self._batch(provider, requests, tmp_path)
        answered = [result for result in results if isinstance(result.answer, ChatResponse)]
        expired = [result for result in results if isinstance(result.answer, ChatFailure)]
        assert (len(answered), len(expired)) == (6, 4)
        assert all(result.answer.retries and not result.billed for result in expired)  # type: ignore[union-attr]
        assert {result.key for result in results} == {request_key(r, provider.live.provider) for r in requests}

    async def test_names_that_are_not_ours_are_nobodys(self, tmp_path: Path) -> None:
        async with self._serving(BatchFaults(duplicate=1.0, unknown=1.0)) as (_, provider):
            results = await self._batch(provider, [asking("a"), asking("b")], tmp_path)
        keys = [result.key for result in results]
        assert len(keys) == 6
        assert sorted(key for key in keys if key is not None) == sorted(
            2 * [request_key(asking(text), provider.live.provider) for text in "ab"]
        )

    async def test_an_error_in_a_line_means_what_it_means_live(self, tmp_path: Path) -> None:
        replies = {
            "limited": Reply(429, self._error("slow down", "rate_limit_error")),
            "busy": Reply(500, self._error("busy", "api_error")),
            "wrong": Reply(400, self._error("no such thing")),
            "nobody": Reply(404, self._no_such_model()),
            "broken": Reply(200, b'{"a": 1}'),
        }

        def script(body: dict[str, Any]) -> Reply:
            return replies[self._wire.asked(body)]

        async with self._serving(answer=script) as (_, provider):
            results = await self._batch(provider, [asking(text) for text in replies], tmp_path)
        kinds = {result.key: type(result.answer) for result in results}
        expected = [RateLimited, ServerFailed, RequestRejected, ModelUnknown, MalformedAnswer]
        address = provider.live.provider
        assert kinds == dict(zip([request_key(asking(text), address) for text in replies], expected, strict=True))

    async def test_a_parameter_that_no_line_was_allowed_is_left_out_of_the_next_batch(self, tmp_path: Path) -> None:
        def picky(body: dict[str, Any]) -> Reply:
            if "temperature" in body:
                return Reply(400, self._error("temperature is not supported with this model"))
            return Reply(200, self._wire.answer('{"label":"a"}'))

        requests = [asking(str(i)) for i in range(3)]
        async with self._serving(answer=picky) as (_, provider):
            first = await self._batch(provider, requests, tmp_path)
            second = await self._batch(provider, requests, tmp_path, "e" * 16)
        assert all(isinstance(result.answer, ChatFailure) and result.answer.retries for result in first)
        assert all(isinstance(result.answer, ChatResponse) for result in second)

    async def test_the_key_travels_as_a_header_and_is_in_no_error(self, tmp_path: Path) -> None:
        async with self._serving() as (server, _):
            provider = self.connect(server.base_url, api_key=KEY)
            await self._batch(provider, [QUESTION], tmp_path)
            assert all(KEY in str(headers) for headers in server.headers)
            assert not any(KEY.encode() in body for body in server.bodies)
            refused = Reply(401, self._error(f"Incorrect API key: {KEY}", "authentication_error"))
            server.before = lambda _method, _path: refused
            problem = await self._fails(provider, tmp_path)
            await provider.close()
        assert isinstance(problem, KeyRefused)
        assert KEY not in str(problem) + repr(problem) + repr(problem.body) + repr(problem.__dict__)

    async def test_what_may_be_tried_again_is_told_from_what_may_not(self, tmp_path: Path) -> None:
        cases: list[tuple[Reply, type[Exception]]] = [
            (Reply(500, self._error("busy", "api_error")), ServerFailed),
            (Reply(429, self._error("slow down", "rate_limit_error")), RateLimited),
            (Reply(400, self._error("no")), RequestRejected),
            (Reply(404, b"<h1>Not Found</h1>"), ChatRefused),
            (Reply(200, b"<html>"), MalformedAnswer),
            (Reply(307, b"", headers=((b"location", b"http://127.0.0.1:9/"),)), ChatRefused),
        ]
        async with self._serving() as (server, provider):
            for reply, kind in cases:
                server.before = lambda _method, _path, reply=reply: reply
                assert isinstance(await self._fails(provider, tmp_path), kind)

    # what the tests are made of

    @property
    def _wire(self) -> Any:  # noqa: ANN401 - a Wire, or AnthropicWire with its kinds of errors
        return WIRES[self.dialect]

    def _error(self, message: str, kind: str = "invalid_request_error") -> bytes:
        return self._wire.error(message, kind) if self.dialect == "anthropic" else self._wire.error(message)

    def _no_such_model(self) -> bytes:
        return self._wire.no_such_model().body

    @asynccontextmanager
    async def _serving(
        self,
        faults: BatchFaults | None = None,
        *,
        answer: Any = None,  # noqa: ANN401 - as `batch_server` takes it
    ) -> AsyncGenerator[tuple[BatchServer, BatchProvider]]:
        with batch_server(self.dialect, faults, answer=answer) as server:
            provider = self.connect(server.base_url)
            try:
                yield server, provider
            finally:
                await provider.close()

    async def _submit(
        self, provider: BatchProvider, requests: Sequence[ChatRequest], folder: Path, shard: str = SHARD
    ) -> str:
        file = folder / f"{shard}.jsonl"
        address = provider.live.provider
        lines = [provider.line(shard, request_key(request, address), request) for request in requests]
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        return await provider.submit(shard, file)

    async def _batch(
        self, provider: BatchProvider, requests: Sequence[ChatRequest], folder: Path, shard: str = SHARD
    ) -> list[LineResult]:
        batch = await self._submit(provider, requests, folder, shard)
        assert (await provider.poll(batch)).state == "ended"
        return [result async for result in provider.results(batch, shard, "m")]

    async def _fails(self, provider: BatchProvider, folder: Path) -> Any:  # noqa: ANN401 - an exception with a body
        try:
            await self._submit(provider, [QUESTION], folder)
        except (ChatFailure, ChatRefused) as problem:
            return problem
        raise AssertionError("it was taken")
