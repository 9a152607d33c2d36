"""Who has been shown a label of an item, by whatever way, gives no blind answer about it any more."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from labelwright.adapters.storage import open_storage
from labelwright.domain.annotation import Annotation
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.project import Display, Policy, Project
from labelwright.domain.sighting import Sighting
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.people.assist import measure_assist
from labelwright.services.people.assist_arms import left_to_chance
from labelwright.services.people.sightings import note_seen
from labelwright.services.people.suggestion_switch import display_of_person
from tests.contract.serving import Setting, a_config, answer_entry, sign_in, take
from tests.story.small_project import SmallProject, configuration

HERE = "/api/v1/projects/reviews"
OTHER: dict[str, Any] = {"sentiment": "negative", "topics": ["price"]}


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    storage = open_storage(tmp_path / "labelwright.db")
    yield Setting(storage)
    storage.close()


def blind_answers(setting: Setting, project: Project) -> dict[str, bool]:
    """Whether the answers that stand are blind, by purpose and question."""
    with setting.storage.reading() as views:
        return {f"{a.purpose}/{a.question}": a.is_blind for a in views.annotations(project.id)}


def answers(setting: Setting, project: Project) -> list[Annotation]:
    with setting.storage.reading() as views:
        return views.annotations(project.id)


async def give_back(person: httpx.AsyncClient, lease: str) -> None:
    assert (await person.delete(f"{HERE}/leases/{lease}")).status_code == 204


@pytest.mark.parametrize("mode", ["shown", "prefilled", "judge"])
async def test_who_gave_an_item_back_with_its_suggestion_seen_is_not_blind_in_another_round(
    setting: Setting,
    mode: Any,  # noqa: ANN401
) -> None:
    project = setting.project(policy=Policy(suggestions=mode))
    setting.enqueue(project, items=[0], round=1)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (card,) = await take(ann)
        assert card["suggestions"] is not None
        await give_back(ann, card["lease"])
        setting.enqueue(project, items=[0], purpose="calibration", blind=True, priority=3, round=2)
        (hidden,) = await take(ann)
        assert hidden["suggestions"] is None
        assert hidden["item"]["id"] == card["item"]["id"]
        assert (await answer_entry(ann, hidden["lease"], OTHER)).status_code == 201
    assert blind_answers(setting, project) == {"calibration/sentiment": False, "calibration/topics": False}
    (one, _) = answers(setting, project)
    assert one.assistance is not None
    assert (one.assistance.display, one.assistance.seen) == ("hidden", ("suggestion",))


async def test_the_policy_may_hide_afterwards_what_was_shown_stays_shown(setting: Setting) -> None:
    project = setting.project(policy=Policy(suggestions="shown"))
    setting.enqueue(project, items=[0], round=1)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (card,) = await take(ann)
        await give_back(ann, card["lease"])
        setting.configure(project, a_config(Policy(suggestions="hidden"), version=2))
        (again,) = await take(ann)
        assert again["suggestions"] is None
        await answer_entry(ann, again["lease"], OTHER)
    assert set(blind_answers(setting, project).values()) == {False}


async def test_a_reveal_in_an_earlier_round_is_remembered(setting: Setting) -> None:
    project = setting.project(policy=Policy(suggestions="after_choice"))
    setting.enqueue(project, items=[0], round=1)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (card,) = await take(ann)
        body = {"lease": card["lease"], "answers": OTHER, "seconds": 1.0}
        assert (await ann.post(f"{HERE}/leases/reveal", json=body)).status_code == 200
        await give_back(ann, card["lease"])
        setting.enqueue(project, items=[0], purpose="audit", blind=True, priority=3, round=2)
        (hidden,) = await take(ann)
        assert hidden["display"] == "hidden"
        await answer_entry(ann, hidden["lease"], OTHER)
    assert set(blind_answers(setting, project).values()) == {False}


async def test_what_was_not_shown_makes_nobody_see(setting: Setting) -> None:
    project = setting.project(policy=Policy(suggestions="after_choice"))
    setting.enqueue(project, items=[0, 1], round=1)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (card,) = await take(ann)
        await give_back(ann, card["lease"])
        (again,) = await take(ann)
        await answer_entry(ann, again["lease"], OTHER)
        assert (await ann.get(f"{HERE}/items/{again['item']['id']}/history")).status_code == 200
    assert set(blind_answers(setting, project).values()) == {True}
    with setting.storage.reading() as views:
        assert views.seen_by_each(project.id) == {}


async def look_at_history(mia: httpx.AsyncClient) -> None:
    assert (await mia.get(f"{HERE}/items/item-1/history")).status_code == 200


async def look_at_the_list(mia: httpx.AsyncClient) -> None:
    for question in ("sentiment", "topics"):
        assert (await mia.get(f"{HERE}/items", params={"question": question})).status_code == 200


async def look_at_the_table(mia: httpx.AsyncClient) -> None:
    for question in ("sentiment", "topics"):
        assert "item-1" in (await mia.get(f"{HERE}/items.csv", params={"question": question})).text


async def look_at_the_grid(mia: httpx.AsyncClient) -> None:
    found = (await mia.get(f"{HERE}/bulk")).json()
    assert "item-1" in [one["id"] for one in found["cards"]]


@pytest.mark.parametrize(
    ("look", "way"),
    [
        (look_at_history, "history"),
        (look_at_the_list, "explore"),
        (look_at_the_table, "explore"),
        (look_at_the_grid, "bulk"),
    ],
)
async def test_a_manager_who_looked_first_and_labels_then_is_not_blind(
    setting: Setting,
    look: Callable[[httpx.AsyncClient], Awaitable[None]],
    way: str,
) -> None:
    project = setting.project()
    setting.enqueue(project, items=[0], round=1)
    async with await sign_in(setting.app(), setting.invite(project, "mia", "manager")) as mia:
        await look(mia)
        setting.enqueue(project, items=[0], purpose="calibration", blind=True, priority=3, round=2)
        (card,) = await take(mia)
        assert card["suggestions"] is None
        await answer_entry(mia, card["lease"], OTHER)
    found = answers(setting, project)
    assert [a.is_blind for a in found] == [False, False]
    assert all(a.assistance is not None and a.assistance.seen == (way,) for a in found)


async def test_what_somebody_remarked_and_the_person_read_before_answering_again_counts_as_seen(
    setting: Setting,
) -> None:
    project = setting.project(policy=Policy(suggestions="hidden"))
    setting.enqueue(project, items=[0], slots=2, round=1)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bea")) as bea,
    ):
        (hers,) = await take(bea)
        await answer_entry(bea, hers["lease"], OTHER)
        remark = {"kind": "comment", "reason": "", "text": "clearly negative"}
        made = await bea.post(
            f"{HERE}/items/item-1/remarks", json=remark, headers={"Idempotency-Key": secrets.token_hex(8)}
        )
        assert made.status_code == 201
        (mine,) = await take(ann)
        before = (await ann.get(f"{HERE}/items/item-1/history")).json()
        assert before["remarks"] == []
        given = (await answer_entry(ann, mine["lease"])).json()
        assert [a.is_blind for a in answers(setting, project)] == [True] * 4
        read = (await ann.get(f"{HERE}/items/item-1/history")).json()
        assert [one["text"] for one in read["remarks"]] == ["clearly negative"]
        undone = await ann.delete(
            f"{HERE}/submissions/{given['submission']}", headers={"Idempotency-Key": secrets.token_hex(8)}
        )
        await answer_entry(ann, undone.json()["entry"]["lease"], OTHER)
    by_person = [(a.is_blind, a.assistance and a.assistance.seen) for a in answers(setting, project)]
    assert by_person == [(True, None)] * 2 + [(False, ("remarks",))] * 2


async def test_a_blind_entry_goes_to_somebody_who_has_not_looked_where_there_is_anybody(setting: Setting) -> None:
    project = setting.project()
    app = setting.app()
    async with await sign_in(app, setting.invite(project, "mia", "manager")) as mia:
        await look_at_history(mia)
        setting.enqueue(project, items=[0, 1], purpose="calibration", blind=True, round=1)
        async with await sign_in(app, setting.invite(project, "ann")) as ann:
            assert [one["item"]["id"] for one in await take(mia, count=5)] == ["item-2"]
            assert [one["item"]["id"] for one in await take(ann, count=5)] == ["item-1"]


async def test_where_nobody_else_is_signed_in_the_entry_comes_and_the_answer_counts_as_seen(setting: Setting) -> None:
    project = setting.project()
    app = setting.app()
    async with await sign_in(app, setting.invite(project, "mia", "manager")) as mia:
        await look_at_history(mia)
        setting.enqueue(project, items=[0], purpose="calibration", blind=True, round=1)
        setting.invite(project, "ann")  # who has not come yet
        (card,) = await take(mia)
        await answer_entry(mia, card["lease"], OTHER)
    assert set(blind_answers(setting, project).values()) == {False}


async def test_R12_what_was_seen_is_folded_from_the_ledger_again(setting: Setting) -> None:
    project = setting.project(policy=Policy(suggestions="after_choice"))
    setting.enqueue(project, items=[0, 1], round=1)
    setting.enqueue(project, items=[2], round=1)
    app = setting.app()
    async with await sign_in(app, setting.invite(project, "mia", "manager")) as mia:
        for card in await take(mia, count=2):
            body = {"lease": card["lease"], "answers": OTHER, "seconds": 1.0}
            assert (await mia.post(f"{HERE}/leases/reveal", json=body)).status_code == 200
            await answer_entry(mia, card["lease"], OTHER)
        await look_at_history(mia)
    keys = setting.keys(project)

    def seen() -> list[Sighting]:
        with setting.storage.reading() as views:
            (mia,) = views.annotators(project.id)
            return views.seen_by(mia.id, keys)

    before = seen()
    assert {one.way for one in before} == {"suggestion", "answered", "history"}
    setting.storage.rebuild()
    assert seen() == before
    setting.storage.verify()


async def test_answers_under_joint_between_two_times_of_showing_are_no_hidden_arm(setting: Setting) -> None:
    project = setting.project(n_items=4, policy=Policy(blind_share=0.5))
    setting.enqueue(project, items=[0, 2, 3], round=1)
    setting.enqueue(project, items=[1], round=1, blind=True, priority=-1)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:

        async def one(policy: Policy | None = None, version: int = 1) -> None:
            setting.clock.at += 10
            if policy is not None:
                setting.configure(project, replace(a_config(policy), version=version))
            setting.clock.at += 10
            (card,) = await take(ann)
            assert (await answer_entry(ann, card["lease"])).status_code == 201

        await one()
        await one(Policy(cooperation="joint"), 2)
        await one(Policy(), 3)
        await one()
    with setting.storage.reading() as views:
        current = views.project(project.id)
        assert current is not None
        is_of_an_arm = left_to_chance(views, current)
        found = [(a.is_blind, is_of_an_arm(a)) for a in views.annotations(project.id, question="sentiment")]
    assert found == [(False, True), (True, False), (False, True), (True, True)]


def look_at(small: SmallProject, person: int, keys: list[int]) -> None:
    seen = [Sighting(ItemKey(key), QuestionName("tone"), "explore") for key in keys]
    who = small.people[person].id
    small.storage.write(lambda tx: note_seen(tx, small.id, who, seen, world=small.world))


def sign_in_all(small: SmallProject) -> None:
    for person in small.people:
        token, who = small.world.new_id(), person.id
        small.storage.write(
            lambda tx, t=token, w=who: tx.add_session(t, small.id, w, expires_at=small.world.now() + 60)
        )


def ready(*, n_people: int) -> SmallProject:
    small = SmallProject.made(configuration(calibration_size=60), n_items=200, n_people=n_people)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), {key: key % 97 / 97 for key in keys})
    return small


def test_no_sample_is_drawn_from_what_everybody_who_is_there_has_seen() -> None:
    small = ready(n_people=2)
    sign_in_all(small)
    keys = small.keys()
    look_at(small, 0, keys[:100])
    look_at(small, 1, keys[50:])
    report = calibrate(small.id, storage=small.storage, world=small.world)
    assert report.frozen["excluded"] == keys[50:100]
    cards = small.work_queue(lambda *_: "good")
    assert all(card["item_key"] not in keys[50:100] for card in cards)
    issued = calibrate(small.id, storage=small.storage, world=small.world).certificates["tone"]
    assert issued["n_not_blind"] == 0
    assert issued["n_missing"] == 0, "each got what they had not seen"


def test_of_a_sample_that_its_only_labeller_has_looked_at_the_answers_prove_nothing_and_that_is_said() -> None:
    small = ready(n_people=1)
    planned = calibrate(small.id, storage=small.storage, world=small.world)
    assert planned.n_items == 60
    with small.storage.reading() as views:
        plan = views.plan(small.id)
    assert plan is not None
    look_at(small, 0, [int(key) for key in list(plan["items"])[:7]])  # pyright: ignore[reportArgumentType, reportCallIssue]
    small.work_queue(lambda *_: "good")
    report = calibrate(small.id, storage=small.storage, world=small.world)
    assert (report.state, report.n_not_blind, report.n_labels) == ("certified", 7, 60)
    issued = report.certificates["tone"]
    assert (issued["n_not_blind"], issued["n_missing"], issued["n_wrong"]) == (7, 7, 7)
    assert "7 of the sample were answered only by people who had seen a label of them" in issued["statement"]


def test_people_are_drawn_in_blocks_that_spread_over_the_shares() -> None:
    shares: dict[Display, float] = {"shown": 0.5, "hidden": 0.5}
    drawn = [display_of_person(shares, ProjectId("p"), 1, place).display for place in range(400)]
    assert all(drawn[place] != drawn[place + 1] for place in range(0, 400, 2)), "of two who join, one each"
    assert drawn.count("shown") == 200
    assert drawn[::2].count("shown") == pytest.approx(100, abs=35), "which of the two is left to chance"
    uneven: dict[Display, float] = {"shown": 0.2, "after_choice": 0.8}
    few = [display_of_person(uneven, ProjectId(f"p{n}"), 1, 1).display for n in range(2000)]
    assert few.count("shown") == pytest.approx(400, abs=80)


def test_drawn_per_person_a_person_sees_all_entries_alike_and_people_are_what_is_compared() -> None:
    config = configuration(
        calibration_size=40,
        blind_share=0.0,
        suggestions={"shown": 0.5, "hidden": 0.5},
        suggestions_per="person",
    )
    small = SmallProject.made(config, n_items=400, n_people=6)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), {key: key % 89 / 89 for key in keys})
    small.work_queue(lambda *_: "good")
    calibrate(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda item, *_: "bad" if item % 3 == 0 else "good")
    calibrate(small.id, storage=small.storage, world=small.world)
    route(small.id, storage=small.storage, world=small.world)

    def answer(item: int, _question: str, _person: int) -> str:
        return "good" if small.in_hand["suggestions"] and item % 2 else "bad" if item % 3 == 0 else "good"

    cards = small.work_queue(answer, seconds=lambda card: 2.0 if card["suggestions"] else 4.0 + len(card["item"]["id"]))
    assert {card["display"] for card in cards} == {"shown", "hidden"}
    with small.storage.reading() as views:
        given = views.annotations(small.id, purpose="review")
    by_person = {a.annotator: {b.is_blind for b in given if b.annotator == a.annotator} for a in given}
    assert sorted(map(sorted, by_person.values())) == [[False]] * 3 + [[True]] * 3
    assert all(
        a.assistance is not None and (a.assistance.per, a.assistance.probability) == ("person", 0.5) for a in given
    )
    (found,) = cast(
        "list[dict[str, Any]]", measure_assist(small.id, storage=small.storage, world=small.world)["questions"]
    )
    assert found["drawn_per"] == "person"
    assert "3 people with suggestions are held against 3 without, each counting once" in found["verdict"]
    assert "between people" in found["speed_up"]["method"]
    assert found["speed_up"]["low"] > 1
