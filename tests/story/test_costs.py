"""`labelwright costs`: rows of any grouping add up to one total, and calls to what the budget says was paid."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from labelwright.cli.commands.costs import tell_costs
from labelwright.cli.main import run
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import CostRates
from labelwright.events import RunStarted
from labelwright.ports.calls import CallRecord
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.money.costs import GROUPINGS, Grouping, cost_report, cost_rows, hourly_pico
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.project_of import project_of
from labelwright.services.projects.report import build_report
from labelwright.workspace import Workspace
from tests.story.recorded_project import record, write_project
from tests.story.small_project import SmallProject, configuration, spread


def a_call(project: ProjectId, key: str, *, cost_pico: int | None = 1_234_567, **other: object) -> CallRecord:
    made = CallRecord(
        key=key,
        project=project,
        run="prelabel-1",
        item=1,
        item_id="i0001",
        provider="here",
        model="reader",
        step=0,
        attempt=0,
        status="ok",
        http_status=200,
        error=None,
        response=b"{}",
        tokens_in=10,
        tokens_out=5,
        tokens_cached=0,
        cost_pico=cost_pico,
        latency_ms=500.0,
        created_at="2026-10-31T23:59:59.900Z",
    )
    return replace(made, **other)


def told(project: SmallProject, by: Grouping = "kind") -> dict[str, Any]:
    with project.storage.reading() as views:
        return cast("dict[str, Any]", cost_report(views, project.id, by=by))


@pytest.fixture
def project() -> SmallProject:
    """120 items by a model, 90 of them by people at a second each; $36 an hour and a quarter on top."""
    made = SmallProject.made(
        replace(configuration(calibration_size=90), costs=CostRates(wage_per_hour=36_000_000, overhead=0.25)),
        n_items=120,
        n_people=2,
    )
    values, sure, truth = spread(made.keys(), n_wrong_last=20)
    started = RunStarted(made.id, "prelabel-1", "prelabel", {"delivery": "batch", "prompt_hash": "abc"})
    made.storage.write(lambda tx: tx.append([started], made.world.provenance()))
    made.predict(values, sure)
    calls = [
        *(a_call(made.id, f"k{n}") for n in range(100)),
        *(a_call(made.id, f"m{n}", created_at="2026-11-01T00:00:01.000Z") for n in range(20)),
        a_call(made.id, "e", status="error", cost_pico=None),
        a_call(made.id, "j", run="judge-1", model="judge", cost_pico=5),
    ]
    made.storage.write(lambda tx: tx.record_calls(calls))
    calibrate(made.id, storage=made.storage, world=made.world)
    made.work_queue(lambda item, _question, _person: truth[item])
    calibrate(made.id, storage=made.storage, world=made.world)
    route(made.id, storage=made.storage, world=made.world)
    aggregate(made.id, storage=made.storage, world=made.world)
    return made


def test_every_grouping_adds_up_to_the_same_total_and_calls_to_what_was_paid(project: SmallProject) -> None:
    """Conservation."""
    reports = [told(project, by) for by in GROUPINGS]
    with project.storage.reading() as views:
        rows = cost_rows(views, project_of(views, project.id))
        paid = views.budget(project.id, limit=None).spent
    assert sum(row.pico for row in rows if row.kind == "calls") == paid == 120 * 1_234_567 + 5
    # 90 answers of a second at $36 and a quarter: $0.0125 each
    assert sum(row.pico for row in rows if row.kind == "people") == 90 * 12_500_000_000
    for report in reports:
        total = report["total"]["cost_pico"]
        assert sum(row["cost_pico"] for row in report["rows"]) == total == paid + 90 * 12_500_000_000
        assert sum(row["calls"] for row in report["rows"]) == 122
        assert report["is_complete"] is True


def test_rows_are_told_apart_by_model_month_person_and_purpose(project: SmallProject) -> None:
    keys = {by: [row["key"] for row in told(project, by)["rows"]] for by in GROUPINGS}
    assert keys["model"] == ["judge", "people", "reader"]
    assert keys["month"][:2] == ["2023-11", "2026-10"], "people answered by the test's clock"
    assert keys["person"] == ["models", "person 0", "person 1"]
    assert "prelabel, in batches" in keys["purpose"]
    assert "calibration" in keys["purpose"]


def test_a_right_label_costs_more_than_a_label_and_stands_in_its_interval(project: SmallProject) -> None:
    report = told(project)
    per, cost = report["per"], report["total"]["cost"]
    assert per["n_labels"] == 120
    assert per["label"] == pytest.approx(cost / 120)
    correct = per["correct"]
    assert correct["low"] <= correct["value"] <= correct["high"]
    assert correct["value"] >= per["label"]


def test_costs_report_and_card_say_the_same_of_the_labels(project: SmallProject) -> None:
    with project.storage.reading() as views:
        (question,) = cast("list[dict[str, Any]]", build_report(views, project.id)["questions"])
    overall, estimate = question["card"]["accuracy"]["overall"], question["estimate"]
    assert [estimate[f"accuracy{end}"] for end in ("", "_low", "_high")] == [
        overall[end] for end in ("value", "low", "high")
    ]
    assert told(project)["per"]["n_correct"]["value"] == pytest.approx(overall["value"] * 120)
    by_origin = {one["origin"]: one["accuracy"] for one in question["card"]["accuracy"]["by_origin"]}
    for part in estimate["parts"]:
        if by_origin[part["part"]] is not None:
            assert part["error"] == pytest.approx(1 - by_origin[part["part"]]["value"])


def test_the_trend_names_model_prompt_and_guideline_of_each_certificate(project: SmallProject) -> None:
    report = told(project)
    (month,) = [one for one in report["trend"] if one["certificates"]]
    (found,) = month["certificates"]
    assert (found["model"], found["guideline"], found["n"]) == ("reader", 1, 90)
    assert found["low"] <= found["error"] <= found["high"]


def test_what_has_no_price_is_said_and_never_counted_as_nothing(project: SmallProject) -> None:
    unpriced = [
        a_call(
            project.id,
            f"u{n}",
            model="local",
            run="prelabel-2",
            cost_pico=None,
            created_at=f"2026-11-02T00:00:0{n}.000Z",
        )
        for n in range(1, 4)
    ]
    project.storage.write(lambda tx: tx.record_calls(unpriced))
    project.reconfigure(replace(project.project.config, costs=CostRates()))
    report = told(project, "model")
    assert report["is_complete"] is False
    said = " ".join(map(str, report["missing"]))
    assert "3 calls to local have no known price" in said
    assert "what people earn is not known" in said
    # With a price per hour, half a second each, none at the same time: 1.5 s at $7.20.
    project.reconfigure(replace(project.project.config, costs=CostRates(gpu_per_hour=7_200_000)))
    (local,) = [row for row in told(project, "model")["rows"] if row["key"] == "local"]
    assert local["machine_seconds"] == 1.5
    assert local["cost_pico"] == hourly_pico(1500, 7_200_000)
    assert local["unknown_calls"] == 0


def test_calls_at_the_same_time_keep_a_machine_busy_once(project: SmallProject) -> None:
    together = [
        a_call(project.id, f"t{n}", model="local", run="prelabel-3", cost_pico=None, latency_ms=1000.0 + 100 * n)
        for n in range(5)
    ]
    project.storage.write(lambda tx: tx.record_calls(together))
    project.reconfigure(replace(project.project.config, costs=CostRates(gpu_per_hour=7_200_000)))
    (local,) = [row for row in told(project, "model")["rows"] if row["key"] == "local"]
    assert local["machine_seconds"] == 1.4


def test_the_command_tells_writes_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded, work = record(tmp_path / "recorded", 3), tmp_path / "work"
    write_project(work, "http://127.0.0.1:9/v1")
    with Workspace.create(work) as workspace:
        workspace.apply()
        workspace.project().import_items(recorded / "items.jsonl", id_field="id")
        id = workspace.project().id
        made = a_call(id, "k", model="first", run="r")
        workspace.storage.write(lambda tx: tx.record_calls([made]))
    at = ("-w", str(work))
    assert run(("costs", *at)) == 0
    said = capsys.readouterr().out
    assert "per right label" in said
    assert "$0.00000123" in said, "what is not nothing is not told as nothing"
    out = tmp_path / "costs.csv"
    assert run(("costs", "--by", "model", "--json", "--csv", str(out), *at)) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["total"]["cost_pico"] == 1_234_567
    with out.open() as stream:
        (row,) = csv.DictReader(stream)
    assert (row["key"], row["unknown_calls"]) == ("first", "0")
    assert run(("costs", "--csv", str(tmp_path / "nowhere" / "costs.csv"), *at)) == 1
    assert "there is no folder" in capsys.readouterr().err
    assert run(("costs", "--by", "modle", *at)) == 1
    assert "did you mean 'model'?" in capsys.readouterr().err


def test_what_a_total_lacks_is_not_left_out_of_what_a_label_costs(
    project: SmallProject, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody knows what people earn: their row is not $0, and a label costs at least what is known."""
    project.reconfigure(replace(project.project.config, costs=CostRates()))
    report = told(project)
    tell_costs(report, report["rows"])
    said = capsys.readouterr().out
    assert re.search(r"people .* not known", said)
    # 120 calls of 1,234,567 pico-USD and one of 5, over 120 labels
    assert "at least $0.00000123   (120 labels of record)" in said
    assert re.search(r"per right label +at least \$0.0000012", said)
