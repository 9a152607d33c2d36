from __future__ import annotations

import json
from dataclasses import replace

import pytest

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import ConfidenceSource, Question
from labelwright.prompting.codes import CodedTask, may_share_first_token
from labelwright.prompting.parse import read_answer
from labelwright.prompting.render import Prompt
from tests.unit.prompting.conftest import MOOD, TOPICS, answer, prompt_of, spelt

STANCE = replace(
    MOOD,
    settings={
        "labels": [
            {"value": "not agree", "title": "Disagrees", "description": "Says no.", "aliases": ["contra"]},
            "not sure",
            "agree",
        ]
    },
)


def coded(prompt: Prompt) -> bool:
    return isinstance(prompt.questions[0].task, CodedTask)


@pytest.mark.parametrize(
    ("labels", "shared"),
    [
        (["good", "bad"], False),
        (["not agree", "not sure"], True),
        (["very good", "good"], False),
        (["offensive", "offended"], True),
        (["no", "not"], False),
        (["Yes", "yes"], False),
        (["10", "100"], False),
        (["a-b", "a-c"], True),
    ],
)
def test_labels_that_may_begin_with_the_same_token_are_found(labels: list[str], shared: bool) -> None:
    assert may_share_first_token(labels) is shared


def test_letters_stand_for_labels_in_prompt_and_schema_and_are_mapped_back() -> None:
    prompt = prompt_of(STANCE, confidence="logprob")
    static = prompt.static.content
    assert '- "A": "not agree" ("Disagrees", "contra"): Says no.\n- "B": "not sure"\n- "C": "agree"' in static
    assert json.loads(json.dumps(prompt.answer_schema))["properties"]["mood"]["enum"] == ["A", "B", "C"]
    text = '{"mood": "B"}'
    read = read_answer(prompt, answer(text, logprobs=spelt(text, "B", {"B": 0.5, "A": 0.25, " B": 0.125, "C": 0.125})))
    found = read.answers[0]
    assert found.value == "not sure"
    assert found.confidence == pytest.approx(0.625)  # .5 + .125 of " B", of 1
    assert found.signals["distribution"] == {"not agree": 0.25, "not sure": 0.625, "agree": 0.125}


def test_a_label_written_out_is_taken_and_weighed_as_such() -> None:
    prompt = prompt_of(STANCE, confidence="logprob")
    text = '{"mood": "agree"}'
    read = read_answer(prompt, answer(text, logprobs=spelt(text, "agree", {"agree": 0.75, "not": 0.25})))
    assert (read.answers[0].value, read.answers[0].confidence) == ("agree", pytest.approx(0.75))


@pytest.mark.parametrize("said", ["D", "a", "A ", ""])
def test_what_is_no_letter_is_a_mistake_that_names_the_letters(said: str) -> None:
    read = read_answer(prompt_of(STANCE, confidence="logprob"), answer(json.dumps({"mood": said})))
    assert read.answers[0].value is None
    assert "answer with one of the letters A, B, C" in str(read.problem)


@pytest.mark.parametrize("confidence", ["verbalised", "none", "decisions"])
def test_without_log_probabilities_labels_stand_for_themselves(confidence: ConfidenceSource) -> None:
    assert not coded(prompt_of(STANCE, confidence=confidence))


@pytest.mark.parametrize(
    ("question", "uses_letters"),
    [
        (STANCE, True),
        (MOOD, False),
        (TOPICS, False),
        (replace(MOOD, settings={"labels": ["A", "very good", "very bad"]}), False),
        (replace(MOOD, settings={"labels": [f"label {n}" for n in range(27)]}), False),
    ],
)
def test_letters_are_used_only_where_they_are_needed_and_clear(question: Question, uses_letters: bool) -> None:
    assert coded(prompt_of(question, signals=["logprob"])) is uses_letters


def test_another_order_gives_the_letters_to_other_labels_and_still_reads_them() -> None:
    prompt = prompt_of(STANCE, confidence="logprob")
    for order in range(1, 6):
        variant = prompt.variant(order=order)
        task = variant.questions[0].task
        assert isinstance(task, CodedTask)
        for letter, label in task.letters.items():
            assert f'- "{letter}": "{label}"' in variant.static.content
            assert read_answer(variant, answer(json.dumps({"mood": letter}))).answers[0].value == label


def test_what_labels_are_also_called_is_said() -> None:
    static = prompt_of(STANCE).static.content
    assert 'answer with the label itself):\n- "not agree": "Disagrees", "contra"' in static
    assert "also called" not in prompt_of(MOOD).static.content


def test_a_description_in_which_the_order_of_labels_says_something_stays_true() -> None:
    better = Question(QuestionName("better"), "preference", {"tie": "same", "strengths": ["slightly", "much"]})
    prompt = prompt_of(better)
    assert all('null for "same"' in prompt.variant(order=order).static.content for order in range(12))
    ranked = Question(QuestionName("order"), "ranking", {"labels": ["x", "y", "z"]})
    assert len({prompt_of(ranked).variant(order=order).static.content for order in range(1, 12)}) > 1
