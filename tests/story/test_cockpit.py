"""What a manager weighs, looks at, applies and rolls back over the API; and how the project goes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from labelwright.domain.project import CostRates
from labelwright.server.app import create_app
from labelwright.server.settings import ServerSettings
from labelwright.services.acceptance.cockpit import LIMITS, cockpit, seconds_per_answer
from labelwright.services.acceptance.cockpit_sample import N_ACCEPTED, N_BELOW, Column, places
from labelwright.services.people.manage_people import invite
from labelwright.services.projects.dashboard import dashboard, hours
from labelwright.services.projects.report import build_report
from tests.contract.serving import sign_in
from tests.story.accepting_project import Accepting
from tests.story.small_project import SmallProject, configuration

AT = "/api/v1/projects/small"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[tuple[Path, Accepting]]:
    project = Accepting(folder=tmp_path, n_items=250, routed=False)
    yield tmp_path, project
    project.small.storage.close()


@asynccontextmanager
async def people(made: Accepting, workspace: Path | None) -> AsyncIterator[tuple[AsyncClient, AsyncClient]]:
    """A manager and an annotator of the project."""
    small, project = made.small, made.small.project
    app = create_app(small.storage, small.world, ServerSettings(workspace=workspace))
    tokens = {
        role: small.storage.write(
            lambda tx, r=role: invite(tx, project, name=r, role=r, uses=1, world=small.world)
        ).token
        for role in ("manager", "annotator")
    }
    async with await sign_in(app, tokens["manager"]) as boss, await sign_in(app, tokens["annotator"]) as worker:
        yield boss, worker


def weighed(made: Accepting) -> dict[str, Any]:
    with made.small.storage.reading() as views:
        return cockpit(views, made.small.id)


def test_only_the_frozen_rung_is_the_certificate_and_the_others_are_the_reports_ladder() -> None:
    project = Accepting(n_items=400, routed=False)
    (question,) = weighed(project)["questions"]
    with project.small.storage.reading() as views:
        report: dict[str, Any] = build_report(views, project.small.id)
    (told,) = report["questions"]
    rungs = {rung["target_error"]: rung for rung in question["rungs"]}
    assert set(LIMITS) <= set(rungs)
    (frozen,) = (rung for rung in question["rungs"] if rung["is_frozen"])
    certificate = told["certificate"]
    assert (frozen["target_error"], frozen["n_accepted"]) == (certificate["target_error"], certificate["n_accepted"])
    assert frozen["n_accepted"] > 0
    for rung in told["ladder"]:
        here = rungs[rung["target_error"]]
        assert [here[name] for name in ("is_certified", "threshold", "n_accepted", "n_start")] == [
            rung[name] for name in ("is_certified", "threshold", "n_accepted", "n_start")
        ]
    assert question["risk_coverage"] == told["risk_coverage"]
    for rung in question["rungs"]:
        assert rung["n_accepted"] + rung["n_left"] + question["certificate"]["n_calibration"] == 400
        assert rung["n_labels"] == rung["n_left"] + rung["n_audit"]


async def test_a_process_of_its_own_weighs_and_applies_as_the_server_would(made: tuple[Path, Accepting]) -> None:
    at, project = made
    async with people(project, at) as (boss, _):
        told = (await boss.get(f"{AT}/cockpit")).json()
        assert told == weighed(project)
        applied = await boss.post(f"{AT}/cockpit/apply", json={"plan": told["plan"]}, headers={"Idempotency-Key": "k"})
        assert (applied.status_code, applied.json()["n_routed"]) == (200, told["due"]["n_items"])
        assert len(project.accepted()) == told["due"]["questions"][0]["n_accept"]
        refused = await boss.post(f"{AT}/cockpit/apply", json={"plan": "x"}, headers={"Idempotency-Key": "k2"})
        assert (refused.status_code, "reload" in refused.text) == (409, True)


async def test_a_manager_looks_applies_and_rolls_back_and_annotators_may_not() -> None:
    project = Accepting(n_items=250, routed=False)
    async with people(project, None) as (boss, worker):
        for path in ("/cockpit", "/cockpit/sample?question=tone&score_at_least=0.7", "/dashboard"):
            assert (await worker.get(f"{AT}{path}")).status_code == 403, "S2"
        told = (await boss.get(f"{AT}/cockpit")).json()
        due, (question,) = told["due"], told["questions"]
        assert (due["blocked"], question["n_accepted_now"]) == (None, 0)
        (counted,) = due["questions"]
        assert counted["n_accept"] + counted["n_people"] + counted["n_sample"] == due["n_items"] == 250

        threshold = next(rung["threshold"] for rung in question["rungs"] if rung["is_frozen"])
        asked = {"question": "tone", "score_at_least": repr(threshold)}
        sample = await boss.get(f"{AT}/cockpit/sample", params=asked)
        assert sample.status_code == 200, sample.text
        assert sample.content == (await boss.get(f"{AT}/cockpit/sample", params=asked)).content
        assert sample.json()["n_above"] == counted["n_accept"]
        assert len(sample.json()["accepted"]) == N_ACCEPTED
        assert all(one["score"] >= threshold and one["excerpt"] for one in sample.json()["accepted"])
        tight = (await boss.get(f"{AT}/cockpit/sample", params={**asked, "score_at_least": "0.8"})).json()
        assert len(tight["below"]) == N_BELOW
        assert max(one["score"] for one in tight["below"]) < 0.8 <= min(one["score"] for one in tight["accepted"])
        wrong = await boss.get(f"{AT}/cockpit/sample", params={**asked, "question": "tune"})
        assert (wrong.status_code, "tone" in wrong.text) == (404, True)
        assert (await boss.get(f"{AT}/cockpit/sample", params={**asked, "score_at_least": "nan"})).status_code == 422

        body, key = {"plan": told["plan"]}, {"Idempotency-Key": "k1"}
        assert (await worker.post(f"{AT}/cockpit/apply", json=body, headers=key)).status_code == 403
        stale = await boss.post(f"{AT}/cockpit/apply", json={"plan": "another"}, headers={"Idempotency-Key": "k0"})
        assert (stale.status_code, "reload" in stale.text) == (409, True)
        applied = await boss.post(f"{AT}/cockpit/apply", json=body, headers=key)
        assert applied.status_code == 200, applied.text
        routes = applied.json()["routes"]["tone"]
        assert routes["accept"] + routes["audit"] == counted["n_accept"] == len(project.accepted())
        again = await boss.post(f"{AT}/cockpit/apply", json=body, headers=key)
        assert again.content == applied.content, "R3"
        other = await boss.post(f"{AT}/cockpit/apply", json={"plan": None}, headers=key)
        assert other.status_code == 422

        now = (await boss.get(f"{AT}/cockpit")).json()
        assert (now["due"]["n_items"], now["questions"][0]["n_accepted_now"]) == (0, counted["n_accept"])
        back = await boss.post(f"{AT}/recalls", json={"question": "tone"}, headers={"Idempotency-Key": "k2"})
        assert back.json()["n_items"] == counted["n_accept"]
        now = (await boss.get(f"{AT}/cockpit")).json()
        assert (now["due"]["n_items"], now["questions"][0]["n_accepted_now"]) == (0, 0)
        undo = f"{AT}/recalls/{back.json()['recall']}/undo"
        assert (await boss.post(undo, headers={"Idempotency-Key": "k3"})).json()["undone"] is True
        now = (await boss.get(f"{AT}/cockpit")).json()
        assert now["questions"][0]["n_accepted_now"] == counted["n_accept"]


async def test_without_a_certificate_in_force_nothing_applies_and_the_reason_is_given() -> None:
    small = SmallProject.made(configuration(), n_items=5)
    with small.storage.reading() as views:
        told: dict[str, Any] = cockpit(views, small.id)
    assert "labelwright calibrate" in told["due"]["blocked"]
    (question,) = told["questions"]
    assert (question["certificate"], question["rungs"]) == (None, [])
    made = Accepting(n_items=250)
    made.small.reconfigure(configuration(target_error=0.2, calibration_size=150))
    async with people(made, None) as (boss, _):
        told = (await boss.get(f"{AT}/cockpit")).json()
        assert "target error was 0.1 and is 0.2 now" in told["due"]["blocked"]
        refused = await boss.post(f"{AT}/cockpit/apply", json={"plan": told["plan"]}, headers={"Idempotency-Key": "k"})
        assert (refused.status_code, "void" in refused.text) == (409, True)
        asked = {"question": "tone", "score_at_least": "0.5"}
        assert (await boss.get(f"{AT}/cockpit/sample", params=asked)).status_code == 409


@given(
    score=st.lists(st.sampled_from([0.9, 0.8, 0.7, 0.6]), max_size=40),
    limit=st.sampled_from([0.95, 0.9, 0.75, 0.6, 0.1]),
)
def test_a_sample_lies_on_its_side_of_the_limit_and_is_the_same_every_time(score: list[float], limit: float) -> None:
    ordered = sorted(score, reverse=True)
    n = len(ordered)
    told = {"item": range(n), "score": ordered, "probability": [None] * n, "label": [0] * n, "values": ["good"]}
    column = Column.read({**told, "item": list(range(n))})
    above, below, n_above = places(column, limit)
    assert n_above == sum(s >= limit for s in ordered)
    assert len(above) == min(N_ACCEPTED, n_above) == len(set(above.tolist()))
    assert len(below) == min(N_BELOW, n - n_above)
    assert all(ordered[place] >= limit for place in above)
    assert all(ordered[place] < limit for place in below)
    assert np.array_equal(above, places(column, limit)[0])


def test_the_dashboard_counts_states_hours_people_and_costs() -> None:
    made = Accepting(n_items=250)
    made.small.reconfigure(replace(made.small.project.config, costs=CostRates(wage_per_hour=18_000_000, overhead=0.5)))
    made.aggregate()
    with made.small.storage.reading() as views:
        told: dict[str, Any] = dashboard(views, made.small.id)
        weighs: dict[str, Any] = cockpit(views, made.small.id)
        answers = views.annotations(made.small.id)
    (question,) = told["questions"]
    assert sum(one["n"] for one in question["states"]) == told["n_items"] == 250
    assert {one["state"] for one in question["states"]} >= {"auto-accepted", "human-verified"}
    assert sum(one["n"] for one in told["hours"]) == len({one.submission for one in answers}) == 150
    assert told["hours"] == hours(answers)
    assert [one["name"] for one in told["people"]] == ["person 0", "person 1"]
    assert sum(one["n_labels"] for one in told["people"]) == 150
    assert {(one["seconds"], one["agreement"]) for one in told["people"]} == {(1.0, None)}
    assert seconds_per_answer(answers) == 1.0
    assert weighs["wage_per_hour"] == 27.0
    assert told["cost"]["people"] == pytest.approx(150 / 3600 * 27)
    assert (told["calibration"]["state"], question["audit"]["n_checked"]) == ("certified", 0)
    assert (question["n_pairs"], question["n_findings"]) == (0, None)


def test_agreement_is_between_blind_answers_to_the_same_question() -> None:
    small = SmallProject.made(configuration(calibration_size=10, calibration_votes=2), n_items=30, n_people=2)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.9))
    from labelwright.services.acceptance.calibrate import calibrate

    calibrate(small.id, storage=small.storage, world=small.world)
    seen: list[int] = []

    def answer(item: int, _question: str, person: int) -> str:
        if person == 1:
            seen.append(item)
            return "bad" if len(seen) <= 3 else "good"
        return "good"

    small.work_queue(answer)
    with small.storage.reading() as views:
        told: dict[str, Any] = dashboard(views, small.id)
    assert [(one["agreement"], one["n_pairs"]) for one in told["people"]] == [(0.7, 10), (0.7, 10)]
    assert [(one["n_same"], one["n_pairs"]) for one in told["questions"]] == [(7, 10)]
