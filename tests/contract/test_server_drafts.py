"""Drafts over HTTP: what was begun comes back to the person who began it, and to nobody else; it is never a label."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from labelwright.adapters.storage import open_storage
from labelwright.domain.canonical import Json
from labelwright.services.people.drafts import MOST_BYTES
from tests.contract.serving import Setting, answer_entry, sign_in, take

HERE = "/api/v1/projects/reviews"
BEGUN: dict[str, Json] = {"sentiment": "positive"}


@pytest.fixture(params=["sqlite", "memory"])
def setting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Setting]:
    storage = open_storage(tmp_path / "labelwright.db" if request.param == "sqlite" else "memory:")
    yield Setting(storage)
    storage.close()


async def keep(person: httpx.AsyncClient, entry: dict[str, Any], answers: object, seconds: float = 3.5) -> int:
    body = json.dumps({"answers": answers, "seconds": seconds})  # httpx's own writer refuses half a character
    headers = {"Content-Type": "application/json"}
    return (await person.put(f"{HERE}/drafts/{entry['lease']}", content=body, headers=headers)).status_code


async def test_what_was_begun_comes_back_on_every_device_of_the_same_person(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    app = setting.app()
    async with await sign_in(app, setting.invite(project, "ann")) as laptop:
        (entry,) = await take(laptop)
        assert entry["draft"] is None
        assert await keep(laptop, entry, BEGUN) == 204
        assert await keep(laptop, entry, {"sentiment": "negative"}, seconds=5) == 204  # the last one stands
    async with await sign_in(app, setting.invite(project, "ann")) as phone:
        (again,) = await take(phone)
    assert again["item"] == entry["item"]
    assert again["draft"] == {"answers": {"sentiment": "negative"}, "seconds": 5}


async def test_a_draft_is_no_event_and_no_label(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        with setting.storage.reading() as views:
            before = views.head()
        assert await keep(ann, entry, {"sentiment": {"half": "done"}, "topics": None}) == 204  # nobody reads it
        with setting.storage.reading() as views:
            assert views.head() == before
            assert views.annotations(project.id) == []
        assert (await ann.get(f"{HERE}/progress")).json()["done_by_you"] == 0


async def test_another_person_never_sees_it(setting: Setting) -> None:
    project = setting.project(n_items=1)
    setting.enqueue(project)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        (entry,) = await take(ann)
        assert await keep(ann, entry, BEGUN) == 204
        assert await keep(bob, entry, {"sentiment": "negative"}) == 404  # a lease is its holder's alone
        await ann.delete(f"{HERE}/leases/{entry['lease']}")
        (same,) = await take(bob)
        assert same["item"] == entry["item"]
        assert same["draft"] is None
        assert await keep(ann, entry, BEGUN) == 409  # bob has it now
        await bob.delete(f"{HERE}/leases/{same['lease']}")
        (back,) = await take(ann)
        assert back["draft"] == {"answers": BEGUN, "seconds": 3.5}


async def test_giving_back_and_keeping_may_arrive_in_either_order(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        await ann.delete(f"{HERE}/leases/{entry['lease']}")
        assert await keep(ann, entry, BEGUN) == 204
        (again,) = await take(ann)
    assert again["draft"]["answers"] == BEGUN


async def test_it_goes_with_the_submission_and_one_that_comes_late_does_not_bring_it_back(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        await keep(ann, entry, BEGUN)
        done = (await answer_entry(ann, entry["lease"])).json()
        assert await keep(ann, entry, BEGUN) == 409
        undone = await ann.delete(f"{HERE}/submissions/{done['submission']}", headers={"Idempotency-Key": "u"})
        assert undone.json()["entry"]["draft"] is None
        assert await keep(ann, entry, BEGUN) == 409  # the lease from before


async def test_it_goes_with_a_skip_and_when_it_is_emptied(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        first, second = await take(ann, count=2)
        for entry in (first, second):
            await keep(ann, entry, BEGUN)
        assert await keep(ann, first, {}) == 204
        await ann.post(f"{HERE}/skips", json={"lease": second["lease"]}, headers={"Idempotency-Key": "s"})
        kept = {entry["item"]["id"]: entry["draft"] for entry in await take(ann, count=2)}
    assert kept == {"item-1": None, "item-3": None}


@pytest.mark.parametrize(
    "answers",
    [{"smell": 1}, {"sentiment": "x" * MOST_BYTES}, "positive", {"sentiment": "\ud800"}],
    ids=["a question not asked", "too long", "no object", "half a character"],
)
async def test_what_cannot_be_kept_is_refused_and_leaves_the_last_one(setting: Setting, answers: object) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        await keep(ann, entry, BEGUN)
        assert await keep(ann, entry, answers) == 422
        (again,) = await take(ann)
    assert again["draft"]["answers"] == BEGUN


async def test_a_draft_survives_making_the_projections_anew(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        await keep(ann, entry, BEGUN)
        setting.storage.rebuild()
        (again,) = await take(ann)
    assert again["draft"]["answers"] == BEGUN
