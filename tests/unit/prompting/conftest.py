from __future__ import annotations

from collections.abc import Callable

import pytest

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import ConfidenceSource, Question
from labelwright.prompting.chat import ChatResponse, Flow
from labelwright.prompting.parse import Labelled
from labelwright.prompting.render import AskedQuestion, Prompt, build_prompt
from labelwright.prompting.usage import Usage
from labelwright.tasks.registry import bind

MOOD = Question(QuestionName("mood"), "classification", {"labels": ["good", "bad", "not said"]}, title="The mood")
TOPICS = Question(QuestionName("topics"), "multilabel", {"labels": ["price", "screen"]})


def asked(question: Question) -> AskedQuestion:
    return AskedQuestion(question.name, bind(question), question.title, question.help)


@pytest.fixture
def make_prompt() -> Callable[..., Prompt]:
    def make(*questions: Question, confidence: ConfidenceSource = "verbalised", guideline: str = "Be fair.") -> Prompt:
        return build_prompt(
            [asked(question) for question in questions or (MOOD,)],
            guideline=guideline,
            content_fields=["text"],
            confidence=confidence,
        )

    return make


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
