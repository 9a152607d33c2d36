from __future__ import annotations

import json
from dataclasses import replace

import pytest

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.prompting.chat import ChatRequest, request_key
from labelwright.prompting.flows.self_consistency import FLOW
from labelwright.prompting.render import ItemToLabel, Sampling
from tests.unit.prompting.conftest import ITEM, MOOD, TOPICS, asking, held, prompt_of, script


def mood(label: str, confidence: float = 0.9) -> str:
    return json.dumps({"mood": label, "confidence": {"mood": confidence}})


def test_the_most_frequent_label_wins_with_its_smoothed_share() -> None:
    replies = script(mood("bad", 0.6), mood("good", 0.9), mood("bad", 0.8), mood("bad", 1.0), mood("bad", 0.8))
    prompt = prompt_of(confidence="consistency", signals=["verbalised"])
    labelled, _ = held(FLOW.hold(prompt, ITEM, asking("self_consistency")), replies)
    found = labelled.answers[0]
    assert found.value == "bad"
    assert found.confidence == found.measured["consistency"] == pytest.approx(4.5 / 6.5)  # (4 + .5) / (5 + 3 x .5)
    assert found.confidence_kind == "consistency"
    assert found.signals["votes"] == {'"bad"': 4, '"good"': 1}


def test_the_stated_confidence_is_that_of_the_samples_that_agree() -> None:
    replies = script(mood("bad", 0.6), mood("good", 0.1), mood("bad", 0.8))
    labelled, _ = held(FLOW.hold(prompt_of(), ITEM, asking("self_consistency", samples=3)), replies)
    found = labelled.answers[0]
    assert found.confidence == found.measured["verbalised"] == pytest.approx(0.7)
    assert "consistency" in found.measured


def test_each_sample_lists_the_labels_in_an_order_of_its_own_that_is_the_same_for_every_item() -> None:
    prompt, how = prompt_of(), asking("self_consistency", samples=12)
    asked: list[list[ChatRequest]] = []
    for name in ("a", "b"):
        flow = FLOW.hold(prompt, ItemToLabel(name, {"text": name}), how)
        asked.append(held(flow, lambda _: mood("good"))[1])
    statics = [[request.messages[0] for request in requests] for requests in asked]
    assert statics[0] == statics[1]
    assert len({static.content for static in statics[0]}) > 3  # of 6 orders of 3 labels
    assert statics[0][0] == prompt.static
    assert all(request.temperature == 0.7 for request in asked[0])
    assert all(request.answer_schema == prompt.answer_schema for request in asked[0])
    assert len({request_key(request, "here") for request in asked[0]}) == 12


def test_another_seed_shuffles_otherwise() -> None:
    def statics(seed: int) -> list[str]:
        how = replace(asking("self_consistency", samples=12), seed=seed)
        _, requests = held(FLOW.hold(prompt_of(), ITEM, how), lambda _: mood("good"))
        return [request.messages[0].content for request in requests]

    assert statics(1) != statics(2)


def test_a_model_that_takes_no_temperature_is_given_none() -> None:
    how = replace(asking("self_consistency", samples=2), sampling=Sampling(temperature=None))
    _, requests = held(FLOW.hold(prompt_of(), ITEM, how), lambda _: mood("good"))
    assert all(request.temperature is None for request in requests)


def test_samples_that_cannot_be_used_are_left_out_and_counted() -> None:
    how = asking("self_consistency", samples=3, repairs=0)
    labelled, _ = held(FLOW.hold(prompt_of(), ITEM, how), script("rubbish", mood("bad"), mood("bad")))
    found = labelled.answers[0]
    assert found.value == "bad"
    assert (found.signals["samples"], found.signals["invalid_samples"]) == (2, 1)
    assert found.measured["consistency"] == pytest.approx(2.5 / 3.5)


def test_without_one_usable_sample_there_is_no_answer() -> None:
    how = asking("self_consistency", samples=3, repairs=0)
    labelled, _ = held(FLOW.hold(prompt_of(), ITEM, how), lambda _: "rubbish")
    assert labelled.answers[0].value is None
    assert "not JSON" in str(labelled.problem)


def test_sets_of_labels_are_voted_on_label_by_label_and_equal_sets_are_one() -> None:
    said = [["screen", "price"], ["price", "screen"], ["price"]]
    replies = script(*(json.dumps({"topics": topics, "confidence": {"topics": 0.5}}) for topics in said))
    labelled, _ = held(FLOW.hold(prompt_of(TOPICS), ITEM, asking("self_consistency", samples=3)), replies)
    found = labelled.answers[0]
    assert found.value == ["price", "screen"]
    assert found.measured["consistency"] == pytest.approx(2.5 / 4)  # 2 of 3 are equal to it


def test_what_no_sample_said_has_no_stated_confidence() -> None:
    """Votes on single labels can come to a set that nobody gave: how sure of it anybody is, nobody said."""
    topics = replace(TOPICS, settings={"labels": ["a", "b", "c"]})
    replies = script(*(json.dumps({"topics": s, "confidence": {"topics": 0.9}}) for s in (["a"], ["b"], ["c"])))
    labelled, _ = held(FLOW.hold(prompt_of(topics), ITEM, asking("self_consistency", samples=3)), replies)
    found = labelled.answers[0]
    assert (found.value, found.confidence) == ([], None)
    assert found.measured == {"consistency": pytest.approx(0.5 / 4)}


def test_questions_are_counted_each_for_itself() -> None:
    def both(label: str, topics: list[str]) -> str:
        return json.dumps({"mood": label, "topics": topics, "confidence": {}})

    replies = script(both("good", []), both("bad", []), both("bad", ["price"]))
    labelled, _ = held(FLOW.hold(prompt_of(MOOD, TOPICS), ITEM, asking("self_consistency", samples=3)), replies)
    assert [a.value for a in labelled.answers] == ["bad", []]


def test_spans_that_most_samples_mark_are_the_answer() -> None:
    item = ItemToLabel("a", {"text": "From Rome to Oslo."})
    prompt = prompt_of(Question(QuestionName("places"), "spans", {"labels": ["place"]}))
    task = prompt.questions[0].task
    rome, oslo = {"start": 5, "end": 9, "label": "place"}, {"start": 13, "end": 17, "label": "place"}
    said = [[rome, oslo], [rome], [rome, oslo]]
    written = [task.write_answer(task.parse(spans), item.seen) for spans in said]
    replies = script(*(json.dumps({"places": spans, "confidence": {"places": 0.5}}) for spans in written))
    labelled, _ = held(FLOW.hold(prompt, item, asking("self_consistency", samples=3)), replies)
    found = labelled.answers[0]
    assert found.value == [rome, oslo]
    assert found.measured["consistency"] == pytest.approx(2.5 / 4)
