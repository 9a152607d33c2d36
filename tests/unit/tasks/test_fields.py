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


RECEIPT: Any = {
    "fields": [
        {"name": "shop", "type": "text"},
        {
            "name": "items",
            "type": "records",
            "description": "one each line",
            "fields": [
                {"name": "what", "type": "text", "required": True},
                {"name": "price", "type": "number"},
                {"name": "kind", "type": "choice", "labels": ["food", {"value": "other", "aliases": ["rest"]}]},
            ],
        },
    ]
}
BREAD: Any = {"what": "bread", "price": 3, "kind": "food"}
RECORD = st.fixed_dictionaries(
    {"what": WORDS, "price": st.none() | st.integers(0, 9), "kind": st.none() | st.sampled_from(["food", "other"])}
)


class TestFieldsWithRecords(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = RECEIPT
    values = st.fixed_dictionaries({"shop": st.none() | WORDS, "items": st.none() | st.lists(RECORD, max_size=3)})
    refused = (
        {"shop": None},
        {"shop": None, "items": BREAD},
        {"shop": None, "items": [{"what": "bread"}]},
        {"shop": None, "items": [{**BREAD, "what": None}]},
        {"shop": None, "items": [{**BREAD, "price": "3"}]},
        {"shop": None, "items": [{**BREAD, "size": 1}]},
    )
    refused_settings = (
        {"fields": [{"name": "a", "type": "records"}]},
        {"fields": [{"name": "a", "type": "text", "fields": [{"name": "b", "type": "text"}]}]},
        {"fields": [{"name": "a", "type": "records", "fields": [RECEIPT["fields"][1]]}]},
    )


def test_a_mistake_in_a_record_says_where_and_a_model_may_name_aliases_there() -> None:
    receipts = TASK_TYPE.bind(RECEIPT)
    with pytest.raises(InvalidValue) as raised:
        receipts.parse({"shop": None, "items": [BREAD, {**BREAD, "price": True}]})
    assert raised.value.path == ".items[1].price"
    value = receipts.read_answer({"shop": None, "items": [{**BREAD, "kind": "rest"}]}, Shown({}))
    assert receipts.dump(value) == {"shop": None, "items": [{**BREAD, "kind": "other"}]}
    assert '"price": a number, or null' in receipts.describe()
