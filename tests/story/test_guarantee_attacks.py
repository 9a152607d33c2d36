"""Ways in which a promise over random draws gets lost without anybody meaning to: each is tried, none may work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeAlias, cast

import numpy as np
import pytest

from labelwright.domain.annotation import NewPrediction
from labelwright.domain.canonical import Json
from labelwright.domain.decision import Decision
from labelwright.domain.ids import ItemKey, QuestionName, RunId
from labelwright.domain.project import Guideline, ModelSource, ProjectConfig
from labelwright.errors import InvalidValue, NotCalibrated
from labelwright.events import PredictionsRecorded
from labelwright.services.acceptance.calibrate import CalibrationReport, calibrate
from labelwright.services.acceptance.route import RouteReport, route
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.people import annotate
from labelwright.services.people.aggregate import aggregate
from labelwright.services.people.manage_people import invite
from labelwright.services.projects.report import build_report
from tests.story.small_project import TOPICS, SmallProject, configuration, spread

N = 600
GUIDELINE = Guideline(1, "Good is very good.")
Answer: TypeAlias = Callable[[int, str, int], Json]


def calibrated(small: SmallProject, *, count_missing_as_wrong: bool = False) -> CalibrationReport:
    return calibrate(small.id, storage=small.storage, world=small.world, count_missing_as_wrong=count_missing_as_wrong)


def routed(small: SmallProject) -> RouteReport:
    return route(small.id, storage=small.storage, world=small.world)


def decisions(small: SmallProject, question: str = "tone") -> dict[int, Decision]:
    with small.storage.reading() as views:
        return {int(d.item): d for d in views.decisions(small.id, question)}


def resolutions(small: SmallProject) -> dict[int, Any]:
    with small.storage.reading() as views:
        return {int(r.item): r for r in views.resolutions(small.id)}


def sample_of(small: SmallProject) -> set[int]:
    with small.storage.reading() as views:
        return set(cast("dict[str, Any]", views.plan(small.id))["items"])


def told(small: SmallProject) -> Any:  # noqa: ANN401
    with small.storage.reading() as views:
        return build_report(views, small.id)


def fail(small: SmallProject, keys: Iterable[int], *, model: str = "reader") -> None:
    """Record that the provider gave no answer for these items."""
    config = small.project.config
    prompt = project_prompt(config).hash
    rows = tuple(
        NewPrediction(
            item=ItemKey(key),
            question=QuestionName("tone"),
            model=model,
            status="failed",
            value=None,
            confidence=None,
            confidence_kind=None,
            signals={},
            problem="timeout",
            raw=None,
            call_key=None,
            run=RunId("run"),
            schema_version=config.schema.version,
            guideline_version=config.guideline.version,
            prompt_hash=prompt,
        )
        for key in keys
    )
    event = PredictionsRecorded(small.id, "run", model, prompt, rows)
    small.storage.write(lambda tx: tx.append([event], small.world.provenance()))


def made(config: ProjectConfig | None = None, *, n_people: int = 1) -> tuple[SmallProject, dict[int, Json]]:
    small = SmallProject.made(config or configuration(), n_items=N, n_people=n_people)
    said, sure, truth = spread(small.keys(), n_wrong_last=100)
    small.predict(said, sure)
    return small, truth


def knowing(truth: dict[int, Json]) -> Answer:
    return lambda item, _q, _n: truth[item]


def in_second_round(small: SmallProject, truth: dict[int, Json]) -> None:
    """Certify, route, then change the guideline and label everything with the model again."""
    calibrated(small)
    small.work_queue(knowing(truth))
    calibrated(small)
    routed(small)


def change_guideline(small: SmallProject) -> None:
    small.reconfigure(replace(configuration(), guideline=GUIDELINE))
    said, sure, _ = spread(small.keys(), n_wrong_last=100)
    small.predict(said, sure)


def test_a_failed_prediction_retried_after_the_freeze_goes_to_people_and_voids_nothing() -> None:
    small = SmallProject.made(configuration(), n_items=N)
    said, sure, truth = spread(small.keys(), n_wrong_last=100)
    late = small.keys()[:40]  # those the model would be surest of
    small.predict({k: v for k, v in said.items() if k not in late}, sure)
    fail(small, late)
    calibrated(small)
    small.work_queue(knowing(truth), most=100)
    small.predict({k: said[k] for k in late}, sure)  # the provider is back
    small.work_queue(knowing(truth))
    assert calibrated(small).certificates["tone"]["is_certified"]
    routed(small)
    of_late = {decisions(small)[k].route for k in late}
    assert of_late <= {"review", "calibration"}
    fail(small, [])
    assert routed(small).n_routed == 0


def test_another_models_late_vote_does_not_move_a_frozen_score() -> None:
    models = (
        ModelSource("reader", "http://h/v1"),
        ModelSource("one", "http://h/v1"),
        ModelSource("two", "http://h/v1"),
    )
    small = SmallProject.made(replace(configuration(), confidence="agreement", models=models), n_items=N)
    keys = small.keys()
    truth: dict[int, Json] = {k: "bad" if place >= 500 else "good" for place, k in enumerate(keys)}
    small.predict(dict.fromkeys(keys, "good"), {})
    small.predict({k: truth[k] for k in keys}, {}, model="one")
    fail(small, keys, model="two")
    calibrated(small)
    small.work_queue(knowing(truth))
    small.predict(dict.fromkeys(keys, "bad"), {}, model="two")
    certificate = calibrated(small).certificates["tone"]
    assert certificate["is_certified"]
    assert certificate["threshold"] == 1.0
    routed(small)
    accepted = [k for k, d in decisions(small).items() if d.route in ("accept", "audit")]
    assert len(accepted) == certificate["n_accepted"]
    assert all(truth[k] == "good" for k in accepted)


def test_answers_of_an_earlier_round_that_come_or_go_late_change_no_frozen_pool() -> None:
    small, truth = made()
    in_second_round(small, truth)
    small.work_queue(knowing(truth), most=35)  # 30 audits, 5 reviews
    person, project = small.people[0], small.project
    held = small.storage.write(lambda tx: annotate.lease_next(tx, project, person, count=1, world=small.world))[0]
    with small.storage.reading() as views:
        last = views.last_submission(small.id, person.id)
    assert last is not None
    change_guideline(small)
    plan = calibrated(small)
    drawn = sample_of(small)
    small.storage.write(
        lambda tx: annotate.submit(
            tx,
            project,
            person,
            lease=str(held["lease"]),
            answers={"tone": "bad"},
            seconds=1.0,
            key="late",
            world=small.world,
        )
    )
    small.storage.write(lambda tx: annotate.undo(tx, project, person, submission=last, key="undone", world=small.world))
    small.work_queue(knowing(truth), most=plan.n_labels_wanted + 1)
    assert calibrated(small).state == "certified"
    assert sample_of(small) == drawn
    assert routed(small).n_routed > 0


def test_what_somebody_holds_with_its_suggestion_is_not_drawn_blind_in_the_next_round() -> None:
    small, truth = made()
    in_second_round(small, truth)
    small.work_queue(knowing(truth), most=30)  # the audits
    person, project = small.people[0], small.project
    cards = small.storage.write(lambda tx: annotate.lease_next(tx, project, person, count=50, world=small.world))
    with small.storage.reading() as views:
        ids = {str(name): int(key) for key, name in views.item_ids(small.id).items()}
    seen = {ids[str(cast("Any", card["item"])["id"])] for card in cards if card["suggestions"]}
    assert len(seen) > 20
    change_guideline(small)
    plan = calibrated(small)
    assert not sample_of(small) & seen
    assert plan.n_pool <= N - 230 - len(seen)


def test_a_void_certificate_accepts_nothing_however_the_labels_of_record_are_made() -> None:
    small, truth = made()
    in_second_round(small, truth)
    assert aggregate(small.id, storage=small.storage, world=small.world).statuses["tone"]["auto-accepted"] > 0
    small.reconfigure(replace(configuration(), guideline=GUIDELINE))
    # Under the new prompt the model says something else, and nobody has checked any of it.
    small.predict(dict.fromkeys(small.keys(), "bad"), dict.fromkeys(small.keys(), 0.99))
    with pytest.raises(NotCalibrated):
        routed(small)
    after = aggregate(small.id, storage=small.storage, world=small.world).statuses["tone"]
    assert after.get("auto-accepted", 0) == 0
    assert {r.status for r in resolutions(small).values() if r.value == "bad"} <= {"unverified", "human-verified"}
    calibrated(small)  # a new plan does not revive the old certificate either
    assert aggregate(small.id, storage=small.storage, world=small.world).statuses["tone"].get("auto-accepted", 0) == 0


def test_a_prediction_replaced_after_routing_is_not_accepted_by_the_old_certificate() -> None:
    small, truth = made()
    in_second_round(small, truth)
    accepted = [k for k, d in decisions(small).items() if d.route == "accept"]
    small.predict({accepted[0]: "bad"}, {accepted[0]: 0.99})
    aggregate(small.id, storage=small.storage, world=small.world)
    assert resolutions(small)[accepted[0]].status != "auto-accepted"


def test_a_second_round_reserves_an_audit_of_its_own() -> None:
    small, truth = made()
    in_second_round(small, truth)
    person, project = small.people[0], small.project
    small.storage.write(lambda tx: annotate.lease_next(tx, project, person, count=3, world=small.world))
    change_guideline(small)
    calibrated(small)
    small.work_queue(knowing(truth))
    assert calibrated(small).certificates["tone"]["is_certified"]
    routed(small)
    audited = {k for k, d in decisions(small).items() if d.route == "audit"}
    assert len(audited) >= 30
    small.work_queue(knowing(truth))
    audit = told(small)["questions"][0]["audit"]
    assert (audit["n_drawn"], audit["n_checked"]) == (len(audited), len(audited))


def test_the_report_between_a_new_certificate_and_its_routing_uses_no_old_audit() -> None:
    small, truth = made()
    in_second_round(small, truth)
    small.work_queue(knowing(truth), most=35)
    change_guideline(small)
    calibrated(small)
    small.work_queue(knowing(truth))
    calibrated(small)
    assert told(small)["questions"][0]["audit"] is None


@pytest.mark.parametrize(
    "change", [{"seed": 9}, {"calibration_size": 300}, {"calibration_votes": 3}, {"audit_share": 0.5}]
)
def test_policy_that_changes_after_the_draw_draws_nothing_again(change: dict[str, Any]) -> None:
    small, truth = made()
    plan, drawn = calibrated(small), sample_of(small)
    small.work_queue(knowing(truth), most=50)
    small.reconfigure(configuration(**change))
    assert calibrated(small).plan == plan.plan
    small.work_queue(knowing(truth))
    report = calibrated(small)
    assert (report.state, report.plan, sample_of(small)) == ("certified", plan.plan, drawn)


def test_every_further_sample_is_counted_and_the_report_says_what_all_of_them_cost() -> None:
    small, truth = made()
    in_second_round(small, truth)
    assert told(small)["questions"][0]["certificate"]["sample_number"] == 1
    change_guideline(small)
    calibrated(small)
    small.work_queue(knowing(truth))
    certificate = calibrated(small).certificates["tone"]
    assert certificate["sample_number"] == 2


def test_items_that_nobody_could_label_only_ever_cost_coverage() -> None:
    outcomes = []
    for most in (200, 150):
        small, truth = made()
        calibrated(small)
        small.work_queue(knowing(truth), most=most)
        outcomes.append(calibrated(small, count_missing_as_wrong=True).certificates["tone"]["n_accepted"])
    assert outcomes[1] <= outcomes[0]


def test_a_machine_is_not_invited_to_vote_as_a_person() -> None:
    small, _truth = made()
    project = small.project
    with pytest.raises(InvalidValue, match="only people"):
        small.storage.write(lambda tx: invite(tx, project, name="bot", world=small.world, kind="llm"))


def test_the_certificate_says_who_labelled_its_sample() -> None:
    small, truth = made()
    project = small.project
    small.people = [
        small.storage.write(
            lambda tx: invite(tx, project, name="stand-in", world=small.world, kind="simulated")
        ).annotator
    ]
    calibrated(small)
    small.work_queue(knowing(truth))
    certificate = calibrated(small).certificates["tone"]
    assert certificate["votes_by"] == {"simulated": 200}


def test_the_noise_of_several_labels_is_that_of_the_whole_set() -> None:
    schema = (replace(TOPICS, settings={"labels": ["a", "b", "c", "d", "e", "f"]}),)
    small = SmallProject.made(configuration(questions=schema, calibration_votes=3), n_items=N, n_people=3)
    keys = small.keys()
    small.predict({key: ["a"] for key in keys}, dict.fromkeys(keys, 0.9), question="topics")
    calibrated(small)
    rng = np.random.default_rng(5)
    # Each person adds a wrong label in a fifth of the items: one answer errs in .2, the consensus in about .1.
    small.work_queue(lambda _i, _q, _n: ["a", str(rng.choice(list("bcdef")))] if rng.random() < 0.2 else ["a"])
    noise = calibrated(small).certificates["topics"]["noise"]
    assert noise["vote_error"] == pytest.approx(0.2, abs=0.04)
