from __future__ import annotations

import json
from typing import Any

import pytest

from labelwright.prompting.chat import ChatRequest
from labelwright.prompting.flows.judge import FLOW, judge, judge_pair
from tests.unit.prompting.conftest import ITEM, answer, asking, held, prompt_of, script

PROMPT = prompt_of()
HOW = asking("judge", repairs=0)
REVIEW: dict[str, Any] = {"reason": "It says fine.", "evidence": ["Fine", "very good"], "verdict": "agree", "score": 4}


def better(which: str) -> str:
    return json.dumps({"reason": f"{which} is closer.", "better": which})


def test_a_verdict_has_its_reason_its_score_and_evidence_that_stands_in_the_item() -> None:
    verdict, requests = held(judge(PROMPT, ITEM, {"mood": "good"}, HOW), script(json.dumps(REVIEW)))
    assert (verdict.ruling, verdict.score, verdict.reason) == ("agree", 4, "It says fine.")
    assert (verdict.evidence, verdict.misquoted) == (("Fine",), ("very good",))
    assert '{"mood":"good"}' in requests[0].messages[-1].content
    assert requests[0].messages[0] == PROMPT.static


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"verdict": "yes"}, "verdict 'yes' is none of"),
        ({"score": 6}, "no whole number from 1 to 5"),
        ({"score": True}, "no whole number"),
        ({"score": 4.0}, "no whole number"),
        ({"evidence": "Fine"}, "no list of texts"),
        ({"more": 1}, "was not asked for"),
    ],
)
def test_a_verdict_out_of_form_is_none(changes: dict[str, Any], problem: str) -> None:
    verdict, _ = held(judge(PROMPT, ITEM, {"mood": "good"}, HOW), script(json.dumps(REVIEW | changes)))
    assert verdict.ruling is None
    assert problem in str(verdict.problem)


def test_a_verdict_out_of_form_may_be_mended() -> None:
    how = asking("judge", repairs=1)
    replies = script(json.dumps(REVIEW | {"score": 9}), json.dumps(REVIEW))
    verdict, requests = held(judge(PROMPT, ITEM, {"mood": "good"}, how), replies)
    assert (verdict.score, len(requests)) == (4, 2)


@pytest.mark.parametrize(
    ("forward", "backward", "kept", "consistent"),
    [("1", "2", "first", True), ("2", "1", "second", True), ("tie", "tie", "tie", True), ("1", "1", None, False)],
)
def test_of_two_answers_a_verdict_is_kept_only_when_both_orders_give_it(
    forward: str, backward: str, kept: str | None, consistent: bool
) -> None:
    flow = judge_pair(PROMPT, ITEM, {"mood": "good"}, {"mood": "bad"}, HOW)
    verdict, requests = held(flow, script(better(forward), better(backward)))
    assert (verdict.better, verdict.consistent) == (kept, consistent)
    texts = [request.messages[-1].content for request in requests]
    assert [text.index("good") < text.index('"bad"') for text in texts] == [True, False]


def test_an_order_without_a_verdict_leaves_consistency_unknown() -> None:
    flow = judge_pair(PROMPT, ITEM, {"mood": "good"}, {"mood": "bad"}, HOW)
    verdict, _ = held(flow, script(better("1"), answer("", refusal="No.")))
    assert (verdict.better, verdict.consistent) == (None, None)
    assert verdict.problem == "the model declined to judge"


def test_as_a_flow_the_labels_are_reviewed_in_a_conversation_that_does_not_see_how_they_came_about() -> None:
    def reply(request: ChatRequest) -> str:
        if request.schema_name == "verdict":
            return json.dumps(REVIEW)
        return json.dumps({"mood": "good", "confidence": {"mood": 0.9}})

    labelled, requests = held(FLOW.hold(PROMPT, ITEM, HOW), reply)
    found = labelled.answers[0]
    assert (found.value, found.confidence) == ("good", 0.9)
    assert found.measured == {"verbalised": 0.9, "judge": 0.75}
    assert found.signals["judge"]["verdict"] == "agree"  # type: ignore[index, call-overload]
    assert all(message.role != "assistant" for message in requests[1].messages)
