"""The log of what left: one row per request that was sent, with the hash of its exact bytes and none of its text."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from labelwright.adapters.chat.openai_compatible import OpenAICompatible
from labelwright.adapters.chat.outbound_watch import Sent
from labelwright.adapters.chat.replay_request import Dialect
from labelwright.adapters.chat.replay_spoiled import Reply
from labelwright.adapters.execution.batch_settings import BatchSettings
from labelwright.adapters.execution.outbound_book import LoggedCalls, LoggedModel, OutboundBook, outbound_record
from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.cli.main import run
from labelwright.domain.project import Privacy
from labelwright.ports.chat import RunScope, Work
from labelwright.ports.jobs import JobCounts
from labelwright.prompting.chat import ChatRequest, Flow, Message
from labelwright.prompting.privacy.protect import protect
from labelwright.prompting.usage import Usage
from labelwright.testing.batch_server import WIRES, batch_server
from labelwright.workspace import ProjectHandle, Workspace
from tests.fault.obedient_server import obedient_server

TEXTS = {"a": "fine, says bob@example.org", "b": "bad", "c": "write to amy@example.org and bob@example.org"}


def ask(item: str, text: str) -> Flow[str]:
    response = yield ChatRequest("m", (Message("system", "Label."), Message("user", text)), metadata={"item_id": item})
    return response.text


def send_all(project: ProjectHandle, base_url: str) -> list[dict[str, Any]]:
    """Ask about every item, personal data replaced; give the records."""
    storage = project.workspace.storage
    with storage.reading() as views:
        keys = {str(name): int(key) for key, name in views.item_ids(project.id).items()}
    shown = {
        name: protect({"text": text}, Privacy(pii="redact"), fields=["text"], key=b"") for name, text in TEXTS.items()
    }
    replaced = {keys[name]: len(one.found) for name, one in shown.items()}
    book = OutboundBook(
        project.id,
        fields=["text"],
        pii="redact",
        replaced=lambda key: replaced.get(key, 0),
        now=lambda: 1_700_000_000.5,
    )
    calls = LoggedCalls(storage, book)
    model = LoggedModel(OpenAICompatible(base_url), book, keep=calls.record)
    runner = ThreadedRunner(model, calls, concurrency=2, stop=threading.Event(), now=lambda: 1_700_000_000.5)
    work = [Work(keys[name], name, ask(name, str(one.content["text"]))) for name, one in shown.items()]
    done = [one for chunk in runner.run(work, RunScope(project.id, "run-1", None)) for one in chunk]
    assert sorted(one.item_id for one in done) == ["a", "b", "c"]
    with storage.reading() as views:
        rows = [row for _, row in views.outbound(project.id)]
    names = {key: name for name, key in keys.items()}
    return [
        {**{f: getattr(row, f) for f in row.__dataclass_fields__}, "item": names[int(row.item or 0)]} for row in rows
    ]


@pytest.fixture
def project(tmp_path: Path) -> ProjectHandle:
    settings = {
        "name": "small",
        "content_fields": ["text"],
        "questions": [{"name": "tone", "type": "classification", "labels": ["good", "bad"]}],
    }
    (tmp_path / "project.yaml").write_text(json.dumps(settings))
    workspace = Workspace.create(tmp_path)
    workspace.apply()
    handle = workspace.project()
    handle.import_items([{"id": name, "text": text} for name, text in TEXTS.items()])
    return handle


def test_every_request_is_on_record_with_the_hash_of_its_exact_bytes(project: ProjectHandle) -> None:
    with obedient_server() as server:
        rows = send_all(project, server.base_url)
        sent = {hashlib.sha256(orjson.dumps(body)).hexdigest(): len(orjson.dumps(body)) for body in server.bodies}
        assert {row["digest"]: row["size"] for row in rows} == sent
        assert {row["host"] for row in rows} == {server.base_url.split("/")[2]}
    assert {row["item"]: row["replaced"] for row in rows} == {"a": 1, "b": 0, "c": 2}
    assert {(row["run"], row["pii"], row["fields"], row["at"]) for row in rows} == {
        ("run-1", "redact", ("text",), "2023-11-14T22:13:20.500Z")
    }


def test_what_was_answered_before_leaves_no_second_time(project: ProjectHandle) -> None:
    with obedient_server() as server:
        assert len(send_all(project, server.base_url)) == 3
        assert len(send_all(project, server.base_url)) == 3
        assert len(server.bodies) == 3


def test_S3_the_log_holds_no_text(project: ProjectHandle) -> None:
    with obedient_server() as server:
        send_all(project, server.base_url)
    with closing(sqlite3.connect(project.workspace.path / "labelwright.db")) as database:
        kept = str(database.execute("SELECT * FROM outbound").fetchall())
    assert "example.org" not in kept
    assert "fine" not in kept


def test_the_command_sums_up_and_lists(project: ProjectHandle, capsys: pytest.CaptureFixture[str]) -> None:
    here = str(project.workspace.path)
    assert run(["outbound", "-w", here]) == 0
    assert capsys.readouterr().out == "Nothing of this project has been sent to a model.\n"
    with obedient_server() as server:
        send_all(project, server.base_url)
        host = server.base_url.split("/")[2]
    assert run(["outbound", "-w", here, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    total = said["hosts"][host]
    assert (total["requests"], total["items"], total["replaced"]) == (3, 3, 3)
    assert total["bytes"] == sum(one["size"] for one in said["requests"])
    assert (said["fields"], said["pii"]) == (["text"], ["redact"])
    assert run(["outbound", "-w", here, "--item", "c", "--json"]) == 0
    of_one = json.loads(capsys.readouterr().out)
    assert [(one["item"], one["replaced"]) for one in of_one["requests"]] == [("c", 2)]
    assert run(["outbound", "-w", here]) == 0
    assert host in capsys.readouterr().out
    assert run(["outbound", "-w", here, "--item", "z"]) == 1
    assert "there is no item 'z'" in capsys.readouterr().err


def test_what_was_sent_for_a_call_that_never_ended_is_kept_when_the_model_is_closed(project: ProjectHandle) -> None:
    book = OutboundBook(project.id, fields=["text"], pii="off", replaced=lambda _: 0, now=lambda: 0.0)
    calls = LoggedCalls(project.workspace.storage, book)
    book.add(Sent("example.org", 7, "00"), "a")

    async def close() -> None:
        await LoggedModel(OpenAICompatible("http://127.0.0.1:9/v1"), book, keep=calls.record).close()

    asyncio.run(close())
    with project.workspace.storage.reading() as views:
        rows = [row for _, row in views.outbound(project.id)]
    expected = outbound_record(
        Sent("example.org", 7, "00"),
        at="1970-01-01T00:00:00.000Z",
        project=project.id,
        run="",
        item=None,
        fields=("text",),
        pii="off",
        replaced=0,
    )
    assert rows == [expected]


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_what_leaves_in_a_batch_is_on_record_with_its_fields_and_replacements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialect: Dialect
) -> None:
    """The first request is asked alone; then a file with the texts of the others; what starts the batch has none."""
    quick = BatchSettings(poll_seconds=0.02, settle_seconds=0.05)
    monkeypatch.setattr("labelwright.adapters.execution.batch_runner.BatchSettings", lambda: quick)
    said = json.dumps({"tone": "good", "confidence": {"tone": 0.9}})
    wire = WIRES[dialect]
    with batch_server(dialect, answer=lambda _: Reply(200, wire.answer(said, usage=Usage(20, 5)))) as server:
        model = {"model": "m", "provider": dialect, "base_url": server.base_url, "delivery": "batch"}
        settings = {
            "name": "small",
            "content_fields": ["text"],
            "privacy": {"pii": "redact"},
            "budget": 1,
            "questions": [{"name": "tone", "type": "classification", "labels": ["good", "bad"]}],
            "models": [{**model, "price_input": 1, "price_output": 2}],
        }
        (tmp_path / "project.yaml").write_text(json.dumps(settings))
        with Workspace.create(tmp_path) as workspace:
            workspace.apply()
            handle = workspace.project()
            handle.import_items([{"id": name, "text": text} for name, text in TEXTS.items()])
            seen: list[JobCounts] = []
            report = handle.prelabel(watch=seen.append)
            with workspace.storage.reading() as views:
                rows = [row for _, row in views.outbound(handle.id)]
                (job,) = views.jobs(handle.id)
            spent = handle.status().budget
    assert (report.models[0].valid, seen[-1].done, job.counts.done, job.state) == (3, 3, 3, "done")
    alone, *sent = rows
    assert (alone.item is not None, alone.replaced, alone.fields) == (True, 1, ("text",))
    assert [(row.item, row.replaced, row.fields) for row in sent if row.fields] == [(None, 2, ("text",))]
    assert all(row.replaced == 0 for row in sent if not row.fields)
    posts = [h["content-length"] for h in server.headers if "content-length" in h]
    assert [str(row.size) for row in rows] == posts, "every body that left, and no other"
    live, batched = 20 + 10, -(-(20 + 10) // 2)
    assert spent == {"limit_micro": 1_000_000, "spent_micro": live + 2 * batched, "reserved_micro": 0, "lost_micro": 0}
