"""Have the examples explained before the items that show them are labelled, so that each is asked and paid for once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from labelwright.domain.canonical import canonical_json
from labelwright.domain.project import ModelSource, Project
from labelwright.ports.chat import Finished, FlowRunner, RunScope, Work
from labelwright.prompting.examples import Demonstration, Explained
from labelwright.prompting.flows import explain
from labelwright.prompting.flows.flow import Asking
from labelwright.prompting.flows.registry import flow_of
from labelwright.prompting.render import Prompt, Sampling


class ExplainedExamples:
    """The explanations of one model's run so far, for `examples.explain`.

    The flow `explain` asks for them in its own conversations, which share what is asked at the same time.
    """

    def __init__(self, project: Project, source: ModelSource, prompt: Prompt) -> None:
        config = project.config
        kind = flow_of(config.flow.name)
        in_the_flow = kind.most_per_example(kind.read(config.flow.settings)) > 0
        self.is_wanted = config.examples.choose != "none" and config.examples.explain and not in_the_flow
        self._prompt, self._known = prompt, dict[bytes, Demonstration]()
        self._asking = Asking(
            source.model,
            Sampling(temperature=source.temperature, max_tokens=source.max_tokens),
            explain.FLOW.read({"check": False}),
        )

    def explain(
        self,
        examples: Mapping[int, Demonstration],
        runner: FlowRunner,
        scope: RunScope,
        count: Callable[[Finished[Explained]], None],
    ) -> None:
        """Have these examples explained, by their items' keys, those that are not yet. count: told of each.

        One that cannot be explained is shown without; why is in the call ledger.
        """
        due = {key: one for key, one in examples.items() if _name(one) not in self._known}
        if not due:
            return
        for chunk in runner.run(self._work(due), scope):
            for one in chunk:
                count(one)
                if one.outcome is not None:
                    self._known[_name(due[one.item])] = one.outcome.demonstration

    def shown(self, examples: Sequence[Demonstration]) -> tuple[Demonstration, ...]:
        """Give examples with their explanations, as far as there are any."""
        return tuple(self._known.get(_name(one), one) for one in examples)

    def _work(self, examples: Mapping[int, Demonstration]) -> Iterator[Work[Explained]]:
        for key, one in examples.items():
            yield Work(key, one.item_id, explain.explain(self._prompt, one, self._asking))


def _name(example: Demonstration) -> bytes:
    return canonical_json([example.item_id, dict(example.content), dict(example.answers)])
