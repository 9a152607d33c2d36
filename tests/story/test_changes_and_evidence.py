"""Words, ways of showing, and who decides change while people label: no false evidence, and nobody is blocked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from labelwright.adapters.formats.export_folder import ExportFolder
from labelwright.adapters.storage import open_storage
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, QuestionName
from labelwright.domain.project import Policy
from labelwright.errors import NotReady
from labelwright.events import PredictionsRecorded
from labelwright.ports.item_search import ItemFilter
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.certified import certified
from labelwright.services.acceptance.route import route
from labelwright.services.card.estimate import estimated
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.people.aggregate import aggregate
from labelwright.services.people.restore import restore, undo_restore
from labelwright.services.projects.export import export
from labelwright.services.projects.label_changes import change_labels, undo_labels
from tests.contract.serving import MODEL, Setting, answer_entry, prediction, sign_in, take
from tests.story.small_project import TONE, SmallProject, configuration, spread


def changed(small: SmallProject, kind: Any, old: list[str], new: list[str]) -> Any:  # noqa: ANN401
    return change_labels(small.id, kind, old, new, storage=small.storage, world=small.world)


def undone(small: SmallProject) -> Any:  # noqa: ANN401
    return undo_labels(small.id, storage=small.storage, world=small.world)


def calibrated(small: SmallProject) -> str:
    return calibrate(small.id, storage=small.storage, world=small.world).state


def sampled(n_items: int = 60, n_sampled: int = 30, **policy: Any) -> tuple[SmallProject, dict[int, Json]]:  # noqa: ANN401
    """Three labels; the model always says good, and a third of it is great."""
    tone = replace(TONE, settings={"labels": ["good", "great", "bad"]})
    config = configuration(questions=(tone,), calibration_size=n_sampled, target_error=0.2, **policy)
    small = SmallProject.made(config, n_items=n_items, n_people=2)
    keys = small.keys()
    said, sure, _ = spread(keys, n_wrong_last=0)
    small.predict(said, sure)
    return small, {key: "great" if key % 3 == 0 else "good" for key in keys}


def test_A4P_answers_to_a_sample_given_under_merged_labels_certify_nothing_once_the_merge_is_taken_back() -> None:
    """Under the merge `good` says good or great; read as good it would call the model's every label right."""
    small, truth = sampled()
    assert calibrated(small) == "planned"
    small.work_queue(lambda key, _q, _p: truth[key], most=5)
    changed(small, "merge", ["good", "great"], ["good"])
    small.work_queue(lambda _key, _q, _p: "good")
    back = undone(small)
    assert any("sample" in warning for warning in back.warnings)
    with small.storage.reading() as views:
        assert certified(views, small.project, "tone") is None
    assert calibrated(small) != "certified"
    small.storage.verify()


def test_a_merge_under_which_nobody_answered_a_sample_leaves_the_certificate_as_it_was() -> None:
    small, truth = sampled()
    calibrated(small)
    small.work_queue(lambda key, _q, _p: truth[key])
    assert calibrated(small) == "certified"
    changed(small, "merge", ["good", "great"], ["good"])
    with small.storage.reading() as views:
        assert certified(views, small.project, "tone") is None
    undone(small)
    with small.storage.reading() as views:
        assert certified(views, small.project, "tone") is not None


def test_what_changes_no_label_and_no_prompt_voids_no_certificate_and_what_does_says_so() -> None:
    small, truth = sampled()
    calibrated(small)
    small.work_queue(lambda key, _q, _p: truth[key])
    calibrated(small)
    config = small.project.config
    calm = replace(config.policy, suggestions="after_choice", cooperation="sequential", blind_share=0.5)
    small.reconfigure(replace(config, policy=calm))
    with small.storage.reading() as views:
        assert certified(views, small.project, "tone") is not None
    config = small.project.config
    question = replace(config.schema.questions[0], required=False)
    small.reconfigure(replace(config, schema=replace(config.schema, questions=(question,))))
    with small.storage.reading() as views:
        assert certified(views, small.project, "tone") is None


def test_where_a_person_decides_on_every_item_nothing_is_accepted_or_drawn_for_an_audit() -> None:
    small, _truth = sampled(n_items=400, n_sampled=100, cooperation="sequential", audit_share=0.2)
    calibrated(small)
    small.work_queue(lambda _key, _q, _p: "good")
    assert calibrated(small) == "certified"
    route(small.id, storage=small.storage, world=small.world)
    aggregate(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        held = certified(views, small.project, "tone")
        assert held is not None
        assert held.above.any()
        assert not held.covered.any()
        assert {d.route for d in views.decisions(small.id)} == {"calibration", "review"}
        assert not views.queued(small.id, "audit")
        assert "auto-accepted" not in {r.status for r in views.resolutions(small.id)}
        told = estimated(views, small.project, small.project.config.schema.questions[0])
        assert told is not None
        parts = cast("list[dict[str, Any]]", told["parts"])
        assert {one["part"]: one["n"] for one in parts} == {"people": 100, "unverified": 300}


def decision(small: SmallProject, position: int) -> str:
    manager, project = replace(small.people[0], role="manager"), small.project
    stored = small.storage.write(
        lambda tx: restore(
            tx,
            project,
            manager,
            item="i0000",
            question="tone",
            position=position,
            reason="so",
            key=small.world.new_id(),
            world=small.world,
        )
    )
    return str(stored.body)


def test_a_label_put_back_means_what_it_meant_whatever_is_called_so_today() -> None:
    """What was `bad` is `poor` now, and `bad` is what was `good`: an old `bad` comes back as `poor`."""
    config = replace(configuration(), models=())
    small = SmallProject.made(config, n_items=1)
    route(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda _k, _q, _p: "bad")
    aggregate(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        key = ItemKey(small.keys()[0])
        trail = views.trail(small.id, key)
    answered = next(row.position for row in trail if row.kind == "answered")
    changed(small, "rename", ["bad"], ["poor"])
    changed(small, "rename", ["good"], ["bad"])

    def label() -> Json:
        with small.storage.reading() as views:
            return next(r.value for r in views.resolutions(small.id))

    assert label() == "poor"
    made = decision(small, answered)
    assert label() == "poor"
    annotation = made.split('"')[3]
    manager, project = replace(small.people[0], role="manager"), small.project
    small.storage.write(
        lambda tx: undo_restore(
            tx, project, manager, item="i0000", annotation=annotation, key="undo", world=small.world
        )
    )
    assert label() == "poor"
    aggregate(small.id, storage=small.storage, world=small.world)
    assert label() == "poor"
    small.storage.verify()


def test_items_are_found_by_what_their_labels_are_called_today() -> None:
    config = replace(configuration(), models=())
    small = SmallProject.made(config, n_items=4)
    route(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda key, _q, _p: "good" if key % 2 else "bad", most=2)
    aggregate(small.id, storage=small.storage, world=small.world)
    changed(small, "rename", ["good"], ["great"])
    small.work_queue(lambda key, _q, _p: "great" if key % 2 else "bad")

    def found(*, answer: str | None = None, label: str | None = None) -> list[str]:
        asked = ItemFilter(question=TONE.name, answer=answer, label=label)
        with small.storage.reading() as views:
            return [str(one.item.id) for one in views.find_items(small.id, asked)]

    assert found(answer='"great"') == ["i0000", "i0002"]
    assert found(answer='"good"') == []
    assert found(label='"great"') == ["i0000"]
    with small.storage.reading() as views:
        assert [one.label for one in views.find_items(small.id, ItemFilter(question=TONE.name))][:2] == ["great", "bad"]
    undone(small)
    assert found(answer='"good"') == ["i0000", "i0002"]
    assert found(answer='"great"') == []


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("rename", ["good"], ["bad one"]),
        ("merge", ["good", "great"], ["good"]),
        ("merge", ["great", "bad"], ["other"]),
        ("split", ["good"], ["fine", "solid"]),
    ],
)
def test_R10_a_change_of_labels_that_is_taken_back_leaves_the_same_export(
    tmp_path: Path, kind: str, old: list[str], new: list[str]
) -> None:
    small, truth = sampled(n_items=12, n_sampled=6)
    calibrated(small)
    small.work_queue(lambda key, _q, _p: truth[key])

    def exported(name: str) -> dict[str, bytes]:
        aggregate(small.id, storage=small.storage, world=small.world)
        folder = tmp_path / name
        export(small.id, ExportFolder(folder), storage=small.storage, world=small.world)
        files = {one.name: one.read_bytes() for one in folder.iterdir() if one.suffix in (".csv", ".jsonl")}
        assert files
        return files

    before = exported("before")
    changed(small, kind, old, new)
    assert exported("changed") != before
    undone(small)
    assert exported("back") == before


@pytest.fixture
def setting(tmp_path: Path) -> Any:  # noqa: ANN401
    storage = open_storage(tmp_path / "labelwright.db")
    yield Setting(storage)
    storage.close()


OTHER: dict[str, Json] = {"sentiment": "negative", "topics": ["screen"]}


async def test_B1_an_item_whose_suggestion_was_revealed_is_in_no_later_sample(setting: Setting) -> None:
    project = setting.project(predicted={}, policy=Policy(suggestions="after_choice", calibration_size=6))
    setting.enqueue(project, items=[0])
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        body = {"lease": entry["lease"], "answers": OTHER, "seconds": 1.0}
        await ann.post("/api/v1/projects/reviews/leases/reveal", json=body)
        await ann.delete(f"/api/v1/projects/reviews/leases/{entry['lease']}")
    first, *others = setting.keys(project)
    prompt = project_prompt(project.config).hash
    rows = tuple(
        replace(prediction(key, QuestionName(name), value), prompt_hash=prompt)
        for key in (first, *others)
        for name, value in OTHER.items()
    )
    said = PredictionsRecorded(project.id, "prelabel", MODEL, prompt, rows)
    setting.storage.write(lambda tx: tx.append([said], setting.world.provenance()))
    with pytest.raises(NotReady, match="a sample of 6 cannot be drawn from 5 items"):
        calibrate(project.id, storage=setting.storage, world=setting.world)


async def test_who_takes_a_differing_answer_back_and_gives_another_is_not_refused(setting: Setting) -> None:
    project = setting.project(policy=Policy(cooperation="joint"))
    setting.enqueue(project, items=[0])
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
    ):
        (entry,) = await take(ann)
        done = await answer_entry(ann, entry["lease"], OTHER)
        back = await ann.delete(
            f"/api/v1/projects/reviews/submissions/{done.json()['submission']}", headers={"Idempotency-Key": "undo"}
        )
        lease = back.json()["entry"]["lease"]
        assert (await answer_entry(ann, lease, OTHER)).status_code == 201
        assert len(await take(bob, count=5)) == 1, "a second person is asked once"
    setting.storage.verify()


async def test_B1_who_has_revealed_a_suggestion_is_not_blind_however_the_item_comes_back(setting: Setting) -> None:
    project = setting.project(policy=Policy(suggestions="after_choice"))
    setting.enqueue(project, items=[0])
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        body = {"lease": entry["lease"], "answers": OTHER, "seconds": 1.0}
        assert (await ann.post("/api/v1/projects/reviews/leases/reveal", json=body)).status_code == 200
        assert (await ann.delete(f"/api/v1/projects/reviews/leases/{entry['lease']}")).status_code == 204
        hidden = replace(project.config, version=2, policy=replace(project.config.policy, suggestions="hidden"))
        setting.configure(project, hidden)
        (again,) = await take(ann)
        assert again["display"] == "hidden"
        assert (await answer_entry(ann, again["lease"])).status_code == 201
    with setting.storage.reading() as views:
        assert all(one.suggestion_shown for one in views.annotations(project.id))


@pytest.mark.parametrize("mode", ["joint", "judge"])
async def test_a_model_that_answered_an_older_schema_blocks_nobody(setting: Setting, mode: str) -> None:
    policy = Policy(cooperation="joint") if mode == "joint" else Policy(suggestions="judge")
    project = setting.project(predicted={"sentiment": "mixed"}, policy=policy)
    setting.enqueue(project, items=[0])
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        done = await answer_entry(ann, entry["lease"])
    assert done.status_code == 201, done.text
