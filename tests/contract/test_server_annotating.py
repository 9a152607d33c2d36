"""The desk over HTTP: leases, submissions, undo, skip, on the real application and both storages."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwright.adapters.storage import open_storage
from labelwright.domain.project import Policy
from labelwright.services.people.entry_card import instant
from tests.contract.serving import ANSWERS, Setting, a_config, answer_entry, sign_in, take


@pytest.fixture(params=["sqlite", "memory"])
def setting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Setting]:
    storage = open_storage(tmp_path / "labelwright.db" if request.param == "sqlite" else "memory:")
    yield Setting(storage)
    storage.close()


def labels(setting: Setting, project: object) -> list[tuple[int, str, str, str]]:
    with setting.storage.reading() as views:
        rows = views.annotations(project.id)  # type: ignore[attr-defined]
    return [(row.item, row.question, row.annotator, row.status) for row in rows]


async def test_an_entry_is_taken_answered_and_acknowledged(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        assert entry["item"] == {
            "id": "item-1",
            "content": {"text": "text number 1"},
            "metadata": {},
            "media": {},
            "warning": None,
        }
        assert entry["questions"] == ["sentiment", "topics"]
        assert entry["suggestions"]["sentiment"]["value"] == "positive"
        done = await answer_entry(ann, entry["lease"])
        assert done.status_code == 201
        assert done.json()["status"] == "accepted"
        assert done.json()["progress"] == {"done_by_you": 1, "remaining": 5}
        assert (await take(ann))[0]["item"]["id"] == "item-2"
    with setting.storage.reading() as views:
        first, second = views.annotations(project.id)
    assert (first.question, first.value, first.seconds) == ("sentiment", "positive", 2.5)
    assert (second.question, second.value) == ("topics", ["screen"])
    assert (first.schema_version, first.guideline_version, first.suggestion_shown) == (1, 1, True)
    setting.storage.verify()


async def test_R3_many_identical_submits_are_one_annotation_and_one_answer(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        together = await asyncio.gather(*(answer_entry(ann, entry["lease"], key="k") for _ in range(10)))
        later = [await answer_entry(ann, entry["lease"], key="k") for _ in range(3)]
    answers = [*together, *later]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(labels(setting, project)) == 2  # one per question


async def test_R3_the_same_key_with_another_body_is_refused(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        assert (await answer_entry(ann, entry["lease"], key="k")).status_code == 201
        other = await answer_entry(ann, entry["lease"], {**ANSWERS, "sentiment": "negative"}, key="k")
    assert other.status_code == 422
    assert other.json()["type"] == "labelwright:IdempotencyConflict"
    assert other.headers["content-type"] == "application/problem+json"
    assert len(labels(setting, project)) == 2


async def test_R3_two_people_may_use_the_same_key(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        for person in (ann, bob):
            (entry,) = await take(person)
            assert (await answer_entry(person, entry["lease"], key="k")).status_code == 201
    assert len(labels(setting, project)) == 4


async def test_a_refused_submission_may_be_corrected_under_its_key(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        refused = await answer_entry(ann, entry["lease"], {"sentiment": "postive", "topics": []}, key="k")
        assert refused.status_code == 422
        assert refused.json()["path"] == "answers.sentiment"
        assert refused.json()["hint"] == "did you mean 'positive'?"
        assert (await answer_entry(ann, entry["lease"], key="k")).status_code == 201


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ({"sentiment": "positive"}, "answers.topics"),
        ({"sentiment": "positive", "topics": ["screen", "pirce"]}, "answers.topics[1]"),
        ({"sentiment": None, "topics": []}, "answers.sentiment"),
        ({**ANSWERS, "smell": 1}, "answers.smell"),
    ],
)
async def test_each_wrong_answer_is_named_by_its_path(setting: Setting, answers: dict, path: str) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        refused = await answer_entry(ann, entry["lease"], answers)
    assert (refused.status_code, refused.json()["path"]) == (422, path)
    assert labels(setting, project) == []


async def test_R5_an_answer_after_the_lease_was_taken_over_is_kept_as_surplus(setting: Setting) -> None:
    project = setting.project(n_items=1)
    setting.enqueue(project)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        (old,) = await take(ann)
        assert await take(bob) == []  # R4: one active lease per slot
        setting.clock.at += project.config.policy.lease_seconds + 1
        (new,) = await take(bob)
        assert (await answer_entry(bob, new["lease"])).json()["status"] == "accepted"
        late = await answer_entry(ann, old["lease"], {**ANSWERS, "sentiment": "negative"})
        assert late.status_code == 201
        assert late.json()["status"] == "surplus"
        assert "extra vote" in late.json()["message"]
    assert [status for *_, status in labels(setting, project)] == ["active", "active", "surplus", "surplus"]


async def test_R5_an_expired_lease_that_nobody_took_still_counts(setting: Setting) -> None:
    project = setting.project(n_items=1)
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        setting.clock.at += 10_000
        assert (await answer_entry(ann, entry["lease"])).json()["status"] == "accepted"


async def test_R6_a_dead_clients_entry_is_offered_again_when_its_lease_ends(setting: Setting) -> None:
    project = setting.project(n_items=1, policy=Policy(lease_seconds=30))
    setting.enqueue(project)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        await take(ann)
        setting.clock.at += 29
        assert await take(bob) == []
        setting.clock.at += 2
        assert len(await take(bob)) == 1


async def test_R6_whatever_a_client_says_of_the_time_the_servers_clock_decides(setting: Setting) -> None:
    """Mutant: a lease that ends by the client's clock."""
    project = setting.project(n_items=1)
    setting.enqueue(project)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        leases = "/api/v1/projects/reviews/leases"
        for at, date in ((9e9, "Fri, 01 Jan 2255 00:00:00 GMT"), (1.0, "Thu, 01 Jan 1970 00:00:01 GMT")):
            told = {
                "now": at,
                "at": at,
                "time": at,
                "timestamp": at,
                "expires_at": at,
                "seconds": at,
                "lease_seconds": at,
            }
            headers = {"Date": date, "X-Client-Time": str(at)}
            mine = await ann.post(leases, json={"count": 1, **told}, headers=headers)
            (entry,) = mine.json()["entries"]
            assert entry["expires_at"] == instant(setting.clock.at + project.config.policy.lease_seconds)
            assert (await bob.post(leases, json={"count": 1, **told}, headers=headers)).json()["entries"] == []


async def test_a_lease_is_one_word_and_no_other_spelling_of_it(setting: Setting) -> None:
    project = setting.project(n_items=1)
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        for other in ("{}\0", "{}=", "{}====", " {}", "{}\n", "{}!"):
            assert (await answer_entry(ann, other.format(entry["lease"]))).status_code == 404, other
        assert (await answer_entry(ann, entry["lease"])).status_code == 201


async def test_a_reload_gives_the_same_entry_under_the_same_lease(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        first, second = await take(ann, count=2)
        assert first["lease"] == entry["lease"]
        assert second["item"]["id"] == "item-2"


async def test_a_lease_is_renewed_and_given_back(setting: Setting) -> None:
    project = setting.project(n_items=1)
    setting.enqueue(project)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        (entry,) = await take(ann)
        lease = f"/api/v1/projects/reviews/leases/{entry['lease']}"
        setting.clock.at += 500
        kept = await ann.put(lease)
        assert kept.status_code == 200
        assert kept.json()["expires_at"] > entry["expires_at"]
        setting.clock.at += 500  # past the first end, within the second
        assert await take(bob) == []
        assert (await ann.delete(lease)).status_code == 204
        assert (await ann.delete(lease)).status_code == 204
        assert len(await take(bob)) == 1
        assert (await ann.put(lease)).status_code == 409


async def test_another_persons_lease_is_worth_nothing(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        (entry,) = await take(ann)
        assert (await answer_entry(bob, entry["lease"])).status_code == 404
        lease = f"/api/v1/projects/reviews/leases/{entry['lease']}"
        assert (await bob.put(lease)).status_code == 404
        assert (await bob.delete(lease)).status_code == 404
    assert labels(setting, project) == []


async def test_undo_takes_the_answer_back_and_gives_the_entry_again(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        (entry,) = await take(ann)
        done = (await answer_entry(ann, entry["lease"])).json()
        address = f"/api/v1/projects/reviews/submissions/{done['submission']}"
        assert (await bob.delete(address, headers={"Idempotency-Key": "x"})).status_code == 404
        back = [await ann.delete(address, headers={"Idempotency-Key": "u"}) for _ in range(2)]
        assert {answer.status_code for answer in back} == {200}
        assert back[0].content == back[1].content
        assert back[0].json()["answers"] == ANSWERS
        again = back[0].json()["entry"]
        assert again["item"]["id"] == "item-1"
        assert labels(setting, project) == []
        assert (await ann.delete(address, headers={"Idempotency-Key": "v"})).status_code == 409
        changed = await answer_entry(ann, again["lease"], {**ANSWERS, "sentiment": "negative"})
        assert changed.json()["status"] == "accepted"
        assert changed.json()["progress"]["done_by_you"] == 1
    setting.storage.verify()


async def test_R4_a_second_submission_for_the_same_entry_is_refused(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        assert (await answer_entry(ann, entry["lease"], key="a")).status_code == 201
        assert (await answer_entry(ann, entry["lease"], key="b")).status_code == 409
    assert len(labels(setting, project)) == 2


async def test_a_skipped_entry_goes_to_somebody_else_and_never_comes_back(setting: Setting) -> None:
    project = setting.project(n_items=1)
    setting.enqueue(project)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        (entry,) = await take(ann)
        body = {"lease": entry["lease"], "reason": "not in a language I read"}
        for _ in range(2):
            passed = await ann.post("/api/v1/projects/reviews/skips", json=body, headers={"Idempotency-Key": "s"})
            assert (passed.status_code, passed.json()) == (201, {})
        assert await take(ann) == []
        assert len(await take(bob)) == 1


async def test_ones_own_submissions_are_listed_newest_first_in_pages(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        for person in (ann, bob, ann, ann):
            (entry,) = await take(person)
            await answer_entry(person, entry["lease"])
        address = "/api/v1/projects/reviews/submissions?mine=true&limit=2"
        first = (await ann.get(address)).json()
        assert [row["item"]["id"] for row in first["submissions"]] == ["item-4", "item-3"]
        assert first["submissions"][0]["item"]["preview"] == "text number 4"
        assert first["submissions"][0]["answers"] == ANSWERS
        second = (await ann.get(f"{address}&cursor={first['next']}")).json()
        assert [row["item"]["id"] for row in second["submissions"]] == ["item-1"]
        assert second["next"] is None


async def test_a_value_that_a_new_schema_no_longer_has_is_refused_with_the_reason(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        setting.configure(project, a_config(Policy(), labels=("good", "bad"), version=2))
        old = await answer_entry(ann, entry["lease"])
        assert (old.status_code, old.json()["path"]) == (422, "answers.sentiment")
        assert "not in the schema" in old.json()["detail"]
        new = await answer_entry(ann, entry["lease"], {"sentiment": "good", "topics": []})
        assert new.status_code == 201
    with setting.storage.reading() as views:
        assert {(row.schema_version, row.guideline_version) for row in views.annotations(project.id)} == {(2, 2)}


async def test_what_cannot_be_stored_is_refused_before_anything_is_written(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        raw = '{"lease": "%s", "answers": {"sentiment": %s, "topics": []}, "seconds": 1}'
        for bad in ('"\\ud800"', "NaN", "[" * 100_000 + "]" * 100_000, "{"):
            refused = await ann.post(
                "/api/v1/projects/reviews/submissions",
                content=raw % (entry["lease"], bad),
                headers={"Idempotency-Key": "k", "Content-Type": "application/json"},
            )
            assert refused.status_code in {400, 422}, (bad[:10], refused.text)
            assert refused.headers["content-type"] == "application/problem+json"
        for key in ("", "k" * 101):
            assert (
                await ann.post("/api/v1/projects/reviews/submissions", headers={"Idempotency-Key": key})
            ).status_code == 422
    assert labels(setting, project) == []


async def test_progress_shows_where_things_stand_to_managers_alone(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project, items=[0, 1], purpose="calibration", blind=True, priority=1)
    setting.enqueue(project, items=[2, 3, 4])
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "max", "manager")) as boss,
    ):
        await take(ann)
        plain = (await ann.get("/api/v1/projects/reviews/progress")).json()
        assert plain == {
            "n_items": 6,
            "labels": 0,
            "done_by_you": 0,
            "remaining": 5,
            "queue": [{"purpose": None, "open": 4, "leased": 1, "done": 0}],
            "resolved": None,
        }
        full = (await boss.get("/api/v1/projects/reviews/progress")).json()
        assert {row["purpose"] for row in full["queue"] if row["open"]} == {"calibration", "review"}
