"""Read a model's answer: each question's value, or why there is none. Nothing is coerced in silence.

A label outside the schema, a missing, doubled or extra key, NaN, cut-off JSON, a refusal: each leaves the question
without a value, with the reason and the raw text. The one liberty taken is with the wrapping: an answer that stands
wholly inside one Markdown code fence is read from inside it, and says so in its signals.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast, overload

from labelwright.domain.canonical import Json
from labelwright.domain.project import ConfidenceSource
from labelwright.errors import InvalidValue
from labelwright.prompting.block import restore
from labelwright.prompting.chat import ChatResponse
from labelwright.prompting.decided import probability_of
from labelwright.prompting.json_answer import check_keys, read_object, restored, string_offsets, unfenced
from labelwright.prompting.label_logprob import answer_offset, label_probability
from labelwright.prompting.render import CONFIDENCE_KEY, REASONING_KEY, AskedQuestion, Prompt, asks_in_words
from labelwright.tasks.protocol import Shown

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
AFTER_REASONING = "logprob_after_reasoning"
"""The name under which such a log-probability is kept: measured .996 on average where 29% of the labels were right."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said to one question.

    value: as JSON, in the task's canonical form; None when `problem` says why there is none.
    confidence: in [0, 1], the one the project routes by; None = unknown, never accepted.
    confidence_kind: None when no confidence was asked for.
    signals: everything else worth keeping. `signals`: every signal that came, by name, in [0, 1].  `unknown`: why one
    that was asked for did not.  `confidence_unknown`: the same for the one the project routes by.  `off_label`,
    `censored`, `distribution`: of the label's tokens.  `reasoning`: what the model wrote before it answered.
    """

    question: str
    value: Json
    problem: str | None
    confidence: float | None
    confidence_kind: str | None
    signals: Mapping[str, Json]

    @property
    def measured(self) -> dict[str, float]:
        """Give every signal that came, by name."""
        return dict(cast("Mapping[str, float]", self.signals.get("signals", {})))

    def noting(self, notes: Mapping[str, Json]) -> Answer:
        """Keep something more with the answer."""
        return replace(self, signals={**self.signals, **notes})

    def with_signal(self, name: ConfidenceSource, value: float | None, *, routes: bool, why: str = "") -> Answer:
        """Keep one more signal; `routes` makes it the confidence. None = unknown, for the reason `why`."""
        signals: dict[str, Json] = {**self.signals}
        if value is None:
            signals["unknown"] = {**cast("Mapping[str, Json]", signals.get("unknown", {})), name: why}
        else:
            signals["signals"] = {**self.measured, name: value}
        if not routes:
            return replace(self, signals=signals)
        signals.pop("confidence_unknown", None)
        if value is None:
            signals["confidence_unknown"] = why
        return replace(self, confidence=value, confidence_kind=_KINDS[name], signals=signals)


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

    def noting(self, notes: Mapping[str, Json]) -> Labelled:
        """Keep something more with every answer."""
        return replace(self, answers=tuple(answer.noting(notes) for answer in self.answers))


def read_answer(prompt: Prompt, response: ChatResponse, shown: Shown | None = None) -> Labelled:
    """Check an answer against the prompt's questions.

    shown: what the model saw of the item, for answers that quote it. Delimiters that were neutralised in it come back.
    """
    declined = not_read(prompt, response)
    if declined is not None:
        return declined
    text, fenced = unfenced(response.text)
    in_words = asks_in_words(prompt)
    expected = [question.name for question in prompt.questions]
    if prompt.reasons:
        expected = [REASONING_KEY, *expected]
    if in_words:
        expected = [*expected, CONFIDENCE_KEY]
    try:
        stated = read_object(text)
        check_keys(stated, expected, optional={CONFIDENCE_KEY})
        reasoning = _reasoning(stated) if prompt.reasons else None
    except InvalidValue as problem:
        return not_read(prompt, response, str(problem))
    marks: dict[str, Json] = dict(response.extra)
    if fenced:
        marks["fenced"] = True
    if reasoning is not None:
        marks["reasoning"] = reasoning
    said = _Said(
        stated=stated,
        shown=shown or Shown({}),
        response=response,
        offsets=_offsets(text, response),
        marks=marks,
    )
    answers = [_answer(question, said, prompt) for question in prompt.questions]
    return Labelled(tuple(answers), response.text, repairable=response.probabilities is None)


def _offsets(text: str, response: ChatResponse) -> Mapping[str, int]:
    place = answer_offset(response.logprobs, text) if response.logprobs else None
    return {} if place is None else {name: place + at for name, at in string_offsets(text).items()}


def _reasoning(stated: Mapping[str, Json]) -> str:
    text = stated[REASONING_KEY]
    if not isinstance(text, str):
        raise InvalidValue("", f"{REASONING_KEY!r} is no text")
    return restore(text)


@dataclass(slots=True)
class _Said:
    """A well-formed answer; `offsets`: where those of its values that are strings begin, in bytes of its tokens."""

    stated: Mapping[str, Json]
    shown: Shown
    response: ChatResponse
    offsets: Mapping[str, int]
    marks: Mapping[str, Json]


def _answer(question: AskedQuestion, said: _Said, prompt: Prompt) -> Answer:
    recorded_kind = said.response.extra.get("confidence_kind")
    kind = recorded_kind if isinstance(recorded_kind, str) else _KINDS[prompt.confidence]
    weighed = said.response.probabilities
    if weighed is not None and question.name not in weighed:
        return Answer(question.name, None, "the model declined to decide", None, kind, said.marks)
    raw = said.stated[question.name]
    try:
        value = question.task.dump(question.task.read_answer(restored(raw), said.shown))
    except InvalidValue as problem:
        return Answer(question.name, None, str(problem), None, kind, said.marks)
    found = _signals(question, raw, value, said, prompt)
    signals: dict[str, Json] = {**said.marks, **found.marks}
    if found.values:
        signals["signals"] = found.values
    if found.unknown:
        signals["unknown"] = found.unknown
    if prompt.confidence in found.unknown:
        signals["confidence_unknown"] = found.unknown[prompt.confidence]
    return Answer(question.name, value, None, found.values.get(prompt.confidence), kind, signals)


@dataclass(slots=True)
class _Found:
    """The signals of one answer: those that came, why others did not, and what else they say."""

    values: dict[str, float] = field(default_factory=dict[str, float])
    unknown: dict[str, str] = field(default_factory=dict[str, str])
    marks: dict[str, Json] = field(default_factory=dict[str, Json])

    def keep(self, name: str, value: float | None, why: str) -> None:
        if value is None:
            self.unknown[name] = why
        else:
            self.values[name] = value


def _signals(question: AskedQuestion, raw: Json, value: Json, said: _Said, prompt: Prompt) -> _Found:
    found = _Found()
    if asks_in_words(prompt):
        found.keep("verbalised", *_verbalised(said.stated.get(CONFIDENCE_KEY), question.name))
    if "logprob" in prompt.asks or said.response.logprobs:
        _weigh_tokens(question, raw, value, said, found, reasons=prompt.reasons)
    if "logprob" not in prompt.asks:  # they came unasked: their absence is no news
        found.unknown.pop("logprob", None)
    if "decisions" in prompt.asks or said.response.probabilities:
        _weigh_decisions(question, value, said, found)
    return found


def _verbalised(stated: Json, question: str) -> tuple[float | None, str]:
    """Read the confidence the model states. What is no probability is unknown; the label stands all the same."""
    given = cast("Mapping[str, Json]", stated).get(question) if isinstance(stated, dict) else stated
    if given is None:
        return None, "not stated"
    if isinstance(stated, dict) and isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 1:
        return float(given), ""
    return None, f"{json.dumps(given)[:100]} is no probability"


def _weigh_tokens(
    question: AskedQuestion, raw: Json, value: Json, said: _Said, found: _Found, *, reasons: bool
) -> None:
    """Read the label's own tokens. After reasoning they only repeat it: then they are kept, but route nothing."""
    spelled = question.task.logprob_labels()
    tokens, offset = said.response.logprobs, said.offsets.get(question.name)
    if spelled is None or not isinstance(raw, str) or not isinstance(value, str):
        return found.keep("logprob", None, "this kind of question has no label token")
    if not tokens:
        return found.keep("logprob", None, "no log-probabilities came")
    if offset is None:
        return found.keep("logprob", None, "the log-probabilities do not spell the answer")
    texts = spelled if spelled.get(value) == raw else dict(zip(spelled, spelled, strict=True))
    by_text = {text: label for label, text in texts.items()}
    if raw not in by_text:  # an alias, or a name in other words: its tokens are not those of the labels
        return found.keep("logprob", None, "the label is not written as the schema writes it")
    weighed = label_probability(tokens, start=offset, label=raw, labels=list(by_text))
    if weighed is None or not math.isfinite(weighed.probability):
        return found.keep("logprob", None, "the log-probabilities do not spell the label")
    found.marks["off_label"] = round(weighed.off_label, 6)
    if weighed.censored:
        found.marks["censored"] = True
    if weighed.distribution:
        found.marks["distribution"] = {by_text[text]: round(p, 6) for text, p in weighed.distribution.items()}
    if reasons:
        found.values[AFTER_REASONING] = weighed.probability
        return found.keep("logprob", None, "after reasoning, a label's tokens only repeat what was reasoned")
    return found.keep("logprob", weighed.probability, "")


def _weigh_decisions(question: AskedQuestion, value: Json, said: _Said, found: _Found) -> None:
    weighed = (said.response.probabilities or {}).get(question.name)
    if not weighed:
        return found.keep("decisions", None, "no probabilities came")
    found.marks["distribution"] = {label: round(p, 6) for label, p in weighed.items()}
    return found.keep("decisions", probability_of(value, weighed), "the answer has no probability")


@overload
def not_read(prompt: Prompt, response: ChatResponse) -> Labelled | None: ...
@overload
def not_read(prompt: Prompt, response: ChatResponse, problem: str) -> Labelled: ...
def not_read(prompt: Prompt, response: ChatResponse, problem: str | None = None) -> Labelled | None:
    """Give the answer of which nothing can be read, and why; None for a response that ended by itself.

    problem: what is wrong with one that did.
    """
    may_repair = True
    if problem is None:
        if response.refusal is not None:
            problem, may_repair = f"the model refused: {response.refusal}", False
        elif response.finish_reason == "content_filter":
            problem, may_repair = "the provider's content filter stopped the answer", False
        elif not response.is_whole:
            reason = "was cut off at max_tokens" if response.finish_reason == "length" else "did not end by itself"
            problem = f"the answer {reason} (finish_reason {response.finish_reason!r})"
        else:
            return None
    answers = tuple(Answer(q.name, None, problem, None, None, dict(response.extra)) for q in prompt.questions)
    return Labelled(answers, response.text, may_repair)
