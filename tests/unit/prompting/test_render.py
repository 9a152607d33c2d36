from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import ConfidenceSource, FlowChoice, LongItems, Question
from labelwright.errors import InvalidValue
from labelwright.prompting.build import build_prompt
from labelwright.prompting.chat import ChatRequest, request_key
from labelwright.prompting.flows.registry import flows
from labelwright.prompting.render import ItemToLabel, Prompt, Sampling
from tests.unit.prompting.conftest import MOOD, TOPICS, asked

ENDPOINT = "http://localhost/v1"


def request(prompt: Prompt, text: str = "Great!", item: str = "a") -> ChatRequest:
    return prompt.request(ItemToLabel(item, {"text": text}), "m", Sampling())


def test_the_static_part_is_the_same_for_every_item_and_the_item_comes_last(make_prompt: Callable[..., Prompt]) -> None:
    prompt = make_prompt(MOOD, TOPICS)
    one, other = request(prompt, "Great!"), request(prompt, "Awful.")
    assert one.messages[0] is other.messages[0]
    assert one.messages[-1].content == "<item>\nGreat!\n</item>"


def test_the_prompt_names_guideline_questions_labels_and_the_rule_about_instructions(
    make_prompt: Callable[..., Prompt],
) -> None:
    text = make_prompt(MOOD, TOPICS, guideline="Irony: read what is meant.").static.content
    for part in ("Irony: read what is meant.", "## mood: The mood", '- "not said"', "## topics", "never instructions"):
        assert part in text


def test_a_guideline_that_looks_like_a_template_stays_text(make_prompt: Callable[..., Prompt]) -> None:
    guideline = "{{ 7 * 7 }} {% for x in y %} {{ ''.__class__ }}"
    assert guideline in make_prompt(guideline=guideline).static.content


def test_the_answer_schema_is_strict_at_every_level(make_prompt: Callable[..., Prompt]) -> None:
    schema = json.loads(json.dumps(make_prompt(MOOD, TOPICS).answer_schema))
    for level in (schema, schema["properties"]["confidence"]):
        assert level["required"] == list(level["properties"])
        assert level["additionalProperties"] is False
    assert list(schema["properties"]) == ["mood", "topics", "confidence"]


@pytest.mark.parametrize(
    ("confidence", "name"),
    [
        ("verbalised", "36f745f1d83fdf9b0b1c068a1ab0c8cf"),
        ("logprob", "ad8f643036b24e0e4abe18f2f7b68b7a"),
        ("agreement", "04eef870f9e747feba0013257292c3ee"),
        ("none", "99012ca5cb8a429aa437006a55d5a25b"),
    ],
)
def test_a_prompt_keeps_its_hash_from_version_to_version(confidence: ConfidenceSource, name: str) -> None:
    """Predictions and certificates in ledgers are bound to it."""
    questions = [asked(MOOD), asked(TOPICS)]
    prompt = build_prompt(
        questions, guideline="Be fair.", content_fields=["text"], confidence=confidence, instruction="Label it."
    )
    assert prompt.hash == name


def test_a_prompt_for_decisions_says_nothing_of_json(make_prompt: Callable[..., Prompt]) -> None:
    prompt = make_prompt(MOOD, confidence="decisions")
    assert "JSON" not in prompt.static.content
    assert "# The item" in prompt.static.content
    assert "confidence" not in json.dumps(prompt.answer_schema)


@pytest.mark.parametrize("confidence", ["none", "agreement", "logprob"])
def test_confidence_is_asked_for_in_words_only_where_the_project_wants_it(
    make_prompt: Callable[..., Prompt], confidence: str
) -> None:
    prompt = make_prompt(confidence=confidence)
    assert "confidence" not in json.dumps(prompt.answer_schema)
    assert request(prompt).top_logprobs == (20 if confidence == "logprob" else None)


def test_the_hash_changes_with_whatever_the_model_is_asked(make_prompt: Callable[..., Prompt]) -> None:
    prompts = [
        make_prompt(MOOD),
        make_prompt(MOOD, TOPICS),
        make_prompt(MOOD, guideline="Be kind."),
        make_prompt(MOOD, confidence="none"),
        make_prompt(replace(MOOD, help="Of the writer.")),
        make_prompt(signals=["logprob"]),
        make_prompt(signals=["neighbours"]),
        *(make_prompt(flow=FlowChoice(name)) for name in flows() if name != "repair"),
        make_prompt(flow=FlowChoice("repair", {"repairs": 2})),
        make_prompt(long_items=LongItems(100, "chunk")),
        make_prompt(long_items=LongItems(100, "refuse")),
        make_prompt(content_fields=["text", "photo"], image_fields=["photo"]),
        make_prompt(privacy_mode="redact"),
        build_prompt([asked(MOOD)], guideline="Be fair.", content_fields=["text", "title"], confidence="verbalised"),
    ]
    assert len({prompt.hash for prompt in prompts}) == len(prompts)
    assert make_prompt(MOOD).hash == prompts[0].hash
    assert make_prompt(flow=FlowChoice("repair", {"repairs": 1})).hash == prompts[0].hash  # said, and by default


def test_a_variant_is_rendered_once_and_is_the_same_prompt(make_prompt: Callable[..., Prompt]) -> None:
    prompt = make_prompt()
    assert prompt.variant() is prompt
    reasons = prompt.variant(reasons=True)
    assert reasons is prompt.variant(reasons=True)
    assert reasons.hash == prompt.hash
    assert reasons.variant(reasons=True) is reasons


def test_m5_the_key_covers_every_parameter_and_the_item(make_prompt: Callable[..., Prompt]) -> None:
    """M5: provider, model, all sampling parameters, full messages, schema, content, prompt version."""
    base = request(make_prompt())
    other_prompt = request(make_prompt(guideline="Be kind."))
    variants = [
        replace(base, model="n"),
        replace(base, messages=other_prompt.messages),
        replace(base, messages=base.messages[:1]),
        replace(base, answer_schema=None),
        replace(base, schema_name="other"),
        replace(base, temperature=0.1),
        replace(base, temperature=None),
        replace(base, max_tokens=7),
        replace(base, top_logprobs=5),
        replace(base, seed=1),
        replace(base, sample=1),
        request(make_prompt(), item="b"),
        request(make_prompt(), text="Great"),
    ]
    keys = [request_key(each, ENDPOINT) for each in (base, *variants)] + [request_key(base, "http://elsewhere/v1")]
    assert len(set(keys)) == len(keys) == 15
    assert all(len(key) == 32 for key in keys)


def test_metadata_other_than_the_item_is_no_part_of_the_key(make_prompt: Callable[..., Prompt]) -> None:
    base = request(make_prompt())
    more = replace(base, metadata={**base.metadata, "note": "x"})
    assert request_key(base, ENDPOINT) == request_key(more, ENDPOINT)


def test_a_text_that_is_no_unicode_is_named_and_not_sent(make_prompt: Callable[..., Prompt]) -> None:
    with pytest.raises(InvalidValue, match="surrogate"):
        request_key(request(make_prompt(), "\ud800"), ENDPOINT)


def test_an_item_with_nothing_to_show_is_not_sent(make_prompt: Callable[..., Prompt]) -> None:
    with pytest.raises(InvalidValue, match="item 'a': there is nothing to label: text is empty"):
        request(make_prompt(), "")


def test_a_question_named_confidence_is_refused() -> None:
    question = Question(QuestionName("confidence"), "classification", {"labels": ["a", "b"]})
    with pytest.raises(InvalidValue, match="is kept for"):
        build_prompt([asked(question)], guideline="", content_fields=["text"], confidence="verbalised")
