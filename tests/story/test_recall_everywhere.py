"""A recall in a real folder: by command, by the API in a process of its own, and killed between two chunks."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from labelwright.cli.main import run
from labelwright.domain.project import AuditPolicy
from labelwright.server.app import create_app
from labelwright.server.settings import ServerSettings
from labelwright.services.audits.recalled import all_recalls, listed_recalls
from labelwright.services.people.manage_people import invite
from labelwright.workspace import Workspace
from tests.contract.serving import sign_in
from tests.story.accepting_project import Accepting


@pytest.fixture
def folder(tmp_path: Path) -> Generator[tuple[Path, Accepting]]:
    """A workspace with an alarm: 150 labels calibrate, a quarter of the accepted are audited, every "bad" is wrong."""
    made = Accepting(0.25, n_items=900, folder=tmp_path)
    made.answer(made.audit()["n_drawn"])
    yield tmp_path, made
    made.small.storage.close()


def shell(words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    capsys.readouterr()
    status = run([*words, "--workspace", str(folder)])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_an_audit_of_a_void_certificate_says_what_voided_it(
    folder: tuple[Path, Accepting], capsys: pytest.CaptureFixture[str]
) -> None:
    at, made = folder
    config = made.small.project.config
    made.small.reconfigure(replace(config, guideline=replace(config.guideline, text="Another guideline.")))
    status, out, _ = shell(["audit"], at, capsys)
    assert status == 0
    assert "the certificate is void: the guideline" in out


def test_a_recall_that_there_is_not_is_answered_with_those_there_are(
    folder: tuple[Path, Accepting], capsys: pytest.CaptureFixture[str]
) -> None:
    at, made = folder
    made.recall()
    _, out, _ = shell(["recall"], at, capsys)
    assert out.startswith("1. ")
    assert "slice   label=bad" in out
    assert "there is no recall '9'; choose one of '1'" in shell(["recall", "--undo", "9"], at, capsys)[2]


def test_the_commands_tell_recall_and_undo(folder: tuple[Path, Accepting], capsys: pytest.CaptureFixture[str]) -> None:
    at, made = folder
    status, out, _ = shell(["audit"], at, capsys)
    assert status == 3
    assert "ALARM: that is more than the limit of 10%" in out
    assert 'labelwright recall --slice "label=bad"' in out

    status, out, _ = shell(["recall", "--slice", "label=bad", "--dry-run"], at, capsys)
    assert (status, "answers it will take" in out) == (0, True)
    status, _, err = shell(["recall", "--slice", "label=bad"], at, capsys)
    assert (status, "say so with --yes" in err) == (1, True)
    assert shell(["recall"], at, capsys)[1].startswith("Nothing was ever recalled")
    status, _, err = shell(["recall", "--slice", "label=bda", "--yes"], at, capsys)
    assert (status, "did you mean 'label=bad'?" in err) == (1, True)

    words = ["recall", "--slice", "label=bad", "--reason", "people disagree", "--yes", "--json"]
    status, out, _ = shell(words, at, capsys)
    done = json.loads(out)
    assert (status, done["slice"], done["n_items"] > 0, done["undone"]) == (0, "label=bad", True, False)
    status, out, _ = shell(["audit", "--json"], at, capsys)
    audit = json.loads(out)["questions"]["tone"]
    assert (status, audit["alarm"], audit["recalled"]["n_items"]) == (0, None, done["n_items"])
    assert shell(["aggregate"], at, capsys)[0] == 0
    assert made.statuses()["unverified"] > 0

    status, out, _ = shell(["recall", "--undo", "1", "--dry-run"], at, capsys)
    assert (status, f"Would be given back: {done['n_items']} labels of label=bad" in out) == (0, True)
    assert [one["in_force"] for one in _recalls(made)] == [True]
    status, out, _ = shell(["recall", "--undo", "1"], at, capsys)
    assert (status, "accepted again" in out) == (0, True)
    assert "was undone before" in shell(["recall", "--undo", "1"], at, capsys)[1]
    status, out, _ = shell(["recall"], at, capsys)
    assert "undone" in out
    assert shell(["audit"], at, capsys)[0] == 3  # the old set is back, and so is its alarm
    assert shell(["audit", "--draw", "10"], at, capsys)[0] == 3
    assert shell(["verify"], at, capsys)[0] == 0


def test_run_recalls_by_itself_where_project_yaml_says_so(
    folder: tuple[Path, Accepting], capsys: pytest.CaptureFixture[str]
) -> None:
    at, made = folder
    made.small.reconfigure(replace(made.small.project.config, audit=AuditPolicy(on_alarm="recall")))
    assert shell(["aggregate"], at, capsys)[0] == 0
    (one,) = _recalls(made)
    assert (one["slice"], one["in_force"]) == ("label=bad", True)
    assert shell(["aggregate"], at, capsys)[0] == 0
    assert len(_recalls(made)) == 1


@pytest.mark.parametrize("apart", [True, False])
async def test_a_manager_recalls_and_undoes_over_the_api_and_each_is_done_once(
    folder: tuple[Path, Accepting], apart: bool
) -> None:
    at, made = folder
    small = made.small
    app = create_app(small.storage, small.world, ServerSettings(workspace=at if apart else None))
    tokens = {
        role: small.storage.write(
            lambda tx, r=role: invite(tx, small.project, name=r, role=r, uses=1, world=small.world)
        ).token
        for role in ("manager", "annotator")
    }
    address = "/api/v1/projects/small/recalls"

    async def post(person: AsyncClient, path: str, body: dict[str, Any], key: str) -> Any:  # noqa: ANN401
        return await person.post(f"{address}{path}", json=body, headers={"Idempotency-Key": key})

    async with await sign_in(app, tokens["manager"]) as boss, await sign_in(app, tokens["annotator"]) as worker:
        assert (await post(worker, "", {}, "k0")).status_code == 403
        preview = (await post(boss, "/preview", {"slice": "label=bad"}, "k0")).json()
        assert preview["n_items"] > preview["n_labels"] > 0
        missing = await post(boss, "", {"slice": "label=worse"}, "k1")
        assert (missing.status_code, missing.json()["path"]) == (422, "slice")
        first = await post(boss, "", {"slice": "label=bad", "reason": "seen"}, "k2")
        assert (first.status_code, first.json()["n_items"]) == (201, preview["n_items"])
        again = await post(boss, "", {"slice": "label=bad", "reason": "seen"}, "k2")
        assert again.content == first.content
        assert (await post(boss, "", {"slice": None}, "k2")).status_code == 422
        (listed,) = (await boss.get(address)).json()["recalls"]
        assert (listed["recall"], listed["in_force"]) == (first.json()["recall"], True)
        report = (await boss.get("/api/v1/projects/small/report")).json()
        assert report["questions"][0]["audit"]["recalled"]["reason"] == "seen"
        assert (await post(boss, "/nothing/undo", {}, "k3")).status_code == 404
        undone = await post(boss, f"/{listed['recall']}/undo", {}, "k4")
        assert (undone.status_code, undone.json()["undone"]) == (200, True)
    with small.storage.reading() as views:
        actors = {str(e.provenance["actor"]) for e in views.events(limit=10**6) if e.type == "run-started"}
        assert len([e for e in views.events(limit=10**6) if e.body.get("kind") == "recall"]) == 1
    assert len(actors) == 2  # the recall and its undoing say who asked


def test_R1_a_recall_killed_between_two_chunks_holds_at_once_and_goes_on(tmp_path: Path) -> None:
    """R1: SIGKILL while decisions are written; whoever reads then sees the recall, whoever works next finishes it."""
    made = Accepting(0.02, n_items=6_000, folder=tmp_path)
    before = len(made.accepted())
    command = [sys.executable, "-m", "labelwright.cli", "recall", "--all", "--yes", "--reason", "all of it"]
    child = subprocess.Popen([*command, "--workspace", str(tmp_path)], stdout=subprocess.DEVNULL)
    with closing(sqlite3.connect(tmp_path / "labelwright.db")) as look:  # quicker than reading all decisions
        first = "SELECT 1 FROM decision WHERE reason = 'recalled: all of it' LIMIT 1"
        while child.poll() is None and look.execute(first).fetchone() is None:
            time.sleep(0.001)
    child.send_signal(signal.SIGKILL)
    child.wait()
    made.small.storage.close()
    with Workspace.open(tmp_path) as opened:
        made.small.storage = opened.storage
        with opened.storage.reading() as views:
            (one,) = all_recalls(views, made.small.id)
        killed_inside = not one.finished
        assert made.accepted() == set()  # it holds, however much of it is written
        handle = opened.project()
        handle.aggregate()
        assert made.statuses()["auto-accepted"] == 0
        with opened.storage.reading() as views:
            (one,) = all_recalls(views, made.small.id)
        assert one.finished
        assert _written(made) == before == one.n_items
        n_audited = sum(d.reason == "recalled: all of it" for d in made.decisions().values()) - made.open_reviews()
        assert 0 < n_audited < 200  # those drawn for the audit are asked already, everything else is queued once
        head = made.head()
        handle.route()
        handle.aggregate()
        assert made.head() == head
        handle.undo_recall("1")
        assert len(made.accepted()) == before
        assert made.open_reviews() == 0
        opened.verify()
    assert killed_inside  # else this test has shown nothing


def _written(made: Accepting) -> int:
    return sum(d.reason == "recalled: all of it" for d in made.decisions().values())


def _recalls(made: Accepting) -> list[dict[str, Any]]:
    with made.small.storage.reading() as views:
        return listed_recalls(views, made.small.id)
