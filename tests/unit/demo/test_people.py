"""What simulated people answer depends on who is asked what, and on nothing else."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.demo.people import AnswerBook, one_mistake, valid_or_none
from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

ONE = bind(Question(QuestionName("tone"), "classification", {"labels": ["good", "bad", "flat"]}))
SOME = bind(Question(QuestionName("topics"), "multilabel", {"labels": ["price", "size", "colour"]}))
TASKS: dict[str, Task[object]] = {"tone": ONE, "topics": SOME}


def book(
    *,
    gold: Mapping[str, Mapping[str, Json]] | None = None,
    humans: Mapping[str, Sequence[tuple[str, Mapping[str, Json]]]] | None = None,
    seed: int = 1,
    error: float = 0.0,
    adopt: float = 0.0,
) -> AnswerBook:
    known = gold or {f"i{n}": {"tone": "good", "topics": ["size"]} for n in range(400)}
    return AnswerBook(TASKS, known, humans or {}, seed, error, adopt)


def test_without_recorded_votes_people_answer_the_gold() -> None:
    assert book().own_answer("i1", "tone", 0) == "good"
    assert book().own_answer("i1", "topics", 2) == ["size"]


def test_the_stated_error_rate_is_kept() -> None:
    wrong = sum(book(error=0.2).own_answer(f"i{n}", "tone", 0) != "good" for n in range(400))
    assert 50 <= wrong <= 110  # 400 draws of 0.2: mean 80, standard deviation 8


def test_slots_of_one_item_are_different_recorded_people() -> None:
    humans = {"i1": [("ann", {"tone": "good"}), ("bob", {"tone": "bad"}), ("cy", {"tone": "flat"})]}
    asked = book(humans=humans)
    assert sorted(str(asked.own_answer("i1", "tone", slot)) for slot in range(3)) == ["bad", "flat", "good"]


def test_somebody_recorded_twice_on_an_item_votes_once() -> None:
    humans = {"i1": [("ann", {"tone": "bad"}), ("ann", {"tone": "flat"})]}
    asked = book(humans=humans)
    assert [asked.own_answer("i1", "tone", slot) for slot in range(2)] == ["bad", "good"]  # then the gold


def test_a_recorded_vote_outside_the_schema_is_passed_over() -> None:
    asked = book(humans={"i1": [("ann", {"tone": "splendid"})]})
    assert asked.own_answer("i1", "tone", 0) == "good"


def test_an_item_of_which_nothing_is_known_gets_no_answer() -> None:
    assert book().own_answer("unheard of", "tone", 0) is None


def test_a_wrong_suggestion_is_taken_over_at_the_stated_rate_and_a_right_one_changes_nothing() -> None:
    asked = book(adopt=0.3)
    taken = sum(asked.answer(f"i{n}", "tone", 0, "bad") == "bad" for n in range(400))
    assert 85 <= taken <= 155  # 400 draws of 0.3: mean 120, standard deviation 9.2
    assert all(asked.answer(f"i{n}", "tone", 0, "good") == "good" for n in range(50))


def test_a_blind_answer_cannot_adopt_anything() -> None:
    assert book(adopt=1.0).answer("i1", "tone", 0, None) == "good"


def test_order_does_not_matter_and_seeds_do() -> None:
    asked = book(error=0.5)
    forwards = [asked.own_answer(f"i{n}", "tone", 0) for n in range(100)]
    backwards = [asked.own_answer(f"i{n}", "tone", 0) for n in reversed(range(100))]
    assert forwards == backwards[::-1]
    assert forwards != [book(error=0.5, seed=2).own_answer(f"i{n}", "tone", 0) for n in range(100)]


def test_three_votes_are_wanted_only_where_every_item_has_three_people() -> None:
    gold = {"a": {"tone": "good", "topics": []}, "b": {"tone": "bad", "topics": []}}
    three = [(who, {"tone": "good", "topics": []}) for who in ("ann", "bob", "cy")]
    assert book(gold=gold, humans={"a": three, "b": three}).votes_per_item() == 3
    assert book(gold=gold, humans={"a": three, "b": three[:2]}).votes_per_item() == 1
    assert book(gold=gold).votes_per_item() == 1


@given(seed=st.integers(0, 2**32), truth=st.sampled_from(["good", "bad", "flat"]))
def test_a_mistake_is_always_another_label(seed: int, truth: str) -> None:
    mistaken = one_mistake(ONE, truth, np.random.default_rng(seed))
    assert mistaken in {"good", "bad", "flat"} - {truth}


@given(seed=st.integers(0, 2**32), truth=st.sets(st.sampled_from(["price", "size", "colour"])))
def test_a_mistake_in_a_set_flips_one_label(seed: int, truth: set[str]) -> None:
    mistaken = one_mistake(SOME, list(truth), np.random.default_rng(seed))
    assert isinstance(mistaken, list)
    assert len(truth ^ set(mistaken)) == 1


@pytest.mark.parametrize("value", [None, 3, "splendid", ["good"]])
def test_what_is_no_answer_is_none(value: Json) -> None:
    assert valid_or_none(ONE, value) is None
