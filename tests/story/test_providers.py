"""Each provider through the public verbs, over real sockets: apply, import, prelabel, and what is kept of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from labelwright.errors import InvalidConfiguration
from labelwright.prompting.failures import ChatRefused
from labelwright.testing.scripted_server import Reply, ScriptedServer, completion, error, in_thread, scripted_server
from labelwright.testing.wire import AnthropicWire, DecisionsWire, Wire
from labelwright.workspace import ProjectHandle, Workspace

KEY = "key-of-the-tests"
LABELS = ["good", "bad"]
N = 12
Answer = Callable[[dict[str, Any]], Reply]


def speaking(answer: Answer, path: str) -> AbstractContextManager[ScriptedServer]:
    """Run a scripted server on a loop of its own."""
    return in_thread(lambda: scripted_server(answer=answer, path=path))


def write_project(folder: Path, url: str, *, provider: str, model: str, confidence: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    project: dict[str, Any] = {
        "name": "small",
        "content_fields": ["text"],
        "confidence": confidence,
        "questions": [{"name": "label", "type": "classification", "labels": LABELS}],
        "models": [{"model": model, "base_url": url, "provider": provider, "api_key_env": "TEST_KEY"}],
    }
    (folder / "project.yaml").write_text(json.dumps(project, indent=1))  # JSON is YAML


@contextmanager
def labelling(folder: Path, url: str, *, provider: str, model: str, confidence: str) -> Generator[ProjectHandle]:
    write_project(folder, url, provider=provider, model=model, confidence=confidence)
    with Workspace.create(folder) as workspace:
        workspace.apply()
        project = workspace.project()
        project.import_items([{"id": f"i{i}", "text": f"Review {i}."} for i in range(N)], id_field="id")
        yield project


def number_of(wire: Wire, body: dict[str, Any]) -> int:
    return int(wire.asked(body).split("Review ")[1].split(".")[0])


def kept(project: ProjectHandle, model: str) -> tuple[Sequence[str], Sequence[object], Sequence[float]]:
    with project.workspace.storage.reading() as views:
        columns = views.predictions(project.id, "label", model)
    return columns.status, columns.value, [float(c) for c in columns.confidence]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)


def test_claude_labels_repairs_declines_and_is_paid_to_the_last_token(tmp_path: Path) -> None:
    wire = AnthropicWire()
    overloaded = iter([True])

    def answer(body: dict[str, Any]) -> Reply:
        if next(overloaded, False):
            return Reply(wire.error("Overloaded", "overloaded_error"), 529, {"retry-after": "0.01"})
        if len(body["messages"]) > 1:  # the mistake was shown
            return Reply(label("bad"))
        match number_of(wire, {"messages": body["messages"][:1]}):
            case 0:
                return Reply(label("splendid"))
            case 1:
                return Reply(wire.refused())
            case _:
                return Reply(label("good"))

    def label(value: str) -> bytes:
        return wire.answer(json.dumps({"label": value, "confidence": {"label": 0.75}}))

    with (
        speaking(answer, wire.path) as server,
        labelling(
            tmp_path, server.base_url, provider="anthropic", model="claude-haiku-4-5", confidence="verbalised"
        ) as project,
    ):
        report = project.prelabel().models[0]
        assert (report.valid, report.invalid, report.failed) == (N - 1, 1, 0)
        assert report.calls == len(server.requests) == N + 2  # one overloaded, one repaired
        # 13 answers of 20 tokens in and 5 out, at 1.00 and 5.00 USD per million: 13 * (20 + 25) micro-USD
        assert (report.tokens_in, report.tokens_out, report.cost_micro) == (260, 65, 585)
        status, value, confidence = kept(project, "claude-haiku-4-5")
        assert list(value) == ["bad", None, *["good"] * (N - 2)]
        assert list(status) == ["valid", "invalid", *["valid"] * (N - 2)]
        assert confidence[0] == 0.75
        again = project.prelabel().models[0]
        assert (again.due, again.calls) == (0, 0)
        project.workspace.verify()


def test_decisions_give_every_labels_probability(tmp_path: Path) -> None:
    wire = DecisionsWire()

    def answer(body: dict[str, Any]) -> Reply:
        n = number_of(wire, body)
        if n == 0:
            return Reply(wire.refused())
        p = n / 16
        return Reply(wire.decision([wire.choice("q0", "good" if p > 0.5 else "bad", good=p, bad=1 - p)]))

    with (
        speaking(answer, wire.path) as server,
        labelling(
            tmp_path, server.base_url, provider="openai-decisions", model="gpt-6-luna", confidence="decisions"
        ) as project,
    ):
        report = project.prelabel().models[0]
        assert (report.valid, report.invalid, report.calls) == (N - 1, 1, N)
        assert report.cost_micro == N * 20 // 10  # 0.10 USD per million tokens in, nothing for those out
        _, value, confidence = kept(project, "gpt-6-luna")
        assert list(value) == [None, *["bad"] * 8, *["good"] * (N - 9)]
        assert confidence[1:] == [max(n / 16, 1 - n / 16) for n in range(1, N)]
        with project.workspace.storage.reading() as views:
            row = views.predictions(project.id, "label", "gpt-6-luna")
        assert row.confidence_kind[3] == "decision probability"
    with sqlite3.connect(f"file:{tmp_path / 'labelwright.db'}?mode=ro", uri=True) as database:
        signals = [json.loads(row[0]) for row in database.execute("SELECT signals FROM prediction ORDER BY item")]
    database.close()
    assert signals[4]["distribution"] == {"good": 0.25, "bad": 0.75}


def test_an_endpoint_without_decisions_stops_the_run_at_once(tmp_path: Path) -> None:
    with (
        speaking(lambda _: Reply(completion()), "/chat/completions") as server,
        labelling(
            tmp_path, server.base_url, provider="openai-decisions", model="gpt-6-luna", confidence="decisions"
        ) as project,
        pytest.raises(ChatRefused, match="has no decisions"),
    ):
        project.prelabel()


def test_a_reasoning_model_is_asked_without_what_it_refuses(tmp_path: Path) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        for name, instead in (("max_tokens", " Use 'max_completion_tokens' instead."), ("temperature", "")):
            if name in body:
                return Reply(error(f"Unsupported: '{name}'.{instead}", code="unsupported_value"), 400)
        return Reply(completion('{"label":"good","confidence":{"label":0.5}}'))

    with (
        speaking(answer, "/chat/completions") as server,
        labelling(tmp_path, server.base_url, provider="openai", model="gpt-5-mini", confidence="verbalised") as project,
    ):
        report = project.prelabel().models[0]
        assert (report.valid, report.failed) == (N, 0)
        assert report.calls == len(server.requests)


@pytest.mark.parametrize(
    ("provider", "confidence", "said"),
    [
        ("antropic", "verbalised", "there is no provider 'antropic'; did you mean 'anthropic'?"),
        ("anthropic", "logprob", "cannot give 'logprob'; it can give 'agreement', 'combined'"),
        ("openai", "decisions", "cannot give 'decisions'"),
    ],
)
def test_apply_says_with_its_line_what_a_provider_cannot_do(
    tmp_path: Path, provider: str, confidence: str, said: str
) -> None:
    write_project(tmp_path, "http://127.0.0.1:9/v1", provider=provider, model="m", confidence=confidence)
    lines = (tmp_path / "project.yaml").read_text().splitlines()
    key = "provider" if provider == "antropic" else "confidence"
    with Workspace.create(tmp_path) as workspace, pytest.raises(InvalidConfiguration) as caught:
        workspace.apply()
    assert said in str(caught.value)
    assert caught.value.line == 1 + next(i for i, line in enumerate(lines) if f'"{key}"' in line)
