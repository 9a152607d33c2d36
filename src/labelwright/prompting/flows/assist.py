"""Have a model answer a person's question about an item, from the guideline. It labels nothing and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.prompting.block import neutralise, restore
from labelwright.prompting.chat import ChatResponse, Flow, Message
from labelwright.prompting.flows.ask import ask_until
from labelwright.prompting.flows.flow import Asking
from labelwright.prompting.json_answer import check_keys, read_object, unfenced
from labelwright.prompting.render import ItemToLabel, Prompt
from labelwright.prompting.templates import rendered
from labelwright.tasks.answer_schema import strict_object

TEMPLATE, FOLLOW_UP = "assist.v1", "assist_again.v1"
LONGEST = 4_000
MOST_REPAIRS = 1
_KEY = "answer"
_SCHEMA: dict[str, Json] = strict_object({_KEY: {"type": "string"}})
_DELIMITER = re.compile(r"<(?=\s*/?\s*question)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Advice:
    """What the model says to the person. problem: why there is nothing to show."""

    text: str = ""
    problem: str | None = None
    repairable: bool = True
    declined: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What the person asked before about this item, and what they were told."""

    question: str
    answer: str


def advise(
    prompt: Prompt, item: ItemToLabel, question: str, asking: Asking, *, earlier: Sequence[Turn] = ()
) -> Flow[Advice]:
    """Answer one question, in the light of the ones before. At most 1 + MOST_REPAIRS requests.

    The questions follow the item's block, so that the static part stays the one that is cached; none can close its own
    delimiters or open a block.  earlier: oldest first.
    """
    request = prompt.request(item, asking.model, asking.sampling)
    last = request.messages[-1]
    first, *others = [*(turn.question for turn in earlier), question]
    asked = [_asked(TEMPLATE, first), *(_asked(FOLLOW_UP, one) for one in others)]
    turns = [Message("user", f"{last.content}\n\n{asked[0]}", last.images)]
    for turn, following in zip(earlier, asked[1:], strict=True):
        said = orjson.dumps({_KEY: neutralise(turn.answer)}).decode()
        turns += [Message("assistant", said), Message("user", following)]
    request = replace(
        request,
        messages=(*request.messages[:-1], *turns),
        answer_schema=_SCHEMA,
        schema_name="advice",
        top_logprobs=None,
    )
    return (yield from ask_until(request, _read, MOST_REPAIRS))


def _asked(template: str, question: str) -> str:
    return rendered(template, {"question": _DELIMITER.sub(r"<\\", neutralise(question))})


def _read(response: ChatResponse) -> Advice:
    if response.refusal is not None or response.finish_reason == "content_filter":
        return Advice(problem="the model declined to answer", repairable=False, declined=True)
    try:
        stated = read_object(unfenced(response.text)[0])
        check_keys(stated, [_KEY], optional=set())
    except InvalidValue as problem:
        return Advice(problem=str(problem))
    said = stated[_KEY]
    if not isinstance(said, str) or not said.strip():
        return Advice(problem=f"`{_KEY}` is no text")
    return Advice(restore(said.strip())[:LONGEST])
