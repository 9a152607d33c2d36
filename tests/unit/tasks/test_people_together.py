"""What people say together, for each kind of question, and what a certificate counts as wrong."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from labelwright.domain.annotation import Annotation
from labelwright.domain.ids import AnnotationId, AnnotatorId, ItemKey, QuestionName
from labelwright.services.people.consensus import Consensus, consensus, wrong_against
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import task_type


def task_of(alias: str, **settings: Any) -> Task[Any]:  # noqa: ANN401  settings are JSON
    return task_type(alias).bind(settings)


def said(*values: Any, item: int = 1) -> list[Annotation]:  # noqa: ANN401
    return [
        Annotation(
            id=AnnotationId(f"{item}/{who}"),
            item=ItemKey(item),
            question=QuestionName("q"),
            annotator=AnnotatorId(f"person {who}"),
            round=0,
            purpose="review",
            value=value,
            schema_version=1,
            guideline_version=1,
            seconds=1.0,
            suggestion_shown=False,
            status="active",
            created_at="",
            submission=f"{item}/{who}",
        )
        for who, value in enumerate(values)
    ]


def together(task: Task[Any], *values: Any) -> Consensus:  # noqa: ANN401
    return consensus(task, said(*values))[1]


def span(start: int, end: int, label: str = "person") -> dict[str, Any]:
    return {"start": start, "end": end, "label": label}


def test_spans_are_voted_on_one_by_one() -> None:
    found = together(
        task_of("spans", labels=["person"]),
        [span(0, 3), span(4, 6)],
        [span(0, 3), span(4, 7)],
        [span(0, 3), span(4, 6)],
    )
    assert found.value == [span(0, 3), span(4, 6)]
    assert (found.share, found.is_tied, found.method) == (pytest.approx(2 / 3), False, "majority")


def test_a_span_that_half_of_the_people_saw_is_a_tie_and_left_out() -> None:
    found = together(task_of("spans", labels=["person"]), [span(0, 3), span(4, 6)], [span(0, 3)])
    assert found.value == [span(0, 3)]
    assert found.is_tied


def test_nobody_saw_a_span_and_all_agree() -> None:
    found = together(task_of("spans", labels=["person"]), [], [])
    assert (found.value, found.is_tied, found.share) == ([], False, 1.0)


def test_items_with_different_numbers_of_units_stand_side_by_side() -> None:
    task = task_of("text")
    found = consensus(task, [*said("a", "a", "b"), *said("x", item=2), *said("p", "q", "r", "s", item=3)])
    assert [found[item].value for item in (1, 2, 3)] == ["a", "x", "p"]
    assert [found[item].is_tied for item in (1, 2, 3)] == [False, False, True]


def test_of_ratings_the_middle_counts() -> None:
    task = task_of("rating", max=5)
    assert together(task, 1, 1, 3, 4, 5).value == 3
    assert together(task, 2, 4, 4).value == 4
    assert together(task, 5).value == 5
    assert together(task, 1, 5).is_tied


def test_of_texts_the_one_nearest_to_the_others_counts() -> None:
    assert together(task_of("text"), "the cat sat", "the cat sits", "a cat sat").value == "the cat sat"


def test_rankings_forms_boxes_and_relations_are_put_together() -> None:
    assert together(
        task_of("ranking", labels=["a", "b", "c"]), ["a", "b", "c"], ["b", "a", "c"], ["a", "c", "b"]
    ).value == [
        "a",
        "b",
        "c",
    ]
    form = task_of("fields", fields=[{"name": "n", "type": "number"}, {"name": "t", "type": "text"}])
    assert together(form, {"n": 1, "t": "x"}, {"n": 1, "t": "y"}, {"n": 2, "t": "y"}).value == {"n": 1, "t": "y"}
    box = {"x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2, "label": "car"}
    moved = {**box, "x": 0.12}
    assert together(task_of("boxes", labels=["car"]), [box], [box], [moved]).value == [box]
    heard = {"start": 0.5, "end": 2.0, "label": "speech"}
    assert together(task_of("ranges", labels=["speech"]), [heard], [], [{**heard, "end": 2.2}]).value == [
        {**heard, "end": 2.1}
    ]
    ada_met_bo = {"spans": [span(0, 3), span(8, 10)], "relations": [{"head": 0, "tail": 1, "type": "met"}]}
    apart: dict[str, Any] = {"spans": [span(0, 3), span(8, 10)], "relations": []}
    assert (
        together(task_of("relations", labels=["person"], types=["met"]), ada_met_bo, ada_met_bo, apart).value
        == ada_met_bo
    )


@pytest.mark.parametrize(
    ("alias", "settings", "close", "truth"),
    [
        ("rating", {"max": 5, "tolerance": 1}, 3, 4),
        ("spans", {"labels": ["person"], "tolerance": 0.5}, [span(0, 3)], [span(0, 3), span(4, 6)]),
        ("text", {"tolerance": 0.2}, "colour", "coloer"),
        ("ranking", {"labels": ["a", "b", "c"], "tolerance": 0.4}, ["a", "b", "c"], ["b", "a", "c"]),
        (
            "fields",
            {"fields": [{"name": c, "type": "number"} for c in "ab"], "tolerance": 0.5},
            {"a": 1, "b": 2},
            {"a": 1, "b": 3},
        ),
        (
            "boxes",
            {"labels": ["car"], "tolerance": 0.2},
            [{"x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2, "label": "car"}],
            [{"x": 0.11, "y": 0.1, "width": 0.2, "height": 0.2, "label": "car"}],
        ),
    ],
)
def test_what_is_near_the_truth_is_wrong_unless_the_question_tolerates_it(
    alias: str,
    settings: dict[str, Any],
    close: Any,  # noqa: ANN401
    truth: Any,  # noqa: ANN401
) -> None:
    exact = {name: value for name, value in settings.items() if name != "tolerance"}
    for given, is_wrong in ((settings, False), (exact, True)):
        task = task_of(alias, **given)
        people = consensus(task, said(truth))
        (wrong,) = wrong_against(task, [close], np.array([True]), np.array([1]), people)
        assert bool(wrong) is is_wrong
        (wrong,) = wrong_against(task, [json.loads(json.dumps(truth))], np.array([True]), np.array([1]), people)
        assert not wrong
