"""Paths in a tree of labels."""

from typing import ClassVar

import pytest
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks import taxonomy
from labelwright.tasks.protocol import Shown
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

TREE = [
    {"value": "animal", "children": [{"value": "dog", "children": ["poodle", "pug"]}, "cat"]},
    {"value": "plant", "description": "does not move", "children": ["cat"]},
    "stone",
]
LEAVES = [["animal", "dog", "poodle"], ["animal", "dog", "pug"], ["animal", "cat"], ["plant", "cat"], ["stone"]]
INNER = [["animal"], ["animal", "dog"], ["plant"]]
NO_SETTINGS = (
    {},
    {"tree": []},
    {"tree": ["a"]},
    {"tree": ["a", "a"]},
    {"tree": [" a", "b"]},
    {"tree": ["a > b", "c"]},
    {"tree": [True, "b"]},
    {"tree": [{"value": "a", "kids": []}, "b"]},
    {"tree": ["a", "b"], "tolerance": 1},
    {"tree": ["a", "b"], "leaf_only": "yes"},
    {"tree": [f"n{n}" for n in range(1001)]},
)


class TestTaxonomyOfLeaves(TaskTypeSuite):
    task_type = taxonomy.TASK_TYPE
    settings: ClassVar = {"tree": TREE}
    values = st.sampled_from(LEAVES)
    refused = ([], "stone", None, ["animal"], ["animal", "stone"], ["stone", "pug"], ["rock"], [1], {"animal": "cat"})
    refused_settings = NO_SETTINGS


class TestTaxonomyOfAllPlaces(TaskTypeSuite):
    task_type = taxonomy.TASK_TYPE
    settings: ClassVar = {"tree": TREE, "leaf_only": False, "tolerance": 0.4}
    values = st.sampled_from([*LEAVES, *INNER])
    refused = ([], ["dog"], ["animal", "dog", "pug", "pug"])
    refused_settings = NO_SETTINGS


def test_distance_is_what_the_paths_do_not_share() -> None:
    task = taxonomy.TASK_TYPE.bind({"tree": TREE, "leaf_only": False})
    poodle, pug, dog = ("animal", "dog", "poodle"), ("animal", "dog", "pug"), ("animal", "dog")
    assert task.distance(poodle, pug) == pytest.approx(1 - 2 * 2 / 6)
    assert task.distance(poodle, dog) == pytest.approx(1 - 2 * 2 / 5)
    assert task.distance(poodle, ("stone",)) == 1.0


def test_people_who_agree_on_the_branch_settle_it_even_when_no_two_agree_on_the_leaf() -> None:
    task = taxonomy.TASK_TYPE.bind({"tree": TREE, "leaf_only": False})
    votes = [task.parse(path) for path in (["animal", "dog", "poodle"], ["animal", "dog", "pug"], ["stone"])]
    ballots = task.decompose(votes)
    # animal 2 : stone 1; of those, dog 2; below it poodle 1 : pug 1 : no deeper 1, and a tie stays
    assert task.compose(shares(ballots), ballots) == ("animal", "dog")
    two = task.decompose([task.parse(["animal", "dog", "pug"]), task.parse(["animal", "dog"])])
    assert task.compose(shares(two), two) == ("animal", "dog"), "a tie between going on and staying stays"


def test_a_model_may_name_a_place_by_its_path_or_by_a_name_that_is_unique() -> None:
    task = taxonomy.TASK_TYPE.bind({"tree": TREE})
    nothing = Shown({})
    assert task.read_answer("animal > dog > pug", nothing) == ("animal", "dog", "pug")
    assert task.read_answer("pug", nothing) == ("animal", "dog", "pug")
    for refused in ("cat", "animal", "Pug"):
        with pytest.raises(InvalidValue):
            task.read_answer(refused, nothing)
    assert "  - cat" in task.describe()
    assert "does not move" in task.describe()
