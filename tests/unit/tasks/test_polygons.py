from __future__ import annotations

import math
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks.polygons import TASK_TYPE
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

LABELS = ["cell", "dirt"]
SQUARE: Any = {"points": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5], [0.1, 0.5]], "label": "cell"}


def star(radii: list[int], label: str) -> dict[str, Any]:
    """Corners around the middle, each at its own distance: simple, and seldom convex."""
    n = len(radii)
    points = [
        [0.5 + r / 100 * math.cos(2 * math.pi * at / n), 0.5 + r / 100 * math.sin(2 * math.pi * at / n)]
        for at, r in enumerate(radii)
    ]
    return {"points": points, "label": label}


stars = st.builds(star, st.lists(st.integers(5, 48), min_size=3, max_size=6), st.sampled_from(LABELS))


class TestPolygons(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "tolerance": 0.2}
    values = st.lists(stars, max_size=3, unique_by=lambda one: (str(one["points"]), one["label"]))
    refused = (
        None,
        SQUARE,
        [{**SQUARE, "label": "Cell"}],
        [{**SQUARE, "closed": True}],
        [{**SQUARE, "points": SQUARE["points"][:2]}],
        [{**SQUARE, "points": [*SQUARE["points"], [0.1, 0.1]]}],
        [{**SQUARE, "points": [[0.1, 0.1], [0.5, 0.5], [0.5, 0.1], [0.1, 0.5]]}],
        [{**SQUARE, "points": [[0.1, 0.1], [0.2, 0.2], [0.3, 0.3]]}],
        [{**SQUARE, "points": [[0.1, 0.1], [0.2, 0.2], [0.3]]}],
        [{**SQUARE, "points": [[0.1, 0.1], [0.2, 0.2], [0.3, 1.2]]}],
        [{**SQUARE, "points": [[0.1, 0.1], [0.2, 0.2], [0.3, float("nan")]]}],
        [SQUARE, {**SQUARE, "points": SQUARE["points"][::-1]}],
    )
    refused_settings = ({}, {"labels": LABELS, "same": 0})


task = TASK_TYPE.bind({"labels": [{"value": "cell", "aliases": ["blood cell"]}, "dirt"]})


def moved(x: float) -> dict[str, Any]:
    return {**SQUARE, "points": [[px + x, py] for px, py in SQUARE["points"]]}


def test_one_outline_is_one_value_wherever_and_whichever_way_it_was_begun() -> None:
    points = SQUARE["points"]
    for drawn in (points[2:] + points[:2], points[::-1]):
        assert task.dump(task.parse([{**SQUARE, "points": drawn}])) == [SQUARE]


def test_a_crossing_outline_is_refused_and_the_sides_are_named() -> None:
    bow_tie = {**SQUARE, "points": [[0.1, 0.1], [0.5, 0.5], [0.5, 0.1], [0.1, 0.5]]}
    with pytest.raises(InvalidValue, match="the side from point 1 meets the side from point 3"):
        task.parse([bow_tie])


def test_distance_is_one_minus_the_overlap() -> None:
    # squares of side .4, shifted by .2: .08 / (.16 + .16 - .08)
    assert task.distance(task.parse([SQUARE]), task.parse([moved(0.2)])) == pytest.approx(1 - 1 / 3)
    more = {**SQUARE, "points": [[0.1, 0.1], [0.3, 0.1], *SQUARE["points"][1:]]}
    # the same area with a corner more is another value, a billionth away
    assert 0 < task.distance(task.parse([SQUARE]), task.parse([more])) < 1e-8


def test_what_most_people_drew_stays_in_its_most_typical_shape() -> None:
    values = [task.parse([moved(x)]) for x in (0.0, 0.02, 0.09)]
    ballots = task.decompose([*values])
    assert ballots.n_units == 1
    assert task.compose(shares(ballots), ballots) == task.parse([moved(0.02)])
