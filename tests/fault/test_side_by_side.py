"""Several processes at work on one workspace, and a disk that fills up: nothing is lost, and it heals (R1, R4, R15)."""

from __future__ import annotations

import json
import resource
import secrets
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from labelwright.adapters.storage import open_storage
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Policy, Project
from labelwright.domain.queue import NewEntry
from labelwright.events import ItemsRouted
from labelwright.workspace import Workspace
from tests.contract.serving import ANSWERS, Setting
from tests.fault.serving_process import start, tokens_for
from tests.replaying import replaying
from tests.story.recorded_project import record, write_project

PEOPLE = 8
N = 1_200
LOCKED_SECONDS = 2.0


@dataclass
class Heard:
    """What the annotators were told, and which submissions were acknowledged."""

    statuses: Counter[int] = field(default_factory=Counter[int])
    acknowledged: set[str] = field(default_factory=set[str])
    over: threading.Event = field(default_factory=threading.Event)


def annotate(base: str, token: str, heard: Heard) -> None:
    """Take and submit until the end, without a retry: every answer must be a good one."""
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=30) as person:
        while not heard.over.is_set():
            taken = person.post("/leases", json={"count": 2})
            heard.statuses[taken.status_code] += 1
            entries = taken.json().get("entries", [])
            if not entries:
                return
            body = {"lease": entries[0]["lease"], "answers": {"label": "good"}, "seconds": 1}
            done = person.post("/submissions", json=body, headers={"Idempotency-Key": secrets.token_hex(8)})
            heard.statuses[done.status_code] += 1
            if done.status_code == 201:
                heard.acknowledged.add(done.json()["submission"])


def enqueue_all(setting: Setting, project: Project) -> None:
    entries = tuple(
        NewEntry(key, (QuestionName("label"),), "review", 0, 0.0, True, "", 0) for key in setting.keys(project)
    )
    event = ItemsRouted(project.id, "route", 1, (), entries)
    setting.storage.write(lambda tx: tx.append([event], setting.world.provenance()))


def test_R1_R4_two_servers_and_a_prelabel_share_a_workspace_with_eight_people_and_a_foreign_lock(
    tmp_path: Path,
) -> None:
    folder, work = record(tmp_path / "recorded", N), tmp_path / "work"
    with replaying(folder, "--latency-ms", "20") as replay:
        write_project(work, replay.url)
        with Workspace.create(work) as workspace:
            workspace.apply()
            workspace.project().import_items(folder / "items.jsonl", id_field="id")
            setting = Setting(workspace.storage)
            with workspace.storage.reading() as views:
                (project,) = views.projects()
            enqueue_all(setting, project)
            tokens = tokens_for(setting, project, [f"person-{place}" for place in range(PEOPLE)])
        servers = [start(work), start(work)]
        command = [sys.executable, "-m", "labelwright.cli", "prelabel", "--json", "-w", str(work)]
        prelabel = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        heard = Heard()
        bases = [f"{servers[place % 2].url}/api/v1/projects/small" for place in range(PEOPLE)]
        people = [
            threading.Thread(target=annotate, args=(base, token, heard))
            for base, token in zip(bases, tokens, strict=True)
        ]
        for person in people:
            person.start()
        time.sleep(0.5)
        lock_and_read(work, bases[0], tokens[0])
        said, problems = prelabel.communicate(timeout=180)
        heard.over.set()
        for person in people:
            person.join(30)
        assert [server.stop() for server in servers] == [0, 0]
    assert (prelabel.returncode, problems.count("Traceback")) == (0, 0)
    assert json.loads(said)
    assert set(heard.statuses) == {200, 201}
    with Workspace.open(work) as workspace:
        workspace.verify()
        with workspace.storage.reading() as views:
            kept = views.annotations(project.id)
            assert views.predictions(project.id, "label", "first").status == ["valid"] * N
    assert {one.submission for one in kept} == heard.acknowledged
    assert len(heard.acknowledged) > PEOPLE
    assert max(Counter(one.item for one in kept).values()) == 1


def lock_and_read(work: Path, base: str, token: str) -> None:
    """Hold the write lock as a foreign program would. Were readers to wait for it, no answer came before its end."""
    foreign = sqlite3.connect(work / "labelwright.db", isolation_level=None, timeout=60)
    try:
        foreign.execute("BEGIN IMMEDIATE")
        until = time.monotonic() + LOCKED_SECONDS
        while time.monotonic() < until:
            answer = httpx.get(f"{base}/progress", headers={"Authorization": f"Bearer {token}"}, timeout=30)
            assert answer.status_code == 200
            time.sleep(0.1)
        foreign.execute("COMMIT")
    finally:
        foreign.close()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits another process's files: Linux alone can")
def test_R15_a_full_disk_acknowledges_nothing_says_when_to_retry_and_heals(tmp_path: Path) -> None:
    storage = open_storage(tmp_path / "labelwright.db")
    setting = Setting(storage)
    project = setting.project(n_items=60, policy=Policy())
    setting.enqueue(project)
    (token,) = tokens_for(setting, project, ["ann"])
    storage.close()
    server = start(tmp_path)
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    acknowledged: set[str] = set()
    try:
        with httpx.Client(
            base_url=f"{server.url}/api/v1/projects/reviews", headers={"Authorization": f"Bearer {token}"}, timeout=30
        ) as ann:
            (entry,) = ann.post("/leases", json={"count": 1}).json()["entries"]
            body = {"lease": entry["lease"], "answers": ANSWERS, "seconds": 1}
            log = (tmp_path / "labelwright.db-wal").stat().st_size
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (log, resource.RLIM_INFINITY))
            for _ in range(3):
                refused = ann.post("/submissions", json=body, headers={"Idempotency-Key": "k"})
                assert refused.status_code == 503
                assert int(refused.headers["retry-after"]) >= 1
            assert ann.get("/progress").json()["done_by_you"] == 0
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
            healed = ann.post("/submissions", json=body, headers={"Idempotency-Key": "k"})
            assert healed.status_code == 201
            acknowledged.add(healed.json()["submission"])
    finally:
        assert server.stop() == 0
    storage = open_storage(tmp_path / "labelwright.db")
    storage.verify()
    with storage.reading() as views:
        assert {one.submission for one in views.annotations(project.id)} == acknowledged
    storage.close()
