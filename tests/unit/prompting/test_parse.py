from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import ConfidenceSource, Question
from labelwright.prompting.block import neutralise
from labelwright.prompting.build import build_prompt
from labelwright.prompting.json_answer import restored
from labelwright.prompting.parse import Labelled, read_answer
from labelwright.prompting.render import ItemToLabel, Prompt
from tests.unit.prompting.conftest import MOOD, TOPICS, answer, asked, prompt_of, spelt

PROMPT = build_prompt([asked(MOOD), asked(TOPICS)], guideline="", content_fields=["text"], confidence="verbalised")
GOOD = {"mood": "good", "topics": ["screen"], "confidence": {"mood": 0.9, "topics": 0.5}}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["good", "price"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["mood", "topics", "x"]), inner),
    max_leaves=8,
)


def read(stated: object) -> Labelled:
    return read_answer(PROMPT, answer(stated if isinstance(stated, str) else json.dumps(stated)))


def test_a_good_answer_gives_each_question_its_value_and_confidence() -> None:
    labelled = read(GOOD)
    assert [(a.question, a.value, a.confidence, a.confidence_kind) for a in labelled.answers] == [
        ("mood", "good", 0.9, "verbalised"),
        ("topics", ["screen"], 0.5, "verbalised"),
    ]
    assert labelled.problem is None


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({**GOOD, "mood": "Good"}, "label 'Good' is not in the schema"),
        ({**GOOD, "mood": None}, "None is not a label"),
        ({**GOOD, "topics": ["screen", "screen"]}, "there twice"),
        ({**GOOD, "topics": "screen"}, "is not a list"),
        ({**GOOD, "note": 1}, "key 'note' was not asked for"),
        ({"mood": "good", "confidence": {}}, "key 'topics' is missing"),
        ('{"mood": "good", "mood": "bad", "topics": [], "confidence": {}}', "key 'mood' is there twice"),
        ('{"mood": "good", "topics": [], "confidence": NaN}', "NaN is no JSON value"),
        ('{"mood": "good", "topics": [], "confidence": {"mood": -Infinity}}', "-Infinity is no JSON value"),
        ('{"mood": "go', "not JSON"),
        ("", "not JSON"),
        ("<html>", "not JSON"),
        ("[1]", "not a JSON object"),
        ("good", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"mood": ' + "9" * 5000 + "}", "not usable JSON"),
        ("Sure! ```json\n{}\n```", "not JSON"),
    ],
)
def test_m4_what_breaks_the_schema_is_kept_aside_with_its_text_and_never_coerced(stated: object, problem: str) -> None:
    """M4: invalid output is quarantined with its raw text."""
    labelled = read(stated)
    assert problem in str(labelled.problem)
    assert labelled.raw == (stated if isinstance(stated, str) else json.dumps(stated))
    for one in labelled.answers:
        assert (one.value is None) == (one.problem is not None)


def test_one_questions_mistake_leaves_the_other_its_value() -> None:
    labelled = read({**GOOD, "mood": "splendid"})
    assert [a.value for a in labelled.answers] == [None, ["screen"]]


@given(json_values)
def test_m4_a_value_is_only_ever_what_its_task_accepts(stated: object) -> None:
    """M4, for any JSON at all."""
    labelled = read(json.dumps(stated))
    mood, topics = labelled.answers
    assert mood.value in (None, "good", "bad", "not said")
    assert topics.value is None or (isinstance(topics.value, list) and set(topics.value) <= {"price", "screen"})
    for one in labelled.answers:
        assert one.confidence is None or 0 <= one.confidence <= 1
        assert (one.value is None) == (one.problem is not None)


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    labelled = read(text)
    assert labelled.raw == text


@pytest.mark.parametrize("stated", [None, {}, {"mood": None}, {"mood": 1.2}, {"mood": "0.9"}, {"mood": True}, 0.9, [1]])
def test_a_confidence_that_is_no_probability_is_unknown_and_the_label_stands(stated: object) -> None:
    mood = read({**GOOD, "confidence": stated}).answers[0]
    assert (mood.value, mood.confidence) == ("good", None)
    assert "confidence_unknown" in mood.signals


def test_a_missing_confidence_is_unknown_too() -> None:
    mood = read({"mood": "good", "topics": []}).answers[0]
    assert (mood.value, mood.confidence) == ("good", None)


@pytest.mark.parametrize(
    ("changes", "problem", "repairable"),
    [
        ({"finish_reason": "length"}, "cut off", True),
        ({"finish_reason": None}, "did not end by itself", True),
        ({"finish_reason": "content_filter"}, "content filter", False),
        ({"refusal": "I cannot help with that."}, "refused", False),
    ],
)
def test_only_an_answer_that_ended_by_itself_is_read(
    changes: dict[str, object], problem: str, *, repairable: bool
) -> None:
    labelled = read_answer(PROMPT, answer(json.dumps(GOOD), **changes))
    assert problem in str(labelled.problem)
    assert labelled.repairable is repairable


def test_an_answer_wholly_inside_a_code_fence_is_read_and_says_so() -> None:
    labelled = read(f"```json\n{json.dumps(GOOD)}\n```\n")
    assert labelled.answers[0].value == "good"
    assert labelled.answers[0].signals["fenced"] is True


def test_a_recorded_answer_says_where_it_comes_from() -> None:
    extra = {"recorded": True, "prompt": "8-shot", "confidence_kind": "share of 8 prompts"}
    mood = read_answer(PROMPT, answer(json.dumps(GOOD), extra=extra)).answers[0]
    assert mood.confidence_kind == "share of 8 prompts"
    assert mood.signals["recorded"] is True


def test_no_confidence_is_made_up_where_none_was_asked_for(make_prompt: Callable[..., Prompt]) -> None:
    labelled = read_answer(make_prompt(MOOD, confidence="none"), answer('{"mood": "bad"}'))
    assert [(a.value, a.confidence, a.confidence_kind) for a in labelled.answers] == [("bad", None, None)]


def test_every_signal_is_kept_and_the_one_named_is_the_confidence() -> None:
    text = json.dumps({"mood": "good", "confidence": {"mood": 0.9}})
    tokens = spelt(text, "good", {"good": 0.6, "bad": 0.2, "x": 0.2})
    expectations: list[tuple[ConfidenceSource, float]] = [("verbalised", 0.9), ("logprob", 0.75)]
    for confidence, expected in expectations:
        prompt = prompt_of(confidence=confidence, signals=["verbalised", "logprob"])
        found = read_answer(prompt, answer(text, logprobs=tokens)).answers[0]
        assert found.confidence == pytest.approx(expected)
        assert found.measured == pytest.approx({"verbalised": 0.9, "logprob": 0.75})
        assert found.signals["off_label"] == pytest.approx(0.2)
        assert found.confidence_kind == confidence


def test_a_signal_that_did_not_come_says_why_and_the_others_stand() -> None:
    prompt = prompt_of(confidence="logprob", signals=["verbalised"])
    found = read_answer(prompt, answer(json.dumps({"mood": "good", "confidence": {"mood": 0.9}}))).answers[0]
    assert (found.confidence, found.measured) == (None, {"verbalised": 0.9})
    assert found.signals["unknown"] == {"logprob": "no log-probabilities came"}
    assert found.signals["confidence_unknown"] == "no log-probabilities came"


def test_what_came_unasked_is_kept_and_its_absence_is_no_news() -> None:
    text = json.dumps({"mood": "good"})
    prompt = prompt_of(confidence="none")
    tokens = spelt(text, "good", {"good": 0.6, "bad": 0.2})
    found = read_answer(prompt, answer(text, logprobs=tokens)).answers[0]
    assert found.confidence is None
    assert found.measured == {"logprob": pytest.approx(0.6 / 0.9)}  # "not said" was not listed: it counts .2 / 2
    assert "unknown" not in read_answer(prompt, answer(text)).answers[0].signals


def test_decisions_are_a_signal_beside_the_others() -> None:
    prompt = prompt_of(confidence="decisions", signals=["verbalised"])
    reply = answer(json.dumps({"mood": "good"}), probabilities={"mood": {"good": 0.7, "bad": 0.2, "not said": 0.1}})
    found = read_answer(prompt, reply).answers[0]
    assert (found.confidence, found.measured) == (0.7, {"decisions": 0.7})


hostile = st.lists(st.sampled_from(["<item>", "</item>", "<\\/item>", "</ITEM ", "x", "<"]), max_size=8).map("".join)


@given(hostile)
def test_m7_a_quoted_text_comes_back_as_the_item_has_it(text: str) -> None:
    """M7: the delimiters that were taken from the text are given back to its quotes, at any depth."""
    seen = neutralise(text)
    assert restored({"a": [seen, {"b": seen}], "c": 1}) == {"a": [text, {"b": text}], "c": 1}


def test_an_answer_that_quotes_the_item_is_read_with_what_the_model_was_shown() -> None:
    prompt = prompt_of(Question(QuestionName("places"), "spans", {"labels": ["place"]}))
    item = ItemToLabel("a", {"text": "Go to </item> Rome."})
    task = prompt.questions[0].task
    value = [{"start": 6, "end": 18, "label": "place"}]
    quoted = json.dumps(task.write_answer(task.parse(value), item.seen))
    stated = f'{{"places": {neutralise(quoted).replace(chr(92), chr(92) * 2)}, "confidence": {{"places": 0.5}}}}'
    assert "</item>" not in stated
    found = read_answer(prompt, answer(stated), item.seen).answers[0]
    assert (found.problem, found.value) == (None, value)
