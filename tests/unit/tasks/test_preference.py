from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

import pytest
from hypothesis import strategies as st

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.tasks.preference import TASK_TYPE
from labelwright.tasks.protocol import Shown, Task
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

STRENGTHS = ["slightly", "much"]
NOTHING_SHOWN = Shown({})


def bound(settings: Mapping[str, Json]) -> Task[Any]:
    """One kind of value with these settings, another with criteria: which, only the settings say."""
    return cast("Task[Any]", TASK_TYPE.bind(settings))


class TestPreference(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": ["response1", "response2"], "tie": "tie"}
    values = st.sampled_from(["response1", "response2", "tie"])
    refused = ("Tie", "", None, 1, ["tie"], {"choice": "tie", "strength": None})
    refused_settings = (
        {"labels": ["a"]},
        {"labels": ["a", "b", "c"]},
        {"labels": ["a", "b"], "tie": "b"},
        {"tie": ""},
        {"tie": True},
        {"labels": "ab"},
        {"strengths": ["much"]},
        {"strengths": ["much", "much"]},
        {"strengths": "much"},
    )


class TestPreferenceWithStrength(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"tie": "tie", "strengths": STRENGTHS}
    values = st.one_of(
        st.just({"choice": "tie", "strength": None}),
        st.builds(lambda c, s: {"choice": c, "strength": s}, st.sampled_from("AB"), st.sampled_from(STRENGTHS)),
    )
    refused = (
        "A",
        {"choice": "A"},
        {"choice": "A", "strength": None},
        {"choice": "tie", "strength": "much"},
        {"choice": "A", "strength": "Much"},
        {"choice": "A", "strength": "much", "why": ""},
    )
    refused_settings = ({"strengths": [1, 2]},)


class TestPreferenceByCriteria(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"tie": "tie", "criteria": ["helpful", {"value": "harmless", "description": "does no harm"}]}
    values = st.fixed_dictionaries(
        {"helpful": st.sampled_from(["A", "B", "tie"]), "harmless": st.sampled_from(["A", "B", "tie"])}
    )
    refused = (
        "A",
        {},
        {"helpful": "A"},
        {"helpful": "A", "harmless": "C"},
        {"helpful": "A", "harmless": "A", "x": "A"},
    )
    refused_settings = ({"criteria": []}, {"criteria": ["a", "a"]}, {"criteria": "helpful"}, {"criteria": ["choice"]})


class TestPreferenceByCriteriaWithStrength(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"strengths": STRENGTHS, "criteria": ["helpful", "overall"]}
    values = st.fixed_dictionaries(
        dict.fromkeys(
            ("helpful", "overall"),
            st.builds(lambda c, s: {"choice": c, "strength": s}, st.sampled_from("AB"), st.sampled_from(STRENGTHS)),
        )
    )
    refused = ({"helpful": "A", "overall": "A"}, None)
    refused_settings = ({"criteria": [True]},)


def test_each_criterion_is_settled_by_itself_and_a_wrong_one_is_named() -> None:
    task = bound({"criteria": ["helpful", "harmless"]})
    votes = [{"helpful": "A", "harmless": "B"}, {"helpful": "A", "harmless": "A"}, {"helpful": "B", "harmless": "B"}]
    ballots = task.decompose([task.parse(vote) for vote in votes])
    assert task.dump(task.compose(shares(ballots), ballots)) == {"helpful": "A", "harmless": "B"}
    first, second = (task.parse(vote) for vote in votes[:2])
    assert task.distance(first, second) == 0.5
    with pytest.raises(InvalidValue) as caught:
        task.parse({"helpful": "A", "harmless": "C"})
    assert caught.value.path == ".harmless"


def test_a_tie_lies_between_the_two() -> None:
    task = bound({"tie": "tie"})
    a, tie, b = (task.parse(raw) for raw in ("A", "tie", "B"))
    assert (task.distance(a, b), task.distance(a, tie)) == (1.0, 0.5)
    assert task.tolerance == 0.0


def test_without_strength_the_most_votes_count_with_it_the_middle() -> None:
    plain = bound({"tie": "tie"})
    ballots = plain.decompose([plain.parse(raw) for raw in ("A", "A", "tie", "B", "B", "B")])
    assert plain.compose(shares(ballots), ballots) == ("B", None)
    graded = bound({"tie": "tie", "strengths": STRENGTHS})
    said = [("A", "much"), ("A", "much"), ("B", "slightly"), ("B", "slightly"), ("B", "much")]
    ballots = graded.decompose([graded.parse({"choice": c, "strength": s}) for c, s in said])
    assert graded.compose(shares(ballots), ballots) == ("B", "slightly")


def test_titles_of_the_sides_are_read_as_the_sides() -> None:
    task = bound({"labels": [{"value": "r1", "title": "Response 1"}, {"value": "r2", "aliases": ["2"]}]})
    assert task.read_answer("Response 1", NOTHING_SHOWN) == ("r1", None)
    assert task.read_answer("2", NOTHING_SHOWN) == ("r2", None)
    with pytest.raises(InvalidValue, match="'tie' is not in the schema"):
        task.parse("tie")
