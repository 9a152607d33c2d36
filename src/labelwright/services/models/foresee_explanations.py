"""What having examples explained will ask, beside the items themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from labelwright.domain.project import ModelSource, Project
from labelwright.prompting.chat import ChatRequest
from labelwright.prompting.examples import Demonstration
from labelwright.prompting.flows import explain
from labelwright.prompting.flows.flow import Asking
from labelwright.prompting.flows.registry import flow_of
from labelwright.prompting.render import Prompt, Sampling


@dataclass(frozen=True, slots=True)
class Explaining:
    """How a project has its examples explained.

    in_flow: whether the conversations about items do it.  usual, most: requests per distinct example.
    asking: how.
    """

    in_flow: bool
    usual: int
    most: int
    asking: Asking

    def first_requests(self, prompt: Prompt, examples: Iterable[Demonstration]) -> list[ChatRequest]:
        """Give what is asked first about each distinct example."""
        distinct = {one.item_id: one for one in examples}
        asked: list[ChatRequest] = []
        for one in distinct.values():
            conversation = explain.explain(prompt, one, self.asking)
            asked += [request for request in (next(conversation, None),) if request is not None]
            conversation.close()
        return asked


def explaining(project: Project, source: ModelSource) -> Explaining | None:
    """Say how a project has its examples explained; None where it has none, or as they are."""
    config = project.config
    if config.examples.choose == "none":
        return None
    kind = flow_of(config.flow.name)
    settings = kind.read(config.flow.settings)
    in_flow = kind.most_per_example(settings) > 0
    if not in_flow:
        if not config.examples.explain:
            return None
        kind, settings = explain.FLOW, explain.FLOW.read({"check": False})
    return Explaining(
        in_flow,
        kind.most_per_example({**settings, "repairs": 0}),
        kind.most_per_example(settings),
        Asking(source.model, Sampling(temperature=source.temperature, max_tokens=source.max_tokens), settings),
    )
