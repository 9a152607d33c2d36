"""Where the model is wrong in a system: found, confirmed by fresh answers, sent back; and nothing where nothing is."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from labelwright import bootstrap
from labelwright.adapters.embedders import HashedEmbedder
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, NotReady
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.people.aggregate import aggregate
from labelwright.services.people.manage_people import invite
from labelwright.services.projects.report import build_report
from labelwright.services.soundness.slice_actions import draw_in_slice, reroute_slice
from labelwright.services.soundness.slice_evidence import audited_labels
from labelwright.services.soundness.slices import search_slices
from tests.story.small_project import TONE, TOPICS, SmallProject, configuration, is_json

N = 1_500
OTHER = {"good": "bad", "bad": "good"}


def made(*, planted: bool = True, seed: int = 5) -> tuple[SmallProject, dict[int, Json]]:
    """A model wrong in 6%, and in 40% of what came by fax (13% of the items), where people's labels are to tell."""
    project = SmallProject.made(configuration(calibration_size=450, target_error=0.15, audit_share=0.2), n_items=0)
    rng = np.random.default_rng(seed)
    source = rng.choice(["web", "mail", "phone", "fax"], N, p=[0.5, 0.25, 0.12, 0.13])
    rows = [
        {"id": f"i{n:04d}", "text": f"A note about parcel {n} from us.", "source": str(source[n]), "stars": int(n % 4)}
        for n in range(N)
    ]
    bootstrap.import_items(project.id, rows, storage=project.storage, world=project.world)
    keys = project.keys()
    error = np.where((source == "fax") & planted, 0.4, 0.06)
    truth: dict[int, Json] = {key: "good" if rng.random() < 0.5 else "bad" for key in keys}
    wrong = rng.random(N) < error
    said: dict[int, Json] = {key: OTHER[str(truth[key])] if wrong[n] else truth[key] for n, key in enumerate(keys)}
    sure: dict[int, float | None] = {key: None if n % 10 == 0 else 0.9 for n, key in enumerate(keys)}
    project.predict(said, sure)  # who is not known to be sure goes to people
    return project, truth


def labelled(project: SmallProject, truth: dict[int, Json]) -> None:
    current = project.project
    made_now = project.storage.write(lambda tx: invite(tx, current, name="ann", world=project.world))
    project.people.append(made_now.annotator)
    calibrate(project.id, storage=project.storage, world=project.world)
    project.work_queue(lambda key, _q, _p: truth[key])
    calibrate(project.id, storage=project.storage, world=project.world)
    route(project.id, storage=project.storage, world=project.world)
    audits = sum(c.open for c in _counts(project) if c.purpose == "audit")
    project.work_queue(lambda key, _q, _p: truth[key], most=audits)


def _counts(project: SmallProject) -> list[Any]:
    with project.storage.reading() as views:
        return views.queue_counts(project.id)


def found(project: SmallProject, **options: Any) -> dict[str, Any]:  # noqa: ANN401
    report = search_slices(
        project.id, storage=project.storage, world=project.world, embedder=HashedEmbedder(), **options
    )
    return cast("dict[str, Any]", report["questions"])["tone"]


def test_a_planted_slice_is_found_confirmed_by_fresh_answers_and_sent_back() -> None:
    project, truth = made()
    labelled(project, truth)
    first = found(project)
    assert [row["slice"] for row in first["findings"]][:1] == ["source = fax"]
    row = first["findings"][0]
    assert row["q"] <= 0.1
    assert row["error"] > 3 * row["rest_error"]
    assert row["confirmed"] is None  # nothing fresh yet
    assert len(row["examples"]) == 3
    assert "source = fax" in row["proposal"]
    with project.storage.reading() as views:
        section = cast("list[dict[str, Any]]", build_report(views, project.id)["questions"])[0]["slices"]
    assert section == first
    assert is_json(section)

    drawn = draw_in_slice(project.id, 1, storage=project.storage, world=project.world, embedder=HashedEmbedder())
    assert 0 < drawn.n <= drawn.population
    assert drawn.probability == drawn.n / drawn.population
    asked = project.work_queue(lambda key, _q, _p: truth[key], most=drawn.n)
    assert all(card["suggestions"] is None for card in asked)  # blind
    again = found(project)["findings"][0]
    assert again["slice"] == "source = fax"
    assert again["confirmed"] is True
    assert again["fresh"]["n"] == drawn.n

    sent = reroute_slice(project.id, 1, storage=project.storage, world=project.world, embedder=HashedEmbedder())
    assert sent.n_recalled > 0
    aggregate(project.id, storage=project.storage, world=project.world)
    with project.storage.reading() as views:
        keys = {int(i.key) for i in views.items(project.id, limit=N) if i.metadata["source"] == "fax"}
        left = [r for r in views.resolutions(project.id) if int(r.item) in keys and r.status == "auto-accepted"]
    assert not left


def test_all_confirmations_of_a_project_share_one_promise_and_wait_for_the_drawn_answers() -> None:
    project, truth = made()
    labelled(project, truth)
    tools: Any = {"storage": project.storage, "world": project.world, "embedder": HashedEmbedder()}
    first = found(project)
    assert first["confirmations"] == {
        "delta": 0.05, "n_tests": 0, "spent": 0.0, "n_now": 0, "level": None, "next_level": 0.025
    }  # fmt: skip
    drawn = draw_in_slice(project.id, 1, n=40, **tools)
    project.work_queue(lambda key, _q, _p: truth[key], most=25)
    waiting = found(project)
    row = waiting["findings"][0]
    assert (row["confirmed"], row["fresh"]["n"], row["fresh"]["n_waiting"], row["fresh"]["p"]) == (None, 25, 15, None)
    assert waiting["confirmations"]["n_tests"] == 0  # looking costs nothing
    early = found(project, confirm=True)
    row = early["findings"][0]
    assert (row["fresh"]["level"], row["fresh"]["n_tested"]) == (0.025, 25)
    assert (early["confirmations"]["n_tests"], early["confirmations"]["spent"]) == (1, 0.025)
    again = found(project, confirm=True)
    assert again["confirmations"]["n_tests"] == 1  # no new answers, nothing to test
    if row["confirmed"] is None:
        project.work_queue(lambda key, _q, _p: truth[key], most=drawn.n - 25)
        later = found(project)
        assert later["findings"][0]["fresh"]["level"] == pytest.approx(0.05 / 6)
        assert later["confirmations"]["spent"] == pytest.approx(0.05 * 2 / 3)


def test_of_several_labels_what_is_missed_in_a_slice_is_told_shown_proposed_and_drawn_for() -> None:
    config = configuration(questions=(TOPICS,), calibration_size=300)
    project = SmallProject.made(config, n_items=0, n_people=1)
    rng = np.random.default_rng(2)
    n = 900
    source = rng.choice(["web", "mail", "fax"], n, p=[0.5, 0.25, 0.25])
    rows = [{"id": f"i{at:04d}", "text": f"Parcel {at} came.", "source": str(source[at])} for at in range(n)]
    bootstrap.import_items(project.id, rows, storage=project.storage, world=project.world)
    keys = project.keys()
    truth: dict[int, Json] = {key: ["price", "screen"] if rng.random() < 0.6 else ["screen"] for key in keys}
    missed = {key for at, key in enumerate(keys) if source[at] == "fax" and rng.random() < 0.6}
    said: dict[int, Json] = {key: ["screen"] if key in missed else truth[key] for key in keys}
    project.predict(said, dict.fromkeys(keys, 0.8), question="topics")
    calibrate(project.id, storage=project.storage, world=project.world)
    project.work_queue(lambda key, _q, _p: truth[key])
    calibrate(project.id, storage=project.storage, world=project.world)
    tools: Any = {"storage": project.storage, "world": project.world, "embedder": HashedEmbedder()}
    report = search_slices(project.id, by=["source"], **tools)
    section = cast("dict[str, Any]", report["questions"])["topics"]
    (row,) = section["findings"]
    assert (row["slice"], row["cell"], row["said"], row["truth"]) == ("source = fax", "price is missed", "", "price")
    assert "“price” is mostly missed there" in row["proposal"]
    assert section["n_cells"] > 0
    with project.storage.reading() as views:
        ids = {str(id): int(key) for key, id in views.item_ids(project.id).items()}
    assert all(said[ids[name]] == ["screen"] and truth[ids[name]] == ["price", "screen"] for name in row["examples"])
    drawn = draw_in_slice(project.id, 1, n=30, **tools)
    assert drawn.slice == "source = fax"
    project.work_queue(lambda key, _q, _p: truth[key], most=drawn.n)
    (again,) = cast("dict[str, Any]", search_slices(project.id, by=["source"], **tools)["questions"])["topics"][
        "findings"
    ]
    assert (again["confirmed"], again["fresh"]["n"]) == (True, 30)


def test_what_was_found_and_is_not_so_is_refuted_by_fresh_answers() -> None:
    project, truth = made()
    labelled(project, truth)
    found(project)
    draw_in_slice(project.id, 1, storage=project.storage, world=project.world, embedder=HashedEmbedder(), n=80)
    with project.storage.reading() as views:
        said = {int(i): v for i, v in zip(*_columns(views, project), strict=True)}
    project.work_queue(lambda key, _q, _p: said[key], most=80)  # every fresh answer agrees with the model
    row = next(row for row in found(project)["findings"] if row["slice"] == "source = fax")
    assert row["confirmed"] is False


def _columns(views: Any, project: SmallProject) -> tuple[Any, Any]:  # noqa: ANN401
    columns = views.predictions(project.id, "tone", "reader")
    return columns.item, columns.value


def test_F3_reviewed_answers_are_no_evidence_and_each_answer_has_its_logged_chance() -> None:
    """F3."""
    project, truth = made()
    labelled(project, truth)
    with project.storage.reading() as views:
        before = audited_labels(views, project.project, TONE)
    project.work_queue(lambda key, _q, _p: truth[key], most=40)  # reviews
    with project.storage.reading() as views:
        after = audited_labels(views, project.project, TONE)
        reviewed = {int(a.item) for a in views.annotations(project.id, purpose="review")}
    assert reviewed
    assert after.item.tolist() == before.item.tolist()
    # 450 of 1,500 by calibration; accepted items had the audit's chance besides.
    assert np.min(after.inclusion) == pytest.approx(450 / N)
    assert np.max(after.inclusion) > 450 / N
    # Weighted by these chances, the audited stand for about as many items as there are.
    assert np.sum(1 / after.inclusion) == pytest.approx(N, rel=0.1)


def test_nothing_is_told_where_there_is_nothing() -> None:
    project, truth = made(planted=False, seed=11)
    labelled(project, truth)
    assert found(project)["findings"] == []
    with pytest.raises(InvalidValue, match="no finding number 1"):
        draw_in_slice(project.id, 1, storage=project.storage, world=project.world, embedder=HashedEmbedder())


def test_what_is_missing_is_said() -> None:
    project, _truth = made()
    with pytest.raises(NotReady, match="too few to find where the model is wrong"):
        found(project)
    with pytest.raises(NotReady, match="run: labelwright slices"):
        draw_in_slice(project.id, 1, storage=project.storage, world=project.world, embedder=HashedEmbedder())


def test_a_field_that_is_not_there_is_named_with_the_nearest() -> None:
    project, truth = made()
    labelled(project, truth)
    with pytest.raises(InvalidValue, match="did you mean 'source'"):
        found(project, by=["sorce"])
    assert found(project, by=["source"])["n_slices"] == 4
