"""An item's life over HTTP: three people and a model, remarks, a restored label; who may see what of it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from labelwright.adapters.storage import open_storage
from labelwright.domain.project import Policy, Project
from labelwright.services.people.aggregate import aggregate
from tests.contract.serving import Setting, answer_entry, sign_in, take

NEGATIVE = {"sentiment": "negative", "topics": ["price"]}
POSITIVE = {"sentiment": "positive", "topics": ["screen"]}
BASE = "/api/v1/projects/reviews/items"


@dataclass
class Office:
    """ann and bob label, mia manages; a model has said positive to everything."""

    setting: Setting
    project: Project
    ann: httpx.AsyncClient
    bob: httpx.AsyncClient
    mia: httpx.AsyncClient

    async def history(self, who: httpx.AsyncClient, item: str = "item-1") -> dict[str, Any]:
        answer = await who.get(f"{BASE}/{item}/history")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def settle(self) -> None:
        aggregate(self.project.id, storage=self.setting.storage, world=self.setting.world)

    def label(self, item: str = "item-1", question: str = "sentiment") -> tuple[Any, str, str]:
        with self.setting.storage.reading() as views:
            found = views.item_by_id(self.project.id, item)
            assert found is not None
            (label,) = [r for r in views.resolutions(self.project.id) if r.item == found.key and r.question == question]
            return label.value, label.status, label.method


@asynccontextmanager
async def opened(tmp_path: Path, *, blind: bool = False, slots: int = 2) -> AsyncIterator[Office]:
    storage = open_storage(tmp_path / "labelwright.db")
    setting = Setting(storage)
    project = setting.project(metadata={"source": "mail"}, policy=Policy(blind_share=0.0))
    setting.enqueue(project, items=[0, 1], slots=slots, blind=blind)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
        await sign_in(app, setting.invite(project, "mia", "manager")) as mia,
    ):
        yield Office(setting, project, ann, bob, mia)
    storage.close()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as made:
        yield made


async def send(who: httpx.AsyncClient, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    return await who.request(method, f"{BASE}/{path}", json=body, headers=headers)


async def test_a_manager_reads_an_items_whole_life_in_order(office: Office) -> None:
    (first,) = await take(office.ann)
    assert first["item"]["id"] == "item-1"
    done = await answer_entry(office.ann, first["lease"], NEGATIVE)
    undone = await office.ann.delete(
        f"/api/v1/projects/reviews/submissions/{done.json()['submission']}", headers={"Idempotency-Key": "u"}
    )
    assert undone.status_code == 200
    await answer_entry(office.ann, undone.json()["entry"]["lease"], POSITIVE)
    (second,) = await take(office.bob)
    await office.bob.post(
        "/api/v1/projects/reviews/skips",
        json={"lease": second["lease"], "reason": "too hard"},
        headers={"Idempotency-Key": "s"},
    )
    office.settle()
    told = await office.history(office.mia)
    assert told["sees_all"]
    assert told["item"]["metadata"] == {"source": "mail"}
    about = [event for event in told["events"] if event["question"] in (None, "sentiment")]
    kinds = [event["kind"] for event in about]
    assert kinds == [
        "imported", "predicted", "queued", "queued", "seen", "answered", "retracted", "answered", "seen", "skipped",
        "resolved",
    ]  # fmt: skip
    shown = [(event["who"], event["told"]) for event in about if event["kind"] == "seen"]
    assert shown == [(who, {"way": "suggestion", "questions": ["sentiment", "topics"]}) for who in ("ann", "bob")]
    answered = [event["told"] for event in about if event["kind"] == "answered"]
    assert [one["value"] for one in answered] == ["negative", "positive"]
    assert [one["stands"] for one in answered] == [False, True]
    assert answered[1] | {"guideline_version": 1, "schema_version": 1, "suggestion_shown": True} == answered[1]
    by_kind = {event["kind"]: event for event in about}
    assert by_kind["skipped"]["who"] == "bob"
    assert by_kind["skipped"]["told"]["reason"] == "too hard"
    assert by_kind["predicted"]["told"]["model"] == "reader"
    assert by_kind["resolved"]["told"]["status"] == "human-verified"
    (why,) = [one["why"] for one in told["labels"] if one["question"] == "sentiment"]
    assert why["told"]["value"] == "positive"
    votes, left_out = why["children"]
    assert [(v["told"]["who"], v["told"]["value"]) for v in votes["children"]] == [("ann", "positive")]
    assert [(v["told"]["value"], v["told"]["why_not"]) for v in left_out["children"]] == [("negative", "taken back")]


async def test_B1_an_annotator_sees_their_own_part_of_an_item_and_nothing_of_others(office: Office) -> None:
    (one,) = await take(office.ann)
    await answer_entry(office.ann, one["lease"], NEGATIVE)
    office.settle()
    unheard = await office.bob.get(f"{BASE}/item-1/history")
    unknown = await office.bob.get(f"{BASE}/item-77/history")
    assert unheard.status_code == unknown.status_code == 404
    assert unheard.json()["detail"].replace("item-1", "x") == unknown.json()["detail"].replace("item-77", "x")
    (held,) = await take(office.bob)
    assert held["item"]["id"] == "item-1"
    seen = await office.bob.get(f"{BASE}/item-1/history")
    assert seen.status_code == 200
    assert "negative" not in seen.text
    assert "price" not in seen.text
    assert seen.json()["events"] == []
    assert seen.json()["labels"] == []
    assert seen.json()["item"]["metadata"] == {}
    mine = await office.history(office.ann)
    assert {event["kind"] for event in mine["events"]} == {"answered"}
    assert not {"purpose", "suggestion_shown"} & set(mine["events"][0]["told"])  # B2: they tell what is a check
    assert "reader" not in str(mine)


async def test_B1_what_others_remark_is_read_only_after_ones_own_answer(office: Office) -> None:
    (one,) = await take(office.ann)
    remarked = await send(
        office.ann, "POST", "item-1/remarks", {"kind": "flag", "reason": "unclear", "text": "clearly negative"}
    )
    assert remarked.status_code == 201, remarked.text
    await answer_entry(office.ann, one["lease"], NEGATIVE)
    assert [r["mine"] for r in (await office.history(office.ann))["remarks"]] == [True]
    (theirs,) = await take(office.bob)
    assert theirs["item"]["id"] == "item-1"
    assert "clearly" not in str(await office.history(office.bob))
    await answer_entry(office.bob, theirs["lease"], POSITIVE)
    (read,) = (await office.history(office.bob))["remarks"]
    assert (read["text"], read["who"], read["mine"]) == ("clearly negative", "ann", False)
    refused = await send(office.bob, "DELETE", f"item-1/remarks/{read['id']}")
    assert refused.status_code == 403
    settled = await send(office.mia, "DELETE", f"item-1/remarks/{read['id']}")
    assert settled.status_code == 200
    assert (await office.history(office.ann))["remarks"] == []
    kinds = [e["kind"] for e in (await office.history(office.mia))["events"]]
    assert kinds.count("remarked") == kinds.count("withdrawn") == 1
    office.setting.storage.verify()


async def test_who_has_not_had_an_item_can_say_nothing_about_it_and_nothing_is_no_remark(office: Office) -> None:
    assert (await send(office.bob, "POST", "item-5/remarks", {"kind": "comment", "text": "hm"})).status_code == 404
    assert (await send(office.mia, "POST", "item-5/remarks", {"kind": "comment", "text": "  "})).status_code == 422
    assert (await send(office.mia, "POST", "item-5/remarks", {"kind": "flag", "reason": "odd"})).status_code == 201


async def test_R3_the_same_remark_sent_twice_is_one(office: Office) -> None:
    for _ in range(2):
        answer = await office.mia.post(
            f"{BASE}/item-1/remarks", json={"kind": "comment", "text": "once"}, headers={"Idempotency-Key": "k"}
        )
        assert answer.status_code == 201
    assert len((await office.history(office.mia))["remarks"]) == 1


async def test_a_manager_restores_an_earlier_label_and_takes_that_back(office: Office) -> None:
    for who in (office.ann, office.bob):
        (one,) = await take(who)
        await answer_entry(who, one["lease"], NEGATIVE)
    office.settle()
    assert office.label() == ("negative", "consensus", "majority")
    told = await office.history(office.mia)
    source = next(e for e in told["events"] if e["kind"] == "predicted" and e["question"] == "sentiment")
    body = {"question": "sentiment", "position": source["position"], "reason": "the buyer says so further down"}
    assert (await send(office.ann, "POST", "item-1/restore", body)).status_code == 403
    done = await send(office.mia, "POST", "item-1/restore", body)
    assert done.status_code == 201, done.text
    assert office.label() == ("positive", "human-verified", "a manager's decision")
    office.settle()  # settling all anew comes to the same
    assert office.label() == ("positive", "human-verified", "a manager's decision")
    told = await office.history(office.mia)
    (why,) = [one["why"] for one in told["labels"] if one["question"] == "sentiment"]
    votes, left_out = why["children"]
    (vote,) = votes["children"]
    assert vote["told"] | {"who": "mia", "restored_because": "the buyer says so further down"} == vote["told"]
    assert {v["told"]["why_not"] for v in left_out["children"]} == {"decided by a manager"}
    with office.setting.storage.reading() as views:
        (decided,) = views.annotations(office.project.id, purpose="adjudication")
    assert decided.suggestion_shown, "it is no blind answer"
    assert decided.round < 0, "and of no draw"

    undone = await send(office.mia, "DELETE", f"item-1/restore/{done.json()['annotation']}")
    assert undone.status_code == 200, undone.text
    assert office.label() == ("negative", "consensus", "majority")
    assert (await send(office.mia, "DELETE", f"item-1/restore/{done.json()['annotation']}")).status_code == 409
    office.settle()
    assert office.label() == ("negative", "consensus", "majority")
    office.setting.storage.verify()
    kinds = [e["kind"] for e in (await office.history(office.mia))["events"]]
    assert "restored" in kinds


async def test_the_newest_of_two_decisions_stands_and_undoing_it_gives_the_first_back(office: Office) -> None:
    (one,) = await take(office.ann)
    await answer_entry(office.ann, one["lease"], NEGATIVE)
    office.settle()
    events = (await office.history(office.mia))["events"]
    positions = {
        e["told"]["value"]: e["position"] for e in events if e["question"] == "sentiment" and "value" in e["told"]
    }
    made = []
    for value in ("positive", "negative"):
        body = {"question": "sentiment", "position": positions[value], "reason": "so"}
        made.append((await send(office.mia, "POST", "item-1/restore", body)).json()["annotation"])
        assert office.label()[0] == value
    await send(office.mia, "DELETE", f"item-1/restore/{made[1]}")
    assert office.label()[0] == "positive"
    office.settle()
    assert office.label() == ("positive", "human-verified", "a manager's decision")


async def test_only_what_was_a_label_of_this_item_can_be_restored(office: Office) -> None:
    events = (await office.history(office.mia))["events"]
    came = next(e["position"] for e in events if e["kind"] == "imported")
    for body, path in (
        ({"question": "sentiment", "position": came, "reason": "so"}, "position"),
        ({"question": "sentimnet", "position": came, "reason": "so"}, "question"),
        ({"question": "sentiment", "position": 10**9, "reason": "so"}, "position"),
    ):
        refused = await send(office.mia, "POST", "item-1/restore", body)
        assert (refused.status_code, refused.json()["path"]) == (422, path)


async def test_an_id_with_a_slash_has_a_history_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as office:
        tricky = await office.mia.get(f"{BASE}/a%2Fhistory/history")
        assert tricky.status_code == 404
        assert "a/history" in tricky.json()["detail"]
