from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest

from labelwright.adapters.batch.anthropic_batch import AnthropicBatch
from labelwright.adapters.batch.openai_batch import OpenAIBatch
from labelwright.adapters.batch.registry import batch_kinds, batch_of
from labelwright.adapters.batch.shard_file import as_list, key_in, name_of
from labelwright.adapters.chat.anthropic import Anthropic
from labelwright.adapters.chat.openai_compatible import OpenAICompatible
from labelwright.adapters.chat.replay_batch import BatchFaults
from labelwright.adapters.chat.replay_request import Dialect
from labelwright.domain.project import ModelSource
from labelwright.errors import InvalidValue
from labelwright.ports.batches import BatchProvider
from labelwright.prompting.failures import CallTimedOut, KeyRefused
from labelwright.testing.batch_server import batch_server
from labelwright.testing.batch_suite import SHARD, BatchSuite
from labelwright.testing.chat_suite import QUESTION


class TestOpenAIBatch(BatchSuite):
    def connect(self, base_url: str, *, api_key: str | None = None, seconds: float = 5.0) -> BatchProvider:
        return OpenAIBatch(OpenAICompatible(base_url, api_key=api_key), api_key=api_key, seconds=seconds)


class TestAnthropicBatch(BatchSuite):
    dialect: Dialect = "anthropic"

    def connect(self, base_url: str, *, api_key: str | None = None, seconds: float = 5.0) -> BatchProvider:
        return AnthropicBatch(Anthropic(base_url, api_key=api_key), base_url, api_key=api_key, seconds=seconds)


async def test_openai_is_told_what_its_reference_asks_for(tmp_path: Path) -> None:
    with batch_server("openai") as server:
        provider = OpenAIBatch(OpenAICompatible(server.base_url))
        line = orjson.loads(provider.line(SHARD, "k" * 32, QUESTION))
        assert (line["custom_id"], line["method"], line["url"]) == (
            f"{SHARD}-{'k' * 32}",
            "POST",
            "/v1/chat/completions",
        )
        file = tmp_path / "shard.jsonl"
        file.write_bytes(orjson.dumps(line) + b"\n")
        batch = await provider.submit(SHARD, file)
        assert [call for call in server.calls if call[0] == "POST"] == [("POST", "/v1/files"), ("POST", "/v1/batches")]
        assert server.headers[0]["content-type"].startswith("multipart/form-data; boundary=")
        await provider.poll(batch)
        await provider.close()


async def test_a_batch_that_was_not_taken_says_why_and_in_which_line(tmp_path: Path) -> None:
    with batch_server("openai", BatchFaults(fail=1)) as server:
        provider = OpenAIBatch(OpenAICompatible(server.base_url))
        file = tmp_path / "shard.jsonl"
        file.write_bytes(provider.line(SHARD, "k" * 32, QUESTION) + b"\n")
        progress = await provider.poll(await provider.submit(SHARD, file))
        await provider.close()
    assert (progress.state, progress.said) == ("failed", "failed")
    assert [(p.code, p.line) for p in progress.problems] == [("invalid_request", 1)]


def test_azure_takes_batches_at_a_path_of_its_own() -> None:
    provider = OpenAIBatch(OpenAICompatible("https://mine.openai.azure.com/openai/v1"))
    assert orjson.loads(provider.line(SHARD, "k" * 32, QUESTION))["url"] == "/chat/completions"


@pytest.mark.parametrize("size", [1, 2, 7, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1])
def test_lines_become_a_list_wherever_a_piece_ends(size: int, tmp_path: Path) -> None:
    lines = [{"a": "x" * max(0, size - 9)}, {"b": 1}, {"c": "\n"}]
    file = tmp_path / "shard.jsonl"
    file.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    upload = as_list(file, key="requests")
    whole = b"".join(upload.pieces())
    assert orjson.loads(whole) == {"requests": lines}
    assert len(whole) == upload.length


def test_a_name_says_whose_it_is() -> None:
    name = name_of(SHARD, "k" * 32)
    assert len(name) <= 64
    assert key_in(SHARD, name) == "k" * 32
    for other in (None, 5, "", "k" * 32, f"{'f' * 16}-{'k' * 32}", f"{SHARD}-short", f"{name}-more"):
        assert key_in(SHARD, other) is None


@pytest.mark.parametrize("environment", [{}, {"MY_KEY": ""}])
def test_a_missing_key_names_its_variable(environment: Mapping[str, str]) -> None:
    for provider in batch_kinds():
        source = ModelSource("m", "http://localhost/v1", api_key_env="MY_KEY", provider=provider)
        with pytest.raises(KeyRefused, match="'MY_KEY' is not set"):
            batch_of(provider).connect(source, environment=environment)


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_a_models_time_out_holds_for_its_batch_api_and_for_what_is_asked_beside_it(provider: str) -> None:
    open_lines: list[asyncio.StreamWriter] = []

    async def say_nothing(_: asyncio.StreamReader, line: asyncio.StreamWriter) -> None:
        open_lines.append(line)

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    host, port = silent.sockets[0].getsockname()
    source = ModelSource("m", f"http://{host}:{port}/v1", provider=provider, timeout_seconds=0.2)
    batches = batch_of(provider).connect(source, environment={})
    try:
        with pytest.raises(CallTimedOut, match=r"within 0\.2 s"):
            await batches.newest()
        with pytest.raises(CallTimedOut, match=r"within 0\.2 s"):
            await batches.live.complete(QUESTION)
    finally:
        await batches.close()
        await batches.live.close()
        for line in open_lines:
            line.close()
        silent.close()


def test_decisions_have_no_batch_api() -> None:
    assert set(batch_kinds()) == {"openai", "anthropic"}
    with pytest.raises(InvalidValue, match="'openai-decisions' has no batch API; 'anthropic', 'openai' have one"):
        batch_of("openai-decisions")
