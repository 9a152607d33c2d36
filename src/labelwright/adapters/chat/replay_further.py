"""What a recording says to what flows ask beside the labels: reasons, guesses, doubts, reviews.

It makes nothing up. What was not recorded is null (a reasoning: empty), which reads as unknown and fails no item; and
the answer's `labelwright` says what it lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from labelwright.adapters.formats.recorded_folder import RecordedAnswer
from labelwright.domain.canonical import Json

Properties: TypeAlias = Mapping[str, Any]

REASONING, EXPLANATION, PROBABILITY = "reasoning", "explanation", "probability"
REVIEWS: tuple[tuple[str, ...], ...] = (("reason", "evidence", "verdict", "score"), ("reason", "better"))
"""The keys of a review of one answer, and of a comparison of two."""
P_TRUE = "p_true"
"""The kind of recorded confidence that is a probability of being right, asked for in a second question."""
GUESS = ("answer", "percent")


def is_review(keys: Properties) -> bool:
    """Whether answers that somebody gave are to be reviewed: nobody recorded what a model thinks of those."""
    return any(set(keys) == set(review) for review in REVIEWS)


def is_doubt(keys: Properties, questions: Sequence[str]) -> bool:
    """Whether the model is asked if its own answer is right: verdicts stand where labels stood."""
    return PROBABILITY in keys and PROBABILITY not in questions


def wants_guesses(schema: object) -> bool:
    """Whether a list of guesses is asked for, each with a percentage."""
    return set(_inside(_inside(schema, "items"), "properties")) == set(GUESS)


def _inside(schema: object, key: str) -> Mapping[str, Any]:
    inner: object = cast("Mapping[str, Any]", schema).get(key) if isinstance(schema, Mapping) else None
    return cast("Mapping[str, Any]", inner) if isinstance(inner, Mapping) else {}


def guess_schema() -> dict[str, Json]:
    """Give the form of guesses where only the prompt's words ask for them."""
    return {"type": "array", "items": {"properties": {key: {} for key in GUESS}}}


def p_true_of(answer: RecordedAnswer, question: str) -> float | None:
    """Give the recorded probability that the answer is right; None where it was not asked for."""
    return answer.confidence.get(question) if answer.confidence_kind == P_TRUE else None


def verdict_of(answer: RecordedAnswer, question: str) -> str | None:
    """Give "A" (right) or "B" by the recorded probability; None where there is none."""
    p = p_true_of(answer, question)
    return None if p is None else "A" if p >= 0.5 else "B"


def guesses_of(label: Json, confidence: float | None) -> Json:
    """Give the recorded label as the only guess, as sure as it was stated to be."""
    if label is None:
        return None
    return [{"answer": label, "percent": None if confidence is None else round(100 * confidence)}]


def not_recorded(answer: RecordedAnswer, keys: Properties | None, questions: Sequence[str]) -> list[str]:
    """Name what was asked for beside labels and confidence, and was not recorded."""
    if keys is None:
        return []
    if is_review(keys):
        return ["review"]
    missing = [key for key in (REASONING, EXPLANATION) if key in keys and key not in questions and not answer.reasoning]
    if is_doubt(keys, questions) and answer.confidence_kind != P_TRUE:
        missing.append(P_TRUE)
    if any(wants_guesses(schema) for schema in keys.values()):
        missing.append("further guesses")
    return missing
