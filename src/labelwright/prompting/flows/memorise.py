"""Probe whether a model has seen a data set: from the beginning of an entry its end, from its name its labels.

No flow to label by: what it is told is not enough to label with, and must not be.

Source: Carlini et al. (2021), USENIX Security, "Extracting training data from large language models", for continuation;
Golchin & Surdeanu (2024), ICLR, "Time travel in LLMs", for naming the data set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.prompting.block import CLOSING, OPENING, neutralise, restore
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow, Message
from labelwright.prompting.flows.ask import ask_until
from labelwright.prompting.json_answer import check_keys, read_object, unfenced
from labelwright.prompting.render import AskedQuestion, Sampling, answer_schema
from labelwright.prompting.templates import in_backticks, rendered
from labelwright.tasks.answer_schema import strict_object
from labelwright.tasks.protocol import Shown

TEMPLATE, LABEL_TEMPLATE = "memorise.v1", "memorise_label.v1"
_CONTINUATION = "continuation"
_SCHEMA = strict_object({_CONTINUATION: {"type": "string"}})
_REPAIRS = 1
MOST_REQUESTS = 1 + _REPAIRS
"""Of one probe, repairs included."""


@dataclass(frozen=True, slots=True)
class Continued:
    """What a model goes on with. text None = nothing, for the reason `problem`."""

    text: str | None
    problem: str | None = None
    repairable: bool = True


@dataclass(frozen=True, slots=True)
class Guessed:
    """Labels guessed from a name alone: question -> value. Empty = none, for the reason `problem`."""

    values: Mapping[str, Json] = field(default_factory=dict[str, Json])
    problem: str | None = None
    repairable: bool = True


@dataclass(frozen=True, slots=True)
class Probe:
    """How a model is probed about one entry. item: its id.  dataset: the name the data set is known by."""

    model: str
    sampling: Sampling
    dataset: str
    item: str

    def continuation(self, opening: str, length: int) -> ChatRequest:
        """Ask how an entry goes on."""
        static = rendered(TEMPLATE, {"dataset": self.dataset, "length": length})
        return self._request(static, f"{OPENING}{neutralise(opening)}{CLOSING}", _SCHEMA, _CONTINUATION)

    def labels(self, questions: Sequence[AskedQuestion]) -> ChatRequest:
        """Ask for an entry's labels, naming it and showing nothing of it."""
        described = [{"name": q.name, "description": q.task.describe()} for q in questions]
        keys = in_backticks([q.name for q in questions])
        values = {"dataset": self.dataset, "questions": described, "keys": keys}
        schema = answer_schema(questions, asks_confidence=False)
        name = f"Name of the entry: {neutralise(self.item)}"
        return self._request(rendered(LABEL_TEMPLATE, values), name, schema, "labels")

    def _request(self, static: str, asked: str, schema: Mapping[str, Json], name: str) -> ChatRequest:
        return ChatRequest(
            model=self.model,
            messages=(Message("system", static), Message("user", asked)),
            answer_schema=schema,
            schema_name=name,
            temperature=self.sampling.temperature,
            max_tokens=self.sampling.max_tokens,
            metadata={"item_id": self.item},
        )


def continue_text(probe: Probe, opening: str, length: int) -> Flow[Continued]:
    """Have an entry continued. At most `MOST_REQUESTS` requests."""
    return (yield from ask_until(probe.continuation(opening, length), _read_continuation, _REPAIRS))


def guess_labels(probe: Probe, questions: Sequence[AskedQuestion]) -> Flow[Guessed]:
    """Have an entry's labels guessed from its name. At most `MOST_REQUESTS` requests."""
    return (yield from ask_until(probe.labels(questions), lambda r: _read_labels(r, questions), _REPAIRS))


def _read_continuation(response: ChatResponse) -> Continued:
    if response.finish_reason == "content_filter" or response.refusal:
        return Continued(None, "the model declined to continue", repairable=False)
    stated = _stated(response, [_CONTINUATION])
    if isinstance(stated, str):
        return Continued(None, stated)
    text = stated[_CONTINUATION]
    if not isinstance(text, str):
        return Continued(None, f"{_CONTINUATION} is no text")
    return Continued(restore(text))


def _read_labels(response: ChatResponse, questions: Sequence[AskedQuestion]) -> Guessed:
    if response.finish_reason == "content_filter" or response.refusal:
        return Guessed(problem="the model declined to guess", repairable=False)
    stated = _stated(response, [question.name for question in questions])
    if isinstance(stated, str):
        return Guessed(problem=stated)
    values: dict[str, Json] = {}
    for question in questions:
        try:
            values[question.name] = question.task.dump(question.task.read_answer(stated[question.name], Shown({})))
        except InvalidValue as problem:
            return Guessed(problem=f"{question.name}: {problem}")
    return Guessed(values)


def _stated(response: ChatResponse, keys: list[str]) -> dict[str, Json] | str:
    try:
        stated = read_object(unfenced(response.text)[0])
        check_keys(stated, keys, optional=set())
    except InvalidValue as problem:
        return str(problem)
    return stated
