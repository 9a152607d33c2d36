"""Hold a flow once for each part of an item that was too long, and put the answers together.

The rule, question by question: answers that are lists hold what was found, so the parts' finds are put together, each
once, and the confidence is that of the least sure part (all must be right). Of any other answer, the surest part's is
taken; where no part says how sure it is, the one most parts give, then the first part's. A part without a valid answer
leaves the question without one: what it would have said is not known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from labelwright.domain.canonical import Json, canonical_json
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import Flow
from labelwright.prompting.flows.flow import Asking, FlowKind
from labelwright.prompting.parse import Answer, Labelled
from labelwright.prompting.render import AskedQuestion, ItemToLabel, Prompt


def hold_parts(kind: FlowKind, prompt: Prompt, parts: Sequence[ItemToLabel], asking: Asking) -> Flow[Labelled]:
    """Label an item by its parts, in their order; an item of one part is labelled as ever.

    Costs at most `len(parts)` times the flow's `most_requests`.
    """
    if len(parts) == 1:
        return (yield from kind.hold(prompt, parts[0], asking))
    held: list[Labelled] = []
    for part in parts:
        held.append((yield from kind.hold(prompt, part, asking)))  # noqa: PERF401 - a comprehension cannot yield
    return combined(prompt, held)


def combined(prompt: Prompt, held: Sequence[Labelled]) -> Labelled:
    """Put the parts' answers together."""
    answers = tuple(
        _combined(question, [labelled.answers[place] for labelled in held])
        for place, question in enumerate(prompt.questions)
    )
    raw = next((labelled.raw for labelled in held if labelled.problem is not None), held[0].raw)
    return Labelled(answers, raw, repairable=False)


def _combined(question: AskedQuestion, answers: Sequence[Answer]) -> Answer:
    noted: dict[str, Json] = {"part_values": [answer.value for answer in answers]}
    for place, answer in enumerate(answers):
        if answer.problem is not None:
            return replace(answer, problem=f"part {place + 1} of {len(answers)}: {answer.problem}").noting(noted)
    together = _together(question, answers)
    if together is not None:
        least_sure = min(answers, key=lambda answer: -1.0 if answer.confidence is None else answer.confidence)
        return replace(least_sure, value=together).noting(noted)
    given = Counter(canonical_json(answer.value) for answer in answers)
    surest = max(
        answers,  # `max` keeps the first of equals
        key=lambda answer: (
            -1.0 if answer.confidence is None else answer.confidence,
            given[canonical_json(answer.value)],
        ),
    )
    return surest.noting(noted)


def _together(question: AskedQuestion, answers: Sequence[Answer]) -> Json:
    """Give the union of answers that are lists; None where they are not, or their union is no answer."""
    found: dict[bytes, Json] = {}
    for answer in answers:
        if not isinstance(answer.value, list):
            return None
        found |= {canonical_json(one): one for one in answer.value}
    try:
        return question.task.dump(question.task.parse(list(found.values())))
    except InvalidValue:
        return None
