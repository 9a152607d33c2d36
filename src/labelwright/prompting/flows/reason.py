"""Reason, then label: the answer begins with the model's reasoning, which is kept beside the label.

The log-probabilities of a label's tokens are no confidence here: after reasoning they only repeat it (recorded: .996 on
average where 29% of the labels were right). They are kept under another name, and route nothing.

Source: Wei et al. (2022), "Chain-of-Thought Prompting", arXiv:2201.11903, with the reasoning in the answer's schema.
"""

from __future__ import annotations

from labelwright.prompting.chat import Flow
from labelwright.prompting.flows.ask import ask
from labelwright.prompting.flows.flow import Asking, FlowKind
from labelwright.prompting.flows.settings import REPAIRS, reader, whole
from labelwright.prompting.parse import Labelled
from labelwright.prompting.render import ItemToLabel, Prompt


def hold(prompt: Prompt, item: ItemToLabel, asking: Asking) -> Flow[Labelled]:
    """Label an item after reasoning about it."""
    asked = prompt.variant(reasons=True)
    request = asked.request(item, asking.model, asking.sampling, demonstrations=asking.demonstrations)
    return (yield from ask(asked, item, request, whole(asking.settings, "repairs")))


FLOW = FlowKind("reason", hold, reader(repairs=REPAIRS), most_requests=lambda settings: 1 + whole(settings, "repairs"))
