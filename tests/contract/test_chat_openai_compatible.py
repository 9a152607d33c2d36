from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from labelwright.adapters.chat.openai_compatible import OpenAICompatible, connect, key_headers
from labelwright.domain.canonical import Json
from labelwright.domain.project import ModelSource
from labelwright.errors import InvalidValue
from labelwright.ports.chat import ChatModel
from labelwright.prompting.failures import (
    ChatRefused,
    FormatUnsupported,
    KeyRefused,
    MalformedAnswer,
    ModelUnknown,
    RequestRejected,
)
from labelwright.testing.chat_suite import QUESTION, LogprobSuite
from labelwright.testing.scripted_server import Reply, completion, error, scripted_server


class TestOpenAICompatible(LogprobSuite):
    def connect(self, base_url: str, *, api_key: str | None = None, seconds: float = 5.0) -> ChatModel:
        return OpenAICompatible(base_url, api_key=api_key, seconds=seconds, send_metadata=True)


def picky(*refused: str) -> Callable[[dict[str, Any]], Reply]:
    """A server that refuses, one after the other, the parameters it does not know."""

    def answer(body: dict[str, Any]) -> Reply:
        form = body.get("response_format", {})
        sent = {"json_schema", "json_object"} & {str(form.get("type"))} | set(body) | ({"schema"} & set(form))
        for name in refused:
            if name in sent:
                hint = "; use 'max_completion_tokens' instead" if name == "max_tokens" else ""
                return Reply(error(f"Unsupported parameter: '{name}'{hint}"), 400)
        return Reply(completion())

    return answer


async def ask_until_answered(model: ChatModel) -> int:
    for attempt in range(8):
        try:
            await model.complete(replace(QUESTION, top_logprobs=5))
        except FormatUnsupported:
            continue
        return attempt
    raise AssertionError("never answered")


async def test_what_a_server_does_not_understand_is_left_out_and_remembered() -> None:
    async with scripted_server(
        answer=picky("json_schema", "json_object", "logprobs", "metadata", "max_tokens", "temperature")
    ) as server:
        model = OpenAICompatible(server.base_url, send_metadata=True)
        assert await ask_until_answered(model) == 7
        assert await ask_until_answered(model) == 0
        await model.close()
    last = server.requests[-1]
    assert "response_format" not in last
    assert last["max_completion_tokens"] == QUESTION.max_tokens
    assert not {"logprobs", "metadata", "max_tokens", "temperature"} & set(last)


async def test_a_refused_format_falls_back_step_by_step() -> None:
    async with scripted_server(answer=picky("json_schema", "schema")) as server:
        model = OpenAICompatible(server.base_url)
        assert await ask_until_answered(model) == 2
        await model.close()
    forms = [request["response_format"] for request in server.requests]
    assert [form["type"] for form in forms] == ["json_schema", "json_object", "json_object"]
    assert forms[1]["schema"] == QUESTION.answer_schema
    assert "schema" not in forms[2]


async def test_the_request_is_what_the_api_reference_says() -> None:
    async with scripted_server() as server:
        model = OpenAICompatible(server.base_url, send_metadata=True)
        await model.complete(replace(QUESTION, seed=3, top_logprobs=20))
        await model.close()
    assert server.requests[0] == {
        "model": "m",
        "messages": [{"role": "system", "content": "Label."}, {"role": "user", "content": "<item>\nFine.\n</item>"}],
        "temperature": 0.0,
        "max_tokens": 512,
        "seed": 3,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": QUESTION.answer_schema},
        },
        "logprobs": True,
        "top_logprobs": 20,
        "metadata": {"item_id": "a"},
    }


async def test_the_items_name_stays_here_unless_it_is_asked_for() -> None:
    async with scripted_server() as server:
        model = OpenAICompatible(server.base_url)
        await model.complete(QUESTION)
        await model.close()
    assert "metadata" not in server.requests[0]


# Bodies as the servers write them: what each means must not depend on whose they are.
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        pytest.param(
            404,
            b'{"object":"error","message":"The model `m` does not exist.","type":"NotFoundError","code":404}',
            ModelUnknown,
            id="vLLM, SGLang: the status stands in `code`",
        ),
        pytest.param(
            404,
            b'{"error":{"message":"The model `m` does not exist.","type":"NotFoundError","param":"model","code":404}}',
            ModelUnknown,
            id="vLLM since 0.11",
        ),
        pytest.param(
            404,
            b'{"error":{"message":"model \'m\' not found","type":"not_found_error","param":null,"code":null}}',
            ModelUnknown,
            id="Ollama",
        ),
        pytest.param(
            404,
            b'{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}',
            ModelUnknown,
            id="Azure: a deployment is its model",
        ),
        pytest.param(
            404,
            b'{"error":{"message":"Invalid URL (POST /v1/v1/chat/completions)","type":"invalid_request_error"}}',
            ChatRefused,
            id="OpenAI: a wrong address",
        ),
        pytest.param(
            404, b'{"error":{"message":"no such item","code":"item_not_found"}}', RequestRejected, id="replay: one item"
        ),
        pytest.param(
            400,
            b'{"error":{"code":"content_filter","message":"The response was filtered.","param":"prompt"}}',
            RequestRejected,
            id="Azure: content filter",
        ),
        pytest.param(
            403,
            b'{"error":{"code":403,"message":"Input was flagged","metadata":{"reasons":["violence"]}}}',
            RequestRejected,
            id="OpenRouter: moderation of one item",
        ),
        pytest.param(
            200,
            b'{"error":{"code":502,"message":"Provider returned error"},"user_id":"u"}',
            MalformedAnswer,
            id="OpenRouter: an error under status 200",
        ),
    ],
)
async def test_the_errors_of_each_server_are_understood(status: int, body: bytes, kind: type[Exception]) -> None:
    async with scripted_server(Reply(body, status)) as server:
        model = OpenAICompatible(server.base_url)
        with pytest.raises(kind) as caught:
            await model.complete(QUESTION)
        await model.close()
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("status", "body", "left_out"),
    [
        pytest.param(
            500,
            error(
                "1 validation error:\n  {'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), "
                "'msg': \"Input should be 'text' or 'json_object'\", 'input': 'json_schema'}",
                kind="internal_server_error",
            ),
            "response_format",
            id="llama-cpp-python's server: a status of 500",
        ),
        pytest.param(
            400,
            b'{"error":{"message":"Unsupported value: \'temperature\' does not support 0 with this model. Only the'
            b' default (1) value is supported.","param":"temperature","code":"unsupported_value"}}',
            "temperature",
            id="OpenAI's reasoning models",
        ),
        pytest.param(
            400,
            b'{"error":{"message":"Unsupported parameter: \'max_tokens\' is not supported with this model. Use'
            b' \'max_completion_tokens\' instead.","param":"max_tokens","code":"unsupported_parameter"}}',
            "max_tokens",
            id="OpenAI's reasoning models: the limit",
        ),
        pytest.param(
            400,
            b'{"error":{"message":"This response_format type is unavailable now","type":"invalid_request_error"}}',
            "response_format",
            id="DeepSeek",
        ),
        pytest.param(
            400,
            b'{"error":{"code":400,"message":"Either \\"json_schema\\" or \\"grammar\\" can be specified, but not both"'
            b',"type":"invalid_request_error"}}',
            "response_format",
            id="llama.cpp",
        ),
        pytest.param(
            400,
            b'{"object":"error","message":"Requested sample logprobs of 20, which is greater than max allowed: 5",'
            b'"type":"BadRequestError","param":null,"code":400}',
            "logprobs",
            id="vLLM with a small --max-logprobs",
        ),
    ],
)
async def test_what_servers_say_they_cannot_do_is_left_out(status: int, body: bytes, left_out: str) -> None:
    async with scripted_server(Reply(body, status), Reply(completion())) as server:
        model = OpenAICompatible(server.base_url)
        asked = replace(QUESTION, top_logprobs=20)
        with pytest.raises(FormatUnsupported):
            await model.complete(asked)
        await model.complete(asked)
        await model.close()
    assert server.requests[0][left_out] != server.requests[1].get(left_out)


@pytest.mark.parametrize(
    ("base_url", "problem"),
    [
        ("ftp://host/v1", "no http"),
        ("file:///etc/passwd", "no http"),
        ("localhost:8000/v1", "no http"),
        ("http://", "no http"),
        ("http://[::1", "no address"),
        ("https://key@host/v1", "api_key_env"),
        ("https://host/v1?key=secret", "query"),
    ],
)
def test_s5_an_address_that_is_no_plain_http_address_is_refused(base_url: str, problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        OpenAICompatible(base_url)


@pytest.mark.parametrize("environment", [{}, {"MY_KEY": ""}])
def test_a_missing_key_names_its_variable(environment: Mapping[str, str]) -> None:
    source = ModelSource("m", "http://localhost/v1", api_key_env="MY_KEY")
    with pytest.raises(KeyRefused, match="'MY_KEY' is not set"):
        connect(source, environment=environment)


def test_s3_a_key_that_cannot_be_a_header_is_refused_without_being_shown() -> None:
    source = ModelSource("m", "http://localhost/v1", api_key_env="MY_KEY")
    with pytest.raises(InvalidValue) as caught:
        connect(source, environment={"MY_KEY": "sk-1\nEvil: 1"})
    assert "sk-1" not in str(caught.value)


def called(*arguments: str, finish: str = "tool_calls") -> bytes:
    """A message that calls the function `answer`."""
    calls = [{"id": "c", "type": "function", "function": {"name": "answer", "arguments": said}} for said in arguments]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    return completion(choices=[{"index": 0, "message": message, "finish_reason": finish}])


async def test_a_server_without_schemas_is_asked_to_call_a_function() -> None:
    def without_schemas(body: dict[str, Any]) -> Reply:
        if "response_format" in body:
            return Reply(error("response_format json_schema is not supported"), 400)
        return Reply(called('{"label":"a"}'))

    async with scripted_server(answer=without_schemas) as server:
        model = OpenAICompatible(server.base_url)
        with pytest.raises(FormatUnsupported):
            await model.complete(QUESTION)
        answer = await model.complete(QUESTION)
        await model.close()
    assert (answer.text, answer.is_whole) == ('{"label":"a"}', True)
    assert server.requests[1]["tools"][0]["function"]["parameters"] == QUESTION.answer_schema
    assert server.requests[1]["tool_choice"] == {"type": "function", "function": {"name": "answer"}}


async def test_a_server_that_passes_the_function_over_is_asked_for_an_object_from_then_on() -> None:
    def words(body: dict[str, Any]) -> Reply:
        kind = body.get("response_format", {}).get("type")
        if kind == "json_schema":
            return Reply(error("unknown field response_format.json_schema"), 422)
        return Reply(completion("It is a." if kind is None else '{"label":"a"}'))

    async with scripted_server(answer=words) as server:
        model = OpenAICompatible(server.base_url)
        with pytest.raises(FormatUnsupported):
            await model.complete(QUESTION)
        assert (await model.complete(QUESTION)).text == "It is a."  # for the parser to refuse
        assert (await model.complete(QUESTION)).text == '{"label":"a"}'
        await model.close()
    assert "tools" not in server.requests[2]


async def test_two_calls_of_the_function_are_no_json_object_and_a_cut_off_one_is_not_whole() -> None:
    async with scripted_server(
        Reply(called('{"label":"a"}', '{"label":"é"}')), Reply(called('{"la', finish="length"))
    ) as server:
        model = OpenAICompatible(server.base_url)
        assert (await model.complete(QUESTION)).text == '{"label":"a"}\n{"label":"é"}'
        assert not (await model.complete(QUESTION)).is_whole
        await model.close()


async def test_a_schema_is_sent_in_the_subset_that_strict_servers_take() -> None:
    stated: dict[str, Json] = {
        "type": "object",
        "properties": {
            "stars": {"type": "integer", "minimum": 1, "maximum": 5},
            "tags": {"type": "array", "items": {"type": "string", "pattern": "^a"}, "uniqueItems": True},
            "why": {"type": "string", "maxLength": 80},
        },
        "required": ["stars", "tags"],
    }
    async with scripted_server() as server:
        model = OpenAICompatible(server.base_url)
        await model.complete(replace(QUESTION, answer_schema=stated))
        await model.close()
    assert server.requests[0]["response_format"]["json_schema"]["schema"] == {
        "type": "object",
        "properties": {
            "stars": {"type": "integer"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "why": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["stars", "tags", "why"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("base_url", "key", "header"),
    [
        ("https://api.openai.com/v1", "sk-1", "Authorization"),
        ("https://mine.openai.azure.com/openai/v1", "0123456789abcdef", "api-key"),
        ("https://mine.services.ai.azure.com/openai/v1", "0123456789abcdef", "api-key"),
        ("https://mine.openai.azure.com/openai/v1", "eyJhbGciOi.x.y", "Authorization"),
        ("https://azure.com.example/v1", "sk-1", "Authorization"),
    ],
)
def test_azure_is_given_its_keys_in_a_header_of_its_own(base_url: str, key: str, header: str) -> None:
    assert list(key_headers(base_url, key)) == [header]
    assert key_headers(base_url, None) == {}
