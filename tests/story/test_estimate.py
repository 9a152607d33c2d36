"""The accuracy of the data set as it stands: exact intervals that cover, whatever has been reviewed so far."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from labelwright.domain.canonical import Json
from labelwright.methods.estimation.wrong_left import wrong_in_population, wrong_left
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.report import build_report
from tests.story.small_project import SmallProject, configuration


@given(st.data())
def test_the_interval_of_a_finite_population_inverts_the_exact_test(data: st.DataObject) -> None:
    population = data.draw(st.integers(1, 120))
    sampled = data.draw(st.integers(0, population))
    wrong = data.draw(st.integers(0, sampled))
    low, high = wrong_in_population(population, sampled, wrong, delta=0.1)
    assert wrong <= low <= high <= population - (sampled - wrong)
    dust = 1e-9  # of 16, with 12 wrong, both of two are right with chance .05 exactly
    assert stats.hypergeom.cdf(wrong, population, high, sampled) > 0.05 - dust
    most = population - (sampled - wrong)
    assert high == most or stats.hypergeom.cdf(wrong, population, high + 1, sampled) <= 0.05 + dust
    assert stats.hypergeom.sf(wrong - 1, population, low, sampled) > 0.05 - dust
    assert low == wrong or stats.hypergeom.sf(wrong - 1, population, low - 1, sampled) <= 0.05 + dust


@pytest.mark.parametrize("n_wrong", [0, 3, 20, 60])
def test_the_interval_covers_the_number_wrong_as_often_as_it_says(n_wrong: int) -> None:
    drawn = np.random.default_rng(n_wrong).hypergeometric(n_wrong, 400 - n_wrong, 50, 2_000)
    ends = {k: wrong_in_population(400, 50, int(k), delta=0.05) for k in np.unique(drawn)}
    missed = np.mean([not ends[k][0] <= n_wrong <= ends[k][1] for k in drawn])
    assert missed <= 0.05 + 3 * (0.05 * 0.95 / 2_000) ** 0.5


def test_what_people_mended_is_no_longer_wrong() -> None:
    # 1 of 50 wrong in 200: about 4 wrong, of which 1 was sampled and 2 more were found by others.
    left = wrong_left(200, 50, 1, n_mended=2, n_left=100, delta=0.05)
    assert left.estimate == pytest.approx(1.0)
    assert left.low == 0
    assert left.high == wrong_in_population(200, 50, 1, delta=0.05)[1] - 3


def world(
    rng: np.random.Generator, keys: list[int]
) -> tuple[dict[int, Json], dict[int, float | None], dict[int, Json]]:
    """Give labels, lumpy confidences and truth, drawn anew: about a sixth is wrong, mostly where confidence is low."""
    difficulty = rng.random(len(keys))
    wrong = rng.random(len(keys)) < 0.4 * difficulty**1.5
    sure = np.round((1 - difficulty) * 20) / 20
    truth: dict[int, Json] = {k: "bad" if bad else "good" for k, bad in zip(keys, wrong, strict=True)}
    return dict.fromkeys(keys, "good"), {k: float(s) for k, s in zip(keys, sure, strict=True)}, truth


def finished(seed: int, *, n_reviewed: int) -> tuple[Any, dict[int, Json], SmallProject]:
    """Take a project of 400 items through the loop, and give the estimate, the truth and the project."""
    small = SmallProject.made(configuration(seed=seed, calibration_size=150), n_items=400)
    said, sure, truth = world(np.random.default_rng(seed), small.keys())
    small.predict(said, sure)
    calibrate(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda item, _q, _n: truth[item])
    calibrate(small.id, storage=small.storage, world=small.world)
    route(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda item, _q, _n: truth[item], most=n_reviewed)
    aggregate(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        told: Any = build_report(views, small.id)["questions"]
    return told[0]["estimate"], truth, small


def true_error(small: SmallProject, truth: dict[int, Json]) -> float:
    with small.storage.reading() as views:
        return float(np.mean([r.value != truth[int(r.item)] for r in views.resolutions(small.id)]))


def test_the_accuracy_of_the_data_set_is_covered_as_often_as_it_says() -> None:
    missed, n_runs, gap = 0, 45, 0.0
    for seed in range(n_runs):
        estimate, truth, small = finished(seed, n_reviewed=(0, 40, 90)[seed % 3])
        error = true_error(small, truth)
        missed += not estimate["error_low"] - 1e-9 <= error <= estimate["error_high"] + 1e-9
        gap += estimate["error"] - error
        assert estimate["error_low"] <= estimate["error"] <= estimate["error_high"]
        assert estimate["confidence_level"] == 0.95
    assert missed / n_runs <= 0.05 + 3 * (0.05 * 0.95 / n_runs) ** 0.5
    assert abs(gap / n_runs) < 0.02


def test_when_people_have_labelled_everything_no_doubt_is_left_but_their_own() -> None:
    estimate, truth, small = finished(3, n_reviewed=10**6)
    if any(part["part"] == "accepted" for part in estimate["parts"]):
        assert estimate["error_high"] > 0  # the accepted were never looked at, the audit apart
    else:
        assert estimate["error_high"] == 0.0
    assert true_error(small, truth) <= estimate["error_high"]
    assert sum(part["n"] for part in estimate["parts"]) == estimate["n_labelled"] == 400


def test_items_that_came_after_the_sample_may_all_be_wrong() -> None:
    _, truth, small = finished(5, n_reviewed=60)
    small.add_items(20, prefix="late")
    late = small.keys()[400:]
    small.predict(dict.fromkeys(late, "good"), dict.fromkeys(late, 0.99))
    with small.storage.reading() as views:
        told: Any = build_report(views, small.id)["questions"]
    parts = {part["part"]: part for part in told[0]["estimate"]["parts"]}
    assert (parts["not sampled"]["n"], parts["not sampled"]["error_high"]) == (20, 1.0)
    assert len(truth) == 400


def test_what_one_person_said_carries_one_persons_error() -> None:
    small = SmallProject.made(configuration(calibration_votes=3, calibration_size=120), n_items=300, n_people=3)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.5))
    rng = np.random.default_rng(8)
    calibrate(small.id, storage=small.storage, world=small.world)
    # One model label in two is wrong, so nothing is accepted; each answer is wrong in a fifth.
    truth = {key: ("good", "bad")[place % 2] for place, key in enumerate(keys)}
    flip = {"good": "bad", "bad": "good"}

    def answer(item: int, _question: str, _person: int) -> Json:
        return flip[truth[item]] if rng.random() < 0.2 else truth[item]

    small.work_queue(answer)
    calibrate(small.id, storage=small.storage, world=small.world)
    route(small.id, storage=small.storage, world=small.world)
    small.work_queue(answer)
    with small.storage.reading() as views:
        estimate: Any = build_report(views, small.id)["questions"]
    estimate = estimate[0]["estimate"]
    assert estimate["n_by_one_person"] == 180
    assert estimate["error_high"] == 0.0  # agreement with people: people said it all
    # 180 · .2 + 120 · (3·.2²·.8 + .2³ = .104), of 300
    assert estimate["error_of_people"] == pytest.approx(0.6 * 0.2 + 0.4 * 0.104, abs=0.05)
