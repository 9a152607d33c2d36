"""A model reviews answers after they are given: nobody waits for it, and its objections are kept or followed."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from labelwright.adapters.storage import open_storage
from labelwright.domain.ids import ItemKey
from labelwright.domain.project import ModelSource, Policy, Project, Spending
from labelwright.errors import LedgerBroken
from labelwright.server.desk_judge import DeskJudge
from labelwright.services.people.assist_arms import with_first_answers
from labelwright.testing.scripted_server import Reply, ScriptedServer, completion, scripted_server
from tests.contract.serving import ANSWERS, MODEL, Setting, a_config, answer_entry, client, sign_in, take

HERE = "/api/v1/projects/reviews"
OTHER: dict[str, Any] = {"sentiment": "negative", "topics": ["screen"]}
REASON = "Rule 2: irony counts as what is meant."


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    storage = open_storage(tmp_path / "labelwright.db")
    yield Setting(storage)
    storage.close()


def verdict(body: dict[str, Any], *, against: str = "sentiment", seconds: float = 0.0) -> Reply:
    """A judge that objects to the answers of one question."""
    is_it = f'"{against}":' in str(body["messages"][-1]["content"])
    said = {
        "reason": REASON if is_it else "It fits.",
        "evidence": ["text number 1", "words that stand nowhere"] if is_it else [],
        "verdict": "disagree" if is_it else "agree",
        "score": 1 if is_it else 5,
    }
    return Reply(completion(json.dumps(said)), seconds=seconds)


def judged_project(setting: Setting, server: ScriptedServer | None, **more: Any) -> Project:  # noqa: ANN401
    return judged(setting, setting.project(predicted={}, n_items=3), server, **more)


def judged(setting: Setting, project: Project, server: ScriptedServer | None, **more: Any) -> Project:  # noqa: ANN401
    """Have a model judge at the desk from now on."""
    address = "http://127.0.0.1:9/v1" if server is None else server.base_url
    source = ModelSource(MODEL, address, price_input=1_000_000, price_output=0)
    policy = Policy(cooperation="judge", suggestions="hidden")
    setting.configure(project, replace(a_config(policy), models=(source,), version=2, **more))
    with setting.storage.reading() as views:
        found = views.project(project.id)
    assert found is not None
    return found


async def heard(person: httpx.AsyncClient) -> list[dict[str, Any]]:
    """What is said against this person's answers, once all is reviewed."""
    for _ in range(1200):
        answer = await person.get(f"{HERE}/objections")
        assert answer.status_code == 200, answer.text
        if answer.json()["waiting"] == 0:
            return answer.json()["objections"]
        await asyncio.sleep(0.05)
    raise AssertionError("the review does not end")


async def keep(person: httpx.AsyncClient, objection: str) -> httpx.Response:
    return await person.post(f"{HERE}/objections/{objection}/keep", headers={"Idempotency-Key": secrets.token_hex(8)})


async def take_back(person: httpx.AsyncClient, submission: str) -> dict[str, Any]:
    key = {"Idempotency-Key": secrets.token_hex(8)}
    return (await person.delete(f"{HERE}/submissions/{submission}", headers=key)).json()


async def test_an_objection_comes_after_the_answer_and_the_person_keeps_it(setting: Setting, tmp_path: Path) -> None:
    async with scripted_server(answer=verdict) as server:
        project = judged_project(setting, server)
        setting.enqueue(project, items=[0])
        app = setting.app(workspace=tmp_path)
        async with await sign_in(app, setting.invite(project, "ann")) as ann:
            (entry,) = await take(ann)
            given = (await answer_entry(ann, entry["lease"], OTHER)).json()
            (said,) = await heard(ann)
            assert said == {
                "id": said["id"],
                "submission": given["submission"],
                "item": {"id": "item-1", "preview": "text number 1"},
                "question": "sentiment",
                "answer": "negative",
                "reason": REASON,
                "evidence": ["text number 1"],
                "model": MODEL,
                "at": said["at"],
            }
            async with await sign_in(app, setting.invite(project, "bea")) as bea:
                assert await heard(bea) == []
                assert (await keep(bea, said["id"])).status_code == 404
            assert (await keep(ann, said["id"])).json() == {"objection": said["id"], "settled": "kept"}
            assert (await keep(ann, said["id"])).status_code == 409
            assert await heard(ann) == []
        async with client(app) as stranger:
            assert (await stranger.get(f"{HERE}/objections")).status_code == 401
        sent = "\n".join(str(one["messages"]) for one in server.requests)
    assert len(server.requests) == 2, "each answer by itself"
    assert "# How to label" in sent
    assert "never shown" not in sent
    assert "ann" not in sent.replace("cannot", "").replace("annotat", "")
    with setting.storage.reading() as views:
        assert {(a.question, a.is_blind) for a in views.annotations(project.id)} == {
            ("sentiment", True),
            ("topics", True),
        }
        (kept,) = views.objections(project.id)
        assert (kept.settled, kept.cost_micro) == ("kept", 40)
        (run,) = [one for one in views.runs(project.id) if one.kind == "desk-judge"]
        assert run.report is not None
        assert run.report["calls"] == 2
    before = setting.storage.verify()
    setting.storage.rebuild()
    assert setting.storage.verify() == before
    with setting.storage.reading() as views:
        assert views.objections(project.id) == [kept]
        assert views.objections(project.id, kept.annotator, item=kept.item) == [kept]
        assert views.objections(project.id, item=ItemKey(kept.item + 1)) == []


async def lifes(person: httpx.AsyncClient, *kinds: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    answer = await person.get(f"{HERE}/items/item-1/history")
    assert answer.status_code == 200, answer.text
    return [(e["kind"], e["who"], e["told"]) for e in answer.json()["events"] if e["kind"] in kinds]


async def test_B1_the_items_life_tells_objections_and_who_saw_what_and_nobody_learns_them_by_it_first(
    setting: Setting,
) -> None:
    told = ("objected", "settled", "seen")
    async with scripted_server(answer=verdict) as server:
        project = judged_project(setting, server)
        setting.enqueue(project, items=[0], slots=2)
        app = setting.app()
        async with (
            await sign_in(app, setting.invite(project, "ann")) as ann,
            await sign_in(app, setting.invite(project, "bea")) as bea,
            await sign_in(app, setting.invite(project, "mia", "manager")) as mia,
        ):
            (entry,) = await take(ann)
            (theirs,) = await take(bea)
            await answer_entry(ann, entry["lease"], OTHER)
            for _ in range(1200):
                with setting.storage.reading() as views:
                    if views.objections(project.id):
                        break
                await asyncio.sleep(0.05)
            assert await lifes(ann, *told) == [], "it is not told here before it is told at the desk"
            with setting.storage.reading() as views:
                assert not views.seen_by(views.objections(project.id)[0].annotator, [item_key(setting, project)])
            (said,) = await heard(ann)
            objection = {"id": said["id"], "model": MODEL, "reason": REASON, "evidence": ["text number 1"]}
            seen = ("seen", "ann", {"way": "objection", "questions": ["sentiment"]})
            assert await lifes(ann, *told) == [("objected", None, objection | {"settled": None}), seen]
            await keep(ann, said["id"])
            settled = ("settled", "ann", {"objection": said["id"], "settled": "kept"})
            assert await lifes(ann, *told) == [("objected", None, objection | {"settled": "kept"}), seen, settled]
            assert await lifes(bea, *told) == [], "what is said of others' answers is theirs"
            everything = await lifes(mia, *told)
            assert [(kind, who) for kind, who, _ in everything] == [
                ("objected", None),
                ("seen", "ann"),
                ("settled", "ann"),
            ]
            full = everything[0][2]
            assert {name: full[name] for name in (*objection, "whose", "cost_micro")} == objection | {
                "whose": "ann",
                "cost_micro": 40,
            }
            looked = ("seen", "mia", {"way": "history", "questions": ["sentiment", "topics"]})
            assert looked in await lifes(mia, *told), "who manages is no longer blind either, and it says so"
            assert "mia" not in str(await lifes(ann, *told))
            await answer_entry(bea, theirs["lease"], ANSWERS)
            assert await lifes(bea, *told) == [], "nor once they have answered"


def item_key(setting: Setting, project: Project) -> ItemKey:
    with setting.storage.reading() as views:
        found = views.item_by_id(project.id, "item-1")
    assert found is not None
    return found.key


async def test_who_changes_the_answer_is_not_blind_and_the_first_answer_stays(setting: Setting) -> None:
    async with scripted_server(answer=verdict) as server:
        project = judged_project(setting, server)
        setting.enqueue(project, items=[0])
        async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
            (entry,) = await take(ann)
            given = (await answer_entry(ann, entry["lease"], OTHER)).json()
            assert len(await heard(ann)) == 1
            again = await take_back(ann, given["submission"])
            assert await heard(ann) == [], "what it is about is taken back"
            await answer_entry(ann, again["entry"]["lease"], ANSWERS)
    with setting.storage.reading() as views:
        first_objection = views.objections(project.id)[0]
        assert first_objection.settled == "changed"
        now = {a.question: (a.value, a.is_blind) for a in views.annotations(project.id)}
        assert now == {"sentiment": ("positive", False), "topics": (["screen"], True)}
        first = views.annotation(first_objection.annotation)
        assert first is not None
        assert (first.value, first.is_blind, first.status) == ("negative", True, "retracted")
        put_back = with_first_answers(views, project, views.annotations(project.id, question="sentiment"))
        assert [a.value for a in put_back] == ["negative"], "what people did before they were told is what is measured"


async def test_nobody_waits_for_the_judge(setting: Setting) -> None:
    async with scripted_server(answer=lambda body: verdict(body, seconds=1.5)) as server:
        project = judged_project(setting, server)
        setting.enqueue(project)
        async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
            begun = asyncio.get_running_loop().time()
            for _ in range(3):
                (entry,) = await take(ann)
                assert (await answer_entry(ann, entry["lease"], OTHER)).status_code == 201
            assert asyncio.get_running_loop().time() - begun < 1.5
            assert (await ann.get(f"{HERE}/objections")).json()["waiting"] == 3
            assert len(await heard(ann)) == 3


@pytest.mark.parametrize(
    ("purpose", "blind"),
    [("calibration", True), ("audit", True), ("spot-check", True), ("review", True)],
)
async def test_B2_blind_entries_are_never_reviewed_openly(
    setting: Setting,
    purpose: Any,  # noqa: ANN401
    blind: bool,
) -> None:
    async with scripted_server(answer=verdict) as server:
        project = judged_project(setting, server)
        setting.enqueue(project, items=[0], purpose=purpose, blind=blind)
        async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
            (entry,) = await take(ann)
            await answer_entry(ann, entry["lease"], OTHER)
            assert await heard(ann) == []
        assert server.requests == []


@pytest.mark.parametrize("trouble", ["away", "budget"])
async def test_M2_a_model_that_is_away_or_a_spent_budget_changes_nothing_for_people(
    setting: Setting, trouble: str
) -> None:
    async with scripted_server(answer=verdict) as server:
        project = judged_project(
            setting,
            None if trouble == "away" else server,
            spending=Spending(budget=1 if trouble == "budget" else None),
        )
        setting.enqueue(project, items=[0])
        async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
            (entry,) = await take(ann)
            assert (await answer_entry(ann, entry["lease"], OTHER)).status_code == 201
            if trouble == "budget":
                assert await heard(ann) == []
        assert server.requests == []
    with setting.storage.reading() as views:
        assert len(views.annotations(project.id)) == 2


async def test_R9_an_objection_that_is_changed_afterwards_is_found(setting: Setting, tmp_path: Path) -> None:
    import sqlite3

    async with scripted_server(answer=verdict) as server:
        project = judged_project(setting, server)
        setting.enqueue(project, items=[0])
        async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
            (entry,) = await take(ann)
            await answer_entry(ann, entry["lease"], OTHER)
            assert len(await heard(ann)) == 1
    with sqlite3.connect(tmp_path / "labelwright.db") as file:
        file.execute("UPDATE objection SET reason = 'other words'")
    with pytest.raises(LedgerBroken, match="objection"):
        setting.storage.verify()


async def test_what_waited_when_the_server_ended_is_reviewed_by_the_next_one_and_once(setting: Setting) -> None:
    async with scripted_server(answer=verdict) as server:
        earlier = setting.project(predicted={}, n_items=4)
        setting.enqueue(earlier, items=[3])
        app = setting.app()
        async with await sign_in(app, setting.invite(earlier, "ann")) as ann:
            (before,) = await take(ann)
            await answer_entry(ann, before["lease"], OTHER)
            setting.clock.at += 10  # that answer was given under another policy
            project = judged(setting, earlier, server)
            setting.enqueue(project, items=[0, 1], round=1)
            setting.enqueue(project, items=[2], blind=True, round=2)
            await app.state.judge.close()
            for entry in await take(ann, count=3):
                assert (await answer_entry(ann, entry["lease"], OTHER)).status_code == 201
            assert server.requests == []
            app.state.judge = DeskJudge()
            await app.state.judge.resume(app.state.desk)
            assert sorted(one["item"]["id"] for one in await heard(ann)) == ["item-1", "item-2"]
            assert len(server.requests) == 4, "each answer of the two by itself; nothing of the blind one"
            await app.state.judge.resume(app.state.desk)
            assert len(await heard(ann)) == 2
        assert len(server.requests) == 4
    with setting.storage.reading() as views:
        runs = [run for run in views.runs(project.id) if run.kind == "desk-judge"]
        assert len({str(run.parameters["submission"]) for run in runs}) == len(runs) == 2
