from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.tasks.label_list import Label, describe_labels, json_text, read_labels


def test_a_label_is_a_name_or_says_more() -> None:
    labels = read_labels({"labels": ["a", 1, {"value": "b", "title": "B", "description": "bees"}]}, at_least=2)
    assert labels == (Label("a", "a", ""), Label("1", "1", ""), Label("b", "B", "bees"))
    assert describe_labels(labels) == '- "a"\n- "1"\n- "b": bees'


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (None, "a list of labels is needed"),
        ("yes", "a list of labels is needed"),
        (["only"], "1 label leaves nothing to decide"),
        (["a", "a"], r"labels\[1\]: label 'a' is there twice"),
        (["a", True], r"labels\[1\]: YAML read this label as True; put labels such as yes/no"),
        (["a", ""], "is empty or has spaces around it"),
        (["a", " b"], "is empty or has spaces around it"),
        (["a", None], "None is no label"),
        (["a", {"name": "b"}], "there is no key 'name'"),
        (["a", {"value": True}], r"labels\[1\]\.value: a label needs a value"),
        ([str(n) for n in range(1001)], "1001 labels are too many"),
    ],
)
def test_what_is_wrong_with_labels_is_said_with_its_place(labels: Json, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        read_labels({"labels": labels}, at_least=2)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_a_label_is_quoted_as_json_has_it(label: str) -> None:
    assert json.loads(json_text(label)) == label
