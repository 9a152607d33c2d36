"""Ask; when the answer cannot be used, show the model its mistake and ask again, a bounded number of times."""

from __future__ import annotations

from dataclasses import replace

from labelwright.prompting.block import neutralise
from labelwright.prompting.chat import ChatRequest, Flow, Message
from labelwright.prompting.parse import Labelled, read_answer
from labelwright.prompting.render import ItemToLabel, Prompt, Sampling

_KEPT_CHARACTERS = 4_000


def repair(prompt: Prompt, item: ItemToLabel, *, model: str, sampling: Sampling, repairs: int = 1) -> Flow[Labelled]:
    """Label an item, with up to `repairs` further requests when an answer breaks the rules.

    What still breaks them in the end is returned as it is, with its problem: it is quarantined, not guessed at.
    """
    request = prompt.request(item, model, sampling)
    response = yield request
    labelled = read_answer(prompt, response)
    for _ in range(repairs):
        if labelled.problem is None or not labelled.repairable:
            break
        request = _with_mistake(request, response.text, labelled.problem)
        response = yield request
        labelled = read_answer(prompt, response)
    return labelled


def _with_mistake(request: ChatRequest, answer: str, problem: str) -> ChatRequest:
    """Show the answer and what is wrong with it. Both may repeat the item's text, so neither may carry a delimiter."""
    mistake = (
        f"This answer cannot be used: {neutralise(problem[:_KEPT_CHARACTERS])}\n"
        "Answer again for the same item, with one JSON object of the form described and nothing else."
    )
    shown = Message("assistant", neutralise(answer[:_KEPT_CHARACTERS]) or "(empty)")
    return replace(request, messages=(*request.messages, shown, Message("user", mistake)))
