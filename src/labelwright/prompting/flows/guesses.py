"""Ask for the k best guesses with a whole percentage each; the likeliest is the answer.

Having to name the other possibilities makes stated confidences less sure of themselves than one number asked for one
answer; whole percentages are less lumpy. The signal is `verbalised`; where one label is the answer, the percentages are
kept as its `distribution`. What they sum to is kept where it is more than 100.

Source: Tian et al. (2023), "Just Ask for Calibration", EMNLP, arXiv:2305.14975 ("Verb. 1S top-k").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from labelwright.domain.canonical import Json, canonical_json
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow, Message
from labelwright.prompting.flows.ask import ask_until
from labelwright.prompting.flows.flow import Asking, FlowKind
from labelwright.prompting.flows.settings import REPAIRS, Whole, reader, whole
from labelwright.prompting.json_answer import check_keys, read_object, restored, unfenced
from labelwright.prompting.parse import Answer, Labelled, not_read
from labelwright.prompting.render import AskedQuestion, ItemToLabel, Prompt
from labelwright.prompting.templates import in_backticks, rendered
from labelwright.tasks.answer_schema import strict_object

TEMPLATE = "guesses.v1"


def hold(prompt: Prompt, item: ItemToLabel, asking: Asking) -> Flow[Labelled]:
    """Label an item by the likeliest of `guesses` guesses."""
    request = prompt.request(item, asking.model, asking.sampling, demonstrations=asking.demonstrations)
    question = _question(prompt, request, whole(asking.settings, "guesses"))
    found = yield from ask_until(question, lambda r: _read(prompt, item, r), whole(asking.settings, "repairs"))
    return found.noting(item.notes) if item.notes else found


def _question(prompt: Prompt, request: ChatRequest, n_guesses: int) -> ChatRequest:
    names = [question.name for question in prompt.questions]
    values: dict[str, Json] = {"keys": in_backticks(names), "n_questions": len(names), "n_guesses": n_guesses}
    guess = {
        question.name: strict_object({"answer": question.task.answer_schema(), "percent": {"type": "integer"}})
        for question in prompt.questions
    }
    last = request.messages[-1]
    asked = Message("user", f"{last.content}\n\n{rendered(TEMPLATE, values)}", last.images)
    return replace(
        request,
        messages=(*request.messages[:-1], asked),
        answer_schema=strict_object({name: {"type": "array", "items": one} for name, one in guess.items()}),
        schema_name="guesses",
        top_logprobs=None,
    )


def _read(prompt: Prompt, item: ItemToLabel, response: ChatResponse) -> Labelled:
    declined = not_read(prompt, response)
    if declined is not None:
        return declined
    try:
        stated = read_object(unfenced(response.text)[0])
        check_keys(stated, [question.name for question in prompt.questions], optional=set())
    except InvalidValue as problem:
        return not_read(prompt, response, str(problem))
    answers = tuple(
        _likeliest(question, stated[question.name], item, prompt, response) for question in prompt.questions
    )
    return Labelled(answers, response.text, repairable=True)


@dataclass(frozen=True, slots=True)
class _Guess:
    value: Json
    percent: int | None


def _likeliest(
    question: AskedQuestion, stated: Json, item: ItemToLabel, prompt: Prompt, response: ChatResponse
) -> Answer:
    bare = Answer(question.name, None, None, None, None, dict(response.extra))
    try:
        guesses = _guesses(question, stated, item)
    except InvalidValue as problem:
        return replace(bare, problem=str(problem))
    # `max` keeps the first of equals. A guess without a percentage is a guess; how sure it is, nobody knows.
    best = max(guesses, key=lambda guess: -1 if guess.percent is None else guess.percent)
    percents = [guess.percent for guess in guesses if guess.percent is not None]
    noted: dict[str, Json] = {}
    if len(percents) == len(guesses) and all(isinstance(guess.value, str) for guess in guesses):
        noted["distribution"] = {
            cast("str", guess.value): percent / 100 for guess, percent in zip(guesses, percents, strict=True)
        }
    total = sum(percents)
    if total > 100:
        noted["percent_sum"] = total
    found = replace(bare, value=best.value).noting(noted)
    stated_share = None if best.percent is None else best.percent / 100
    routes = prompt.confidence == "verbalised"
    found = found.with_signal("verbalised", stated_share, routes=routes, why="no percentage was stated")
    if "logprob" in prompt.asks:
        routes = prompt.confidence == "logprob"
        return found.with_signal("logprob", None, routes=routes, why="guesses are not weighed by their tokens")
    return found


def _guesses(question: AskedQuestion, stated: Json, item: ItemToLabel) -> list[_Guess]:
    if not isinstance(stated, Sequence) or isinstance(stated, str) or not stated:
        raise InvalidValue("", "no list of guesses")
    found: list[_Guess] = []
    seen: set[bytes] = set()
    for place, one in enumerate(stated):
        if not isinstance(one, Mapping) or set(one) != {"answer", "percent"}:
            raise InvalidValue(f"[{place}]", "a guess has the keys 'answer' and 'percent'")
        percent = one["percent"]
        is_share = isinstance(percent, int) and not isinstance(percent, bool) and 0 <= percent <= 100
        if percent is not None and not is_share:
            raise InvalidValue(f"[{place}].percent", f"{percent!r} is no whole number from 0 to 100")
        value = question.task.dump(question.task.read_answer(restored(one["answer"]), item.seen))
        name = canonical_json(value)
        if name in seen:
            raise InvalidValue(f"[{place}]", f"the guess {name.decode()} is there twice")
        seen.add(name)
        found.append(_Guess(value, percent if isinstance(percent, int) else None))
    return found


FLOW = FlowKind(
    "guesses",
    hold,
    reader(guesses=Whole(default=3, least=2, most=10), repairs=REPAIRS),
    most_requests=lambda settings: 1 + whole(settings, "repairs"),
    templates=(TEMPLATE,),
)
