"""The editor's routes: versions, diff, check, preview, apply, items to take as examples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient, Response

from labelwright.adapters.storage import open_storage
from tests.contract.serving import Setting, answer_entry, sign_in, take

HERE = "/api/v1/projects/reviews/configuration"


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    storage = open_storage(tmp_path / "labelwright.db")
    yield Setting(storage)
    storage.close()


async def in_force(boss: AsyncClient) -> dict[str, Any]:
    (newest, *_) = (await boss.get(f"{HERE}/versions")).json()["versions"]
    assert newest["in_force"]
    return (await boss.get(f"{HERE}/versions/{newest['version']}")).json()


async def put(boss: AsyncClient, draft: dict[str, Any], key: str = "k") -> Response:
    return await boss.post(f"{HERE}/apply", json=draft, headers={"Idempotency-Key": key})


def draft_of(one: dict[str, Any], **other: object) -> dict[str, Any]:
    return {"yaml": one["yaml"], "guideline": one["guideline"], "expected": one["version"], **other}


@pytest.mark.parametrize("apart", [True, False])
async def test_a_changed_guideline_is_previewed_applied_listed_and_compared(
    setting: Setting, tmp_path: Path, apart: bool
) -> None:
    project = setting.project()
    async with await sign_in(
        setting.app(workspace=tmp_path if apart else None), setting.invite(project, "max", "manager")
    ) as boss:
        first = await in_force(boss)
        assert "name: reviews" in first["yaml"]
        draft = draft_of(first, guideline=first["guideline"] + "\nNew rule.\n")
        previewed = await boss.post(f"{HERE}/preview", json=draft)
        assert previewed.status_code == 200, previewed.text
        assert previewed.json()["version"] == 2
        assert not previewed.json()["applied"]
        applied = await put(boss, draft)
        assert applied.json() | {"warnings": []} == {"applied": True, "version": 2, "warnings": []}
        assert (await put(boss, draft)).content == applied.content  # R3: the same key, the same answer
        listed = (await boss.get(f"{HERE}/versions")).json()["versions"]
        assert [one["version"] for one in listed] == [2, 1]
        assert listed[0]["by"] == "max"
        assert listed[0]["changed"] == ["the guideline"]
        assert listed[1]["changed"] == ["the project was made"]
        found = (await boss.get(f"{HERE}/diff", params={"old": 1, "new": 2})).json()
        assert found["changes"] == []
        assert found["guideline"]["new"].endswith("New rule.\n")


async def test_what_somebody_applied_meanwhile_is_not_overwritten(setting: Setting) -> None:
    project = setting.project()
    async with await sign_in(setting.app(), setting.invite(project, "max", "manager")) as boss:
        first = await in_force(boss)
        assert (await put(boss, draft_of(first, guideline="one"), "a")).status_code == 200
        refused = await put(boss, draft_of(first, guideline="two"), "b")
        assert refused.status_code == 409
        assert "version 2 came into force" in refused.json()["detail"]
        assert "by max" in refused.json()["detail"]
        assert (await in_force(boss))["guideline"] == "one"


async def test_a_slip_is_found_with_its_line_and_what_was_meant(setting: Setting) -> None:
    project = setting.project()
    async with await sign_in(setting.app(), setting.invite(project, "max", "manager")) as boss:
        first = await in_force(boss)
        slipped = first["yaml"].replace("content_fields:", "content_feilds:")
        found = (await boss.post(f"{HERE}/check", json={"yaml": slipped, "guideline": ""})).json()
        line = slipped.splitlines().index(next(one for one in slipped.splitlines() if "feilds" in one)) + 1
        assert found["problem"]["line"] == line
        assert "did you mean 'content_fields'" in found["problem"]["text"]
        sound = (await boss.post(f"{HERE}/check", json={"yaml": first["yaml"], "guideline": "x"})).json()
        assert sound["problem"] is None
        assert sound["project"]["guideline"]["text"] == "x"
        assert sound["changes"] == ["guideline: changed"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: reviews", "name: others", "stays so"),
        ("base_url: ", "base_url: https://elsewhere.example/v1 #", "which model is called where"),
        ("content_fields:", "budget: 1000\ncontent_fields:", "what may be spent"),
        ("content_fields:", "privacy: {local_only: true}\ncontent_fields:", "what may leave"),
    ],
)
async def test_the_page_does_not_decide_what_the_machines_owner_does(
    setting: Setting, old: str, new: str, said: str
) -> None:
    """A manager cannot have the owner's key sent elsewhere."""
    project = setting.project()
    async with await sign_in(setting.app(), setting.invite(project, "max", "manager")) as boss:
        first = await in_force(boss)
        assert old in first["yaml"]
        changed = draft_of(first, yaml=first["yaml"].replace(old, new, 1))
        found = (await boss.post(f"{HERE}/check", json={k: changed[k] for k in ("yaml", "guideline")})).json()
        assert said in found["problem"]["text"]
        refused = await put(boss, changed)
        assert refused.status_code == 422
        assert said in refused.json()["detail"]


async def test_items_of_a_certifying_sample_are_no_examples(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project, items=[0], purpose="calibration", blind=True, priority=1)
    setting.enqueue(project, items=[3], purpose="audit", blind=True)
    setting.enqueue(project, items=[1, 2])
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "max", "manager")) as boss,
        await sign_in(app, setting.invite(project, "ann")) as ann,
    ):
        (entry,) = await take(ann)
        await answer_entry(ann, entry["lease"])
        found = (await boss.get(f"{HERE}/items")).json()["items"]
        assert len(found) == 6
        kept = {one["id"]: one["why_not"] for one in found}
        with setting.storage.reading() as views:
            apart = {item for purpose in ("calibration", "audit") for item, _ in views.queued(project.id, purpose)}
            ids = views.item_ids(project.id)
        assert {id for id, why in kept.items() if why} == {str(ids[key]) for key in apart} == {"item-1", "item-4"}
        named = draft_of(await in_force(boss))
        named["yaml"] += "examples: {choose: fixed, items: [item-1]}\n"
        refused = await put(boss, named)
        assert refused.status_code == 422
        assert "cannot be an example" in refused.json()["detail"]
        searched = (await boss.get(f"{HERE}/items", params={"search": str(found[0]["id"])})).json()["items"]
        assert found[0]["id"] in [one["id"] for one in searched]
        for one in found:
            assert one["why_not"] is None or one["labels"] == {}


async def test_only_managers_see_the_configuration(setting: Setting) -> None:
    project = setting.project()
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        for path in ("versions", "versions/1", "diff?old=1&new=1", "items"):
            assert (await ann.get(f"{HERE}/{path}")).status_code == 403, path
        for path in ("check", "preview", "apply"):
            body = {"yaml": "", "guideline": "", **({} if path == "check" else {"expected": 1})}
            assert (await ann.post(f"{HERE}/{path}", json=body, headers={"Idempotency-Key": "k"})).status_code == 403, (
                path
            )
