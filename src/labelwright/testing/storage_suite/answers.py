"""People's answers, and taking them back."""

from __future__ import annotations

import pytest

from labelwright.domain.ids import AnnotationId, AnnotatorId, ItemKey, QuestionName
from labelwright.errors import (
    AlreadyExists,
    Conflict,
    NotFound,
)
from labelwright.events import (
    AnnotationRetracted,
)
from labelwright.ports.storage import Storage
from labelwright.testing.storage_build import (
    PROJECT,
    PROVENANCE,
    QUESTION,
    answer,
    append,
    begin,
    say,
)

ANN, BOB = AnnotatorId("id-ann"), AnnotatorId("id-bob")


class AnswersSuite:
    """People's answers, and taking them back."""

    def test_answers_are_read_back_oldest_first(self, storage: Storage) -> None:
        begin(storage)
        say(storage, 2, "ann", "bad", id="a1")
        say(storage, 1, "ann", ["x", "y"], id="a2")
        storage.write(
            lambda t: t.append([answer(t, 1, "bob", id="a3", status="surplus", purpose="calibration")], PROVENANCE)
        )
        with storage.reading() as views:
            assert [a.id for a in views.annotations(PROJECT)] == ["a1", "a2", "a3"]
            assert [a.id for a in views.annotations(PROJECT, purpose="calibration")] == ["a3"]
            assert [a.id for a in views.annotations(PROJECT, question=QUESTION, purpose="review")] == ["a1", "a2"]
            assert views.annotations(PROJECT, question="?") == []
            found = views.annotation(AnnotationId("a2"))
            assert found is not None
            assert (found.value, found.status, found.seconds, found.suggestion_shown) == (
                ["x", "y"],
                "active",
                3.5,
                False,
            )
            assert views.annotation(AnnotationId("?")) is None
            assert views.label_count(PROJECT) == 3

    def test_R4_one_person_answers_a_question_of_an_item_once_per_round(self, storage: Storage) -> None:
        begin(storage)
        say(storage, 1, "ann", id="a1")
        with pytest.raises(AlreadyExists, match="already answered question 'mood' of item 1"):
            say(storage, 1, "ann", "bad", id="a2")
        storage.write(lambda t: t.append([answer(t, 1, "ann", id="a3", in_round=1)], PROVENANCE))
        say(storage, 1, "bob", id="a4")
        with storage.reading() as views:
            assert [a.id for a in views.annotations(PROJECT)] == ["a1", "a3", "a4"]

    def test_a_retracted_answer_no_longer_counts_and_may_be_given_again(self, storage: Storage) -> None:
        begin(storage)
        say(storage, 1, "ann", id="a1")
        append(storage, AnnotationRetracted(PROJECT, AnnotationId("a1"), ItemKey(1), QUESTION, "undo"))
        with storage.reading() as views:
            assert views.annotations(PROJECT) == []
            assert views.label_count(PROJECT) == 0
            assert [a.status for a in views.submission(PROJECT, "of-a1")] == ["retracted"]
        with pytest.raises(Conflict, match="does not stand"):
            append(storage, AnnotationRetracted(PROJECT, AnnotationId("a1"), ItemKey(1), QUESTION, "undo"))
        say(storage, 1, "ann", "bad", id="a2")
        with storage.reading() as views:
            assert [a.value for a in views.annotations(PROJECT)] == ["bad"]

    def test_a_submission_of_several_answers_counts_once(self, storage: Storage) -> None:
        begin(storage)
        other = QuestionName("tags")
        storage.write(
            lambda t: t.append(
                [
                    answer(t, 1, "ann", id="a1", submission="s1"),
                    answer(t, 1, "ann", id="a2", submission="s1", question=other),
                ],
                PROVENANCE,
            )
        )
        say(storage, 2, "ann", id="a3", submission="s2")
        with storage.reading() as views:
            assert views.submission_count(PROJECT, ANN) == 2
            assert views.submission_count(PROJECT, BOB) == 0
            assert views.label_count(PROJECT) == 3
            assert views.last_submission(PROJECT, ANN) == "s2"
            assert views.last_submission(PROJECT, BOB) is None
            (newest, second) = views.submissions(PROJECT, ANN)
            assert (newest[1], second[1]) == ("s2", "s1")
            assert views.submissions(PROJECT, ANN, before=newest[0]) == [second]
            assert views.submissions(PROJECT, ANN, limit=1) == [newest]
        append(storage, AnnotationRetracted(PROJECT, AnnotationId("a1"), ItemKey(1), QUESTION, "undo"))
        with storage.reading() as views:
            assert views.submission_count(PROJECT, ANN) == 2  # its other answer still stands
        append(storage, AnnotationRetracted(PROJECT, AnnotationId("a2"), ItemKey(1), other, "undo"))
        append(storage, AnnotationRetracted(PROJECT, AnnotationId("a3"), ItemKey(2), QUESTION, "undo"))
        with storage.reading() as views:
            assert (views.submission_count(PROJECT, ANN), views.label_count(PROJECT)) == (0, 0)
            assert views.last_submission(PROJECT, ANN) is None

    def test_nobody_answers_who_is_not_in_the_project(self, storage: Storage) -> None:
        begin(storage)
        with pytest.raises(NotFound, match="not in this project"):
            say(storage, 1, "zoe", id="a1")
