"""A manager accepts many suggestions at once; somebody else looks at some of them blind; the whole is taken back."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from labelwright.domain.annotation import Annotation
from labelwright.domain.project import Policy
from labelwright.events import PredictionsRecorded
from tests.contract.serving import MODEL, answer_entry, prediction, take
from tests.story.test_item_life import NEGATIVE, POSITIVE, Office, opened

HERE = "/api/v1/projects/reviews/bulk"
EVERYTHING = [f"item-{n}" for n in range(1, 7)]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path, slots=1) as made:
        made.setting.enqueue(made.project, items=range(2, 6))
        yield made


async def grid(who: httpx.AsyncClient, **asked: str | int | list[str]) -> dict[str, Any]:
    answer = await who.get(HERE, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def wanted(found: dict[str, Any], *, without: tuple[str, ...] = (), most_wrong: float = 0.05) -> dict[str, Any]:
    items = [{"id": one["id"], "shown": one["shown"]} for one in found["cards"] if one["id"] not in without]
    return {"version": found["version"], "items": items, "most_wrong": most_wrong, "seconds": 12}


async def accept(who: httpx.AsyncClient, body: dict[str, Any], key: str = "") -> httpx.Response:
    return await who.post(HERE, json=body, headers={"Idempotency-Key": key or secrets.token_hex(8)})


async def roll_back(who: httpx.AsyncClient, act: str) -> httpx.Response:
    return await who.delete(f"{HERE}/acts/{act}", headers={"Idempotency-Key": secrets.token_hex(8)})


async def acts(who: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await who.get(f"{HERE}/acts")).json()["acts"]


def answers(office: Office) -> list[Annotation]:
    with office.setting.storage.reading() as views:
        return views.annotations(office.project.id)


async def test_what_was_answered_meanwhile_is_left_and_the_rest_is_accepted_whole(office: Office) -> None:
    found = await grid(office.mia)
    assert [one["id"] for one in found["cards"]] == EVERYTHING
    assert found["cards"][0]["shown"]["sentiment"]["value"] == "positive"
    (first,) = await take(office.ann)  # item-1
    await answer_entry(office.ann, first["lease"], NEGATIVE)
    (held,) = await take(office.bob)
    made = (await accept(office.mia, wanted(found, without=("item-6",)))).json()
    conflicts = {one["id"]: one["why"] for one in made["conflicts"]}
    assert conflicts == {"item-1": "answered", held["item"]["id"]: "held"}
    assert made["n_accepted"] == 3
    assert made["spot_check"] == {"n": 3, "most_wrong": 0.05, "inclusion_probability": 1.0, "by_another": True}
    bulk = [one for one in answers(office) if one.purpose == "bulk"]
    assert [(one.question, one.value) for one in bulk] == [("sentiment", "positive"), ("topics", ["screen"])] * 3
    assert all(one.suggestion_shown and one.seconds == 4 for one in bulk)
    assert len({one.submission for one in bulk}) == 3
    office.settle()
    assert office.label("item-5") == ("positive", "bulk-accepted", "accepted in bulk")
    assert (await grid(office.mia))["cards"] == [found["cards"][-1]], "only the one that was excluded waits still"
    undone = await office.mia.delete(
        f"/api/v1/projects/reviews/submissions/{bulk[0].submission}", headers={"Idempotency-Key": "u"}
    )
    assert undone.status_code == 409, "one of many is not undone at the desk"


async def test_R3_a_retry_accepts_nothing_twice_and_another_request_under_the_key_is_refused(office: Office) -> None:
    body = wanted(await grid(office.mia))
    first, second = [await accept(office.mia, body, "once") for _ in range(2)]
    assert first.status_code == 201
    assert first.content == second.content
    assert len(answers(office)) == 12
    assert len(await acts(office.mia)) == 1
    other = await accept(office.mia, {**body, "items": body["items"][:1]}, "once")
    assert other.status_code == 422
    again = await accept(office.mia, body)
    assert again.status_code == 200
    assert again.json()["act"] is None
    assert {one["why"] for one in again.json()["conflicts"]} == {"answered"}
    assert len(answers(office)) == 12


async def test_the_spot_check_is_blind_and_never_comes_to_who_accepted(office: Office) -> None:
    made = (await accept(office.mia, wanted(await grid(office.mia)))).json()
    assert await take(office.mia, count=10) == []
    entries = [*await take(office.ann, count=3), *await take(office.bob, count=3)]
    assert {one["item"]["id"] for one in entries} == set(EVERYTHING)
    for one in entries:
        assert (one["suggestions"], one["reason"], one["display"]) == (None, None, "hidden")
    (act,) = await acts(office.mia)
    assert (act["act"], act["who"], act["n_sample"], act["n_checked"]) == (made["act"], "mia", 6, 0)
    assert (act["low"], act["high"]) == (0, 6), "what nobody has looked at may all be wrong"
    for place, one in enumerate(entries[:3]):
        await answer_entry(office.ann, one["lease"], NEGATIVE if place == 0 else POSITIVE)
    (act,) = await acts(office.mia)
    assert (act["n_checked"], act["n_wrong"], act["low"], act["high"]) == (3, 1, 1, 4)
    said = [one for one in answers(office) if one.purpose == "spot-check"]
    assert len(said) == 6
    assert not any(one.suggestion_shown for one in said)
    office.settle()
    assert office.label(entries[0]["item"]["id"]) == ("negative", "human-verified", "single vote")


async def test_who_works_alone_gets_the_spot_check_and_the_result_says_so(tmp_path: Path) -> None:
    from labelwright.adapters.storage import open_storage
    from tests.contract.serving import Setting, sign_in

    storage = open_storage(tmp_path / "labelwright.db")
    setting = Setting(storage)
    project = setting.project(policy=Policy(blind_share=0.0))
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "mia", "manager")) as mia:
        made = (await accept(mia, wanted(await grid(mia), most_wrong=0.2))).json()
        assert made["spot_check"]["by_another"] is False
        assert 0 < made["spot_check"]["n"] < 6
        assert len(await take(mia, count=10)) == made["spot_check"]["n"]
    storage.close()


async def test_a_whole_act_is_rolled_back_and_the_history_says_so(office: Office) -> None:
    found = await grid(office.mia)
    office.settle()
    before = office.label("item-2")
    made = (await accept(office.mia, wanted(found))).json()
    office.settle()
    assert office.label("item-2")[1] == "bulk-accepted"
    (checked,) = await take(office.ann)
    await answer_entry(office.ann, checked["lease"], NEGATIVE)
    (held,) = await take(office.bob)
    done = await roll_back(office.mia, made["act"])
    assert done.json() == {"act": made["act"], "n_items": 6, "n_checks_closed": 4}
    assert [one.purpose for one in answers(office)] == ["spot-check"] * 2, "what somebody looked at by itself stays"
    back = next(item for item in EVERYTHING if item not in (checked["item"]["id"], held["item"]["id"]))
    assert office.label(back)[1:] == before[1:]
    office.settle()
    assert office.label(checked["item"]["id"])[0] == "negative"
    (act,) = await acts(office.mia)
    assert (act["is_rolled_back"], act["high"]) == (True, None)
    again = await grid(office.mia)
    assert back in [one["id"] for one in again["cards"]]
    assert checked["item"]["id"] not in [one["id"] for one in again["cards"]]
    assert (await roll_back(office.mia, made["act"])).status_code == 409
    assert (await roll_back(office.mia, "nothing")).status_code == 404
    told = await office.history(office.mia, back)
    kinds = [(event["kind"], event["told"].get("purpose")) for event in told["events"]]
    assert ("answered", "bulk") in kinds
    assert next(event for event in told["events"] if event["kind"] == "retracted")["told"]["reason"] == (
        "the bulk acceptance was rolled back"
    )
    second = await accept(office.mia, wanted(again))
    assert second.status_code == 201, "and accepted again"
    storage = office.setting.storage
    head = storage.verify()
    with storage.reading() as views:
        labels, counts = views.annotations(office.project.id), views.queue_counts(office.project.id)
    storage.rebuild()
    assert storage.verify(head) == head
    with storage.reading() as views:
        assert views.annotations(office.project.id) == labels
        assert views.queue_counts(office.project.id) == counts


async def test_what_the_model_says_by_now_is_not_accepted_for_what_was_shown(office: Office) -> None:
    found = await grid(office.mia)
    key = office.setting.keys(office.project)[3]
    rows = (prediction(key, "sentiment", "negative"),)
    event = PredictionsRecorded(office.project.id, "again", MODEL, "prompt", rows)
    office.setting.storage.write(lambda tx: tx.append([event], office.setting.world.provenance()))
    made = (await accept(office.mia, wanted(found))).json()
    assert made["conflicts"] == [{"id": "item-4", "why": "changed"}]
    forged = wanted(found)
    forged["items"] = [{"id": "item-77", "shown": found["cards"][0]["shown"]}]
    assert (await accept(office.mia, forged)).json()["conflicts"] == [{"id": "item-77", "why": "unknown"}]
    stale = await accept(office.mia, {**wanted(found), "version": "0.9"})
    assert stale.status_code == 409
    twice = wanted(found)
    assert (await accept(office.mia, {**twice, "items": twice["items"] * 2})).status_code == 422


async def test_B1_blind_entries_are_never_offered_nor_where_suggestions_are_hidden(tmp_path: Path) -> None:
    async with opened(tmp_path, slots=1, blind=True) as office:
        assert (await grid(office.mia))["cards"] == [], "none of the items waits with its suggestion"
        office.setting.enqueue(office.project, items=[3], purpose="calibration", blind=True)
        office.setting.enqueue(office.project, items=[3, 4])
        found = await grid(office.mia)
        assert [one["id"] for one in found["cards"]] == ["item-5"]
        shown = found["cards"][0]["shown"]
        forged = {"version": found["version"], "items": [{"id": f"item-{n}", "shown": shown} for n in (1, 4, 6)]}
        why = {one["id"]: one["why"] for one in (await accept(office.mia, forged)).json()["conflicts"]}
        assert why == {"item-1": "desk", "item-4": "desk", "item-6": "gone"}
        assert answers(office) == []


async def test_filters_and_a_set_of_items_narrow_the_grid_and_annotators_have_no_bulk_mode(office: Office) -> None:
    assert [one["id"] for one in (await grid(office.mia, text="number 3"))["cards"]] == ["item-3"]
    some = await grid(office.mia, among=["item-2", "item-5", "item-99"])
    assert [one["id"] for one in some["cards"]] == ["item-2", "item-5"]
    assert (await grid(office.mia, among=["item-99"]))["cards"] == []
    page = await grid(office.mia, limit=4)
    rest = await grid(office.mia, limit=4, after=page["next"])
    assert [one["id"] for one in page["cards"] + rest["cards"]] == EVERYTHING
    body = wanted(page)
    for answer in (await office.ann.get(HERE), await accept(office.ann, body), await office.ann.get(f"{HERE}/acts")):
        assert answer.status_code == 403
    assert (await roll_back(office.ann, "x")).status_code == 403
    assert answers(office) == []


async def test_several_slots_of_an_item_are_taken_together(tmp_path: Path) -> None:
    async with opened(tmp_path, slots=2) as office:
        made = (await accept(office.mia, wanted(await grid(office.mia)))).json()
        assert made["n_accepted"] == 2
        waiting = await take(office.ann, count=10)
        assert [one["suggestions"] for one in waiting] == [None, None], "only the spot check is left"
