"""What every chat adapter must do, whatever its provider's dialect. Subclass `ChatSuite` in a test module, as below.

```
class TestMine(ChatSuite):
    wire = OpenAIWire()

    def connect(self, base_url: str, *, api_key: str | None = None, seconds: float = 5.0) -> ChatModel:
        return Mine(base_url, api_key=api_key, seconds=seconds)
```

The tests are coroutines (pytest-asyncio's `auto` mode runs them) and speak to a scripted server over a real socket.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, TypeVar

from labelwright.errors import InvalidValue
from labelwright.ports.chat import ChatModel
from labelwright.prompting.chat import ChatRequest, Image, Message
from labelwright.prompting.failures import (
    CallTimedOut,
    ChatRefused,
    ConnectionFailed,
    KeyRefused,
    MalformedAnswer,
    ModelUnknown,
    QuotaSpent,
    RateLimited,
    RequestRejected,
    ServerFailed,
)
from labelwright.prompting.usage import Usage
from labelwright.testing.scripted_server import Reply, ScriptedServer, completion, scripted_server
from labelwright.testing.wire import TOKENS, OpenAIWire, Wire

E = TypeVar("E", bound=Exception)

KEY = "sk-test-6f1d2c"
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
"""One grey pixel."""
QUESTION = ChatRequest(
    model="m",
    messages=(Message("system", "Label."), Message("user", "<item>\nFine.\n</item>")),
    answer_schema={
        "type": "object",
        "properties": {"label": {"type": "string", "enum": ["a", "é"]}},
        "required": ["label"],
        "additionalProperties": False,
    },
    metadata={"item_id": "a"},
)


class ChatSuite(ABC):
    """The promises of `ports.chat.ChatModel`. wire: how the provider writes (`testing.wire`)."""

    wire: Wire = OpenAIWire()

    @abstractmethod
    def connect(self, base_url: str, *, api_key: str | None = None, seconds: float = 5.0) -> ChatModel:
        """Give the adapter under test."""

    async def test_an_answer_has_text_usage_and_how_it_ended(self) -> None:
        usage = Usage(30, 7, cached_tokens=12, cache_write_tokens=3)
        response = await self._ask(Reply(self.wire.answer('{"label":"é"}', usage=usage)))
        assert response.text == '{"label":"é"}'
        assert response.is_whole
        assert response.usage == usage
        assert response.logprobs is None

    async def test_many_requests_at_once_each_get_their_own_answer(self) -> None:
        def echo(body: dict[str, Any]) -> Reply:
            text = self.wire.asked(body)
            return Reply(self.wire.answer(text), seconds=(hash(text) % 7) / 100)

        async with scripted_server(answer=echo, path=self.wire.path) as server:
            model = self.connect(server.base_url)
            texts = [f'{{"label":"{i}"}}' for i in range(60)]
            asked = [replace(QUESTION, messages=(Message("user", text),)) for text in texts]
            answers = await asyncio.gather(*(model.complete(request) for request in asked))
            await model.close()
        assert [answer.text for answer in answers] == texts

    async def test_it_can_be_closed_twice_and_used_again(self) -> None:
        async with self._serving() as server:
            model = self.connect(server.base_url)
            for _ in range(2):
                await model.complete(QUESTION)
                await model.close()
                await model.close()
        assert len(server.requests) == 2

    async def test_the_key_travels_as_a_header_and_nowhere_else(self) -> None:
        async with self._serving() as server:
            model = self.connect(server.base_url, api_key=KEY)
            await model.complete(QUESTION)
            await model.close()
        assert any(KEY in value for value in server.headers[0].values())
        assert KEY not in str(server.requests)

    async def test_s3_the_key_is_in_no_error_even_when_the_server_repeats_it(self) -> None:
        reply = Reply(self.wire.error(f"Incorrect API key provided: {KEY}"), 401)
        problem = await self._fails(KeyRefused, reply, api_key=KEY)
        assert KEY not in str(problem) + repr(problem) + repr(problem.body) + repr(problem.__dict__)

    async def test_a_placeholder_for_a_key_changes_no_answer(self) -> None:
        whole = self.wire.answer('{"label":"none of the tokens"}')
        for placeholder in ("none", "EMPTY", "tokens", "x"):
            async with self._serving(Reply(whole)) as server:
                model = self.connect(server.base_url, api_key=placeholder)
                assert (await model.complete(QUESTION)).text == '{"label":"none of the tokens"}'
                await model.close()

    async def test_a_rate_limit_says_how_long_to_wait(self) -> None:
        limited = self.wire.error("slow down")
        assert (await self._fails(RateLimited, Reply(limited, 429, {"Retry-After": "7"}))).retry_after == 7
        assert (await self._fails(RateLimited, Reply(limited, 429, {"retry-after-ms": "250"}))).retry_after == 0.25
        date = {"Date": "Sat, 21 Nov 2026 12:00:00 GMT", "Retry-After": "Sat, 21 Nov 2026 12:01:00 GMT"}
        assert (await self._fails(RateLimited, Reply(limited, 429, date))).retry_after == 60
        assert (await self._fails(RateLimited, Reply(limited, 429, {"Retry-After": "soon"}))).retry_after is None
        assert (await self._fails(RateLimited, Reply(limited, 429))).retry_after is None

    async def test_what_may_be_retried_is_told_from_what_may_not(self) -> None:
        for status in (408, 409, 500, 502, 503, 529):
            assert (await self._fails(ServerFailed, Reply(self.wire.error("busy"), status))).retries
        for status in (400, 413, 422):
            assert not (await self._fails(RequestRejected, Reply(self.wire.error("no"), status))).retries
        miss = Reply(self.wire.error("never"), 409, {"x-should-retry": "false"})
        assert not (await self._fails(RequestRejected, miss)).retries

    async def test_refusals_that_end_the_run_are_told_from_the_rest(self) -> None:
        await self._fails(KeyRefused, Reply(self.wire.error("no"), 401))
        await self._fails(KeyRefused, Reply(self.wire.error("no"), 403))
        await self._fails(QuotaSpent, self.wire.quota_spent())
        await self._fails(QuotaSpent, Reply(self.wire.error("pay"), 402))
        await self._fails(ModelUnknown, self.wire.no_such_model())
        await self._fails(ChatRefused, Reply(b"<h1>Not Found</h1>", 404, content_type="text/html"))

    async def test_a_body_that_is_no_answer_is_malformed_and_never_an_answer(self) -> None:
        whole = self.wire.answer('{"label":"a"}')
        bodies = [
            b"",
            b"<html>Bad gateway</html>",
            whole[: len(whole) // 2],
            b"null",
            b"[1]",
            b"\xff\xfe",
            b"[" * 200_000,
            *self.wire.empty_answers(),
            b"x" * 50_000_000,
        ]
        for body in bodies:
            problem = await self._fails(MalformedAnswer, Reply(body))
            assert problem.retries

    async def test_m3_a_broken_answer_that_states_its_usage_keeps_it(self) -> None:
        problem = await self._fails(MalformedAnswer, Reply(self.wire.empty_answers()[0]))
        assert problem.usage == TOKENS

    async def test_missing_usage_is_unknown_and_not_zero(self) -> None:
        assert (await self._ask(Reply(self.wire.answer('{"label":"a"}', usage=None)))).usage is None

    async def test_cut_off_filtered_and_refused_answers_say_so(self) -> None:
        for body in self.wire.incomplete():
            assert not (await self._ask(Reply(body))).is_whole
        refused = await self._ask(Reply(self.wire.refused()))
        assert refused.refusal
        assert refused.is_whole

    async def test_silence_and_a_slow_drip_end_in_a_time_out(self) -> None:
        whole = self.wire.answer('{"label":"a"}')
        await self._fails(CallTimedOut, Reply(whole, seconds=3), seconds=0.2)
        await self._fails(CallTimedOut, Reply(whole, drip=0.05), seconds=0.3)

    async def test_a_dropped_connection_and_a_dead_address_are_connection_failures(self) -> None:
        await self._fails(ConnectionFailed, Reply(cut=True))
        async with self._serving() as server:
            gone = server.base_url
        model = self.connect(gone)
        await _raises(ConnectionFailed, model.complete(QUESTION))
        await model.close()

    async def test_pictures_stand_before_the_text_and_arrive_as_they_are(self) -> None:
        link = "https://pictures.example/1.png"
        message = Message("user", "<item>\nSee above.\n</item>", (Image(PICTURE), Image(link)))
        async with self._serving() as server:
            model = self.connect(server.base_url)
            await model.complete(replace(QUESTION, messages=(QUESTION.messages[0], message)))
            await model.complete(QUESTION)
            await model.close()
        assert self.wire.pictures(server.requests[0]) == [PICTURE, link]
        assert self.wire.asked(server.requests[0]) == message.content
        assert self.wire.asked(server.requests[1]) == QUESTION.messages[1].content

    async def test_pictures_that_no_provider_takes_are_refused_before_anything_is_sent(self) -> None:
        large = "data:image/png;base64," + "A" * 7_000_000
        refused = {
            "models take no image/tiff": ("data:image/tiff;base64,AAAA",),
            "neither a data URL nor an https link": ("file:///etc/passwd",),
            "5 MB is the most": (large,),
            "20 MB is the most": (large,) * 3,
            "more than 20": (PICTURE,) * 21,
        }
        async with self._serving() as server:
            model = self.connect(server.base_url)
            for said, urls in refused.items():
                message = Message("user", "See.", tuple(Image(url) for url in urls))
                problem = await _raises(InvalidValue, model.complete(replace(QUESTION, messages=(message,))))
                assert said in str(problem)
                assert "item 'a'" in str(problem)
            await model.close()
        assert server.requests == []

    async def test_s5_redirects_are_not_followed(self) -> None:
        async with self._serving() as elsewhere:
            reply = Reply(b"", 307, {"Location": elsewhere.base_url + self.wire.path})
            await self._fails(ChatRefused, reply)
        assert elsewhere.requests == []

    def _serving(self, *replies: Reply) -> AbstractAsyncContextManager[ScriptedServer]:
        return scripted_server(*replies or (Reply(self.wire.answer('{"label":"a"}')),), path=self.wire.path)

    async def _ask(self, reply: Reply) -> Any:  # noqa: ANN401 - a ChatResponse, spelled out by the caller's asserts
        async with self._serving(reply) as server:
            model = self.connect(server.base_url)
            try:
                return await model.complete(QUESTION)
            finally:
                await model.close()

    async def _fails(self, kind: type[E], reply: Reply, *, api_key: str | None = None, seconds: float = 5.0) -> E:
        async with self._serving(reply) as server:
            model = self.connect(server.base_url, api_key=api_key, seconds=seconds)
            try:
                return await _raises(kind, model.complete(QUESTION))
            finally:
                await model.close()


class LogprobSuite(ChatSuite):
    """The same, and token log-probabilities, for a provider with OpenAI's wire form."""

    async def test_empty_logprobs_are_none(self) -> None:
        choice: dict[str, Any] = {"message": {"content": "a"}, "finish_reason": "stop", "logprobs": {"content": []}}
        assert (await self._ask(Reply(completion(choices=[choice])))).logprobs is None

    async def test_logprobs_come_with_their_alternatives(self) -> None:
        token = {"token": "é", "bytes": [195, 169], "logprob": -0.5}
        weighed = {**token, "top_logprobs": [token, {"token": "b", "bytes": None, "logprob": -9999.0}]}
        choice = {"message": {"content": "é"}, "finish_reason": "stop", "logprobs": {"content": [weighed]}}
        tokens = (await self._ask(Reply(completion(choices=[choice])))).logprobs
        assert tokens is not None
        assert (tokens[0].text, tokens[0].logprob) == ("é".encode(), -0.5)
        assert [a.text for a in tokens[0].alternatives] == ["é".encode(), b"b"]


async def _raises(kind: type[E], attempt: Awaitable[object]) -> E:
    try:
        answer = await attempt
    except kind as problem:
        return problem
    raise AssertionError(f"{kind.__name__} was expected, and an answer came: {answer!r}")
