from __future__ import annotations

import pytest

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.errors import InvalidValue
from labelwright.tasks.registry import bind, task_type, task_types


def test_every_type_is_found_by_its_name_and_its_alias() -> None:
    assert len(task_types()) >= 2
    for name, found in task_types().items():
        assert task_type(name) is task_type(found.alias) is found


def test_names_and_aliases_do_not_collide() -> None:
    aliases = [found.alias for found in task_types().values()]
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & set(task_types())


def test_an_unknown_type_is_answered_with_the_nearest() -> None:
    alias = next(iter(task_types().values())).alias
    with pytest.raises(InvalidValue, match=f"did you mean '{alias}'"):
        task_type(alias[:-1])


def test_a_question_is_bound_once() -> None:
    settings = {"labels": ["a", "b"]}
    name = next(iter(task_types()))
    one = bind(Question(QuestionName("q"), name, settings))
    assert bind(Question(QuestionName("other"), name, dict(settings))) is one
    assert bind(Question(QuestionName("q"), name, {"labels": ["b", "a"]})) is not one
