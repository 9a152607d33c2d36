from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks.edit_distance import edit_distance, ends_within
from labelwright.tasks.text import TASK_TYPE
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

WHOLE = st.characters(exclude_categories=["Cs"])


class TestText(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"max_length": 40}
    values = st.text(WHOLE, min_size=1, max_size=40).filter(str.strip)
    refused = ("", "  \n", "x" * 41, "half \ud83e", None, 1, ["x"], {"text": "x"})
    refused_settings = (
        {"max_length": 0},
        {"max_length": 10**7},
        {"max_length": "many"},
        {"whitespace": "strip"},
        {"allow_empty": "yes"},
        {"tolerance": 1.0},
        {"tolerance": float("nan")},
    )


class TestTextThatMayBeEmpty(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"allow_empty": True, "whitespace": "keep"}
    values = st.text(WHOLE, max_size=20)
    refused = (None, "\udfff")
    refused_settings = ({"max_length": True},)


task = TASK_TYPE.bind({})


def lines(a: str, b: str) -> int:
    """The table of Wagner & Fischer, a row at a time."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        below = [i]
        for j, y in enumerate(b, 1):
            below.append(min(row[j] + 1, below[-1] + 1, row[j - 1] + (x != y)))
        row = below
    return row[-1]


@given(a=st.text("abc🦊", max_size=10), b=st.text("abc🦊", max_size=10))
def test_the_fast_edit_distance_is_the_plain_one(a: str, b: str) -> None:
    assert edit_distance(a, b) == lines(a, b)
    if a:
        ends = ends_within(a, b, len(a))
        assert ends == {j: min(lines(a, b[i:j]) for i in range(j + 1)) for j in range(len(b) + 1)}


def test_blanks_at_the_ends_are_no_part_of_a_text_unless_they_are_kept() -> None:
    assert task.parse(" a  b\r\n") == "a  b"
    assert TASK_TYPE.bind({"whitespace": "collapse"}).parse(" a  b\r\n") == "a b"
    assert TASK_TYPE.bind({"whitespace": "keep"}).parse(" a  b\r\n") == " a  b\n"


def test_the_answer_nearest_to_all_others_is_put_together() -> None:
    values = ["the cat sat", "the cat sat!", "the cat sits", "dogs"]
    ballots = task.decompose(values)
    assert (ballots.n_units, ballots.option_space) == (1, "local")
    assert task.compose(shares(ballots), ballots) == "the cat sat"


def test_distance_is_edits_over_the_longer_length() -> None:
    # kitten -> sitting: three edits, seven characters
    assert task.distance("kitten", "sitting") == pytest.approx(3 / 7)
    with pytest.raises(InvalidValue, match="50 characters; the most is 40"):
        TASK_TYPE.bind({"max_length": 40}).parse("x" * 50)


def test_what_is_corrected_must_be_there_and_the_model_is_told_which() -> None:
    correcting = TASK_TYPE.bind({"correct": "ocr"})
    correcting.check_item("a lamp", {"ocr": "a Iamp", "page": 3})
    assert "Correct the text in `ocr`" in correcting.describe()
    with pytest.raises(InvalidValue, match="no text in field 'ocr'"):
        correcting.check_item("a lamp", {"text": "a Iamp"})
    with pytest.raises(InvalidValue):
        TASK_TYPE.bind({"correct": ""})
