"""The page of a comparison: everything escaped, nothing left out in silence."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from labelwright.adapters.report.evaluation_charts import Point, accuracy_against_cost, accuracy_rows
from labelwright.adapters.report.evaluation_page import evaluation_page
from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.services.comparing.evaluate import EvaluationReport, VariantResult
from labelwright.services.comparing.evaluate_run import Said
from labelwright.services.comparing.evaluate_scores import compare, score
from labelwright.tasks.registry import bind

ODD = "<b>model</b> & co"


def report(question: Question, gold: list[Json], answers: dict[str, list[Json]]) -> EvaluationReport:
    truth = dict(enumerate(gold))
    results: list[VariantResult] = []
    right = {}
    for name, values in answers.items():
        said = {key: {str(question.name): Said(value, 0.8, "verbalised")} for key, value in enumerate(values)}
        scores, right[name] = score(bind(question), question.name, truth, said, seed=1)
        results.append(
            VariantResult(
                name=name,
                parameters={},
                run="r",
                items=len(gold),
                scores=(scores,),
                cost_micro=None if name == ODD else 1_000,
                median_ms=1.0,
                p95_ms=2.0,
                requests=1,
                calls=1,
                reused=0,
                failed=0,
                held_back=0,
                problem=None,
            )
        )
    return EvaluationReport(
        project="<i>p</i>",
        gold="gold.jsonl",
        n_items=len(gold),
        spends_calibration=0,
        variants=tuple(results),
        comparisons=compare(question.name, right, baseline=None, best=results[0].name),
        baseline=results[0].name,
        is_baseline_named=False,
        remarks=("a < b",),
        spent_micro=None,
        cost_is_estimated=False,
        stopped=False,
    )


def test_names_are_escaped_and_what_is_not_drawn_is_named() -> None:
    tone = Question(QuestionName("tone"), "classification", {"labels": ["<good>", "bad"]})
    made = report(tone, ["<good>", "bad"], {"plain": ["<good>", "bad"], ODD: ["bad", "bad"]})
    page = evaluation_page(made.as_json(), at="now")
    assert "<b>model" not in page
    assert "<i>p" not in page
    assert "&lt;good&gt; (1)" in page
    assert "Not drawn, since no price is known: &lt;b&gt;model" in page
    assert "a &lt; b" in page


def test_a_question_without_classes_says_so() -> None:
    words = Question(QuestionName("words"), "text", {})
    page = evaluation_page(report(words, ["a b", "c"], {"plain": ["a b", "d"]}).as_json(), at="now")
    assert "its answers have no classes" in page
    assert "mean distance" in page


@pytest.mark.parametrize("costs", [[None], [0, 0], [500], [500, 700, 700], [12, 2_500_000]])
def test_charts_stay_within_their_frame_whatever_the_costs(costs: list[int | None]) -> None:
    points = [Point(at + 1, f"v{at}", 0.9, 0.8, 0.97, cost, is_baseline=at == 0) for at, cost in enumerate(costs)]
    for svg in (accuracy_against_cost(points), accuracy_rows(points, lowest=0.99)):
        drawn = ET.fromstring(svg)
        width, height = (float(part) for part in drawn.attrib["viewBox"].split()[2:])
        for circle in drawn.iter("{http://www.w3.org/2000/svg}circle"):
            assert 0 < float(circle.attrib["cx"]) < width
            assert 0 < float(circle.attrib["cy"]) < height
