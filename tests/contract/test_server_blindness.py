"""B1 and B2: before answering, nobody learns what others said, what is hidden, or which entries are checks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from labelwright.adapters.storage import open_storage
from labelwright.domain.annotation import Purpose
from labelwright.domain.project import Policy
from tests.contract.serving import Setting, answer_entry, sign_in, take

SECRET = "zwk-secret-label"


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    storage = open_storage(tmp_path / "labelwright.db")
    yield Setting(storage)
    storage.close()


class Listening(httpx.AsyncBaseTransport):
    """Keeps all that a server says, bodies and headers."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner, self.heard = inner, ""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        self.heard += str(answer.headers.raw) + (await answer.aread()).decode()
        return answer


def overhear(person: httpx.AsyncClient) -> Listening:
    ear = Listening(person._transport)
    person._transport = ear
    return ear


async def look_everywhere(person: httpx.AsyncClient) -> list[dict[str, Any]]:
    entries = await take(person, count=5)
    for path in (
        "/items/item-1/history",
        "/items/item-2/history",
        "",
        "/progress",
        "/submissions?mine=true",
        "/report",
        "/people",
    ):
        await person.get(f"/api/v1/projects/reviews{path}")
    await person.get("/api/v1/session")
    await person.get("/api/v1/projects")
    for entry in entries:
        lease = f"/api/v1/projects/reviews/leases/{entry['lease']}"
        await person.put(lease)
        await answer_entry(person, entry["lease"], {"sentiment": "wrong on purpose"})
    return entries


@pytest.mark.parametrize("purpose", ["calibration", "audit", "review"])
async def test_B1_a_blind_entry_shows_no_suggestion_no_other_label_and_no_gold(
    setting: Setting, purpose: Purpose
) -> None:
    project = setting.project(
        predicted={"sentiment": SECRET, "topics": [SECRET]}, metadata={"gold": SECRET, "split": "check"}
    )
    setting.enqueue(project, purpose=purpose, blind=True, slots=2, reason=SECRET, round=3)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        for entry in await take(bob, count=3):
            done = await answer_entry(bob, entry["lease"], {"sentiment": "negative", "topics": ["price"]})
            assert done.status_code == 201
        ear = overhear(ann)
        entries = await look_everywhere(ann)
    assert len(entries) == 5
    assert SECRET not in ear.heard
    assert "price" not in ear.heard.replace('{"value":"price","title":"price","description":""}', "")
    assert not {"gold", "audit", "calibration", "blind"} & set(ear.heard.lower().replace('"', " ").split())
    assert "etag" not in ear.heard.lower()
    for entry in entries:
        assert entry["suggestions"] is None
        assert entry["reason"] is None


async def test_B1_hidden_suggestions_are_hidden_everywhere(setting: Setting) -> None:
    project = setting.project(predicted={"sentiment": SECRET}, policy=Policy(suggestions="hidden"))
    # Queued while suggestions were still shown: the reason tells how sure the model is.
    setting.enqueue(project, reason=f"the model is 71% sure of {SECRET}", round=2)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        ear = overhear(ann)
        entries = await look_everywhere(ann)
        done = await answer_entry(ann, entries[0]["lease"])
        assert done.status_code == 201
    assert SECRET not in ear.heard
    with setting.storage.reading() as views:
        assert not any(row.suggestion_shown for row in views.annotations(project.id))


@pytest.mark.parametrize("purpose", ["calibration", "audit", "review"])
async def test_B1_no_way_round_makes_a_blind_entry_show_anything(setting: Setting, purpose: Purpose) -> None:
    """Undo, taking again, keeping, giving back and skipping: the entry comes as blind as it went."""
    project = setting.project(n_items=3, predicted={"sentiment": SECRET, "topics": [SECRET]})
    setting.enqueue(project, purpose=purpose, blind=True, reason=SECRET, round=4)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        ear = overhear(ann)
        here = "/api/v1/projects/reviews"
        (first,) = await take(ann)
        done = (await answer_entry(ann, first["lease"])).json()
        undone = await ann.delete(f"{here}/submissions/{done['submission']}", headers={"Idempotency-Key": "u"})
        again = undone.json()["entry"]
        assert await take(ann) == [again]
        assert (await ann.put(f"{here}/leases/{again['lease']}")).status_code == 200
        assert (await ann.delete(f"{here}/leases/{again['lease']}")).status_code == 204
        (third,) = await take(ann)
        passed = await ann.post(f"{here}/skips", json={"lease": third["lease"]}, headers={"Idempotency-Key": "s"})
        assert passed.status_code == 201
        await look_everywhere(ann)
    assert SECRET not in ear.heard
    own = ("lease", "expires_at")
    kept = {k: v for k, v in first.items() if k not in own}
    for entry in (again, third):
        assert {k: v for k, v in entry.items() if k not in own} == kept
    assert (kept["suggestions"], kept["reason"], kept["round"]) == (None, None, 0)


async def test_B1_the_test_above_can_fail_a_shown_suggestion_is_heard(setting: Setting) -> None:
    project = setting.project(predicted={"sentiment": SECRET})
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        ear = overhear(ann)
        await look_everywhere(ann)
    assert SECRET in ear.heard


async def test_B2_checks_look_like_any_other_blind_entry(setting: Setting) -> None:
    project = setting.project(n_items=5)
    for place, (purpose, blind, round_) in enumerate(
        [("calibration", True, 1), ("audit", True, 2), ("review", True, 0)]
    ):
        setting.enqueue(project, items=[place], purpose=purpose, blind=blind, round=round_, reason=purpose)  # type: ignore[arg-type]
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        entries = await take(ann, count=3)
    own = ("lease", "item")
    assert len(entries) == 3
    assert len({str({k: v for k, v in entry.items() if k not in own}) for entry in entries}) == 1
    assert len({len(entry["lease"]) for entry in entries}) == 1
    assert not any(part.isdecimal() for entry in entries for part in entry["lease"].split("."))


async def test_the_server_alone_says_whether_a_suggestion_was_shown(setting: Setting) -> None:
    project = setting.project(n_items=2)
    setting.enqueue(project, items=[0], purpose="calibration", blind=True, priority=1)
    setting.enqueue(project, items=[1])
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        for _ in range(2):
            (entry,) = await take(ann)
            body = {"lease": entry["lease"], "answers": {"sentiment": "positive", "topics": []}, "seconds": 1}
            lie = {"suggestion_shown": entry["suggestions"] is None, "purpose": "review", "blind": False}
            done = await ann.post(
                "/api/v1/projects/reviews/submissions", json=body | lie, headers={"Idempotency-Key": entry["lease"]}
            )
            assert done.status_code == 201
    with setting.storage.reading() as views:
        rows = views.annotations(project.id, question="sentiment")
    assert [(row.purpose, row.suggestion_shown) for row in rows] == [("calibration", False), ("review", True)]
