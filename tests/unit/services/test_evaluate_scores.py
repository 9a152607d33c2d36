"""Figures of a comparison, by hand and by another way of counting."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId, QuestionName
from labelwright.domain.project import (
    ExamplePolicy,
    FlowChoice,
    Guideline,
    LabelSchema,
    ModelSource,
    Policy,
    Project,
    ProjectConfig,
    Question,
)
from labelwright.errors import InvalidInput, InvalidValue
from labelwright.methods.comparison import holm, paired_difference
from labelwright.services.comparing.evaluate_run import Said
from labelwright.services.comparing.evaluate_scores import compare, score
from labelwright.services.comparing.evaluate_variants import Wishes, variants
from labelwright.tasks.registry import bind

TONE = Question(QuestionName("tone"), "classification", {"labels": ["good", "bad", "mixed"]})
TOPICS = Question(QuestionName("topics"), "multilabel", {"labels": ["price", "screen"]})
STARS = Question(QuestionName("stars"), "rating", {"min": 1, "max": 5, "tolerance": 1})
WORDS = Question(QuestionName("words"), "text", {})


def said(question: str, *values: Json, confidence: float | None = None) -> dict[int, dict[str, Said]]:
    """Lay out answers to items 0, 1, 2 …; None = none that fits."""
    return {
        key: {} if value is None else {question: Said(value, confidence, None if confidence is None else "verbalised")}
        for key, value in enumerate(values)
    }


def gold(*values: Json) -> dict[int, Json]:
    return dict(enumerate(values))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_rejects_what_stepping_down_rejects(p_values: list[float]) -> None:
    corrected = holm(p_values)
    for level in (0.01, 0.05, 0.3):
        rejected: set[int] = set()
        for step, place in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
            if p_values[place] * (len(p_values) - step) > level:
                break
            rejected.add(place)
        assert {at for at, p in enumerate(corrected) if p <= level} == rejected


def test_an_item_without_a_valid_answer_is_wrong_and_counted() -> None:
    found, right = score(
        bind(TONE), "tone", gold("good", "bad", "mixed", "bad"), said("tone", "good", None, "bad", "bad"), seed=1
    )
    assert right.tolist() == [True, False, False, True]
    assert (found.n, found.n_right, found.invalid, found.distance) == (4, 2, 0.25, 0.5)
    by_name = {one.name: one for one in found.classes}
    assert (by_name["good"].f1, by_name["bad"].precision, by_name["bad"].recall) == (1.0, 0.5, 0.5)
    assert (by_name["mixed"].f1, by_name["mixed"].support) == (0.0, 1)
    assert found.macro_f1 == pytest.approx((1 + 0.5 + 0) / 3)
    assert found.calibration is None


def test_labels_of_a_question_with_several_are_scored_one_by_one() -> None:
    truth = gold(["price"], ["price", "screen"], [], ["screen"])
    found, right = score(bind(TOPICS), "topics", truth, said("topics", ["price"], ["price"], [], None), seed=1)
    assert right.tolist() == [True, False, True, False]
    assert found.classes_are == "labels"
    assert [(one.name, one.support, one.f1) for one in found.classes] == [("price", 2, 1.0), ("screen", 2, 0.0)]


def test_right_is_what_lies_within_the_tasks_tolerance() -> None:
    found, right = score(bind(STARS), "stars", gold(3, 3, 3), said("stars", 3, 4, 5), seed=1)
    assert right.tolist() == [True, True, False]
    assert found.distance == pytest.approx((0 + 0.25 + 0.5) / 3)


def test_answers_without_classes_have_no_f1() -> None:
    found, right = score(bind(WORDS), "words", gold("a b", "c"), said("words", "a b", "d"), seed=1)
    assert right.tolist() == [True, False]
    assert (found.classes, found.macro_f1) == ((), None)


def test_a_confidence_that_is_right_as_often_as_it_says_lies_in_the_band() -> None:
    rng = np.random.default_rng(5)
    n = 2_000
    stated = rng.uniform(0.4, 1, n)
    right = rng.random(n) < stated
    answers = {at: {"tone": Said("good" if right[at] else "bad", float(stated[at]), "verbalised")} for at in range(n)}
    truth: dict[int, Json] = dict.fromkeys(range(n), "good")
    fair = score(bind(TONE), "tone", truth, answers, seed=1)[0].calibration
    assert fair is not None
    assert fair.is_in_band
    assert fair.n == n
    boasting = {at: {"tone": replace(one["tone"], confidence=0.99)} for at, one in answers.items()}
    off = score(bind(TONE), "tone", truth, boasting, seed=1)[0].calibration
    assert off is not None
    assert not off.is_in_band
    assert off.auroc == 0.5


@given(st.lists(st.tuples(*[st.booleans()] * 3), min_size=1, max_size=40), st.sampled_from([None, "a", "b", "c"]))
def test_the_better_one_is_named_first_and_its_test_is_mcnemars(
    rows: list[tuple[bool, bool, bool]], baseline: str | None
) -> None:
    right = {name: np.array([row[at] for row in rows]) for at, name in enumerate("abc")}
    found = compare("tone", right, baseline=baseline, best="a")
    assert len(found) == 2
    for one in found:
        assert (baseline or "a") in (one.first, one.second)
        test = paired_difference(right[one.first], right[one.second])
        assert (one.difference, one.p_value, one.only_first) == (test.difference, test.p_value, test.only_first)
        assert one.difference >= 0
        assert one.p_corrected >= one.p_value
        assert one.n_pairs == (len(list(combinations("abc", 2))) if baseline is None else 2)


def project(**settings: object) -> Project:
    config = ProjectConfig(
        schema=LabelSchema(1, (TONE,)),
        guideline=Guideline(1, "Good is good."),
        policy=Policy(),
        content_fields=("text",),
        models=(ModelSource("one", "http://127.0.0.1:9/v1"), ModelSource("two", "http://127.0.0.1:9/v1")),
    )
    return Project(ProjectId("p"), "small", replace(config, **settings))


def test_every_choice_is_crossed_with_every_other_and_none_is_there_twice() -> None:
    found = variants(
        project(),
        Wishes(flows=("once", "reason"), examples=("none", "nearest"), k=(0, 3), embedders=("hashed", "hashed-2048")),
    )
    # per model and flow: no examples once (whether by `none` or by 0), three by each likeness
    assert len(found) == 2 * 2 * 3
    assert len({variant.name for variant in found}) == len(found)
    assert found[0].name == "one · once · no examples"


def test_the_projects_own_prompt_stays_what_prelabelling_sends() -> None:
    chosen = project(flow=FlowChoice("reason"), examples=ExamplePolicy("nearest", k=3), signals=("logprob",))
    (same,) = variants(chosen, Wishes(models=("one",)))
    (named,) = variants(chosen, Wishes(models=("one",), flows=("reason",), examples=("nearest",), k=(3,)))
    assert same.project.config == named.project.config == chosen.config
    assert same.prompt.hash == named.prompt.hash


def test_a_flow_that_cannot_give_the_projects_confidence_is_judged_by_the_stated_one() -> None:
    chosen = project(flow=FlowChoice("self_consistency", {"samples": 3}), confidence="consistency")
    once, several = variants(chosen, Wishes(models=("one",), flows=("once", "self_consistency")))
    assert (once.project.config.confidence, several.project.config.confidence) == ("verbalised", "consistency")
    assert "gives no 'consistency'" in once.note
    assert several.project.config.flow.settings == {"samples": 3}


def test_a_prompt_keeps_the_projects_privacy_and_shows_no_other_fields() -> None:
    mine = project()
    other = replace(mine.config, instruction="Be terse.", privacy=replace(mine.config.privacy, pii="off"))
    guarded = replace(mine, config=replace(mine.config, privacy=replace(mine.config.privacy, pii="redact")))
    found = variants(guarded, Wishes(models=("one",), prompts=(("terse", other),)))
    assert {variant.project.config.privacy.pii for variant in found} == {"redact"}
    with pytest.raises(InvalidValue, match="shows 'author', which is no field of the project"):
        variants(mine, Wishes(prompts=(("nosy", replace(other, content_fields=("text", "author"))),)))


def test_more_variants_than_anybody_reads_are_refused() -> None:
    with pytest.raises(InvalidInput, match="compare at most 200"):
        variants(project(), Wishes(examples=("nearest",), k=cast("tuple[int, ...]", tuple(range(1, 102)))))
