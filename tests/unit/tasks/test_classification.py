from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks.classification import TASK_TYPE
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

LABELS = ["spam", "ham", "не знаю", 'a "quote"']


class TestClassification(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS}
    values = st.sampled_from(LABELS)
    refused = ("Spam", "spam ", "", None, 1, True, ["spam"], {"label": "spam"})
    refused_settings = ({}, {"labels": []}, {"labels": ["one"]}, {"labels": "spam"}, {"labels": ["a", "a"]})


task = TASK_TYPE.bind({"labels": LABELS})


def test_a_wrong_label_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidValue, match=r"label 'spma' is not in the schema; did you mean 'spam'\?"):
        task.parse("spma")


def test_one_vote_per_annotator_on_one_unit() -> None:
    ballots = task.decompose(["ham", "spam", "ham"])
    assert (ballots.unit, ballots.annotator, ballots.option) == ([0, 0, 0], [0, 1, 2], [1, 0, 1])
    assert (ballots.n_units, ballots.n_options, ballots.option_space) == (1, 4, "shared")
    # shares: spam 1/3, ham 2/3
    assert task.compose(shares(ballots), ballots) == "ham"


def test_an_even_vote_goes_to_the_label_that_comes_first_in_the_schema() -> None:
    ballots = task.decompose(["ham", "spam"])
    assert task.compose(shares(ballots), ballots) == "spam"


def test_a_model_must_answer_one_of_the_labels_and_is_told_what_they_mean() -> None:
    described = TASK_TYPE.bind({"labels": [{"value": "spam", "description": "unwanted"}, "ham"]})
    assert described.answer_schema() == {"type": "string", "enum": ["spam", "ham"]}
    assert '- "spam": unwanted\n- "ham"' in described.describe()
    assert described.logprob_labels() == {"spam": "spam", "ham": "ham"}
