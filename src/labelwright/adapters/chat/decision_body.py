"""Write the questions of a decisions request, and read the body that answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import msgspec
import orjson

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import ChatResponse
from labelwright.prompting.failures import MalformedAnswer
from labelwright.prompting.usage import Usage

_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of ours. is_choice: exactly one label; else each label is a predicate of its own."""

    name: str
    labels: tuple[str, ...]
    is_choice: bool

    def put(self) -> list[dict[str, Any]]:
        """Write it in the protocol's form, without names."""
        name = orjson.dumps(self.name).decode()
        if self.is_choice:
            choices = [{"value": label} for label in self.labels]
            instructions = f"Answer the question {name} of the instructions, about the item."
            return [{"type": "choice", "instructions": instructions, "choices": choices}]
        return [
            {
                "type": "predicate",
                "instructions": f"By the question {name} of the instructions, the label {orjson.dumps(label).decode()}"
                " applies to the item.",
            }
            for label in self.labels
        ]


class _Probability(msgspec.Struct):
    value: str
    probability: float


class _Answer(msgspec.Struct):
    type: str
    name: str | None = None
    choice: str | None = None
    probability: float | None = None
    probabilities: list[_Probability] = []


class _Details(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Usage(msgspec.Struct):
    input_tokens: int
    output_tokens: int = 0
    input_tokens_details: _Details | None = None


class _Decision(msgspec.Struct):
    answers: list[_Answer]
    model: str = ""
    usage: _Usage | None = None


_DECODER = msgspec.json.Decoder(_Decision)


class _NoAnswer(Exception):
    """An answer is not one to the question asked."""


def asked_by(schema: Mapping[str, Json] | None) -> tuple[Asked, ...]:
    """Give the questions an answer's schema stands for. Raises InvalidValue, when one is no choice among labels."""
    properties = cast("dict[str, Any]", {} if schema is None else schema.get("properties", {}))
    if not properties:
        raise InvalidValue("", "there is no question that could be put as a decision")
    return tuple(_asked(name, stated) for name, stated in properties.items())


def _asked(name: str, stated: Mapping[str, Any]) -> Asked:
    kind, items = stated.get("type"), cast("Mapping[str, Any]", stated.get("items", {}))
    if kind == "string" and "enum" in stated:
        return Asked(name, tuple(stated["enum"]), is_choice=True)
    if kind == "array" and "enum" in items:
        return Asked(name, tuple(items["enum"]), is_choice=False)
    raise InvalidValue("", f"question {name!r} is no choice among labels, so it cannot be put as a decision")


def written(questions: Sequence[Asked]) -> list[dict[str, Any]]:
    """Write all questions, each under a name of ours: whatever is allowed in a name, `q0` is."""
    put = [one for question in questions for one in question.put()]
    return [{**one, "name": _name(place)} for place, one in enumerate(put)]


def _name(place: int) -> str:
    return f"q{place}"


def read_decision(body: bytes, questions: Sequence[Asked]) -> ChatResponse:
    """Give the answer in a body that came with status 200: as the JSON object a chat model would have written.

    A question that was declined is null there, and has no probabilities. All declined: a refusal.
    Raises: MalformedAnswer.
    """
    try:
        decision = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        shown = repr(body[:60].decode("utf-8", "replace").strip()) if body.strip() else "empty"
        raise MalformedAnswer(
            f"the body is no decision ({shown}: {problem})", http_status=200, body=body[:_KEPT]
        ) from None
    usage = _usage(decision.usage)
    try:
        decided = _decided(questions, decision.answers)
    except _NoAnswer as problem:
        raise MalformedAnswer(str(problem), http_status=200, body=body[:_KEPT], usage=usage) from None
    return ChatResponse(
        text=orjson.dumps({name: value for name, value, _ in decided}).decode(),
        finish_reason="stop",
        usage=usage,
        model=decision.model,
        refusal=None if any(weighed is not None for _, _, weighed in decided) else "it declined to decide",
        probabilities={name: weighed for name, _, weighed in decided if weighed is not None},
    )


_Decided: TypeAlias = tuple[str, Json, "dict[str, float] | None"]
"""A question's name, its answer, and the probability of each label; None and None = declined."""


def _decided(questions: Sequence[Asked], answers: Sequence[_Answer]) -> list[_Decided]:
    """Share the answers out: they are in the order of the questions."""
    n_put = sum(len(question.put()) for question in questions)
    if len(answers) != n_put:
        raise _NoAnswer(f"{n_put} questions were put, and {len(answers)} answers came")
    for place, answer in enumerate(answers):
        if answer.name not in (None, _name(place)):
            raise _NoAnswer(f"the answer to {answer.name!r} stands where {_name(place)!r} was asked")
    left = iter(answers)
    return [_read(question, [next(left) for _ in question.put()]) for question in questions]


def _read(question: Asked, answers: Sequence[_Answer]) -> _Decided:
    if any(answer.type == "refusal" for answer in answers):
        return question.name, None, None
    if not question.is_choice:
        predicates = [
            _share(answer.probability if answer.type == "predicate" else None, question) for answer in answers
        ]
        weighed = dict(zip(question.labels, predicates, strict=True))
        return question.name, [label for label, p in weighed.items() if p > 0.5], weighed
    answer = answers[0]
    if answer.type != "choice" or answer.choice is None:
        raise _NoAnswer(f"question {question.name!r} got an answer of type {answer.type!r}, not a choice")
    return question.name, answer.choice, {one.value: _share(one.probability, question) for one in answer.probabilities}


def _share(probability: float | None, question: Asked) -> float:
    if probability is None or not 0 <= probability <= 1:
        raise _NoAnswer(f"question {question.name!r}: {probability} is no probability")
    return probability


def _usage(stated: _Usage | None) -> Usage | None:
    if stated is None or stated.input_tokens < 0 or stated.output_tokens < 0:
        return None
    details = stated.input_tokens_details or _Details()
    cached = max(0, min(details.cached_tokens or 0, stated.input_tokens))
    written = max(0, min(details.cache_write_tokens or 0, stated.input_tokens - cached))
    return Usage(stated.input_tokens, stated.output_tokens, cached, written)
