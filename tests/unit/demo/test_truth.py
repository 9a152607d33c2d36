"""The true errors count what they say they count."""

import numpy as np
import pytest

from labelwright.adapters.students.hashed_logistic import HashedLogistic
from labelwright.demo.truth import ErrorCount, TrueErrors, count_errors, label_with_people_only, true_errors
from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.tasks.registry import bind

ONE = bind(Question(QuestionName("tone"), "classification", {"labels": ["good", "bad"]}))
SOME = bind(Question(QuestionName("topics"), "multilabel", {"labels": ["price", "size"]}))


def test_each_figure_looks_at_its_own_part() -> None:
    gold: dict[str, Json] = {"a": "good", "b": "good", "c": "bad", "d": "bad"}
    predicted: dict[str, Json] = {"a": "good", "b": "bad", "c": "bad", "d": "good"}
    # b was accepted wrongly and mended by the audit; d was reviewed.
    resolved: dict[str, Json] = {"a": "good", "b": "good", "c": "bad", "d": "bad"}
    found = true_errors(
        ONE,
        gold,
        predicted=predicted,
        resolved=resolved,
        accepted={"a", "b"},
        audited={"b"},
        people_only={"a": "bad", "b": "bad", "c": "bad", "d": "bad"},
    )
    assert found.auto_accepted == ErrorCount(2, 1)
    assert found.final == ErrorCount(4, 0)
    assert found.final_before_audit == ErrorCount(4, 1)
    assert found.model_only == ErrorCount(4, 2)
    assert found.people_only == ErrorCount(4, 2)


def test_a_missing_label_is_wrong_and_no_labels_have_no_rate() -> None:
    assert count_errors(ONE, {"a": "good"}, {}, ["a"]).rate == 1
    assert count_errors(ONE, {"a": "good"}, {}, []).rate is None


def test_a_set_with_one_label_too_many_is_wrong() -> None:
    assert count_errors(SOME, {"a": ["size"]}, {"a": ["price", "size"]}, ["a"]).rate == 1
    assert count_errors(SOME, {"a": ["size", "price"]}, {"a": ["price", "size"]}, ["a"]).rate == 0


def test_questions_are_pooled_by_their_counts() -> None:
    one = TrueErrors(final=ErrorCount(10, 1))
    other = TrueErrors(final=ErrorCount(30, 9))
    assert (one + other).final.rate == pytest.approx(10 / 40)


def test_people_alone_label_what_they_can_pay_and_a_student_does_the_rest() -> None:
    texts = {f"i{n}": ("splendid and lovely" if n % 2 else "awful and broken") + f" thing {n}" for n in range(60)}
    gold: dict[str, Json] = {f"i{n}": "good" if n % 2 else "bad" for n in range(60)}
    asked: list[str] = []

    def ask(item: str) -> Json:
        asked.append(item)
        return gold[item]

    rng = np.random.default_rng(1)
    labels = label_with_people_only(ONE, texts, n_labels=20, ask=ask, student=HashedLogistic(), rng=rng)
    assert len(asked) == 20
    assert labels.keys() == texts.keys()
    assert count_errors(ONE, gold, labels, gold).rate == 0


def test_people_alone_with_labels_to_spare_label_everything() -> None:
    texts = {"a": "one", "b": "two"}
    labels = label_with_people_only(
        ONE, texts, n_labels=9, ask=lambda _: "bad", student=HashedLogistic(), rng=np.random.default_rng(1)
    )
    assert labels == {"a": "bad", "b": "bad"}


def test_people_who_know_nothing_label_nothing() -> None:
    labels = label_with_people_only(
        ONE, {"a": "x"}, n_labels=1, ask=lambda _: None, student=HashedLogistic(), rng=np.random.default_rng(1)
    )
    assert labels == {}
