"""`timeout_seconds` of a model: how long one request may take, with every protocol, over real sockets."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.testing.fault_run import label
from labelwright.testing.scripted_server import Reply, ScriptedServer
from labelwright.testing.wire import AnthropicWire, DecisionsWire, OpenAIWire
from labelwright.workspace import ProjectHandle, Workspace
from tests.story.test_providers import speaking

N = 3
LATE = 1.2
SHORT, LONG = 0.4, 20.0
TWICE = RetryPolicy(attempts=2, first_wait=0.01)
ANSWER = json.dumps({"label": "good", "confidence": {"label": 0.75}})
DECISIONS = DecisionsWire()
SAID = {
    "openai": (OpenAIWire.path, OpenAIWire().answer(ANSWER)),
    "anthropic": (AnthropicWire.path, AnthropicWire().answer(ANSWER)),
    "openai-decisions": (
        DecisionsWire.path,
        DECISIONS.decision([DECISIONS.choice("q0", "good", good=0.75, bad=0.25)]),
    ),
}
every_provider = pytest.mark.parametrize("provider", sorted(SAID))


def write(folder: Path, url: str, provider: str, **model: Any) -> None:  # noqa: ANN401 - JSON
    project = {
        "name": "slow",
        "content_fields": ["text"],
        "confidence": "decisions" if provider == "openai-decisions" else "verbalised",
        "questions": [{"name": "label", "type": "classification", "labels": ["good", "bad"]}],
        "models": [{"model": "m", "base_url": url, "provider": provider, "concurrency": N, **model}],
    }
    (folder / "project.yaml").write_text(json.dumps(project))  # JSON is YAML


@contextmanager
def slow_model(
    folder: Path,
    provider: str,
    *,
    late: int | None = None,
    **model: Any,  # noqa: ANN401 - JSON
) -> Generator[tuple[ProjectHandle, ScriptedServer]]:
    """Give a project and its model, which answers late. late: so many times; None = every time."""
    path, body = SAID[provider]

    def answer(_: dict[str, Any]) -> Reply:
        is_late = late is None or len(server.requests) <= late
        return Reply(body, seconds=LATE if is_late else 0.0)

    with speaking(answer, path) as server:
        write(folder, server.base_url, provider, **model)
        with Workspace.create(folder) as workspace:
            workspace.apply()
            workspace.project().import_items([{"id": f"i{i}", "text": f"Review {i}."} for i in range(N)], id_field="id")
            yield workspace.project(), server


def calls(handle: ProjectHandle) -> list[tuple[str, int | None]]:
    """Read each attempt's call key and HTTP status from the file."""
    with closing(sqlite3.connect(handle.workspace.path / "labelwright.db")) as database:
        return database.execute("SELECT hex(key), http_status FROM call").fetchall()


@every_provider
def test_who_answers_later_than_the_set_time_is_given_up_and_the_same_server_is_heard_with_more_of_it(
    tmp_path: Path, provider: str
) -> None:
    with slow_model(tmp_path, provider, timeout_seconds=SHORT) as (handle, server):
        report = label(handle.workspace, retry=TWICE)
        (given_up,) = report.models
        assert (given_up.due, given_up.failed, given_up.valid) == (N, N, 0)
        assert len(server.requests) == given_up.calls == 2 * N  # each is tried again, as any time-out is
        assert "gave no answer within 0.4 s (timeout_seconds in project.yaml)" in str(report.problem)

        write(tmp_path, server.base_url, provider, timeout_seconds=LONG)
        applied = handle.workspace.apply()
        assert applied.warnings == ()
        (heard,) = label(handle.workspace, retry=TWICE).models
        assert (heard.due, heard.valid, heard.failed, heard.calls) == (N, N, 0, N)

        # The setting is no part of what was asked: the answers stand under the names the failed attempts had.
        names = Counter(name for name, _ in calls(handle))
        assert list(names.values()) == [3] * N
        assert Counter(status for _, status in calls(handle)) == {None: 2 * N, 200: N}

        write(tmp_path, server.base_url, provider, timeout_seconds=1.5)
        handle.workspace.apply()
        (again,) = handle.workspace.project().prelabel().models
        assert (again.due, again.calls) == (0, 0), "what was answered stands"


@every_provider
def test_one_late_answer_is_asked_for_again_by_the_command(tmp_path: Path, provider: str) -> None:
    with slow_model(tmp_path, provider, late=1, timeout_seconds=SHORT) as (handle, server):
        (report,) = handle.prelabel().models
        assert (report.valid, report.failed) == (N, 0)
        assert len(server.requests) == report.calls > N


def test_models_that_differ_in_it_alone_are_asked_with_the_time_of_each(tmp_path: Path) -> None:
    with slow_model(tmp_path, "openai", timeout_seconds=SHORT) as (handle, server):
        first = {"model": "m", "base_url": server.base_url, "timeout_seconds": SHORT}
        second = {**first, "model": "n", "timeout_seconds": LONG}
        told: dict[str, Any] = json.loads((tmp_path / "project.yaml").read_text())
        told |= {"models": [first, second], "ensemble": "jury", "confidence": "combined"}
        (tmp_path / "project.yaml").write_text(json.dumps(told))
        handle.workspace.apply()
        one, other = label(handle.workspace, retry=TWICE).models
        assert (one.valid, one.failed) == (0, N)
        assert (other.valid, other.failed) == (N, 0)
