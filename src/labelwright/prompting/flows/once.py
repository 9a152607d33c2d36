"""Ask once, and take the answer as it is."""

from __future__ import annotations

from labelwright.prompting.chat import Flow
from labelwright.prompting.parse import Labelled, read_answer
from labelwright.prompting.render import ItemToLabel, Prompt, Sampling


def once(prompt: Prompt, item: ItemToLabel, *, model: str, sampling: Sampling) -> Flow[Labelled]:
    """Label an item with one request."""
    response = yield prompt.request(item, model, sampling)
    return read_answer(prompt, response)
