from __future__ import annotations

import math
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st

from labelwright.tasks.keypoints import TASK_TYPE
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

LABELS = ["person", "dog"]
POINTS = ["head", "left hand", "right hand"]
SETTINGS: Any = {"labels": LABELS, "points": POINTS, "skeleton": [["head", "left hand"], ["head", "right hand"]]}


def at(x: float, y: float, visibility: int = 2) -> dict[str, Any]:
    return {"x": x, "y": y, "visibility": visibility}


GONE = at(0, 0, 0)


def figure(*points: dict[str, Any], label: str = "person") -> dict[str, Any]:
    return {"label": label, "points": dict(zip(POINTS, points, strict=True))}


ADA = figure(at(0.5, 0.1), at(0.3, 0.5), at(0.7, 0.5, 1))
places = st.builds(
    at, st.integers(0, 20).map(lambda n: n / 20), st.integers(0, 20).map(lambda n: n / 20), st.integers(1, 2)
)
figures = st.builds(
    lambda points, label: figure(*points, label=label),
    st.tuples(*[places | st.just(GONE)] * 3).filter(lambda points: any(one["visibility"] for one in points)),
    st.sampled_from(LABELS),
)


class TestKeypoints(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = SETTINGS
    values = st.lists(figures, max_size=3, unique_by=str)
    refused = (
        None,
        ADA,
        [{**ADA, "label": "Person"}],
        [{**ADA, "points": {"head": at(0.1, 0.1)}}],
        [{**ADA, "points": {**ADA["points"], "tail": at(0.1, 0.1)}}],
        [figure(GONE, GONE, GONE)],
        [figure(at(0.1, 0.2, 0), at(0.1, 0.1), GONE)],
        [figure(at(0.1, 0.2, 3), GONE, GONE)],
        [figure(at(0.1, 0.2, True), GONE, GONE)],
        [figure(at(0.1, 1.2), GONE, GONE)],
        [ADA, ADA],
    )
    refused_settings = (
        {},
        {"labels": LABELS},
        {"labels": LABELS, "points": ["head", "head"]},
        {"labels": LABELS, "points": "head"},
        {**SETTINGS, "skeleton": [["head", "tail"]]},
        {**SETTINGS, "skeleton": [["head", "head"]]},
        {**SETTINGS, "spread": 0},
    )


task = TASK_TYPE.bind(SETTINGS)


def test_a_point_a_spread_away_counts_by_a_bell() -> None:
    """The box around both is 0.4 by 0.4; the head is 0.04 off, a tenth of it: exp(-½). The hands agree."""
    off = figure(at(0.54, 0.1), at(0.3, 0.5), at(0.7, 0.5, 1))
    assert task.distance(task.parse([ADA]), task.parse([off])) == pytest.approx(1 - (2 + math.exp(-0.5)) / 3)


def test_a_point_that_only_one_person_marked_counts_nothing() -> None:
    without = figure(at(0.5, 0.1), at(0.3, 0.5), GONE)
    assert task.distance(task.parse([ADA]), task.parse([without])) == pytest.approx(1 / 3)


def test_seen_or_covered_is_told_apart_but_moves_nothing() -> None:
    seen = figure(at(0.5, 0.1), at(0.3, 0.5), at(0.7, 0.5))
    assert 0 < task.distance(task.parse([ADA]), task.parse([seen])) < 1e-8


def test_points_go_by_the_median_of_those_who_marked_them() -> None:
    values = [
        task.parse([figure(at(0.5, 0.1), at(0.3, 0.5), at(0.7, 0.5))]),
        task.parse([figure(at(0.51, 0.1), at(0.3, 0.5, 1), GONE)]),
        task.parse([figure(at(0.52, 0.1), at(0.3, 0.5, 1), GONE)]),
    ]
    ballots = task.decompose(values)
    assert ballots.n_units == 1
    assert task.dump(task.compose(shares(ballots), ballots)) == [figure(at(0.51, 0.1), at(0.3, 0.5, 1), GONE)]
