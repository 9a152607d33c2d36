from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks.multilabel import TASK_TYPE
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

LABELS = ["food", "price", "service"]


class TestMultilabel(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS}
    values = st.lists(st.sampled_from(LABELS), unique=True)
    refused = ("food", None, {}, ["foods"], ["Food"], ["food "], ["food", "food"], [1], [["food"]], {"food": True})
    refused_settings = ({}, {"labels": []}, {"labels": "food"}, {"labels": ["a", "a"]})


task = TASK_TYPE.bind({"labels": LABELS})


def test_a_set_is_written_in_the_schemas_order() -> None:
    assert task.dump(task.parse(["service", "food"])) == ["food", "service"]
    assert task.dump(task.parse([])) == []


def test_an_error_names_the_place_in_the_list() -> None:
    with pytest.raises(InvalidValue, match=r"\[1\]: label 'prize' is not in the schema; did you mean 'price'\?"):
        task.parse(["food", "prize"])
    with pytest.raises(InvalidValue, match=r"\[2\]: label 'food' is there twice"):
        task.parse(["food", "price", "food"])


def test_each_label_is_a_question_of_its_own() -> None:
    ballots = task.decompose([("food", "price"), ("price",)])
    assert ballots.unit == [0, 1, 2, 0, 1, 2]
    assert ballots.annotator == [0, 0, 0, 1, 1, 1]
    assert ballots.option == [1, 1, 0, 0, 1, 0]
    assert (ballots.n_units, ballots.n_options) == (3, 2)
    # food is a tie, 1 : 1, and stays out; price 2 : 0; service 0 : 2
    assert task.compose(shares(ballots), ballots) == ("price",)


def test_the_certificates_loss_is_the_exact_set() -> None:
    assert task.distance(("food", "price"), ("food",)) == 1.0
    assert task.distance((), ()) == 0.0
