"""Read a model's answer: each question's value, or why there is none. Nothing is coerced in silence.

A label outside the schema, a missing, doubled or extra key, NaN, cut-off JSON, a refusal: each leaves the question
without a value, with the reason and the raw text. The one liberty taken is with the wrapping: an answer that stands
wholly inside one Markdown code fence is read from inside it, and says so in its signals.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, cast

from labelwright.domain.canonical import Json
from labelwright.domain.project import ConfidenceSource
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import ChatResponse
from labelwright.prompting.decided import probability_of
from labelwright.prompting.label_logprob import label_probability
from labelwright.prompting.render import CONFIDENCE_KEY, AskedQuestion, Prompt

_FENCED = re.compile(r"\s*```(?:json)?[ \t]*\n(.*?)\n?```\s*", re.DOTALL)
_KINDS: Mapping[ConfidenceSource, str | None] = {
    "verbalised": "verbalised",
    "logprob": "logprob",
    "decisions": "decision probability",
    "consistency": "consistency",
    "p_true": "p_true",
    "agreement": None,
    "neighbours": None,
    "combined": None,
    "none": None,
}
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said to one question.

    value: as JSON, in the task's canonical form; None when `problem` says why there is none.
    confidence: in [0, 1]; None = unknown, never accepted.  confidence_kind: None when no confidence was asked for.
    signals: everything else worth keeping (off-label mass, why a confidence is unknown, where a recording came from).
    """

    question: str
    value: Json
    problem: str | None
    confidence: float | None
    confidence_kind: str | None
    signals: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A whole answer: one entry per question, in the prompt's order. raw: the text as it came."""

    answers: tuple[Answer, ...]
    raw: str
    repairable: bool
    """Whether asking again, with the mistake shown, may help. A refusal is not a mistake."""

    @property
    def problem(self) -> str | None:
        """Name the first problem; None when every question has a value."""
        return next((f"{a.question}: {a.problem}" for a in self.answers if a.problem is not None), None)


def read_answer(prompt: Prompt, response: ChatResponse) -> Labelled:
    """Check an answer against the prompt's questions."""
    if response.refusal is not None:
        return _nothing(prompt, response, f"the model refused: {response.refusal}", repairable=False)
    if response.finish_reason == "content_filter":
        return _nothing(prompt, response, "the provider's content filter stopped the answer", repairable=False)
    if not response.is_whole:
        reason = "was cut off at max_tokens" if response.finish_reason == "length" else "did not end by itself"
        return _nothing(prompt, response, f"the answer {reason} (finish_reason {response.finish_reason!r})")
    text, fenced = _unwrapped(response.text)
    expected = [question.name for question in prompt.questions]
    asks = prompt.confidence == "verbalised"
    try:
        stated = _read_object(text)
        _check_keys(stated, [*expected, CONFIDENCE_KEY] if asks else expected, optional={CONFIDENCE_KEY})
    except InvalidValue as problem:
        return _nothing(prompt, response, str(problem))
    signals: dict[str, Json] = dict(response.extra)
    if fenced:
        signals["fenced"] = True
    said = _Said(
        stated=stated,
        response=response,
        offsets=_string_offsets(text) if prompt.confidence == "logprob" and not fenced else {},
        signals={**response.extra, "fenced": True} if fenced else response.extra,
    )
    answers = tuple(_answer(question, said, prompt.confidence) for question in prompt.questions)
    return Labelled(answers, response.text, repairable=response.probabilities is None)


@dataclass(frozen=True, slots=True)
class _Said:
    """A well-formed answer; `offsets`: where those of its values that are strings begin, in bytes."""

    stated: Mapping[str, Json]
    response: ChatResponse
    offsets: Mapping[str, int]
    signals: Mapping[str, Json]


def _answer(question: AskedQuestion, said: _Said, asked: ConfidenceSource) -> Answer:
    recorded_kind = said.response.extra.get("confidence_kind")
    kind = recorded_kind if isinstance(recorded_kind, str) else _KINDS[asked]
    weighed = said.response.probabilities
    if weighed is not None and question.name not in weighed:
        return Answer(question.name, None, "the model declined to decide", None, kind, said.signals)
    try:
        value = question.task.dump(question.task.parse(said.stated[question.name]))
    except InvalidValue as problem:
        return Answer(question.name, None, str(problem), None, kind, said.signals)
    match asked:
        case "verbalised":
            confidence, noted = _verbalised(said.stated.get(CONFIDENCE_KEY), question.name)
        case "logprob":
            confidence, noted = _from_logprobs(question, value, said)
        case "decisions":
            confidence, noted = _from_decisions(question, value, said)
        case "consistency" | "p_true" | "agreement" | "neighbours" | "combined" | "none":  # not in one answer
            confidence, noted = None, {}
    signals = {**said.signals, **noted} if noted else said.signals
    return Answer(question.name, value, None, confidence, kind, signals)


def _verbalised(stated: Json, question: str) -> tuple[float | None, dict[str, Json]]:
    """Read the confidence the model states. What is no probability is unknown; the label stands all the same."""
    given = cast("Mapping[str, Json]", stated).get(question) if isinstance(stated, dict) else stated
    if given is None:
        return None, {"confidence_unknown": "not stated"}
    if isinstance(stated, dict) and isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 1:
        return float(given), {}
    return None, {"confidence_unknown": f"{json.dumps(given)[:100]} is no probability"}


def _from_logprobs(question: AskedQuestion, value: Json, said: _Said) -> tuple[float | None, dict[str, Json]]:
    spelled = question.task.logprob_labels()
    offset = said.offsets.get(question.name)
    tokens = said.response.logprobs
    if spelled is None or not isinstance(value, str):
        return None, {"confidence_unknown": "this kind of question has no label token"}
    if not tokens:
        return None, {"confidence_unknown": "no log-probabilities came"}
    if offset is None or b"".join(token.text for token in tokens) != said.response.text.encode():
        return None, {"confidence_unknown": "the log-probabilities do not spell the answer"}
    found = label_probability(tokens, start=offset, label=spelled[value], labels=list(spelled.values()))
    if found is None or not math.isfinite(found.probability):
        return None, {"confidence_unknown": "the log-probabilities do not spell the label"}
    return found.probability, {"off_label": round(found.off_label, 6)}


def _from_decisions(question: AskedQuestion, value: Json, said: _Said) -> tuple[float | None, dict[str, Json]]:
    weighed = (said.response.probabilities or {}).get(question.name)
    if not weighed:
        return None, {"confidence_unknown": "no probabilities came"}
    distribution: dict[str, Json] = {label: round(p, 6) for label, p in weighed.items()}
    confidence = probability_of(value, weighed)
    if confidence is None:
        return None, {"confidence_unknown": "the answer has no probability", "distribution": distribution}
    return confidence, {"distribution": distribution}


def _nothing(prompt: Prompt, response: ChatResponse, problem: str, *, repairable: bool = True) -> Labelled:
    answers = tuple(Answer(q.name, None, problem, None, None, dict(response.extra)) for q in prompt.questions)
    return Labelled(answers, response.text, repairable)


def _unwrapped(text: str) -> tuple[str, bool]:
    fenced = _FENCED.fullmatch(text)
    return (fenced.group(1), True) if fenced else (text, False)


def _read_object(text: str) -> dict[str, Json]:
    try:
        stated = _JSON.decode(text)
    except json.JSONDecodeError as problem:
        raise InvalidValue("", f"the answer is not JSON ({problem.msg}, at character {problem.pos})") from None
    except RecursionError:
        raise InvalidValue("", "the answer is nested too deeply") from None
    except ValueError as problem:  # a number of thousands of digits
        raise InvalidValue("", f"the answer is not usable JSON ({problem})") from None
    if not isinstance(stated, dict):
        raise InvalidValue("", f"the answer is not a JSON object but {json.dumps(stated)[:100]}")
    return cast("dict[str, Json]", stated)


def _no_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise InvalidValue("", f"key {twin!r} is there twice")
    return found


def _no_constants(name: str) -> NoReturn:
    raise InvalidValue("", f"{name} is no JSON value")


_JSON = json.JSONDecoder(object_pairs_hook=_no_twins, parse_constant=_no_constants)


def _check_keys(stated: Mapping[str, Json], expected: list[str], *, optional: set[str]) -> None:
    for name in expected:
        if name not in stated and name not in optional:
            raise InvalidValue("", f"key {name!r} is missing")
    for name in stated:
        if name not in expected:
            raise InvalidValue("", f"key {name!r} was not asked for")


def _string_offsets(text: str) -> dict[str, int]:
    """Give, per top-level key whose value is a string, the byte offset of the string's first character.

    The text is known to be a JSON object.
    """
    decoder = json.JSONDecoder()
    found: dict[str, int] = {}
    place = _skip(text, text.index("{") + 1)
    while text[place] == '"':
        name, place = decoder.raw_decode(text, place)
        place = _skip(text, _skip(text, place) + 1)  # the colon
        if text[place] == '"':
            found[name] = len(text[: place + 1].encode("utf-8", "surrogatepass"))
        _, place = decoder.raw_decode(text, place)
        place = _skip(text, place)
        if text[place] == ",":
            place = _skip(text, place + 1)
    return found


def _skip(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    return place if space is None else space.end()
