from __future__ import annotations

from itertools import permutations
from typing import Any, ClassVar

from hypothesis import given
from hypothesis import strategies as st

from labelwright.tasks.ranking import MOST_EXACT, TASK_TYPE
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

FOUR = ["a", "b", "c", "d"]


class TestRanking(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": FOUR}
    values = st.permutations(FOUR)
    refused = (None, "abcd", ["a", "b", "c"], ["a", "b", "c", "c"], ["a", "b", "c", "e"], ["a", "b", "c", ["d"]], [])
    refused_settings = (
        {},
        {"labels": ["a"]},
        {"labels": [str(i) for i in range(51)]},
        {"labels": FOUR, "tolerance": -1},
    )


class TestRankingOfMany(TaskTypeSuite):
    """Beyond the exact method."""

    task_type = TASK_TYPE
    settings: ClassVar = {"labels": [str(i) for i in range(MOST_EXACT + 1)]}
    values = st.permutations([str(i) for i in range(MOST_EXACT + 1)])
    refused = ([],)
    refused_settings = ({"labels": "12"},)


task = TASK_TYPE.bind({"labels": FOUR})


@given(said=st.lists(st.permutations(FOUR), min_size=1, max_size=5))
def test_the_order_put_together_is_the_one_that_the_votes_contradict_least(said: list[list[str]]) -> None:
    """Against all 24 orders, one by one."""
    values = [task.parse(one) for one in said]
    ballots = task.decompose(values)

    def contradiction(order: tuple[str, ...]) -> float:
        return round(sum(task.distance(order, value) for value in values), 9)

    found = task.compose(shares(ballots), ballots)
    best = min(contradiction(order) for order in permutations(FOUR))
    assert contradiction(found) == best
    assert found == min(order for order in permutations(FOUR) if contradiction(order) == best)


def test_distance_counts_the_pairs_that_are_turned() -> None:
    a: Any = ("a", "b", "c", "d")
    # of six pairs, only (a, b) is turned
    assert task.distance(a, ("b", "a", "c", "d")) == 1 / 6
    assert task.distance(a, ("d", "c", "b", "a")) == 1.0


def test_units_are_pairs() -> None:
    ballots = task.decompose([("b", "a", "c", "d")])
    assert (ballots.n_units, ballots.n_options, ballots.option_space) == (6, 2, "local")
    assert list(ballots.option) == [1, 0, 0, 0, 0, 0]
