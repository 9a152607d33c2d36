"""Have the model explain each example's answers once, then label with the explanations in the prompt, reasoning first.

An explanation is asked for under the example's own name, so that every later item finds it paid in the call ledger. An
explanation of given answers may rationalise wrong ones: unless `check` is off, the model also answers each example
blind, and where it disagrees with people, the example is named in the answers' signals (`doubted_examples`), which is a
reason to look at that example's labels again.

Source: He et al. (2024), "AnnoLLM", arXiv:2303.16854 (explain, then annotate).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from labelwright.domain.canonical import Json, canonical_json
from labelwright.errors import InvalidValue
from labelwright.prompting.block import neutralise, restore
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow, Message
from labelwright.prompting.examples import Demonstration, Explained
from labelwright.prompting.flows.ask import ask, ask_until
from labelwright.prompting.flows.flow import Asking, FlowKind
from labelwright.prompting.flows.settings import REPAIRS, Switch, reader, whole
from labelwright.prompting.json_answer import check_keys, read_object, restored, unfenced
from labelwright.prompting.parse import Labelled
from labelwright.prompting.render import ItemToLabel, Prompt
from labelwright.prompting.templates import rendered
from labelwright.tasks.answer_schema import strict_object

TEMPLATE = "explain.v1"
_KEY = "explanation"
_LONGEST = 1_000


def hold(prompt: Prompt, item: ItemToLabel, asking: Asking) -> Flow[Labelled]:
    """Label an item by explained examples."""
    explained: list[Explained] = []
    for demonstration in asking.demonstrations:
        name = canonical_json([demonstration.item_id, dict(demonstration.content), dict(demonstration.answers)])
        one = asking.given_up.get(name)
        if one is None:
            one = yield from explain(prompt, demonstration, asking)
        if one.problem is not None or (asking.settings["check"] and one.agrees is None):
            asking.given_up[name] = one
        explained.append(one)
    request = labelling_request(prompt, item, asking, [one.demonstration for one in explained])
    labelled = yield from ask(prompt.variant(reasons=True), item, request, whole(asking.settings, "repairs"))
    doubted: list[Json] = [one.demonstration.item_id for one in explained if one.agrees is False]
    return labelled.noting({"doubted_examples": doubted}) if doubted else labelled


def labelling_request(
    prompt: Prompt, item: ItemToLabel, asking: Asking, examples: Sequence[Demonstration]
) -> ChatRequest:
    """Ask about the item itself, once its examples are explained."""
    return prompt.variant(reasons=True).request(item, asking.model, asking.sampling, demonstrations=examples)


def explain(prompt: Prompt, demonstration: Demonstration, asking: Asking) -> Flow[Explained]:
    """Explain one example; one that is explained already is only checked.

    Held by itself before a run, it is paid once however many items are labelled at the same time.
    """
    repairs = whole(asking.settings, "repairs")
    example = ItemToLabel(demonstration.item_id, demonstration.content)
    try:
        request = prompt.request(example, asking.model, asking.sampling)
    except InvalidValue as problem:  # it shows nothing: that is no reason not to label the item
        return Explained(demonstration, None, str(problem))
    agrees = None
    if asking.settings["check"]:
        blind = yield from ask(prompt, example, request, repairs)
        agrees = _agrees(prompt, example, blind, demonstration)
    if demonstration.explanation:
        return Explained(demonstration, agrees)
    answers = neutralise(orjson.dumps(dict(demonstration.answers)).decode())
    block = request.messages[-1]
    task = Message("user", f"{block.content}\n\n{rendered(TEMPLATE, {'answers': answers})}", block.images)
    question = replace(
        request,
        messages=(*request.messages[:-1], task),
        answer_schema=strict_object({_KEY: {"type": "string"}}),
        schema_name=_KEY,
        top_logprobs=None,
    )
    found = yield from ask_until(question, _read, repairs)
    return Explained(replace(demonstration, explanation=found.text), agrees, found.problem)


@dataclass(frozen=True, slots=True)
class _Explanation:
    text: str | None
    problem: str | None = None
    repairable: bool = True


def _read(response: ChatResponse) -> _Explanation:
    if response.refusal is not None or response.finish_reason == "content_filter":
        return _Explanation(None, "the model declined to explain", repairable=False)
    try:
        stated = read_object(unfenced(response.text)[0])
        check_keys(stated, [_KEY], optional=set())
    except InvalidValue as problem:
        return _Explanation(None, str(problem))
    text = stated[_KEY]
    if not isinstance(text, str) or not text.strip():
        return _Explanation(None, "the explanation is empty")
    return _Explanation(restore(text.strip())[:_LONGEST])


def _agrees(prompt: Prompt, example: ItemToLabel, blind: Labelled, demonstration: Demonstration) -> bool | None:
    """Tell whether a blind answer is people's; None when either cannot be read."""
    given: Mapping[str, Json] = demonstration.answers
    for question, answer in zip(prompt.questions, blind.answers, strict=True):
        if question.name not in given:
            continue
        if answer.problem is not None:
            return None
        try:
            gold = question.task.dump(question.task.read_answer(restored(given[question.name]), example.seen))
        except InvalidValue:
            return None
        if (
            question.task.distance(question.task.parse(gold), question.task.parse(answer.value))
            > question.task.tolerance
        ):
            return False
    return True


FLOW = FlowKind(
    "explain",
    hold,
    reader(check=Switch(default=True), repairs=REPAIRS),
    most_requests=lambda settings: 1 + whole(settings, "repairs"),
    most_per_example=lambda settings: (1 + int(bool(settings["check"]))) * (1 + whole(settings, "repairs")),
    templates=(TEMPLATE,),
)
