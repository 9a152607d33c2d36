from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labelwright.adapters.chat.openai_decisions import OpenAIDecisions
from labelwright.adapters.chat.registry import check_models, providers
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import (
    ConfidenceSource,
    Guideline,
    LabelSchema,
    ModelSource,
    Policy,
    ProjectConfig,
    Question,
)
from labelwright.errors import InvalidValue
from labelwright.ports.chat import ChatModel
from labelwright.prompting.build import build_prompt
from labelwright.prompting.chat import ChatRequest, ChatResponse, decode_response, encode_response
from labelwright.prompting.failures import ChatRefused, ModelUnknown
from labelwright.prompting.parse import read_answer
from labelwright.prompting.render import AskedQuestion, ItemToLabel, Sampling
from labelwright.tasks.registry import bind
from labelwright.testing.chat_suite import KEY, ChatSuite
from labelwright.testing.scripted_server import Reply, ScriptedServer, error, scripted_server
from labelwright.testing.wire import DecisionsWire

WIRE = DecisionsWire()
MOOD = Question(QuestionName("mood"), "labelwright/classification", {"labels": ["good", "bad"]})
TOPICS = Question(QuestionName("topics"), "labelwright/multilabel", {"labels": ["price", "screen"]})
PROMPT = build_prompt(
    [AskedQuestion(question.name, bind(question)) for question in (MOOD, TOPICS)],
    guideline="Be fair.",
    content_fields=["text"],
    confidence="decisions",
)
REQUEST = PROMPT.request(ItemToLabel("i", {"text": "Great!"}), "gpt-6-luna", Sampling())


class TestOpenAIDecisions(ChatSuite):
    wire = WIRE

    def connect(self, base_url: str, *, api_key: str | None = None, seconds: float = 5.0) -> ChatModel:
        return OpenAIDecisions(base_url, api_key=api_key, seconds=seconds)


async def ask(*replies: Reply, request: ChatRequest = REQUEST) -> tuple[ChatResponse, ScriptedServer]:
    async with scripted_server(*replies, path=WIRE.path) as server:
        model = OpenAIDecisions(server.base_url, api_key=KEY)
        try:
            return await model.complete(request), server
        finally:
            await model.close()


def predicate(place: int, probability: float) -> dict[str, Any]:
    return {"type": "predicate", "name": f"q{place + 1}", "probability": probability}


def both(*mood: dict[str, Any]) -> Reply:
    said = mood or (WIRE.choice("q0", "bad", good=0.25, bad=0.75),)
    return Reply(WIRE.decision([*said, predicate(0, 0.875), predicate(1, 0.25)]))


async def test_the_request_is_what_the_api_reference_says() -> None:
    _, server = await ask(both())
    assert server.requests[0] == {
        "model": "gpt-6-luna",
        "input": [
            {"role": "system", "content": PROMPT.static.content},
            {"role": "user", "content": "<item>\nGreat!\n</item>"},
        ],
        "questions": [
            {
                "type": "choice",
                "name": "q0",
                "instructions": 'Answer the question "mood" of the instructions, about the item.',
                "choices": [{"value": "good"}, {"value": "bad"}],
            },
            *(
                {
                    "type": "predicate",
                    "name": f"q{place + 1}",
                    "instructions": 'By the question "topics" of the instructions, '
                    f'the label "{label}" applies to the item.',
                }
                for place, label in enumerate(("price", "screen"))
            ),
        ],
    }
    assert "JSON" not in PROMPT.static.content
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


async def test_every_labels_probability_is_kept_and_the_answers_own_is_its_confidence() -> None:
    response, _ = await ask(both())
    response = decode_response(encode_response(response))  # as the call ledger gives it back
    mood, topics = read_answer(PROMPT, response).answers
    assert (mood.value, mood.confidence, mood.confidence_kind) == ("bad", 0.75, "decision probability")
    assert mood.signals["distribution"] == {"good": 0.25, "bad": 0.75}
    # that price applies and screen does not: 0.875 * (1 - 0.25)
    assert (topics.value, topics.confidence) == (["price"], 0.65625)
    assert topics.signals["distribution"] == {"price": 0.875, "screen": 0.25}


async def test_a_declined_question_is_invalid_and_the_others_stand() -> None:
    response, _ = await ask(both({"type": "refusal", "name": None}))
    labelled = read_answer(PROMPT, response)
    mood, topics = labelled.answers
    assert (mood.value, mood.problem, mood.confidence) == (None, "the model declined to decide", None)
    assert topics.value == ["price"]
    assert (labelled.repairable, labelled.raw) == (False, '{"mood":null,"topics":["price"]}')


async def test_one_declined_label_leaves_its_question_undecided() -> None:
    declined = {"type": "refusal", "name": "q2"}
    body = WIRE.decision([WIRE.choice("q0", "bad", good=0.1, bad=0.9), predicate(0, 0.9), declined])
    response, _ = await ask(Reply(body))
    assert [answer.value for answer in read_answer(PROMPT, response).answers] == ["bad", None]


async def test_an_answer_without_its_probability_has_no_confidence() -> None:
    response, _ = await ask(both({"type": "choice", "name": "q0", "choice": "bad", "probabilities": []}))
    mood = read_answer(PROMPT, response).answers[0]
    assert (mood.value, mood.confidence) == ("bad", None)
    response, _ = await ask(both(WIRE.choice("q0", "bad", good=0.25)))
    mood = read_answer(PROMPT, response).answers[0]
    assert (mood.confidence, mood.signals["confidence_unknown"]) == (None, "the answer has no probability")


async def test_a_choice_outside_the_schema_is_quarantined_and_not_asked_for_again() -> None:
    response, _ = await ask(both(WIRE.choice("q0", "splendid")))
    labelled = read_answer(PROMPT, response)
    assert labelled.answers[0].value is None
    assert "splendid" in str(labelled.problem)
    assert not labelled.repairable


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b"<h1>Not Found</h1>"),
        (404, b'{"detail":"Not Found"}'),
        (404, error("Invalid URL (POST /v1/decisions)")),
        (405, b'{"detail":"Method Not Allowed"}'),
        (501, b"not implemented"),
    ],
)
async def test_an_endpoint_without_decisions_says_what_to_take_instead(status: int, body: bytes) -> None:
    with pytest.raises(ChatRefused, match="has no decisions: take `provider: openai` with `confidence: logprob`"):
        await ask(Reply(body, status))


async def test_a_model_without_decisions_is_an_unknown_model() -> None:
    with pytest.raises(ModelUnknown):
        await ask(Reply(error("The model `m` does not exist", code="model_not_found"), 404))


async def test_what_is_no_choice_among_labels_cannot_be_asked() -> None:
    schema = {"type": "object", "properties": {"why": {"type": "string"}}}
    with pytest.raises(InvalidValue, match="'why' is no choice among labels"):
        await ask(request=replace(REQUEST, answer_schema=schema))


def config(confidence: ConfidenceSource, *questions: Question, provider: str = "openai-decisions") -> ProjectConfig:
    source = ModelSource("gpt-6-luna", "https://h/v1", provider=provider)
    return ProjectConfig(
        LabelSchema(1, questions), Guideline(1, ""), Policy(), ("text",), models=(source,), confidence=confidence
    )


def test_there_are_three_providers_and_a_misspelt_one_gets_the_nearest() -> None:
    assert set(providers()) == {"openai", "openai-decisions", "anthropic"}
    with pytest.raises(InvalidValue, match=r"models\[0\]\.provider: .* did you mean 'openai-decisions'\?"):
        check_models(config("decisions", MOOD, provider="openai-decision"))


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_decisions_are_for_the_provider_that_has_them(provider: str) -> None:
    with pytest.raises(InvalidValue, match="cannot give 'decisions'"):
        check_models(config("decisions", MOOD, provider=provider))
    with pytest.raises(
        InvalidValue, match="cannot give 'verbalised'; it can give 'agreement', 'combined', 'decisions'"
    ):
        check_models(config("verbalised", MOOD))


def test_more_labels_than_the_protocol_takes_are_refused_before_anything_is_paid() -> None:
    def question(type_: str, n: int) -> Question:
        return Question(QuestionName("q"), f"labelwright/{type_}", {"labels": [f"l{i}" for i in range(n)]})

    check_models(config("decisions", question("classification", 255)))
    check_models(config("decisions", question("multilabel", 400)))
    with pytest.raises(InvalidValue, match="at most 255 labels in a question, and question 'q' has 256"):
        check_models(config("decisions", question("classification", 256)))
    with pytest.raises(InvalidValue, match=r"at most 400 questions .* here are 401"):
        check_models(config("decisions", question("multilabel", 400), MOOD))
