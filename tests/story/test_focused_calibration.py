"""A sample drawn from the surest items alone: what it certifies, what it says nothing of, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any, cast

import numpy as np
import pytest

from labelwright.adapters.report.project_page import project_page
from labelwright.domain.canonical import Json
from labelwright.domain.project import ProjectConfig
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.certified import certified
from labelwright.services.acceptance.check_certificate import check_certificates
from labelwright.services.acceptance.route import route
from labelwright.services.card.estimate import estimated
from labelwright.services.projects.report import build_report
from tests.story.small_project import SmallProject, configuration
from tests.story.test_combine import OTHER, calibrated, combined, record, truth

N, N_LABELS = 1_500, 210


def config(*, draw: str = "focused", coin: bool = False) -> ProjectConfig:
    plain = configuration(calibration_size=N_LABELS)
    policy = replace(plain.policy, calibration_draw=draw, calibration_coin=coin, target_error=0.1)
    return replace(plain, policy=policy, confidence="combined", signals=("verbalised",))


def made(config: ProjectConfig) -> SmallProject:
    """A model that is sure of an item in six, and right in 98% of these; of the others in 55%."""
    project = SmallProject.made(config, n_items=N)
    rng, keys = np.random.default_rng(5), project.keys()
    easy = rng.random(N) < 1 / 6
    right = rng.random(N) < np.where(easy, 0.98, 0.55)
    values = [truth(key) if ok else OTHER[truth(key)] for key, ok in zip(keys, right, strict=True)]
    stated = np.where(easy, 0.95, 0.5) + 0.04 * rng.random(N)
    record(project, config.models[0].model, values, [{"verbalised": float(p)} for p in stated], keys)
    return project


def answer(key: int, _question: str, _person: int) -> Json:
    return truth(key)


def planned_twice(config: ProjectConfig) -> tuple[SmallProject, set[int]]:
    """Label the sample to learn from, learn, and draw the one that certifies; what taught beside it."""
    project = made(config)
    calibrated(project)
    project.work_queue(answer)
    with project.storage.reading() as views:
        taught = {int(a.item) for a in views.annotations(project.id)}
    combined(project)
    assert calibrated(project) == "planned"
    return project, taught


def test_a_sample_that_taught_is_not_counted_among_those_that_may_fail() -> None:
    project, _ = planned_twice(config())
    assert plan_of(project)["frozen"]["sample_number"] == 1
    project.work_queue(answer)
    assert calibrated(project) == "certified"
    now = project.project.config
    project.reconfigure(replace(now, policy=replace(now.policy, target_error=0.2)))
    assert calibrated(project) == "planned"
    assert plan_of(project)["frozen"]["sample_number"] == 2


def plan_of(project: SmallProject) -> Mapping[str, Any]:
    with project.storage.reading() as views:
        plan = views.plan(project.id)
    assert plan is not None
    return plan


@pytest.fixture(scope="module")
def focused() -> tuple[SmallProject, set[int]]:
    project, taught = planned_twice(config(coin=True))
    project.work_queue(answer)
    assert calibrated(project) == "certified"
    return project, taught


def test_A4P_4_the_second_sample_is_drawn_from_the_surest_items_and_from_none_that_taught(
    focused: tuple[SmallProject, set[int]],
) -> None:
    project, taught = focused
    plan = plan_of(project)
    frozen = plan["frozen"]
    with project.storage.reading() as views:
        in_force = certified(views, project.project, "tone")
    assert in_force is not None
    assert len(plan["items"]) == 140  # the other two thirds
    assert taught.isdisjoint(plan["items"])
    assert frozen["focus"]["n_of"] == N - len(taught)
    assert frozen["n_pool"] == frozen["focus"]["n_items"] == len(in_force.pool.item) < N / 3
    assert (in_force.pool.score >= frozen["focus"]["lowest"]).all()
    assert taught.isdisjoint(in_force.pool.item.tolist())


def test_it_certifies_what_as_many_labels_drawn_from_all_items_do_not(focused: tuple[SmallProject, set[int]]) -> None:
    project, _ = focused
    uniform, _ = planned_twice(config(draw="uniform"))
    assert "focus" not in plan_of(uniform)["frozen"]
    uniform.work_queue(answer)
    assert calibrated(uniform) == "certified"
    with project.storage.reading() as views:
        found = certified(views, project.project, "tone")
    with uniform.storage.reading() as views:
        other = certified(views, uniform.project, "tone")
    assert found is not None
    assert other is not None
    assert int(found.covered.sum()) > 80
    assert int(found.covered.sum()) > int(other.covered.sum())
    right = [found.pool.value[at] == truth(int(found.pool.item[at])) for at in np.flatnonzero(found.covered)]
    assert np.mean(right) >= 0.9


def test_the_certificate_says_in_words_where_it_was_drawn_and_that_a_coin_was_tossed(
    focused: tuple[SmallProject, set[int]],
) -> None:
    project, _ = focused
    with project.storage.reading() as views:
        certificate = cast("dict[str, Json]", cast("Any", views.certificates(project.id)["tone"])["certificate"])
        checked = check_certificates(views, project.id)
        told = cast("dict[str, Any]", build_report(views, project.id))
    said = cast("str", certificate["statement"])
    assert "The sample was focused: drawn at random from the" in said
    assert "this sample says nothing of them" in said
    assert "A coin drawn with the sample" in said
    assert 0 < cast("float", certificate["coin"]) <= 1
    assert [one.holds for one in checked] == [True]
    assert told["questions"][0]["certificate"]["statement"] == said
    page = project_page(told, at="2026-01-01T00:00:00Z")
    drawn = told["questions"][0]["certificate"]["drawn"]
    assert [sentence in said and escape(sentence) in page for sentence in drawn] == [True, True]


def test_what_lies_outside_goes_to_people_and_no_estimate_takes_the_sample_for_one_of_it() -> None:
    project, taught = planned_twice(config())
    project.work_queue(answer)
    calibrated(project)
    route(project.id, storage=project.storage, world=project.world)
    with project.storage.reading() as views:
        in_force = certified(views, project.project, "tone")
        decisions = views.decisions(project.id, "tone")
        question = project.project.config.schema.questions[0]
        found = estimated(views, project.project, question)
        every = {int(key) for key in views.item_keys(project.id)}
        predicted = views.predictions(project.id, "tone", "combined")
    assert in_force is not None
    assert found is not None
    inside = set(in_force.pool.item.tolist())
    outside = {int(d.item): d for d in decisions if int(d.item) in every - inside - taught}
    assert {d.route for d in outside.values()} == {"review"}
    assert "scores below the part that the sample was drawn from" in {d.reason for d in outside.values()}
    # Of 1,100 labels nobody drew, nearly half are wrong. An estimate that spread the sample's 2% over them would be
    # far too low; this one leaves them open, and so holds the truth.
    parts = {part["part"]: part for part in cast("list[dict[str, Any]]", found["parts"])}
    assert parts["not sampled"]["n"] == len(outside)
    assert (parts["not sampled"]["error_low"], parts["not sampled"]["error_high"]) == (0.0, 1.0)
    people = taught | {int(item) for item in plan_of(project)["items"]}
    wrong = sum(
        value != truth(int(key))
        for key, value in zip(predicted.item, predicted.value, strict=True)
        if int(key) not in people
    )
    assert cast("float", found["error_low"]) <= wrong / N <= cast("float", found["error_high"])


def test_without_the_setting_nothing_is_focused_and_no_coin_is_tossed() -> None:
    project, _ = planned_twice(replace(config(), policy=replace(config().policy, calibration_draw="uniform")))
    frozen = plan_of(project)["frozen"]
    assert "focus" not in frozen
    assert "coin" not in frozen["questions"]["tone"]
    assert calibrate(project.id, storage=project.storage, world=project.world).n_pool == N - N_LABELS // 3
