"""kill -9 of the server while a model reviews answers at the desk: the next one goes on, and nothing is paid twice."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx

from labelwright.adapters.storage import open_storage
from labelwright.domain.objection import Objection
from labelwright.domain.project import Project
from labelwright.testing.scripted_server import Reply, scripted_server
from tests.contract.serving import Clock, Setting
from tests.contract.test_server_desk_judge import OTHER, judged_project, verdict
from tests.fault.serving_process import start, tokens_for

N = 3
PATIENCE_SECONDS = 90.0


async def submit_all(url: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"{url}/api/v1/projects/reviews", headers=headers, timeout=30) as person:
        entries = (await person.post("/leases", json={"count": N})).json()["entries"]
        assert len(entries) == N
        for place, entry in enumerate(entries):
            body = {"lease": entry["lease"], "answers": OTHER, "seconds": 1}
            done = await person.post("/submissions", json=body, headers={"Idempotency-Key": f"k{place}"})
            assert done.status_code == 201, done.text


def found(folder: Path, project: Project) -> list[Objection]:
    storage = open_storage(folder / "labelwright.db")
    try:
        with storage.reading() as views:
            return views.objections(project.id)
    finally:
        storage.close()


async def test_M1_reviews_that_wait_survive_a_killed_server_and_no_call_is_paid_twice(tmp_path: Path) -> None:
    """M1: two reviews are at the model when the server dies; their processes end them, and the third is taken up."""
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    asked: list[str] = []

    def answer(body: dict[str, Any]) -> Reply:
        asked.append(str(body["messages"]))
        if len(asked) == 2:
            loop.call_soon_threadsafe(begun.set)
        return verdict(body, seconds=1.0)

    async with scripted_server(answer=answer) as model:
        storage = open_storage(tmp_path / "labelwright.db")
        setting = Setting(storage, Clock(time.time() - 60))  # the server goes by the real one
        project = judged_project(setting, model)
        setting.enqueue(project)
        (token,) = tokens_for(setting, project, ["ann"])
        storage.close()
        first = start(tmp_path)
        try:
            await submit_all(first.url, token)
            await asyncio.wait_for(begun.wait(), PATIENCE_SECONDS)
        finally:
            first.kill()
        second = start(tmp_path)
        try:
            until = loop.time() + PATIENCE_SECONDS
            while len(found(tmp_path, project)) < N:
                assert loop.time() < until, "not all that was submitted is reviewed"
                await asyncio.sleep(0.1)
        finally:
            second.stop()
    assert len({one.submission for one in found(tmp_path, project)}) == N
    assert len(asked) == len(set(asked)) == 2 * N, "each answer to each item is asked about once"
