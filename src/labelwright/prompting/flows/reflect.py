"""Answer, check the answer against the guideline, and answer again.

The second answer counts; whether it differs is kept. Where the second cannot be used, the first stands, and says so: a
check that failed is no reason to throw an answer away.

Source: Madaan et al. (2023), "Self-Refine", arXiv:2303.17651, with one round. Huang et al. (2024), arXiv:2310.01798,
find that without outside feedback such a round may as well do harm: compare it with `once` on gold before using it.
"""

from __future__ import annotations

from dataclasses import replace

from labelwright.prompting.chat import Flow
from labelwright.prompting.flows.ask import ask, followed_by
from labelwright.prompting.flows.flow import Asking, FlowKind
from labelwright.prompting.flows.settings import REPAIRS, reader, whole
from labelwright.prompting.parse import Answer, Labelled
from labelwright.prompting.render import ItemToLabel, Prompt, answer_keys
from labelwright.prompting.templates import rendered

TEMPLATE = "reflect.v1"


def hold(prompt: Prompt, item: ItemToLabel, asking: Asking) -> Flow[Labelled]:
    """Label an item in two steps."""
    repairs = whole(asking.settings, "repairs")
    request = prompt.request(item, asking.model, asking.sampling, demonstrations=asking.demonstrations)
    first = yield from ask(prompt, item, request, repairs)
    if first.problem is not None:
        return first
    checked = prompt.variant(reasons=True)
    reply = rendered(TEMPLATE, {"keys": answer_keys(checked)})
    again = replace(followed_by(request, first.raw, reply), answer_schema=checked.answer_schema)
    final = yield from ask(checked, item, again, repairs)
    pairs = zip(first.answers, final.answers, strict=True)
    return replace(final, answers=tuple(_settled(one, other) for one, other in pairs))


def _settled(first: Answer, final: Answer) -> Answer:
    if final.problem is not None:
        return first.noting({"reflection": final.problem})
    return final.noting({"changed": final.value != first.value, "first_value": first.value})


FLOW = FlowKind(
    "reflect",
    hold,
    reader(repairs=REPAIRS),
    most_requests=lambda settings: 2 * (1 + whole(settings, "repairs")),
    templates=(TEMPLATE,),
)
