from __future__ import annotations

import json
from dataclasses import replace

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import LongItems, Question
from labelwright.prompting.chat import ChatRequest
from labelwright.prompting.flows.once import FLOW as ONCE
from labelwright.prompting.flows.parts import hold_parts
from labelwright.prompting.long_items import fit
from labelwright.prompting.parse import Answer
from labelwright.prompting.render import ItemToLabel
from labelwright.tasks.protocol import Shown
from tests.unit.prompting.conftest import ITEM, MOOD, TOPICS, asking, held, prompt_of, script

PARTS = [replace(ITEM, content={"text": text}) for text in ("One.", "Two.", "Three.")]


def mood(label: str, confidence: float | None) -> str:
    return json.dumps({"mood": label, "confidence": {"mood": confidence}})


def answered(*replies: str) -> Answer:
    labelled, requests = held(hold_parts(ONCE, prompt_of(), PARTS, asking("once")), script(*replies))
    assert len(requests) == len(PARTS)
    return labelled.answers[0]


def test_of_one_label_the_surest_part_decides() -> None:
    found = answered(mood("good", 0.6), mood("bad", 0.9), mood("good", 0.7))
    assert (found.value, found.confidence) == ("bad", 0.9)
    assert found.signals["part_values"] == ["good", "bad", "good"]


def test_where_nobody_says_how_sure_most_parts_decide_and_then_the_first() -> None:
    assert answered(mood("bad", None), mood("good", None), mood("good", None)).value == "good"
    assert answered(mood("bad", None), mood("good", None), mood("not said", None)).value == "bad"


def test_lists_are_put_together_and_only_as_sure_as_the_least_sure_part() -> None:
    said = [(["screen"], 0.9), ([], 0.6), (["price", "screen"], 0.8)]
    replies = script(*(json.dumps({"topics": t, "confidence": {"topics": c}}) for t, c in said))
    labelled, _ = held(hold_parts(ONCE, prompt_of(TOPICS), PARTS, asking("once")), replies)
    found = labelled.answers[0]
    assert (found.value, found.confidence) == (["price", "screen"], 0.6)


def test_lists_with_a_part_of_unknown_confidence_have_none() -> None:
    said = [(["screen"], 0.9), ([], None), ([], 0.8)]
    replies = script(*(json.dumps({"topics": t, "confidence": {"topics": c}}) for t, c in said))
    labelled, _ = held(hold_parts(ONCE, prompt_of(TOPICS), PARTS, asking("once")), replies)
    assert labelled.answers[0].confidence is None


def test_a_part_without_a_valid_answer_leaves_the_item_without_one() -> None:
    found = answered(mood("good", 0.6), "rubbish", mood("good", 0.7))
    assert found.value is None
    assert str(found.problem).startswith("part 2 of 3: the answer is not JSON")


def test_an_item_of_one_part_is_labelled_as_ever() -> None:
    labelled, _ = held(hold_parts(ONCE, prompt_of(MOOD), [ITEM], asking("once")), script(mood("good", 0.6)))
    assert "part_values" not in labelled.answers[0].signals


def test_what_was_done_to_a_long_item_stands_in_every_answer() -> None:
    content = {"text": "word " * 100}
    fitted = fit(content, ["text"], LongItems(50, "chunk"))
    parts = [
        ItemToLabel("a", part, shown=shown, notes=fitted.notes)
        for part, shown in zip(fitted.parts, fitted.shown, strict=True)
    ]
    flow = hold_parts(ONCE, prompt_of(), parts, asking("once"))
    labelled, _ = held(flow, lambda _: mood("good", 0.5))
    assert labelled.answers[0].signals["chunked"]["tokens"] == 125  # type: ignore[index, call-overload]


def test_spans_found_in_parts_point_into_the_whole_text_and_what_overlaps_is_found_once() -> None:
    text = "nothing here at all " * 8 + "Rome " + "and nothing there " * 8 + "Oslo."
    prompt = prompt_of(Question(QuestionName("places"), "spans", {"labels": ["place"]}))
    task = prompt.questions[0].task
    fitted = fit({"text": text}, ["text"], LongItems(60, "chunk"))
    parts = [ItemToLabel("a", part, shown=shown) for part, shown in zip(fitted.parts, fitted.shown, strict=True)]
    assert len(parts) > 1

    def reply(request: ChatRequest) -> str:
        shown = request.messages[-1].content.removeprefix("<item>\n").removesuffix("\n</item>")
        found = [
            {"start": shown.index(name), "end": shown.index(name) + 4, "label": "place"}
            for name in ("Rome", "Oslo")
            if name in shown
        ]
        written = task.write_answer(task.parse(found), Shown({"text": shown}))
        return json.dumps({"places": written, "confidence": {"places": 0.9}})

    labelled, _ = held(hold_parts(ONCE, prompt, parts, asking("once")), reply)
    assert labelled.problem is None
    value = json.loads(json.dumps(labelled.answers[0].value))
    assert [text[span["start"] : span["end"]] for span in value] == ["Rome", "Oslo"]
