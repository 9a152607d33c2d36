"""Have a model review answers against the guideline: those of a person, of another model, or its own.

A verdict comes with its reason, the words it rests on, and a score from 1 to 5. Two sets of answers are judged in both
orders, and a verdict is kept only when it is the same in both. As a flow: label, then have the labels reviewed in a
conversation of its own, which does not see how they came about; `signals["judge"]` is (score - 1) / 4.

Source: Zheng et al. (2023), "Judging LLM-as-a-Judge", arXiv:2306.05685, section 3.4, on position bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, cast

import orjson

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.prompting.block import neutralise, restore
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow, Message
from labelwright.prompting.flows.ask import ask, ask_until
from labelwright.prompting.flows.flow import Asking, FlowKind
from labelwright.prompting.flows.settings import REPAIRS, reader, whole
from labelwright.prompting.json_answer import check_keys, read_object, unfenced
from labelwright.prompting.parse import Answer, Labelled
from labelwright.prompting.render import ItemToLabel, Prompt
from labelwright.prompting.templates import rendered
from labelwright.tasks.answer_schema import strict_object

TEMPLATE, PAIR_TEMPLATE = "judge.v1", "judge_pair.v1"
Ruling: TypeAlias = Literal["agree", "disagree", "unsure"]
Better: TypeAlias = Literal["first", "second", "tie"]
_RULINGS = ("agree", "disagree", "unsure")
_BETTER = ("1", "2", "tie")
_TEXT: dict[str, Json] = {"type": "string"}
_VERDICT_SCHEMA = strict_object(
    {
        "reason": _TEXT,
        "evidence": {"type": "array", "items": _TEXT},
        "verdict": {"type": "string", "enum": list(_RULINGS)},
        "score": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
    }
)
_PAIR_SCHEMA = strict_object({"reason": _TEXT, "better": {"type": "string", "enum": list(_BETTER)}})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A review. ruling None = there is none, for the reason `problem`.

    score: 1 to 5.  evidence: quotes; those that do not stand in the item are in `misquoted` instead.
    """

    ruling: Ruling | None
    score: int | None = None
    reason: str = ""
    evidence: tuple[str, ...] = ()
    misquoted: tuple[str, ...] = ()
    problem: str | None = None
    repairable: bool = True

    def facts(self) -> dict[str, Json]:
        """Give the review as an answer's signals keep it."""
        return {
            "verdict": self.ruling,
            "score": self.score,
            "reason": self.reason,
            "evidence": list(self.evidence),
            "misquoted": list(self.misquoted),
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """Which of two sets of answers is better, judged in both orders.

    better: None when the two orders disagree, or one gave no verdict.  consistent: None when one gave none.
    reasons: of the first order, then of the second.
    """

    better: Better | None
    consistent: bool | None
    reasons: tuple[str, ...]
    problem: str | None = None


def judge(prompt: Prompt, item: ItemToLabel, answers: Mapping[str, Json], asking: Asking) -> Flow[Verdict]:
    """Review answers (question -> as `Task.write_answer` gives them). At most 1 + repairs requests."""
    request = _asked(prompt, item, asking, TEMPLATE, texts={"answers": _shown(answers)}, schema=_VERDICT_SCHEMA)
    return (yield from ask_until(request, lambda r: _read_verdict(r, item), whole(asking.settings, "repairs")))


def judge_pair(
    prompt: Prompt, item: ItemToLabel, first: Mapping[str, Json], second: Mapping[str, Json], asking: Asking
) -> Flow[PairVerdict]:
    """Say which answers are better, in both orders. At most 2 (1 + repairs) requests."""
    found: list[_Better] = []
    for one, other in ((first, second), (second, first)):
        texts = {"first": _shown(one), "second": _shown(other)}
        request = _asked(prompt, item, asking, PAIR_TEMPLATE, texts=texts, schema=_PAIR_SCHEMA)
        found.append((yield from ask_until(request, _read_better, whole(asking.settings, "repairs"))))
    forward, backward = found
    reasons = (forward.reason, backward.reason)
    problem = forward.problem or backward.problem
    if problem is not None:
        return PairVerdict(None, None, reasons, problem)
    places: Mapping[str, Better] = {"1": "first", "2": "second", "tie": "tie"}
    turned: Mapping[str, Better] = {"1": "second", "2": "first", "tie": "tie"}
    is_consistent = places[forward.better] == turned[backward.better]
    return PairVerdict(places[forward.better] if is_consistent else None, is_consistent, reasons)


def hold(prompt: Prompt, item: ItemToLabel, asking: Asking) -> Flow[Labelled]:
    """Label an item, then have the labels reviewed."""
    request = prompt.request(item, asking.model, asking.sampling, demonstrations=asking.demonstrations)
    labelled = yield from ask(prompt, item, request, whole(asking.settings, "repairs"))
    if labelled.problem is not None:
        return labelled
    shown = item.seen
    answers = {
        question.name: question.task.write_answer(question.task.parse(answer.value), shown)
        for question, answer in zip(prompt.questions, labelled.answers, strict=True)
    }
    verdict = yield from judge(prompt, item, answers, asking)
    return replace(labelled, answers=tuple(_reviewed(answer, verdict) for answer in labelled.answers))


def _reviewed(answer: Answer, verdict: Verdict) -> Answer:
    noted: dict[str, Json] = {"judge": verdict.facts()}
    if verdict.score is not None:
        noted["signals"] = {**answer.measured, "judge": (verdict.score - 1) / 4}
    return answer.noting(noted)


def _asked(
    prompt: Prompt,
    item: ItemToLabel,
    asking: Asking,
    template: str,
    *,
    texts: Mapping[str, str],
    schema: Mapping[str, Json],
) -> ChatRequest:
    """Put a question about an item after its block: the static part stays the one that is cached."""
    request = prompt.request(item, asking.model, asking.sampling, demonstrations=asking.demonstrations)
    last = request.messages[-1]
    task = Message("user", f"{last.content}\n\n{rendered(template, texts)}", last.images)
    return replace(
        request,
        messages=(*request.messages[:-1], task),
        answer_schema=schema,
        schema_name="verdict",
        top_logprobs=None,
    )


def _shown(answers: Mapping[str, Json]) -> str:
    return neutralise(orjson.dumps(dict(answers)).decode())


def _stated(response: ChatResponse, keys: list[str]) -> dict[str, Json] | str:
    """Read an object with these keys, or say what is wrong."""
    try:
        stated = read_object(unfenced(response.text)[0])
        check_keys(stated, keys, optional=set())
    except InvalidValue as problem:
        return str(problem)
    return stated


def _declined(response: ChatResponse) -> bool:
    return response.refusal is not None or response.finish_reason == "content_filter"


def _read_verdict(response: ChatResponse, item: ItemToLabel) -> Verdict:
    if _declined(response):
        return Verdict(None, problem="the model declined to judge", repairable=False)
    stated = _stated(response, ["reason", "evidence", "verdict", "score"])
    if isinstance(stated, str):
        return Verdict(None, problem=stated)
    ruling, score, evidence = stated["verdict"], stated["score"], stated["evidence"]
    if ruling not in _RULINGS:
        return Verdict(None, problem=f"verdict {ruling!r} is none of {', '.join(_RULINGS)}")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        return Verdict(None, problem=f"score {score!r} is no whole number from 1 to 5")
    if not isinstance(evidence, list) or not all(isinstance(quote, str) for quote in evidence):
        return Verdict(None, problem="evidence is no list of texts")
    quotes = [restore(quote) for quote in cast("list[str]", evidence)]
    texts = item.seen.texts.values()
    found = tuple(quote for quote in quotes if any(quote in text for text in texts))
    missing = tuple(quote for quote in quotes if quote not in found)
    return Verdict(ruling, score, str(stated["reason"]), found, missing)


@dataclass(frozen=True, slots=True)
class _Better:
    better: str = ""
    reason: str = ""
    problem: str | None = None
    repairable: bool = field(default=True)


def _read_better(response: ChatResponse) -> _Better:
    if _declined(response):
        return _Better(problem="the model declined to judge", repairable=False)
    stated = _stated(response, ["reason", "better"])
    if isinstance(stated, str):
        return _Better(problem=stated)
    if stated["better"] not in _BETTER:
        return _Better(problem=f"better {stated['better']!r} is none of {', '.join(_BETTER)}")
    return _Better(str(stated["better"]), str(stated["reason"]))


FLOW = FlowKind(
    "judge",
    hold,
    reader(repairs=REPAIRS),
    most_requests=lambda settings: 2 * (1 + whole(settings, "repairs")),
    templates=(TEMPLATE,),
)
