from __future__ import annotations

import json
from dataclasses import replace

import pytest

from labelwright.errors import InvalidValue
from labelwright.prompting.flows.reason import FLOW as REASON
from labelwright.prompting.flows.reflect import FLOW as REFLECT
from tests.unit.prompting.conftest import ITEM, MOOD, answer, asking, held, prompt_of, script, spelt

FIRST = json.dumps({"mood": "good", "confidence": {"mood": 0.9}})


def reasoned(label: str, confidence: float = 0.7) -> str:
    return json.dumps({"reasoning": "It says fine.", "mood": label, "confidence": {"mood": confidence}})


def test_the_reasoning_comes_first_and_is_kept() -> None:
    labelled, requests = held(REASON.hold(prompt_of(), ITEM, asking("reason")), script(reasoned("good")))
    schema = json.loads(json.dumps(requests[0].answer_schema))
    assert list(schema["properties"]) == schema["required"] == ["reasoning", "mood", "confidence"]
    assert "Its keys are `reasoning`, `mood`, `confidence`" in requests[0].messages[0].content
    found = labelled.answers[0]
    assert (found.value, found.confidence, found.signals["reasoning"]) == ("good", 0.7, "It says fine.")


def test_an_answer_without_its_reasoning_is_asked_for_again() -> None:
    labelled, requests = held(REASON.hold(prompt_of(), ITEM, asking("reason")), script(FIRST, reasoned("good")))
    assert "key 'reasoning' is missing" in requests[1].messages[-1].content
    assert labelled.problem is None


def test_log_probabilities_after_reasoning_are_kept_and_route_nothing() -> None:
    prompt = prompt_of(confidence="logprob")
    text = json.dumps({"reasoning": "Plainly good.", "mood": "good"}).replace('"mood": "good"', '"mood":"good"')
    reply = answer(text, logprobs=spelt(text, 'good"}', {'good"}': 0.99, 'bad"}': 0.01}))
    found = held(REASON.hold(prompt, ITEM, asking("reason")), script(reply))[0].answers[0]
    assert (found.value, found.confidence) == ("good", None)
    assert "after reasoning" in str(found.signals["confidence_unknown"])
    assert found.measured == {"logprob_after_reasoning": pytest.approx(0.99)}


def test_a_question_named_reasoning_cannot_be_reasoned_about() -> None:
    prompt = prompt_of(replace(MOOD, name="reasoning"))  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="'reasoning' is kept for"):
        next(REASON.hold(prompt, ITEM, asking("reason")))


def test_the_second_answer_counts_and_whether_it_changed_is_kept() -> None:
    labelled, requests = held(REFLECT.hold(prompt_of(), ITEM, asking("reflect")), script(FIRST, reasoned("bad", 0.6)))
    found = labelled.answers[0]
    assert (found.value, found.confidence) == ("bad", 0.6)
    assert (found.signals["changed"], found.signals["first_value"]) == (True, "good")
    assert found.signals["reasoning"] == "It says fine."
    assert requests[1].messages[:2] == requests[0].messages
    assert requests[1].messages[2].content == FIRST
    assert "`reasoning`, `mood`, `confidence`" in requests[1].messages[3].content


def test_an_unchanged_answer_says_so() -> None:
    labelled, _ = held(REFLECT.hold(prompt_of(), ITEM, asking("reflect")), script(FIRST, reasoned("good")))
    assert labelled.answers[0].signals["changed"] is False


def test_a_check_that_fails_leaves_the_first_answer_and_says_so() -> None:
    how = asking("reflect", repairs=0)
    labelled, _ = held(REFLECT.hold(prompt_of(), ITEM, how), script(FIRST, "I stand by it."))
    found = labelled.answers[0]
    assert (found.value, found.confidence) == ("good", 0.9)
    assert "not JSON" in str(found.signals["reflection"])
    assert "changed" not in found.signals


def test_what_cannot_be_used_at_first_is_not_reflected_upon() -> None:
    labelled, requests = held(REFLECT.hold(prompt_of(), ITEM, asking("reflect", repairs=0)), script("rubbish"))
    assert (labelled.answers[0].value, len(requests)) == (None, 1)
