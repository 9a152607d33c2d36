"""Suggestions without anchoring: how entries show them, what is known before they are revealed, what is recorded."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from labelwright.adapters.storage import open_storage
from labelwright.domain.annotation import Assistance
from labelwright.domain.ids import EntryId, ProjectId, QuestionName
from labelwright.domain.project import Display, Policy, Wellbeing
from labelwright.errors import LedgerBroken
from labelwright.events import PredictionsRecorded
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.people.aggregate import aggregate
from labelwright.services.people.suggestion_switch import drawn_display
from tests.contract.serving import ANSWERS, MODEL, Setting, a_config, answer_entry, prediction, sign_in, take
from tests.contract.test_server_blindness import overhear

HERE = "/api/v1/projects/reviews"
SECRET = "zwk-secret-label"
OTHER = {"sentiment": "negative", "topics": ["screen"]}


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    storage = open_storage(tmp_path / "labelwright.db")
    yield Setting(storage)
    storage.close()


async def reveal(
    person: httpx.AsyncClient, lease: str, answers: dict[str, Any] | None = None, seconds: float = 4.0
) -> httpx.Response:
    body = {"lease": lease, "answers": answers or OTHER, "seconds": seconds}
    return await person.post(f"{HERE}/leases/reveal", json=body)


async def test_B1_nothing_of_a_suggestion_is_in_any_answer_before_the_first_answer_is_stored(setting: Setting) -> None:
    project = setting.project(predicted={"sentiment": SECRET}, policy=Policy(suggestions="after_choice"))
    setting.enqueue(project, reason=f"the model is 71% sure of {SECRET}", round=2)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        ear = overhear(ann)
        entries = await take(ann, count=3)
        lease = entries[0]["lease"]
        for path in ("", "/progress", "/submissions?mine=true"):
            await ann.get(HERE + path)
        await ann.put(f"{HERE}/leases/{lease}")
        await ann.put(f"{HERE}/drafts/{lease}", json={"answers": {"sentiment": "negative"}, "seconds": 1.0})
        incomplete = await reveal(ann, lease, {"sentiment": "negative"})
        assert incomplete.status_code == 422
        assert await take(ann, count=3) == [
            {**entries[0], "draft": {"answers": {"sentiment": "negative"}, "seconds": 1.0}},
            *entries[1:],
        ]
        assert SECRET not in ear.heard
        assert entries[0]["suggestions"] is None
        assert (entries[0]["display"], entries[0]["reason"], entries[0]["round"]) == ("after_choice", None, 0)
        shown = (await reveal(ann, lease)).json()
    assert shown["suggestions"]["sentiment"]["value"] == SECRET
    assert SECRET in shown["reason"]
    assert (shown["lease"], shown["first_answers"]) == (lease, OTHER)


async def test_the_first_answer_stays_the_first_through_asking_again_reload_and_undo(setting: Setting) -> None:
    project = setting.project(policy=Policy(suggestions="after_choice"))
    setting.enqueue(project, items=[0])
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        revealed = (await reveal(ann, entry["lease"])).json()
        again = (await reveal(ann, entry["lease"], ANSWERS, 9.0)).json()
        assert again == revealed
        (reloaded,) = await take(ann)
        assert reloaded == revealed
        done = await answer_entry(ann, entry["lease"], ANSWERS)
        undone = await ann.delete(
            f"{HERE}/submissions/{done.json()['submission']}", headers={"Idempotency-Key": "undo"}
        )
        back = undone.json()["entry"]
        assert (back["suggestions"], back["first_answers"]) == (revealed["suggestions"], OTHER)
        assert (await answer_entry(ann, back["lease"], ANSWERS)).status_code == 201
        assert (await reveal(ann, back["lease"])).status_code == 409
    with setting.storage.reading() as views:
        first = views.first_answers(project.id)
        final = views.annotations(project.id)
    assert {one.question: (one.value, one.seconds) for one in first} == {
        "sentiment": ("negative", 4.0),
        "topics": (["screen"], 4.0),
    }
    assert {one.question: one.value for one in final} == ANSWERS
    assert all(one.suggestion_shown for one in final)
    assert {one.assistance for one in final} == {Assistance("after_choice")}
    assert setting.storage.verify().position > 0
    setting.storage.rebuild()
    with setting.storage.reading() as views:
        assert views.first_answers(project.id) == first


async def test_an_answer_submitted_without_revealing_is_a_blind_one(setting: Setting) -> None:
    project = setting.project(policy=Policy(suggestions="after_choice"))
    setting.enqueue(project, items=[0])
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        assert (await answer_entry(ann, entry["lease"], OTHER)).status_code == 201
    with setting.storage.reading() as views:
        found = views.annotations(project.id)
    assert not any(one.suggestion_shown for one in found)
    assert {one.assistance for one in found} == {Assistance("after_choice")}


@pytest.mark.parametrize("blind", [True, False])
async def test_B1_what_is_not_held_back_for_a_first_answer_cannot_be_revealed(setting: Setting, blind: bool) -> None:
    mode = "after_choice" if blind else "hidden"
    project = setting.project(predicted={"sentiment": SECRET}, policy=Policy(suggestions=mode))
    setting.enqueue(project, purpose="calibration" if blind else "review", blind=blind)
    async with (
        await sign_in(setting.app(), setting.invite(project, "ann")) as ann,
        await sign_in(setting.app(), setting.invite(project, "bob")) as bob,
    ):
        ear, other = overhear(ann), overhear(bob)
        (entry,) = await take(ann)
        assert (await reveal(ann, entry["lease"])).status_code == 409
        assert (await reveal(bob, entry["lease"])).status_code == 404
    assert SECRET not in ear.heard + other.heard


async def test_another_person_starts_blind_where_somebody_has_seen_the_suggestion(setting: Setting) -> None:
    project = setting.project(predicted={"sentiment": SECRET}, policy=Policy(suggestions="after_choice"))
    setting.enqueue(project, items=[0])
    async with (
        await sign_in(setting.app(), setting.invite(project, "ann")) as ann,
        await sign_in(setting.app(), setting.invite(project, "bob")) as bob,
    ):
        (entry,) = await take(ann)
        assert (await reveal(ann, entry["lease"])).status_code == 200
        assert (await ann.delete(f"{HERE}/leases/{entry['lease']}")).status_code == 204
        ear = overhear(bob)
        (entry_of_bob,) = await take(bob)
        assert entry_of_bob["first_answers"] is None
        assert SECRET not in ear.heard
        assert (await reveal(ann, entry["lease"])).status_code == 409


async def test_who_judges_the_models_label_wrong_says_why(setting: Setting) -> None:
    project = setting.project(policy=Policy(suggestions="judge"))
    setting.enqueue(project, items=[0, 1])
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        first, second = await take(ann, count=2)
        assert (await answer_entry(ann, first["lease"], ANSWERS)).status_code == 201
        refused = await answer_entry(ann, second["lease"], OTHER)
        assert refused.status_code == 422
        assert "say why" in refused.text
        body = {"lease": second["lease"], "answers": OTHER, "seconds": 2.0, "reason": "irony"}
        done = await ann.post(f"{HERE}/submissions", json=body, headers={"Idempotency-Key": "judged"})
        assert done.status_code == 201
    with setting.storage.reading() as views:
        noted = [(one.question, one.assistance) for one in views.annotations(project.id)]
    accepted = Assistance("judge", verdict="accepted")
    assert noted == [
        ("sentiment", accepted),
        ("topics", accepted),
        ("sentiment", Assistance("judge", verdict="rejected", reason="irony")),
        ("topics", accepted),
    ]


async def test_displays_are_drawn_per_entry_and_the_probability_is_kept_with_the_answer(setting: Setting) -> None:
    arms: dict[Display, float] = {"shown": 0.5, "after_choice": 0.3, "hidden": 0.2}
    project = setting.project(n_items=10, policy=Policy(suggestions=arms))
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        entries = await take(ann, count=10)
        assert await take(ann, count=10) == entries
        for entry in entries:
            assert (entry["suggestions"] is not None) == (entry["display"] == "shown")
        # The draw stands for who holds the entry, whatever the policy becomes.
        setting.configure(project, a_config(Policy(suggestions="hidden")))
        for entry in entries:
            assert (await answer_entry(ann, entry["lease"])).status_code == 201
    with setting.storage.reading() as views:
        rows = [one for one in views.annotations(project.id) if one.question == "sentiment"]
    assert [one.assistance for one in rows] == [Assistance(e["display"], arms[e["display"]]) for e in entries]
    assert len({one.assistance for one in rows if one.assistance}) > 1


def test_each_display_is_drawn_as_often_as_its_share_says() -> None:
    arms: dict[Display, float] = {"shown": 0.5, "prefilled": 0.3, "hidden": 0.2}
    drawn = Counter(drawn_display(arms, ProjectId("p"), 1, EntryId(n)).display for n in range(4000))
    # 4,000 draws: five standard errors are 0.04 at most.
    assert all(abs(drawn[name] / 4000 - share) < 0.04 for name, share in arms.items())


async def test_where_person_and_model_differ_a_second_person_is_asked_blind(setting: Setting) -> None:
    project = setting.project(predicted={}, policy=Policy(cooperation="joint"))
    prompt = project_prompt(project.config).hash
    rows = tuple(
        replace(prediction(key, QuestionName(name), value), prompt_hash=prompt)
        for key in setting.keys(project)
        for name, value in ANSWERS.items()
    )
    said = PredictionsRecorded(project.id, "prelabel", MODEL, prompt, rows)
    setting.storage.write(lambda tx: tx.append([said], setting.world.provenance()))
    setting.enqueue(project, items=[0, 1])
    async with (
        await sign_in(setting.app(), setting.invite(project, "ann")) as ann,
        await sign_in(setting.app(), setting.invite(project, "bob")) as bob,
    ):
        agreed, differed = await take(ann, count=2)
        assert (agreed["display"], agreed["suggestions"]) == ("hidden", None)
        assert (await answer_entry(ann, agreed["lease"], ANSWERS)).status_code == 201
        assert (await answer_entry(ann, differed["lease"], OTHER)).status_code == 201
        assert await take(ann, count=5) == []
        (second,) = await take(bob, count=5)
        assert second["item"]["id"] == differed["item"]["id"]
        assert (second["questions"], second["suggestions"], second["reason"]) == (["sentiment"], None, None)
        done = await answer_entry(bob, second["lease"], {"sentiment": "positive"})
        assert done.status_code == 201
        assert await take(ann, count=5) == []
    aggregate(project.id, storage=setting.storage, world=setting.world)
    with setting.storage.reading() as views:
        label = next(
            one
            for one in views.resolutions(project.id)
            if one.question == "sentiment" and int(one.item) == int(setting.keys(project)[1])
        )
    # ann says negative, bob positive, and so did the model, by itself.
    assert (label.value, label.method) == ("positive", "two of three, the model among them")


async def test_R9_a_first_answer_cannot_be_changed_behind_its_event(setting: Setting, tmp_path: Path) -> None:
    import sqlite3

    project = setting.project(policy=Policy(suggestions="after_choice"))
    setting.enqueue(project, items=[0])
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        assert (await reveal(ann, entry["lease"])).status_code == 200
    with sqlite3.connect(tmp_path / "labelwright.db") as db:
        db.execute("UPDATE first_answer SET value = ? WHERE question = 'sentiment'", [json.dumps("positive")])
    with pytest.raises(LedgerBroken, match="first answer to 'sentiment'"):
        setting.storage.verify()


def test_an_older_policy_is_read_as_it_was() -> None:
    assert replace(Policy(), suggestions="auto").hides_suggestions is False
    assert Policy(suggestions="hidden").hides_suggestions
    assert Policy(cooperation="joint").hides_suggestions


async def test_an_item_is_covered_for_its_own_warning_or_the_projects_and_no_other_metadata_leaves(
    setting: Setting,
) -> None:
    project = setting.project(n_items=2, metadata={"upsets": "Violence.", "gold": SECRET})
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        ear = overhear(ann)
        assert {entry["item"]["warning"] for entry in await take(ann, count=2)} == {None}
        own = replace(a_config(Policy()), wellbeing=Wellbeing(warning_field="upsets", break_minutes=45))
        setting.configure(project, own)
        assert {entry["item"]["warning"] for entry in await take(ann, count=2)} == {"Violence."}
        assert (await ann.get(HERE)).json()["breaks"] == {"minutes": 45, "items": None}
        setting.configure(project, replace(own, wellbeing=Wellbeing("Abuse.", warning_field="nothing")))
        assert {entry["item"]["warning"] for entry in await take(ann, count=2)} == {"Abuse."}
    assert SECRET not in ear.heard
