"""`labelwright simulate`: the real services on a real database, with a truth to hold everything against."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from labelwright.bootstrap.rehearsal import temporary_storage
from labelwright.cli.main import run
from labelwright.domain.project import Policy
from labelwright.errors import InvalidValue
from labelwright.ports.storage import Storage
from labelwright.services.money.simulate import rehearse_project
from labelwright.services.money.simulate_inputs import read_rehearsal
from labelwright.services.money.simulate_report import rehearse
from labelwright.services.money.simulate_world import Crew, SimulatedWorld, crew_answer, draw_pool
from labelwright.workspace import Workspace
from tests.story.recorded_project import record, write_project

WORLD = SimulatedWorld(600, 0.88, 0.88, 0.005, Crew(accuracy=0.99), labels=("a", "b", "c"))
POLICY = Policy(calibration_size=200)


def test_a_rehearsal_is_a_whole_project_and_the_same_seed_gives_the_same_one() -> None:
    kept: list[Path] = []

    @contextmanager
    def watched() -> Generator[Storage]:
        with temporary_storage() as storage:
            yield storage
            storage.verify()  # the ledger a rehearsal leaves is a sound one
            with storage.reading() as views:
                (project,) = views.projects()
                kinds = {one.kind for one in views.runs(project.id)}
                assert {"import", "prelabel", "route", "aggregate"} <= kinds
                assert views.call_totals(project.id).calls == 600
                assert {person.kind for person in views.annotators(project.id)} == {"simulated"}
            kept.append(Path())

    first, again = (rehearse_project(WORLD, POLICY, seed=4, make_storage=watched) for _ in range(2))
    assert first == again
    assert len(kept) == 2
    assert first.n_gold == 200
    assert first.is_certified
    assert first.n_accepted + first.n_gold + first.n_reviewed >= 600 - first.n_audit
    assert first.accuracy > first.model_accuracy
    # the model on 600 items at half a cent, and people's hours at $18
    assert first.cost == pytest.approx(3 + 18 * first.people_hours, rel=1e-3)


def test_money_that_ends_leaves_the_rest_to_the_model_unverified() -> None:
    rich = rehearse_project(WORLD, POLICY, seed=4, make_storage=temporary_storage)
    poor = rehearse_project(replace(WORLD, budget=28.0), POLICY, seed=4, make_storage=temporary_storage)
    assert rich.n_unverified == 0 < poor.n_unverified
    assert poor.cost <= 28.5
    assert poor.accuracy < rich.accuracy


def test_rehearsals_agree_with_the_planner_and_keep_the_promise() -> None:
    report = cast("dict[str, Any]", rehearse(WORLD, POLICY, seeds=range(1, 5), make_storage=temporary_storage))
    assert report["n_rehearsals"] == 4 == len(report["runs"])
    assert report["n_broken"] == 0
    assert report["planner"]["given_counts"]["n_inside"] >= 3
    before = report["planner"]["before"]
    expected = report["expected"]
    assert before["accuracy"] == pytest.approx(expected["accuracy"]["mean"], abs=0.015)
    assert before["cost"] == pytest.approx(expected["cost"]["mean"], rel=0.35)


def test_progress_runs_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    rehearse(
        replace(WORLD, n_items=150),
        Policy(calibration_size=60),
        seeds=(1, 2),
        make_storage=temporary_storage,
        progress=lambda done, of: told.append((done, of)),
    )
    assert told == sorted(told)
    assert told[-1] == (300, 300)


def test_simulated_people_err_adopt_and_overcorrect_as_often_as_they_are_said_to() -> None:
    rng = np.random.default_rng(1)
    crew = Crew(accuracy=0.9, adopt=0.3, overcorrect=0.05)
    n = 20_000
    blind = np.mean([crew_answer(crew, 1, None, 3, rng) == 1 for _ in range(n)])
    kept = np.mean([crew_answer(crew, 1, 1, 3, rng) == 1 for _ in range(n)])
    mended = np.mean([crew_answer(crew, 1, 2, 3, rng) == 1 for _ in range(n)])
    assert blind == pytest.approx(0.9, abs=0.01)
    assert kept == pytest.approx(0.95, abs=0.01)
    assert mended == pytest.approx(0.7 * 0.9, abs=0.015)


def test_the_pool_has_the_accuracy_and_prevalence_that_were_asked_for() -> None:
    world = replace(WORLD, n_items=50_000, prevalence=(0.7, 0.2, 0.1))
    pool = draw_pool(world, np.random.default_rng(2))
    assert np.mean(pool.said == pool.truth) == pytest.approx(0.88, abs=0.005)
    assert np.bincount(pool.truth) / 50_000 == pytest.approx([0.7, 0.2, 0.1], abs=0.01)
    assert len(np.unique(pool.confidence)) < 102, "whole hundredths, as models state them"


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ({"items": 100}, "not known yet: --model-price"),
        ({"itmes": 100}, "did you mean 'items'"),
        ({"people": 0.5}, "no whole number"),
        ({"calibration_size": 999_999}, "cannot be drawn"),
        ({"target_error": 1.0}, "strictly between"),
        ({"labels": "one"}, "at least 2"),
    ],
)
def test_a_world_that_cannot_be_rehearsed_is_refused(written: dict[str, object], problem: str) -> None:
    whole: dict[str, object] = {
        "items": 100,
        "model_price": 0.01,
        "model_accuracy": 0.9,
        "auroc": 0.8,
        "human_accuracy": 0.95,
    }
    given = written if problem.startswith("not") else {**whole, **written}
    with pytest.raises(InvalidValue, match=problem):
        read_rehearsal(given)


def test_a_price_per_answer_stands_for_a_wage() -> None:
    world, _policy, unused = read_rehearsal(
        {
            "items": 100,
            "model_price": 0.01,
            "model_accuracy": 0.9,
            "auroc": 0.8,
            "human_accuracy": 0.95,
            "human_price": 0.1,
            "most_votes": 3,
        }
    )
    assert world.crew.price(shown=False) == pytest.approx(0.1)
    assert unused == ("most_votes",)


def test_the_command_works_with_figures_alone_and_in_a_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = ("--items", "200", "--model-accuracy", "0.9", "--auroc", "0.9", "--model-price", "0.01")
    people = ("--human-accuracy", "0.98", "--gold", "80", "--seeds", "1")
    assert run(("simulate", *figures, *people, "--labels", "spam,ham")) == 0
    assert "promise broken" in capsys.readouterr().out
    recorded, work = record(tmp_path / "recorded", 3), tmp_path / "work"
    write_project(work, "http://127.0.0.1:9/v1")
    with Workspace.create(work) as workspace:
        workspace.apply()
        workspace.project().import_items(recorded / "items.jsonl", id_field="id")
    assert run(("simulate", "-w", str(work), *figures, *people, "--json")) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["world"]["labels"] == ["good", "bad", "mixed"], "of the project's question"
    with Workspace.open(work) as workspace, workspace.storage.reading() as views:
        assert views.item_count(workspace.project().id) == 3, "nothing of the project changed"


def test_the_planner_expects_what_the_policy_does_where_an_answer_from_scratch_would_be_better() -> None:
    """Reviewers who see suggestions are less right than blind ones and cost the same: still they are who reviews."""
    world = replace(WORLD, model_accuracy=0.8, auroc=0.85)
    report = cast("dict[str, Any]", rehearse(world, POLICY, seeds=range(1, 4), make_storage=temporary_storage))
    expected = report["expected"]["accuracy"]["mean"]
    assert report["planner"]["given_counts"]["accuracy"] == pytest.approx(expected, abs=0.012)
    assert report["planner"]["given_counts"]["n_inside"] >= 2


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        # 300 items at a cent, then 100 gold labels of 20 s at $18 an hour
        ({"budget": 10}, r"\$10.00 does not pay for the model \(\$3.00\) and 100 gold items \(\$10.00\)"),
        ({"audit_share": 4}, "4 is no share"),
        ({"wage_per_hour": -4}, "wage per hour: -4 is below 0"),
        ({"review_seconds": -1}, "review seconds: -1 is not above 0"),
        ({"labels": "a,b,a"}, "names a label twice"),
    ],
)
def test_what_cannot_be_rehearsed_is_refused_before_it_begins(wrong: dict[str, object], problem: str) -> None:
    figures = {"items": 300, "model_price": 0.01, "model_accuracy": 0.9, "auroc": 0.9, "human_accuracy": 0.98}
    with pytest.raises(InvalidValue, match=problem):
        read_rehearsal({**figures, **wrong})
