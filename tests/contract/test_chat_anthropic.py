from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labelwright.adapters.chat.anthropic import SHORTEST_CACHED, Anthropic, connect
from labelwright.adapters.chat.registry import check_models
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import (
    ConfidenceSource,
    Guideline,
    LabelSchema,
    ModelSource,
    Policy,
    ProjectConfig,
    Question,
)
from labelwright.errors import InvalidValue
from labelwright.ports.chat import ChatModel
from labelwright.prompting.chat import ChatRequest, ChatResponse, Message
from labelwright.prompting.failures import (
    ChatRefused,
    FormatUnsupported,
    KeyRefused,
    QuotaSpent,
    RateLimited,
    RequestRejected,
    ServerFailed,
)
from labelwright.testing.chat_suite import KEY, QUESTION, ChatSuite
from labelwright.testing.scripted_server import Reply, ScriptedServer, scripted_server
from labelwright.testing.wire import AnthropicWire

WIRE = AnthropicWire()


class TestAnthropic(ChatSuite):
    wire = WIRE

    def connect(self, base_url: str, *, api_key: str | None = None, seconds: float = 5.0) -> ChatModel:
        return Anthropic(base_url, api_key=api_key, seconds=seconds)


async def ask(*replies: Reply, request: ChatRequest = QUESTION) -> tuple[ChatResponse, ScriptedServer]:
    async with scripted_server(*replies or (Reply(WIRE.answer('{"label":"a"}')),), path=WIRE.path) as server:
        model = Anthropic(server.base_url, api_key=KEY)
        try:
            return await model.complete(request), server
        finally:
            await model.close()


async def test_the_request_is_what_the_api_reference_says() -> None:
    _, server = await ask(request=replace(QUESTION, seed=3))
    assert server.requests[0] == {
        "model": "m",
        "max_tokens": 512,
        "system": [{"type": "text", "text": "Label."}],
        "messages": [{"role": "user", "content": "<item>\nFine.\n</item>"}],
        "temperature": 0.0,
        "tools": [
            {
                "name": "answer",
                "description": "Give the answer, in exactly this form.",
                "input_schema": QUESTION.answer_schema,
            }
        ],
        "tool_choice": {"type": "tool", "name": "answer", "disable_parallel_tool_use": True},
    }
    sent = {name.lower(): value for name, value in server.headers[0].items()}
    assert (sent["x-api-key"], sent["anthropic-version"]) == (KEY, "2023-06-01")
    assert "authorization" not in sent


async def test_a_repair_shows_the_answer_and_the_mistake_as_turns() -> None:
    turns = (*QUESTION.messages, Message("assistant", '{"label":"z"}'), Message("user", "Again."))
    _, server = await ask(request=replace(QUESTION, messages=turns))
    assert [turn["role"] for turn in server.requests[0]["messages"]] == ["user", "assistant", "user"]


@pytest.mark.parametrize("length", [SHORTEST_CACHED - 1, SHORTEST_CACHED])
async def test_a_long_static_prompt_is_marked_for_the_cache_and_a_short_one_is_not(length: int) -> None:
    messages = (Message("system", "x" * length), Message("user", "<item>\nFine.\n</item>"))
    _, server = await ask(request=replace(QUESTION, messages=messages))
    marked = server.requests[0]["system"][0].get("cache_control")
    assert marked == ({"type": "ephemeral"} if length == SHORTEST_CACHED else None)


async def test_the_tools_input_is_the_answer_byte_for_byte() -> None:
    twice = (
        b'{"content":[{"type":"tool_use","name":"answer","input":{"label":"a","label":"b"}}],"stop_reason":"tool_use"}'
    )
    answer, _ = await ask(Reply(twice))
    assert answer.text == '{"label":"a","label":"b"}'  # for the parser to refuse
    assert answer.usage is None


async def test_words_before_the_tool_call_are_not_part_of_the_answer() -> None:
    words = {"type": "text", "text": "I will."}
    call = {"type": "tool_use", "id": "t", "name": "answer", "input": {"label": "a"}}
    answer, _ = await ask(Reply(WIRE.message([words, call], "tool_use")))
    assert (answer.text, answer.is_whole) == ('{"label":"a"}', True)


async def test_two_tool_calls_are_no_json_object() -> None:
    calls = [{"type": "tool_use", "id": i, "name": "answer", "input": {"label": i}} for i in "ab"]
    answer, _ = await ask(Reply(WIRE.message(calls, "tool_use")))
    assert answer.text == '{"label":"a"}\n{"label":"b"}'


@pytest.mark.parametrize(
    ("stop_reason", "finish_reason", "whole"),
    [
        ("end_turn", "stop", True),
        ("stop_sequence", "stop", True),
        ("max_tokens", "length", False),
        ("model_context_window_exceeded", "length", False),
        ("pause_turn", "pause_turn", False),
    ],
)
async def test_only_an_answer_that_ended_by_itself_is_whole(stop_reason: str, finish_reason: str, whole: bool) -> None:
    answer, _ = await ask(Reply(WIRE.message([{"type": "text", "text": "{}"}], stop_reason)))
    assert (answer.finish_reason, answer.is_whole) == (finish_reason, whole)


async def test_a_refusal_without_words_has_its_stated_reason() -> None:
    body = (
        b'{"content":[],"stop_reason":"refusal","stop_details":{"type":"refusal","category":"bio","explanation":null}}'
    )
    answer, _ = await ask(Reply(body))
    assert (answer.refusal, answer.is_whole) == ("bio", True)


@pytest.mark.parametrize(
    ("status", "type_", "message", "kind"),
    [
        (401, "authentication_error", "invalid x-api-key", KeyRefused),
        (403, "permission_error", "Your API key does not have permission", KeyRefused),
        (404, "not_found_error", "Not Found", ChatRefused),
        (413, "request_too_large", "Request exceeds the maximum size", RequestRejected),
        (429, "rate_limit_error", "Number of request tokens has exceeded your rate limit", RateLimited),
        (500, "api_error", "Internal server error", ServerFailed),
        (529, "overloaded_error", "Overloaded", ServerFailed),
        (400, "invalid_request_error", "You have reached your specified API usage limits.", QuotaSpent),
        (400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", RequestRejected),
    ],
)
async def test_each_error_means_what_the_reference_says(
    status: int, type_: str, message: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as caught:
        await ask(Reply(WIRE.error(message, type_), status, {"retry-after": "12"}))
    assert type(caught.value) is kind
    if isinstance(caught.value, RateLimited | ServerFailed):
        assert caught.value.retry_after == 12


async def test_what_a_model_does_not_take_is_left_out_and_remembered() -> None:
    def picky(body: dict[str, Any]) -> Reply:
        for name, said in (
            ("temperature", "temperature: this model does not support sampling parameters"),
            ("tool_choice", "Thinking may not be enabled when tool_choice forces tool use."),
        ):
            if name in body:
                return Reply(WIRE.error(said), 400)
        return Reply(WIRE.message([{"type": "text", "text": '{"label":"a"}'}], "end_turn"))

    async with scripted_server(answer=picky, path=WIRE.path) as server:
        model = Anthropic(server.base_url)
        for _ in range(2):
            with pytest.raises(FormatUnsupported):
                await model.complete(QUESTION)
        assert (await model.complete(QUESTION)).text == '{"label":"a"}'
        await model.complete(QUESTION)
        await model.close()
    assert len(server.requests) == 4


def test_a_missing_key_names_its_variable() -> None:
    source = ModelSource("m", "http://localhost/v1", api_key_env="MY_KEY", provider="anthropic")
    with pytest.raises(KeyRefused, match="'MY_KEY' is not set"):
        connect(source, environment={})


def config(confidence: ConfidenceSource, source: ModelSource) -> ProjectConfig:
    question = Question(QuestionName("mood"), "labelwright/classification", {"labels": ["a", "b"]})
    return ProjectConfig(
        LabelSchema(1, (question,)), Guideline(1, ""), Policy(), ("text",), models=(source,), confidence=confidence
    )


def test_log_probabilities_are_refused_before_anything_is_paid() -> None:
    source = ModelSource("claude", "http://localhost/v1", provider="anthropic")
    with pytest.raises(InvalidValue, match="cannot give 'logprob'; it can give 'agreement', 'combined'"):
        check_models(config("logprob", source))
    check_models(config("verbalised", source))


def test_a_temperature_above_one_is_refused_before_anything_is_paid() -> None:
    source = ModelSource("claude", "http://localhost/v1", provider="anthropic", temperature=1.5)
    with pytest.raises(InvalidValue, match=r"models\[0\]\.temperature: 1\.5 is more"):
        check_models(config("verbalised", source))
