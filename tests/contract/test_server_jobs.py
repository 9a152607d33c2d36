"""Runs by the API: managers start, watch, pause, resume and cancel them; nobody else, and nobody of another project."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from labelwright.adapters.storage import open_storage
from labelwright.domain.project import Policy, Spending
from labelwright.ports.budget import BudgetHolder
from labelwright.ports.jobs import Job, JobCounts
from labelwright.services.models.asks_first import asks_first
from tests.contract.serving import Setting, a_config, sign_in

JOBS = "/api/v1/projects/reviews/jobs"


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    storage = open_storage(tmp_path / "labelwright.db")
    yield Setting(storage)
    storage.close()


@pytest.fixture
async def boss(setting: Setting) -> AsyncIterator[httpx.AsyncClient]:
    project = setting.project()
    async with await sign_in(setting.app(), setting.invite(project, "mia", "manager")) as person:
        yield person


async def start(person: httpx.AsyncClient, key: str = "start", **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    return await person.post(JOBS, json=body, headers={"Idempotency-Key": key})


async def ask(person: httpx.AsyncClient, job: str, action: str, key: str | None = None) -> httpx.Response:
    return await person.post(f"{JOBS}/{job}/{action}", headers={"Idempotency-Key": key or f"{action}-{job}"})


def take(setting: Setting) -> Job:
    """Be the worker that takes the job."""
    job = setting.storage.write(lambda tx: tx.take_job("here:1", now=setting.clock()))
    assert job is not None
    return job


def beat(setting: Setting, job: Job, counts: JobCounts) -> str | None:
    return setting.storage.write(
        lambda tx: tx.beat_job(job.id, job.fence, counts, state="running", now=setting.clock())
    )


async def test_a_run_is_started_and_watched(setting: Setting, boss: httpx.AsyncClient) -> None:
    made = await start(boss, limit=40)
    assert made.status_code == 201
    job = made.json()
    assert (job["state"], job["asked_by"], job["limit"]) == ("waiting", "mia", 40)
    held = take(setting)
    counts = JobCounts(total=40, done=10, failed=1, calls=11, tokens_in=500, cost_pico=1_000_001, per_second=2.0)
    beat(setting, held, counts)
    shown = (await boss.get(f"{JOBS}/{job['id']}")).json()
    assert (shown["state"], shown["done"], shown["total"], shown["failed"]) == ("running", 10, 40, 1)
    assert (shown["cost_micro"], shown["per_second"], shown["seconds_left"]) == (2, 2.0, 15.0)
    assert (await boss.get(JOBS)).json()["jobs"] == [shown]
    beat(setting, held, replace(counts, cost_pico=None))
    assert (await boss.get(f"{JOBS}/{job['id']}")).json()["cost_micro"] is None


async def test_R3_a_start_that_is_sent_twice_starts_one_run(boss: httpx.AsyncClient) -> None:
    first, again = await start(boss, "k"), await start(boss, "k")
    assert (again.status_code, again.content) == (201, first.content)
    assert len((await boss.get(JOBS)).json()["jobs"]) == 1
    other = await start(boss, "k", limit=3)
    assert (other.status_code, other.json()["type"]) == (422, "labelwright:IdempotencyConflict")
    elsewhere = await ask(boss, first.json()["id"], "pause", "k")
    assert elsewhere.status_code == 422


async def test_a_second_run_of_the_same_project_waits_until_the_first_is_over(boss: httpx.AsyncClient) -> None:
    job = (await start(boss)).json()["id"]
    refused = await start(boss, "another")
    assert refused.status_code == 409
    assert job in refused.json()["detail"]
    assert (await ask(boss, job, "cancel")).json()["state"] == "cancelled"
    assert (await start(boss, "another")).status_code == 201


async def test_a_pause_is_heard_by_the_worker_and_resume_lets_it_wait_again(
    setting: Setting, boss: httpx.AsyncClient
) -> None:
    job = (await start(boss)).json()["id"]
    held = take(setting)
    assert (await ask(boss, job, "pause")).json()["state"] == "pausing"
    assert beat(setting, held, JobCounts()) == "pause"
    setting.storage.write(lambda tx: tx.end_job(job, held.fence, JobCounts(9, 4), state="paused", now=setting.clock()))
    paused = (await boss.get(f"{JOBS}/{job}")).json()
    assert (paused["state"], paused["done"], paused["actions"]) == ("paused", 4, ["resume", "cancel"])
    assert (await ask(boss, job, "resume")).json()["state"] == "waiting"
    assert take(setting).fence == held.fence + 1


async def test_a_cancelled_run_is_over_for_good(setting: Setting, boss: httpx.AsyncClient) -> None:
    job = (await start(boss)).json()["id"]
    held = take(setting)
    assert (await ask(boss, job, "cancel")).json()["state"] == "cancelling"
    assert beat(setting, held, JobCounts()) == "cancel"
    setting.storage.write(lambda tx: tx.end_job(job, held.fence, JobCounts(), state="cancelled", now=setting.clock()))
    for action in ("pause", "resume"):
        refused = await ask(boss, job, action)
        assert refused.status_code == 409
        assert "start a new one" in refused.json()["detail"]
    assert (await ask(boss, job, "cancel", "again")).json()["state"] == "cancelled"


async def test_a_run_whose_worker_is_silent_for_30_seconds_is_stalled_and_can_be_resumed(
    setting: Setting, boss: httpx.AsyncClient
) -> None:
    job = (await start(boss)).json()["id"]
    held = take(setting)
    setting.clock.at += 30
    assert not (await boss.get(f"{JOBS}/{job}")).json()["is_stalled"]
    setting.clock.at += 0.5
    stalled = (await boss.get(f"{JOBS}/{job}")).json()
    assert (stalled["is_stalled"], stalled["state"], stalled["seconds_silent"]) == (True, "running", 30.5)
    assert stalled["actions"] == ["resume", "cancel"]
    assert (await ask(boss, job, "resume")).json()["state"] == "waiting"
    assert beat(setting, held, JobCounts()) is None, "the old worker is not heard any more"
    assert take(setting).id == job


async def test_a_stalled_run_is_cancelled_without_its_worker(setting: Setting, boss: httpx.AsyncClient) -> None:
    job = (await start(boss)).json()["id"]
    take(setting)
    await ask(boss, job, "cancel")
    setting.clock.at += 31
    assert (await boss.get(f"{JOBS}/{job}")).json()["is_stalled"]
    assert (await ask(boss, job, "cancel", "again")).json()["state"] == "cancelled"


async def test_the_budget_is_shown_beside_the_runs(setting: Setting) -> None:
    project = setting.project()
    setting.configure(project, replace(a_config(Policy(), version=2), spending=Spending(budget=5_000_000)))
    holder = BudgetHolder(project.id, "run", "process")
    setting.storage.write(
        lambda tx: tx.reserve_budget(holder, 2_000_000, at_least=1, limit=None, now=setting.clock(), lost_before=0.0)
    )
    setting.storage.write(lambda tx: tx.settle_budget(holder, spent=1, released=1_000_000, now=setting.clock()))
    async with await sign_in(setting.app(), setting.invite(project, "mia", "manager")) as boss:
        budget = (await boss.get(JOBS)).json()["budget"]
    assert budget == {"limit_micro": 5_000_000, "spent_micro": 1, "reserved_micro": 1, "lost_micro": 0}
    setting.clock.at += 61
    async with await sign_in(setting.app(), setting.invite(project, "moe", "manager")) as boss:
        budget = (await boss.get(JOBS)).json()["budget"]
    assert (budget["reserved_micro"], budget["lost_micro"]) == (0, 1), "whoever held it is not heard of any more"


async def test_a_project_without_a_model_says_what_to_do(setting: Setting) -> None:
    project = setting.project()
    setting.configure(project, replace(a_config(Policy(), version=2), models=()))
    async with await sign_in(setting.app(), setting.invite(project, "mia", "manager")) as boss:
        refused = await start(boss)
    assert refused.status_code == 409
    assert "models:" in refused.json()["detail"]


async def test_S2_annotators_and_managers_of_another_project_get_nothing(setting: Setting) -> None:
    ours, theirs = setting.project("reviews"), setting.project("others")
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(ours, "mia", "manager")) as boss,
        await sign_in(app, setting.invite(ours, "ann")) as ann,
        await sign_in(app, setting.invite(theirs, "eve", "manager")) as eve,
    ):
        job = (await start(boss)).json()["id"]
        for person, status in ((ann, 403), (eve, 404)):
            assert (await start(person)).status_code == status
            assert (await person.get(JOBS)).status_code == status
            assert (await person.get(f"{JOBS}/{job}")).status_code == status
            for action in ("pause", "resume", "cancel"):
                assert (await ask(person, job, action)).status_code == status
        # In her own project, a foreign job's id is as unknown as any other.
        own = JOBS.replace("reviews", "others")
        foreign, missing = await eve.get(f"{own}/{job}"), await eve.get(f"{own}/nothing")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.text.replace(job, "nothing") == missing.text
        for action in ("pause", "resume", "cancel"):
            answer = await eve.post(f"{own}/{job}/{action}", headers={"Idempotency-Key": action})
            assert answer.status_code == 404
        assert (await boss.get(f"{JOBS}/{job}")).json()["state"] == "waiting"


async def test_a_write_without_a_key_or_with_nonsense_is_refused(boss: httpx.AsyncClient) -> None:
    assert (await boss.post(JOBS, json={})).status_code == 422
    wrong: list[dict[str, Any]] = [{"kind": "export"}, {"limit": 0}, {"limit": "all"}]
    for body in wrong:
        assert (await start(boss, **body)).status_code == 422, body
    assert (await boss.get(JOBS)).json()["jobs"] == []


async def test_what_a_run_would_cost_is_foreseen_and_nothing_is_sent(setting: Setting, boss: httpx.AsyncClient) -> None:
    """The model's address answers nobody: a request would fail."""
    told = await boss.get(f"{JOBS}/forecast", params={"limit": 2})
    assert told.status_code == 200
    forecast = told.json()
    (model,) = forecast["models"]
    assert (model["items"], model["cost_micro"], forecast["cost_micro"]) == (2, None, None)
    assert forecast["asks"] is False, "no price is known, and the project sets no limit"
    assert (await boss.get(JOBS)).json()["jobs"] == []
    assert (await boss.get(f"{JOBS}/forecast", params={"limit": 0})).status_code == 422


def test_the_page_asks_where_the_command_line_does() -> None:
    config = a_config(Policy())
    limited = replace(config, spending=replace(config.spending, confirm_above=2_000_000))
    assert [asks_first(config, cost) for cost in (None, 5_000_000, 5_000_001)] == [False, False, True]
    assert [asks_first(limited, cost) for cost in (None, 2_000_000, 2_000_001)] == [True, False, True]
    assert not asks_first(replace(limited, recorded=True), 10**9)
