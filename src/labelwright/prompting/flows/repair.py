"""Ask; when the answer cannot be used, show the model its mistake and ask again, a bounded number of times."""

from __future__ import annotations

from labelwright.prompting.chat import Flow
from labelwright.prompting.flows.ask import ask
from labelwright.prompting.flows.flow import Asking, FlowKind
from labelwright.prompting.flows.settings import REPAIRS, reader, whole
from labelwright.prompting.parse import Labelled
from labelwright.prompting.render import ItemToLabel, Prompt, Sampling


def hold(prompt: Prompt, item: ItemToLabel, asking: Asking) -> Flow[Labelled]:
    """Label an item, with up to `repairs` further requests when an answer breaks the rules."""
    request = prompt.request(item, asking.model, asking.sampling, demonstrations=asking.demonstrations)
    return (yield from ask(prompt, item, request, whole(asking.settings, "repairs")))


def repair(prompt: Prompt, item: ItemToLabel, *, model: str, sampling: Sampling, repairs: int = 1) -> Flow[Labelled]:
    """Label an item by this flow, without a project's settings."""
    return hold(prompt, item, Asking(model, sampling, {"repairs": repairs}))


FLOW = FlowKind(
    "repair",
    hold,
    reader(repairs=REPAIRS),
    most_requests=lambda settings: 1 + whole(settings, "repairs"),
    asks_labels_only=True,
)
