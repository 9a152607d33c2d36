"""Ask once, and take the answer as it is."""

from __future__ import annotations

from labelwright.prompting.chat import Flow
from labelwright.prompting.flows.ask import ask
from labelwright.prompting.flows.flow import Asking, FlowKind
from labelwright.prompting.flows.settings import reader
from labelwright.prompting.parse import Labelled
from labelwright.prompting.render import ItemToLabel, Prompt


def hold(prompt: Prompt, item: ItemToLabel, asking: Asking) -> Flow[Labelled]:
    """Label an item with one request."""
    request = prompt.request(item, asking.model, asking.sampling, demonstrations=asking.demonstrations)
    return (yield from ask(prompt, item, request, repairs=0))


FLOW = FlowKind("once", hold, reader(), most_requests=lambda _: 1, asks_labels_only=True)
