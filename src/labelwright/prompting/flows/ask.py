"""Ask; when the answer cannot be used, show the model its mistake and ask again. Every flow asks through here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from labelwright.prompting.block import neutralise
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow, Message
from labelwright.prompting.parse import Labelled, read_answer
from labelwright.prompting.render import ItemToLabel, Prompt

_KEPT_CHARACTERS = 4_000


class _Read(Protocol):
    """What was read from a response."""

    @property
    def problem(self) -> str | None: ...

    @property
    def repairable(self) -> bool: ...


R = TypeVar("R", bound=_Read)


def ask(prompt: Prompt, item: ItemToLabel, request: ChatRequest, repairs: int) -> Flow[Labelled]:
    """Ask for an item's labels, with up to `repairs` further requests when an answer breaks the rules.

    What still breaks them in the end is returned as it is, with its problem: it is quarantined, not guessed at.
    """
    labelled = yield from ask_until(request, lambda response: read_answer(prompt, response, item.seen), repairs)
    return labelled.noting(item.notes) if item.notes else labelled


def ask_until(request: ChatRequest, read: Callable[[ChatResponse], R], repairs: int) -> Flow[R]:
    """Ask for anything that can be read, or said to be wrong; at most `repairs` times more."""
    response = yield request
    found = read(response)
    for _ in range(repairs):
        if found.problem is None or not found.repairable:
            break
        request = followed_by(request, response.text, _mistake(found.problem))
        response = yield request
        found = read(response)
    return found


def followed_by(request: ChatRequest, answer: str, reply: str) -> ChatRequest:
    """Go on with a conversation. An answer may repeat the item's text, so it may not carry a delimiter."""
    shown = Message("assistant", neutralise(answer[:_KEPT_CHARACTERS]) or "(empty)")
    return replace(request, messages=(*request.messages, shown, Message("user", reply)))


def _mistake(problem: str) -> str:
    return (
        f"This answer cannot be used: {neutralise(problem[:_KEPT_CHARACTERS])}\n"
        "Answer again for the same item, with one JSON object of the form described and nothing else."
    )
