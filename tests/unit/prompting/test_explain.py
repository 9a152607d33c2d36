from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from labelwright.prompting.chat import ChatRequest, request_key
from labelwright.prompting.flows.explain import FLOW, explain
from labelwright.prompting.render import Demonstration, ItemToLabel
from tests.unit.prompting.conftest import ITEM, MOOD, TOPICS, answer, asking, fitting, held, prompt_of

EXAMPLE = Demonstration({"text": "Awful."}, {"mood": "bad"}, item_id="x")
PROMPT = prompt_of()


def model(blind: str = "bad", explanation: str = "It says awful.") -> Callable[[ChatRequest], str]:
    def reply(request: ChatRequest) -> str:
        if "explanation" in (request.answer_schema or {}).get("required", ()):  # type: ignore[operator]
            return json.dumps({"explanation": explanation})
        return fitting(
            request, mood=blind if "Awful." in request.messages[-1].content.split("The item to")[0] else "good"
        )

    return reply


def label(item: ItemToLabel = ITEM, **settings: bool) -> tuple[dict[str, object], list[ChatRequest]]:
    how = replace(asking("explain", **settings), demonstrations=(EXAMPLE,))
    labelled, requests = held(FLOW.hold(PROMPT, item, how), model())
    return dict(labelled.answers[0].signals), requests


def test_the_item_is_labelled_with_the_examples_explained() -> None:
    signals, requests = label()
    shown = requests[-1].messages[1].content
    assert '<item>\nAwful.\n</item>\nIts answers: {"mood":"bad"}\nWhy: It says awful.' in shown
    assert shown.endswith("<item>\nFine, but not cheap.\n</item>")
    assert signals["reasoning"] == "because"
    assert "doubted_examples" not in signals


def test_an_explanation_is_the_same_request_for_every_item_so_that_it_is_paid_once() -> None:
    keys = [
        [request_key(request, "here") for request in label(ItemToLabel(name, {"text": name}))[1]] for name in ("a", "b")
    ]
    assert keys[0][:-1] == keys[1][:-1]
    assert keys[0][-1] != keys[1][-1]
    assert all(request.metadata == {"item_id": "x"} for request in label()[1][:-1])


def test_an_example_that_the_model_answers_otherwise_by_itself_is_named() -> None:
    """The explanation of a given answer may rationalise a wrong one: the blind answer is the second look."""
    how = replace(asking("explain"), demonstrations=(EXAMPLE,))
    labelled, _ = held(FLOW.hold(PROMPT, ITEM, how), model(blind="good"))
    assert labelled.answers[0].signals["doubted_examples"] == ["x"]


def test_the_blind_answer_is_asked_before_and_without_the_given_one() -> None:
    _, requests = label()
    assert "Its answers" not in requests[0].messages[-1].content
    assert "given the item above these answers" in requests[1].messages[-1].content


def test_without_the_check_an_example_costs_one_request() -> None:
    assert len(label(check=False)[1]) == 2


def test_an_example_with_an_explanation_is_not_explained_again() -> None:
    known = replace(EXAMPLE, explanation="Because.")
    found, requests = held(explain(PROMPT, known, asking("explain")), model())
    assert (found.demonstration, found.agrees, len(requests)) == (known, True, 1)


def test_a_model_that_does_not_explain_leaves_the_example_bare() -> None:
    how = asking("explain", check=False, repairs=0)
    for reply in (answer("", refusal="No."), answer('{"explanation": " "}'), answer("rubbish")):
        found, _ = held(explain(PROMPT, EXAMPLE, how), lambda _, reply=reply: reply)
        assert found.demonstration == EXAMPLE
        assert found.problem
        assert found.agrees is None


def test_questions_an_example_does_not_answer_are_not_compared() -> None:
    found, _ = held(explain(prompt_of(MOOD, TOPICS), EXAMPLE, asking("explain")), model())
    assert found.agrees is True


def test_an_example_that_shows_nothing_is_left_as_it_is() -> None:
    how = replace(asking("explain"), demonstrations=(replace(EXAMPLE, content={"text": ""}),))
    labelled, requests = held(FLOW.hold(PROMPT, ITEM, how), model())
    assert (labelled.problem, len(requests)) == (None, 1)
