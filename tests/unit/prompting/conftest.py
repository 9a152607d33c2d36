from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pytest

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import ConfidenceSource, Question
from labelwright.prompting.build import build_prompt
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow, TokenAlternative, TokenLogprob
from labelwright.prompting.flows.flow import Asking
from labelwright.prompting.flows.registry import flow_of
from labelwright.prompting.parse import Labelled
from labelwright.prompting.render import AskedQuestion, ItemToLabel, Prompt, Sampling
from labelwright.prompting.usage import Usage
from labelwright.tasks.registry import bind

T = TypeVar("T")

MOOD = Question(QuestionName("mood"), "classification", {"labels": ["good", "bad", "not said"]}, title="The mood")
TOPICS = Question(QuestionName("topics"), "multilabel", {"labels": ["price", "screen"]})


def asked(question: Question) -> AskedQuestion:
    return AskedQuestion(question.name, bind(question), question.title, question.help)


@pytest.fixture
def make_prompt() -> Callable[..., Prompt]:
    return prompt_of


def prompt_of(
    *questions: Question,
    confidence: ConfidenceSource = "verbalised",
    guideline: str = "Be fair.",
    **more: Any,  # noqa: ANN401 - whatever else `build_prompt` takes
) -> Prompt:
    return build_prompt(
        [asked(question) for question in questions or (MOOD,)],
        guideline=guideline,
        confidence=confidence,
        **{"content_fields": ["text"], **more},
    )


def answer(text: str, **changes: object) -> ChatResponse:
    values: dict[str, object] = {"finish_reason": "stop", "usage": Usage(10, 2), "model": "m", **changes}
    return ChatResponse(text=text, **values)  # type: ignore[arg-type]


def play(flow: Flow[Labelled], *answers: ChatResponse) -> tuple[Labelled, int]:
    """Send scripted answers; give the outcome and how many requests were made."""
    next(flow)
    for asked_so_far, reply in enumerate(answers, start=1):
        try:
            flow.send(reply)
        except StopIteration as end:
            return end.value, asked_so_far
    raise AssertionError("the conversation wants more answers than were scripted")


ITEM = ItemToLabel("a", {"text": "Fine, but not cheap."})


def asking(flow: str = "repair", **settings: Any) -> Asking:  # noqa: ANN401 - JSON
    """How an item is put by a flow, with its defaults besides these settings."""
    return Asking("m", Sampling(), flow_of(flow).read(settings))


def held(flow: Flow[T], reply: Callable[[ChatRequest], ChatResponse | str]) -> tuple[T, list[ChatRequest]]:
    """Hold a conversation with a function for a model; give the outcome and what was asked."""
    requests = [next(flow)]
    while True:
        said = reply(requests[-1])
        try:
            requests.append(flow.send(answer(said) if isinstance(said, str) else said))
        except StopIteration as end:
            return end.value, requests


def script(*replies: ChatResponse | str) -> Callable[[ChatRequest], ChatResponse | str]:
    """Reply in this order, whatever is asked."""
    left = iter(replies)
    return lambda _request: next(left)


def fitting(request: ChatRequest, **stated: Any) -> str:  # noqa: ANN401 - JSON
    """Write an answer that fits: of each question the first label, one guess, or an empty list; `stated` goes first."""
    return json.dumps(_fitting(request.answer_schema or {}, stated))


def _fitting(schema: Any, stated: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    match kinds[0]:
        case "object":
            entries: dict[str, Any] = schema["properties"]
            return {name: stated.get(name, _fitting(entry, {})) for name, entry in entries.items()}
        case "array":
            return [_fitting(schema["items"], {})] if "percent" in str(schema) else []
        case "integer":
            return 3
        case "string":
            return "because"
        case _:
            return 0.5


def spelt(text: str, place: str, chances: dict[str, float]) -> tuple[TokenLogprob, ...]:
    """Cut an answer in three tokens around `place`, whose alternatives have these chances."""
    before, _, after = text.partition(place)
    alternatives = tuple(TokenAlternative(other.encode(), math.log(p)) for other, p in chances.items())
    return (
        TokenLogprob(before.encode(), 0.0, ()),
        TokenLogprob(place.encode(), math.log(chances[place]), alternatives),
        TokenLogprob(after.encode(), 0.0, ()),
    )
