"""Ask for the labels, then ask whether they are right, and take the probability of "True".

With log-probabilities: p(A) / (p(A) + p(B)), of the verdict's own token. Without: the probability the model states in
the same answer, and the answer says so. With neither, p(True) is unknown. A verdict alone is no probability.

Source: Kadavath et al. (2022), "Language Models (Mostly) Know What They Know", arXiv:2207.05221, section 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow
from labelwright.prompting.flows.ask import ask, ask_until, followed_by
from labelwright.prompting.flows.flow import Asking, FlowKind
from labelwright.prompting.flows.settings import REPAIRS, reader, whole
from labelwright.prompting.json_answer import check_keys, read_object, string_offsets, unfenced
from labelwright.prompting.label_logprob import answer_offset, label_probability
from labelwright.prompting.parse import Answer, Labelled
from labelwright.prompting.render import MOST_ALTERNATIVES, ItemToLabel, Prompt
from labelwright.prompting.templates import in_backticks, rendered
from labelwright.tasks.answer_schema import strict_object

TEMPLATE = "p_true.v1"
_STATED = "probability"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a model says about its own answers. truth: question -> probability of being right; missing = unknown."""

    truth: Mapping[str, float] = field(default_factory=dict[str, float])
    is_stated: bool = False
    problem: str | None = None
    repairable: bool = True


def hold(prompt: Prompt, item: ItemToLabel, asking: Asking) -> Flow[Labelled]:
    """Label an item, then ask about the labels."""
    repairs = whole(asking.settings, "repairs")
    request = prompt.request(item, asking.model, asking.sampling, demonstrations=asking.demonstrations)
    labelled = yield from ask(prompt, item, request, repairs)
    names = [answer.question for answer in labelled.answers if answer.problem is None]
    if not names:
        return labelled
    doubt = yield from ask_until(_question(request, labelled.raw, names), lambda r: _read(r, names), repairs)
    routes = prompt.confidence == "p_true"
    answers = tuple(_with_truth(a, doubt, routes=routes) if a.question in names else a for a in labelled.answers)
    return replace(labelled, answers=answers)


def _question(request: ChatRequest, answer: str, names: list[str]) -> ChatRequest:
    reply = rendered(TEMPLATE, {"names": names, "keys": in_backticks([*names, _STATED])})
    verdicts: dict[str, Json] = {name: {"type": "string", "enum": ["A", "B"]} for name in names}
    stated = strict_object({name: {"type": ["number", "null"]} for name in names})
    return replace(
        followed_by(request, answer, reply),
        answer_schema=strict_object({**verdicts, _STATED: stated}),
        schema_name="verdict",
        top_logprobs=MOST_ALTERNATIVES,
    )


def _read(response: ChatResponse, names: list[str]) -> Doubt:
    if response.refusal is not None or response.finish_reason == "content_filter":
        return Doubt(problem="the model declined to judge its answer", repairable=False)
    text, _ = unfenced(response.text)
    try:
        stated = read_object(text)
        check_keys(stated, [*names, _STATED], optional={_STATED})
    except InvalidValue as problem:
        return Doubt(problem=str(problem))
    for name in names:
        if stated[name] not in ("A", "B"):
            return Doubt(problem=f"{name}: {stated[name]!r} is neither 'A' nor 'B'")
    weighed = _weighed(response, stated, names, text)
    return Doubt(weighed) if weighed else Doubt(_in_words(stated.get(_STATED), names), is_stated=True)


def _weighed(response: ChatResponse, stated: Mapping[str, Json], names: list[str], text: str) -> dict[str, float]:
    tokens = response.logprobs
    place = answer_offset(tokens, text) if tokens else None
    if not tokens or place is None:
        return {}
    offsets = string_offsets(text)
    found: dict[str, float] = {}
    for name in names:
        verdict = str(stated[name])
        weighed = label_probability(tokens, start=place + offsets[name], label=verdict, labels=["A", "B"])
        if weighed is not None:
            found[name] = weighed.probability if verdict == "A" else 1.0 - weighed.probability
    return found


def _in_words(stated: Json, names: list[str]) -> dict[str, float]:
    if not isinstance(stated, dict):
        return {}
    given = cast("Mapping[str, Json]", stated)
    found: dict[str, float] = {}
    for name in names:
        p = given.get(name)
        if isinstance(p, int | float) and not isinstance(p, bool) and 0 <= p <= 1:
            found[name] = float(p)
    return found


def _with_truth(answer: Answer, doubt: Doubt, *, routes: bool) -> Answer:
    truth = doubt.truth.get(answer.question)
    why = doubt.problem or "no log-probabilities came, and no probability was stated"
    noted = answer.with_signal("p_true", truth, routes=routes, why=why)
    return noted.noting({"p_true_stated": True}) if doubt.is_stated and truth is not None else noted


FLOW = FlowKind(
    "p_true",
    hold,
    reader(repairs=REPAIRS),
    most_requests=lambda settings: 2 * (1 + whole(settings, "repairs")),
    gives=frozenset({"p_true"}),
    templates=(TEMPLATE,),
)
