"""`labelwright plan`: with figures alone, from a file, and from what a project knows of itself."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from labelwright.adapters.report.plan_charts import frontier_chart, plan_page, tornado_chart
from labelwright.adapters.report.project_page import project_page
from labelwright.cli.main import run
from labelwright.domain.project import CostRates, Guideline
from labelwright.errors import InvalidValue
from labelwright.events import RunStarted
from labelwright.ports.calls import CallRecord
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.money.plan_money import plan_project, plan_report
from labelwright.services.money.plan_money_inputs import read_inputs
from labelwright.services.money.plan_money_measured import measured_project
from labelwright.services.money.simulate_inputs import read_rehearsal
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.project_of import project_of
from labelwright.services.projects.report import build_report
from tests.story.small_project import TONE, TOPICS, SmallProject, configuration, is_json, spread

EXERCISE = (
    *("--items", "100000", "--budget", "5000", "--model-price", "0.005", "--human-price", "0.10"),
    *("--human-accuracy", "0.95", "--model-accuracy", "0.82", "--auroc", "0.87", "--gold", "1000"),
)
POINT = {"cost", "accuracy", "low", "high", "gold", "audit", "reviewed", "fresh", "chosen"}


def told(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert run(("plan", *words)) == status
    said = capsys.readouterr()
    return said.out if status == 0 else said.err


def planned(written: dict[str, object]) -> dict[str, Any]:
    return cast("dict[str, Any]", plan_report(read_inputs(written)))


WORLD: dict[str, object] = {
    "items": 20_000,
    "budget": 900,
    "model_price": 0.005,
    "human_price": 0.1,
    "human_accuracy": 0.95,
    "model_accuracy": "0.82@300",
    "auroc": "0.74..0.82",
}


def test_figures_alone_give_a_plan_with_its_frontier(capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(told(capsys, *EXERCISE, "--json"))
    assert report["chosen"]["reviewed"] == 44_000
    assert report["chosen"]["accuracy"] == pytest.approx(0.959, abs=1e-3)
    assert {frozenset(point) for point in report["frontier"]} == {frozenset(POINT)}
    assert [point["chosen"] for point in report["frontier"]].count(True) == 1
    assert "100,000 items, at most $5,000.00: 95.93% right" in told(capsys, *EXERCISE)


def test_a_file_holds_the_same_figures_and_options_go_before_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = tmp_path / "world.yaml"
    world.write_text(
        "items: 20000\nbudget: 900\nmodel_price: 0.005\nhuman_price: 0.1\nhuman_accuracy: {value: 0.95, n: 200}\n"
        "model_accuracy: {value: 0.82, low: 0.78, high: 0.86}\nauroc: 0.74..0.82\n"
        "models: [{name: larger, price: 0.05, accuracy: 0.9}]\n"
    )
    report = json.loads(told(capsys, str(world), "--budget", "1500", "--json"))
    assert report["wish"]["budget"] == 1500
    assert report["inputs"]["human_accuracy"]["source"] == "stated"
    assert report["chosen"]["models"]["larger"] > 0
    world.write_text("items: 20000\nbugdet: 900\n")
    assert "did you mean 'budget'?" in told(capsys, str(world), status=1)


def test_people_s_price_follows_from_wage_and_seconds() -> None:
    by_wage = {key: value for key, value in WORLD.items() if key != "human_price"}
    report = planned({**by_wage, "wage_per_hour": 18, "seconds_per_label": "15..25", "overhead": 0.2})
    price = report["inputs"]["human_price"]
    assert price["value"] == pytest.approx(0.12)  # 18 · 20 / 3600 · 1.2
    assert (price["low"], price["high"]) == (pytest.approx(0.09), pytest.approx(0.15))
    assert report["chosen"]["cost_low"] < report["chosen"]["cost"] < report["chosen"]["cost_high"]


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        ({"model_accuracy": 0.9, "auroc": 0.91}, "reviewing everything would LOWER accuracy: 95% right for $2,100.00"),
        ({"model_price": 0.06, "budget": 2100}, "people alone would label everything for $2,000.00: 95% right"),
        ({"gold": 3000}, "gold beyond 908 buys nothing but a narrower interval"),
        ({"budget": 9000}, "of the budget is better kept"),
        ({"model_accuracy": 0.82}, "taken as certain: model accuracy, human accuracy"),
        ({"auroc": 0.55, "target_error": 0.01}, "nothing can be certified at 1% error"),
        ({"auroc": 0.62, "target_error": 0.17}, "the chance that it certifies anything at 17% error is only 6"),
    ],
)
def test_what_one_should_beware_of_is_said(change: dict[str, object], warning: str) -> None:
    assert any(warning in said for said in planned({**WORLD, **change})["warnings"])


def test_a_target_turns_the_plan_around(capsys: pytest.CaptureFixture[str]) -> None:
    without = {key: value for key, value in WORLD.items() if key != "budget"}
    report = planned({**without, "target_accuracy": 0.93})
    assert report["chosen"]["accuracy"] == pytest.approx(0.93, abs=1e-6)
    assert report["sensitivities"][0]["outcome"] == "cost"
    certified = planned({**without, "human_accuracy": 0.99, "auroc": 0.93, "target_error": 0.05, "audit_share": 0.05})
    assert certified["certified"]["share"] > 0.2
    assert certified["chosen"]["audit"] >= 30
    with pytest.raises(InvalidValue, match="what is wanted"):
        planned(without)


def test_what_is_missing_is_named_with_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "--items", "1000", "--budget", "100", status=1)
    assert "--auroc: how well its confidence ranks its errors" in said
    assert "--human-price" in said


def test_the_plan_is_drawn_into_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "plan.html"
    told(capsys, *EXERCISE, "--html", str(page))
    text = page.read_text()
    assert text.count("<svg") == 2
    assert "this plan: 95.9%" in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "nothing to vary" in tornado_chart([])
    assert "no plan yet" in frontier_chart([])
    hostile = planned(WORLD)
    hostile["warnings"] = ["<script>x</script>"]
    assert "<script>" not in plan_page(hostile)


@pytest.fixture
def project() -> SmallProject:
    """400 items at $.01 by a model that errs on the least sure; people at $36 an hour and a second each."""
    config = replace(configuration(calibration_size=150), costs=CostRates(wage_per_hour=36_000_000))
    made = SmallProject.made(config, n_items=400, n_people=2)
    values, sure, truth = spread(made.keys(), n_wrong_last=60)
    started = RunStarted(made.id, "prelabel-1", "prelabel", {})
    made.storage.write(lambda tx: tx.append([started], made.world.provenance()))
    made.predict(values, sure)
    calls = [
        CallRecord(
            key=f"k{key}",
            project=made.id,
            run="prelabel-1",
            item=key,
            item_id=str(key),
            provider="here",
            model="reader",
            step=0,
            attempt=0,
            status="ok",
            http_status=200,
            error=None,
            response=b"{}",
            tokens_in=1,
            tokens_out=1,
            tokens_cached=0,
            cost_pico=10_000_000_000,
            latency_ms=1.0,
            created_at="2026-11-01T00:00:00.000Z",
        )
        for key in values
    ]
    made.storage.write(lambda tx: tx.record_calls(calls))
    calibrate(made.id, storage=made.storage, world=made.world)
    made.work_queue(lambda item, _question, _person: truth[item])
    calibrate(made.id, storage=made.storage, world=made.world)
    route(made.id, storage=made.storage, world=made.world)
    aggregate(made.id, storage=made.storage, world=made.world)
    return made


def test_a_project_fills_in_what_it_knows_and_says_from_where(project: SmallProject) -> None:
    report = cast(
        "dict[str, Any]", plan_project(project.id, {"budget": 10}, storage=project.storage, world=project.world)
    )
    inputs = report["inputs"]
    assert report["n_items"] == 400
    assert inputs["model_price"]["value"] == pytest.approx(0.01)
    assert inputs["human_price"]["value"] == pytest.approx(0.01)  # a second at $36 an hour
    assert inputs["model_accuracy"]["source"] == "150 blind labels"
    assert inputs["model_accuracy"]["low"] < 0.85 < inputs["model_accuracy"]["high"]
    assert inputs["human_accuracy"]["source"].startswith("assumed")
    assert report["score_model"] == "calibrated probabilities of the project"
    assert any("assumed, since nothing measured it" in said for said in report["warnings"])
    # Its accuracy was held against people's labels, so that their errors are in it already.
    with project.storage.reading() as views:
        measured = measured_project(views, project_of(views, project.id))
    assert read_inputs({"budget": 10}, measured=measured).known.world.gold_agrees == 1.0
    assert read_inputs({"budget": 10, "model_accuracy": 0.9}, measured=measured).known.world.gold_agrees == 0.95
    # Whatever is written goes first.
    stated = cast(
        "dict[str, Any]",
        plan_project(project.id, {"budget": 10, "human_accuracy": 0.99}, storage=project.storage, world=project.world),
    )
    assert stated["inputs"]["human_accuracy"] == {"value": 0.99, "low": 0.99, "high": 0.99, "source": "stated"}


def test_blind_labels_that_exist_are_gold_that_costs_nothing_more(project: SmallProject) -> None:
    def plan(**written: object) -> dict[str, Any]:
        found = plan_project(project.id, written, storage=project.storage, world=project.world)
        return cast("dict[str, Any]", found)

    # The model's 400 calls are paid; 150 gold at $2 each would be $300.
    report = plan(budget=50, gold_price=2)
    assert report["chosen"]["gold"] == report["chosen"]["gold_there"] == 150
    assert report["chosen"]["cost"] <= 50
    assert report["frontier"][0]["cost"] == pytest.approx(0.01 * report["frontier"][0]["audit"])
    there = "150 blind labels and 400 items that the model has labelled exist already and cost nothing more"
    assert there in report["warnings"]
    assert report["inputs"]["gold_there"]["value"] == 150
    more = plan(budget=50, gold_price=2, gold=160)
    assert more["chosen"]["gold"] == 160
    assert more["frontier"][0]["cost"] == pytest.approx(20 + 0.01 * more["frontier"][0]["audit"]), "ten more are paid"
    assert plan(budget=50, gold_price=2, gold=20)["chosen"]["gold"] == 150, "they are labelled, whatever is asked"
    with pytest.raises(InvalidValue, match=r"50 more gold items \(\$100.00\)"):
        plan(budget=50, gold_price=2, gold=200)
    certified = plan(target_error=0.1, gold_price=2)
    assert certified["chosen"]["gold"] >= 150


def test_audits_and_reviews_that_exist_are_not_asked_and_paid_again(project: SmallProject) -> None:
    def plan(**written: object) -> dict[str, Any]:
        found = plan_project(project.id, {"budget": 3, **written}, storage=project.storage, world=project.world)
        return cast("dict[str, Any]", found)

    before = plan(audit=30)
    asked = project.work_queue(lambda _item, _question, _person: "good", most=60)
    purposes = Counter(card["purpose"] for card in asked)
    assert purposes["audit"] == 30
    after = plan(audit=30)
    chosen = after["chosen"]
    assert (chosen["audit_there"], chosen["seen_there"]) == (30, purposes["review"])
    assert chosen["audit"] == 30
    assert sum(
        chosen[part] for part in ("gold", "audit", "reviewed", "fresh", "unseen", "seen_there")
    ) == pytest.approx(400, abs=2)
    # 60 answers at a cent each are not paid again: the same money reviews as many more, or is left.
    assert before["frontier"][0]["cost"] - after["frontier"][0]["cost"] == pytest.approx(0.3)
    assert after["inputs"]["seen_there"]["value"] == purposes["review"]
    assert any("30 audited items" in said for said in after["warnings"])
    # What was said under an older guideline may have to be asked again.
    config = replace(project.project.config, guideline=Guideline(2, "Good is what is good."))
    project.reconfigure(config)
    with project.storage.reading() as views:
        measured = measured_project(views, project_of(views, project.id))
    assert (measured.gold_there, measured.audit_there, measured.seen_there) == (0, 0, 0)


def test_the_sample_in_force_is_the_gold_where_the_policy_sets_no_size(project: SmallProject) -> None:
    with project.storage.reading() as views:
        measured = measured_project(views, project_of(views, project.id))
    assert (measured.drawn, measured.gold_there) == (150, 150)
    inputs = read_inputs({"budget": 10}, measured=replace(measured, gold=None))
    report = cast("dict[str, Any]", plan_report(inputs))
    assert report["chosen"]["gold"] == 150, "and not a third of the pool"


def test_a_rehearsal_takes_the_figures_that_the_plan_takes(project: SmallProject) -> None:
    with project.storage.reading() as views:
        current = project_of(views, project.id)
        measured = measured_project(views, current)
    world, _policy, _unused = read_rehearsal({}, project=current, measured=measured)
    planned_for = read_inputs({"budget": 10}, measured=measured).known.world
    # Made-up people err in 5%, as is assumed of the real ones: so as to agree as often with them, the model is right
    # more often. Of two labels, both are wrong alike: agreement = t·h + (1 − t)(1 − h).
    right = world.model_accuracy
    assert right * 0.95 + (1 - right) * 0.05 == pytest.approx(planned_for.accuracy)
    assert world.auroc == planned_for.auroc
    stated, _policy, _unused = read_rehearsal({"model_accuracy": 0.8}, project=current, measured=measured)
    assert stated.model_accuracy == 0.8
    assert (world.crew.accuracy, world.model_price) == (planned_for.human_accuracy, planned_for.model_price)
    assert world.crew.price(shown=False) == pytest.approx(planned_for.human_price)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--model-price", "cheap"), "--model-price: 'cheap' is no number"),
        (("--model-price", "-1"), "--model-price: -1 is below 0"),
        (("--target-error", "2"), "--target-error: 2 is not strictly between 0 and 1; give a share, such as 0.05"),
        (("--model-accuracy", "0.7..1.2"), "--model-accuracy: 0.7 to 1.2 is no interval of a share"),
        (("--auroc", "0.6..1.1"), "--auroc: 0.6 to 1.1 is no interval of a share"),
        (("--human-price", "-0.1..0.3"), "--human-price: -0.1 is below 0"),
        (("--audit-share", "3"), "--audit-share: 3 is no share between 0 and 1"),
    ],
)
def test_a_wrong_figure_is_named_by_its_option(
    words: tuple[str, str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert problem in told(capsys, *EXERCISE, *words, status=1)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"fixed": -100}, "fixed: -100 is below 0"),
        ({"models": [{"name": "larger", "price": -1, "accuracy": 0.9}]}, "price of larger: -1 is below 0"),
        ({"models": [{"name": "larger", "price": 1, "accuracy": 9}]}, "accuracy of larger: 9 is not strictly between"),
        (
            {"models": [{"name": "larger", "price": 1, "accuracy": 0.9, "sharing": 7}]},
            "sharing of larger: 7 is no share",
        ),
        ({"human_price": None, "wage_per_hour": -18, "seconds_per_label": 20}, "wage_per_hour: -18 is below 0"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(wrong: dict[str, object], problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        planned({**WORLD, **wrong})


def test_a_wrong_figure_of_a_file_is_named_by_its_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = tmp_path / "world.yaml"
    world.write_text("items: 20000\nmodel_price: cheap\n")
    assert "model_price: 'cheap' is no number" in told(capsys, str(world), "--budget", "9", status=1)


def test_gold_is_varied_by_whole_labels(capsys: pytest.CaptureFixture[str]) -> None:
    report = planned({**WORLD, "gold": 333})
    (gold,) = [one for one in report["sensitivities"] if one["name"] == "gold"]
    assert (gold["low"], gold["high"]) == (166, 666)
    assert "166.5" not in told(capsys, *EXERCISE, "--gold", "333")
    assert "20,000" in told(capsys, *EXERCISE, "--gold", "10000"), "and not 2e+04"


def test_the_report_shows_the_newest_plan_and_none_before(project: SmallProject) -> None:
    with project.storage.reading() as views:
        assert build_report(views, project.id)["plan"] is None
    for budget in (9.0, 10.0):
        plan_project(project.id, {"budget": budget}, storage=project.storage, world=project.world)
    with project.storage.reading() as views:
        kept = cast("dict[str, Any]", build_report(views, project.id)["plan"])
    assert kept["wish"]["budget"] == 10.0
    assert kept["at"]
    with project.storage.reading() as views:
        page = project_page(cast("dict[str, Any]", build_report(views, project.id)), at="today")
    assert "What money would buy" in page
    assert "this plan: " in page
    assert {frozenset(point) for point in kept["frontier"]} == {frozenset(POINT)}
    assert is_json(kept)


def test_people_who_take_now_longer_now_less_give_a_price_in_its_interval(project: SmallProject) -> None:
    seconds = iter(range(1, 1000))
    project.work_queue(lambda _item, _question, _person: "good", seconds=lambda _card: 1.0 + next(seconds) % 7)
    report = cast(
        "dict[str, Any]", plan_project(project.id, {"budget": 10}, storage=project.storage, world=project.world)
    )
    price = report["inputs"]["review_price"]
    assert price["low"] < price["value"] < price["high"]
    assert {type(one["is_assumed"]) for one in report["sensitivities"]} == {bool}


@pytest.mark.parametrize("n_wrong_last", [0, 400])
def test_a_model_that_is_always_right_or_always_wrong_can_be_planned_with(n_wrong_last: int) -> None:
    made = SmallProject.made(configuration(calibration_size=150), n_items=400, n_people=2)
    values, sure, truth = spread(made.keys(), n_wrong_last=n_wrong_last)
    made.predict(values, sure)
    calibrate(made.id, storage=made.storage, world=made.world)
    made.work_queue(lambda item, _question, _person: truth[item])
    calibrate(made.id, storage=made.storage, world=made.world)
    prices = {"budget": 300, "model_price": 0.01, "human_price": 0.5}
    report = cast("dict[str, Any]", plan_project(made.id, prices, storage=made.storage, world=made.world))
    accuracy, ranked = report["inputs"]["model_accuracy"], report["inputs"]["auroc"]
    # 150.5 or half a label of 151
    assert accuracy["value"] == pytest.approx(150.5 / 151 if n_wrong_last == 0 else 0.5 / 151)
    assert accuracy["source"] == "150 blind labels"
    assert ranked["source"].startswith("assumed: all 150 blind labels find the model")
    assert any("assumed, since nothing measured it: auroc" in said for said in report["warnings"])


def test_several_questions_share_the_confidence_as_their_certificates_do() -> None:
    made = SmallProject.made(configuration(questions=(TONE, TOPICS)), n_items=50)
    with made.storage.reading() as views:
        assert measured_project(views, project_of(views, made.id)).confidence_level == 0.975
