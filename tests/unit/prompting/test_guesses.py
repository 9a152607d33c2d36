from __future__ import annotations

import json
from typing import Any

import pytest

from labelwright.prompting.flows.guesses import FLOW
from tests.unit.prompting.conftest import ITEM, MOOD, TOPICS, answer, asking, held, prompt_of, script

HOW = asking("guesses", repairs=0)


def guesses(*pairs: tuple[Any, Any], question: str = "mood") -> str:
    return json.dumps({question: [{"answer": label, "percent": percent} for label, percent in pairs]})


def test_the_likeliest_guess_is_the_answer_and_its_percentage_the_stated_confidence() -> None:
    replies = script(guesses(("good", 20), ("bad", 70), ("not said", 10)))
    labelled, requests = held(FLOW.hold(prompt_of(), ITEM, HOW), replies)
    found = labelled.answers[0]
    assert (found.value, found.confidence, found.confidence_kind) == ("bad", 0.7, "verbalised")
    assert found.signals["distribution"] == {"good": 0.2, "bad": 0.7, "not said": 0.1}
    assert "percent_sum" not in found.signals
    assert "your 3 best guesses" in requests[0].messages[-1].content
    assert requests[0].messages[0] == prompt_of().static


def test_percentages_that_sum_to_more_than_everything_are_kept_and_say_so() -> None:
    labelled, _ = held(FLOW.hold(prompt_of(), ITEM, HOW), script(guesses(("good", 90), ("bad", 60))))
    assert (labelled.answers[0].confidence, labelled.answers[0].signals["percent_sum"]) == (0.9, 150)


def test_of_equal_guesses_the_first_counts() -> None:
    labelled, _ = held(FLOW.hold(prompt_of(), ITEM, HOW), script(guesses(("not said", 50), ("good", 50))))
    assert labelled.answers[0].value == "not said"


def test_a_guess_without_a_percentage_stands_and_how_sure_it_is_nobody_knows() -> None:
    labelled, _ = held(FLOW.hold(prompt_of(), ITEM, HOW), script(guesses(("good", None))))
    found = labelled.answers[0]
    assert (found.value, found.confidence) == ("good", None)
    assert found.signals["unknown"] == {"verbalised": "no percentage was stated"}
    assert "distribution" not in found.signals
    labelled, _ = held(FLOW.hold(prompt_of(), ITEM, HOW), script(guesses(("good", None), ("bad", 30))))
    assert (labelled.answers[0].value, labelled.answers[0].confidence) == ("bad", 0.3)


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        (guesses(), "no list of guesses"),
        (guesses(("good", 101)), "101 is no whole number from 0 to 100"),
        (guesses(("good", 0.5)), "0.5 is no whole number"),
        (guesses(("good", True)), "True is no whole number"),
        (guesses(("splendid", 50)), "label 'splendid' is not in the schema"),
        (guesses(("good", 50), ("good", 20)), 'the guess "good" is there twice'),
        (json.dumps({"mood": [{"answer": "good"}]}), "a guess has the keys"),
        (json.dumps({"mood": "good"}), "no list of guesses"),
        ("rubbish", "not JSON"),
    ],
)
def test_guesses_out_of_form_are_no_answer(stated: str, problem: str) -> None:
    labelled, _ = held(FLOW.hold(prompt_of(), ITEM, HOW), script(stated))
    assert labelled.answers[0].value is None
    assert problem in str(labelled.problem)


def test_guesses_out_of_form_may_be_mended_and_a_refusal_is_not_argued_with() -> None:
    replies = script(guesses(("good", 101)), guesses(("good", 80)))
    labelled, requests = held(FLOW.hold(prompt_of(), ITEM, asking("guesses")), replies)
    assert (labelled.answers[0].confidence, len(requests)) == (0.8, 2)
    refused, requests = held(FLOW.hold(prompt_of(), ITEM, asking("guesses")), script(answer("", refusal="No.")))
    assert "refused" in str(refused.problem)
    assert len(requests) == 1


def test_sets_of_labels_are_guessed_as_sets_whatever_their_order() -> None:
    twice = guesses((["price", "screen"], 50), (["screen", "price"], 20), question="topics")
    labelled, _ = held(FLOW.hold(prompt_of(TOPICS), ITEM, HOW), script(twice))
    assert "there twice" in str(labelled.problem)


def test_questions_are_guessed_each_for_itself() -> None:
    stated = json.loads(guesses(("bad", 70))) | json.loads(guesses(([], 40), (["price"], 60), question="topics"))
    labelled, _ = held(FLOW.hold(prompt_of(MOOD, TOPICS), ITEM, HOW), script(json.dumps(stated)))
    assert [(a.value, a.confidence) for a in labelled.answers] == [("bad", 0.7), (["price"], 0.6)]


def test_tokens_that_were_not_asked_for_are_unknown_and_say_so() -> None:
    prompt = prompt_of(confidence="logprob")
    labelled, requests = held(FLOW.hold(prompt, ITEM, HOW), script(guesses(("good", 80))))
    found = labelled.answers[0]
    assert (found.value, found.confidence, found.measured) == ("good", None, {"verbalised": 0.8})
    assert found.signals["confidence_unknown"] == "guesses are not weighed by their tokens"
    assert requests[0].top_logprobs is None
