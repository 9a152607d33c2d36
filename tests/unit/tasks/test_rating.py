from __future__ import annotations

from typing import Any, ClassVar

from hypothesis import strategies as st

from labelwright.tasks.rating import TASK_TYPE
from labelwright.testing.task_type_suite import TaskTypeSuite, shares


class TestRating(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"min": 0, "max": 10, "min_title": "awful", "max_title": "splendid"}
    values = st.integers(0, 10)
    refused = (-1, 11, 5.0, "5", True, None, [5], float("nan"), 10**30)
    refused_settings = (
        {"min": 3, "max": 3},
        {"max": "5"},
        {"max": 1000},
        {"min": True},
        {"max": 5, "tolerance": 4},
        {"max": 5, "tolerance": 0.5},
        {"max": 5, "min_title": ""},
    )


task = TASK_TYPE.bind({"max": 5})


def test_the_middle_of_the_votes_counts_and_not_the_most_frequent() -> None:
    ballots = task.decompose([1, 1, 3, 4, 5])
    assert (ballots.n_options, ballots.is_ordered, ballots.option_space) == (5, True, "shared")
    assert task.compose(shares(ballots), ballots) == 3


def test_between_two_points_the_lower_is_taken() -> None:
    ballots = task.decompose([2, 5])
    assert task.compose(shares(ballots), ballots) == 2


def test_distance_is_the_share_of_the_scale_and_tolerance_is_told_in_points() -> None:
    # |2 - 4| / (5 - 1)
    assert task.distance(2, 4) == 0.5
    lenient = TASK_TYPE.bind({"max": 5, "tolerance": 1})
    assert lenient.distance(2, 3) <= lenient.tolerance < lenient.distance(2, 4)
    assert task.tolerance == 0.0


def test_a_model_is_told_what_the_ends_mean() -> None:
    told: Any = TASK_TYPE.bind({"max": 3, "max_title": "splendid"})
    assert told.describe() == "Give one whole number from 1 to 3 (3 means: splendid)."
    assert told.answer_schema() == {"type": "integer", "enum": [1, 2, 3]}
