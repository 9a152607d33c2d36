from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks.fields import TASK_TYPE
from labelwright.tasks.protocol import Shown
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

FORM: Any = {
    "fields": [
        {"name": "shop", "type": "text", "required": True},
        {"name": "total", "type": "number", "description": "with tax"},
        {"name": "paid", "type": "boolean"},
        {"name": "by", "type": "choice", "labels": ["cash", {"value": "card", "aliases": ["credit card"]}]},
        {"name": "on", "type": "date", "title": "Day of purchase"},
    ]
}
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
WHOLE: Any = {"shop": "Ada's", "total": 3, "paid": True, "by": "card", "on": "2026-11-21"}


class TestFields(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = FORM
    values = st.fixed_dictionaries(
        {
            "shop": WORDS,
            "total": st.none() | st.integers(-5, 5) | st.floats(-1e6, 1e6),
            "paid": st.none() | st.booleans(),
            "by": st.none() | st.sampled_from(["cash", "card"]),
            "on": st.none() | st.dates().map(lambda day: day.isoformat()),
        }
    )
    refused = (
        None,
        [],
        {},
        {**WHOLE, "extra": 1},
        {**WHOLE, "shop": None},
        {**WHOLE, "shop": " "},
        {**WHOLE, "shop": "\ud800"},
        {**WHOLE, "total": "3"},
        {**WHOLE, "total": True},
        {**WHOLE, "total": float("nan")},
        {**WHOLE, "total": 10**30},
        {**WHOLE, "paid": 1},
        {**WHOLE, "by": "credit card"},
        {**WHOLE, "on": "21.11.2026"},
        {**WHOLE, "on": "20261121"},
        {**WHOLE, "on": "2026-02-30"},
    )
    refused_settings = (
        {},
        {"fields": []},
        {"fields": ["shop"]},
        {"fields": [{"name": "a", "type": "text"}, {"name": "a", "type": "date"}]},
        {"fields": [{"name": "a", "type": "string"}]},
        {"fields": [{"name": "a", "type": "choice"}]},
        {"fields": [{"name": "a", "type": "text", "labels": ["x", "y"]}]},
        {"fields": [{"name": "a", "type": "text", "required": "yes"}]},
        {"fields": [{"type": "text"}]},
    )


task = TASK_TYPE.bind(FORM)


def test_each_field_goes_by_its_own_majority() -> None:
    values = [task.parse({**WHOLE, **other}) for other in ({}, {"total": 4, "paid": False}, {"total": 4, "by": "cash"})]
    ballots = task.decompose(values)
    assert (ballots.n_units, ballots.option_space) == (5, "local")
    assert task.dump(task.compose(shares(ballots), ballots)) == {**WHOLE, "total": 4}


def test_a_whole_number_is_one_value_however_it_is_written() -> None:
    assert task.parse({**WHOLE, "total": 3.0}) == task.parse(WHOLE)
    assert task.distance(task.parse({**WHOLE, "paid": False}), task.parse(WHOLE)) == pytest.approx(1 / 5)


def test_an_alias_of_a_choice_is_read_as_the_choice() -> None:
    answer = task.read_answer({**WHOLE, "by": "credit card"}, Shown({}))
    assert answer["by"] == "card"


def test_a_mistake_names_its_field() -> None:
    with pytest.raises(InvalidValue, match=r"\.on: '21\.11\.2026' is no date; write YYYY-MM-DD"):
        task.parse({**WHOLE, "on": "21.11.2026"})
    with pytest.raises(InvalidValue, match=r"fields\[0\]\.type: 'string' is no type of field"):
        TASK_TYPE.bind({"fields": [{"name": "a", "type": "string"}]})


def test_a_model_is_told_what_each_field_takes() -> None:
    told = task.describe()
    assert '- "total": a number, or null – with tax' in told
    assert '- "by": one of "cash", "card", or null' in told
    assert '- "on": a date as YYYY-MM-DD, or null – Day of purchase' in told
