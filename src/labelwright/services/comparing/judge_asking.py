"""How a judge is asked: by which model, about what, one label at a time."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from labelwright.domain.canonical import Json
from labelwright.domain.item import Item
from labelwright.domain.project import ModelSource, Project
from labelwright.errors import InvalidValue, NotFound, NotReady, did_you_mean
from labelwright.prompting.chat import ChatRequest, Flow
from labelwright.prompting.flows import judge as review
from labelwright.prompting.flows.flow import Asking
from labelwright.prompting.flows.settings import whole
from labelwright.prompting.privacy.protect import protect
from labelwright.prompting.render import Sampling
from labelwright.services.comparing.judge_cases import Case, What
from labelwright.services.comparing.judge_report import Finding
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.show_item import HeldBack, ShownItem
from labelwright.services.models.show_item import show_whole as whole_item
from labelwright.services.models.surroundings import Surroundings
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind


def judging_model(project: Project, name: str | None) -> ModelSource:
    """Give the model of this name, else the first. Raises NotFound; NotReady, when none can judge."""
    models = {source.model: source for source in project.config.models}
    if not models:
        raise NotReady("the project names no model to judge with; add one under `models:` in project.yaml")
    if project.config.confidence == "decisions":
        raise NotReady("decisions weigh labels and say nothing else: they cannot judge; name another provider")
    if name is not None and name not in models:
        raise NotFound(f"the project names no model {name!r}{did_you_mean(name, models)}")
    return models[name] if name is not None else project.config.models[0]


def show_whole(item: Item, project: Project, around: Surroundings) -> ShownItem | str:
    """Give what a judge may see of an item, else why that is nothing: it must be all there is in one piece."""
    shown = whole_item(item, project.config, picture=around.picture)
    return shown.reason if isinstance(shown, HeldBack) else shown


class Reviewing:
    """The conversations of one judge about one kind of case."""

    def __init__(self, project: Project, what: What, source: ModelSource) -> None:
        self._project, self._source = project, source
        self._what: What = what
        self.prompt = project_prompt(project.config)
        self._tasks: dict[str, Task[object]] = {q.name: bind(q) for q in project.config.schema.questions}
        self._asking = Asking(
            source.model,
            Sampling(temperature=source.temperature, max_tokens=source.max_tokens),
            review.FLOW.read({}),
        )

    @property
    def calls_per_case(self) -> int:
        """Give how many requests a case takes when nothing has to be repaired."""
        return 2 if self._what == "pairs" else 1

    @property
    def most_calls_per_case(self) -> int:
        """Give how many requests a case may take."""
        return self.calls_per_case * (1 + whole(self._asking.settings, "repairs"))

    @property
    def same_model(self) -> bool:
        """Whether the judge gave (some of) the labels itself."""
        labels = {source.model for source in self._project.config.asked_models}
        return self._what != "annotations" and self._source.model in labels

    def hold(self, key: int, item: str, shown: ShownItem, of_item: Sequence[Case]) -> Flow[tuple[Finding, ...]]:
        """Review an item's cases one after the other; the judge sees one at a time."""
        found: list[Finding] = []
        for case in of_item:
            try:
                first, second = self._written(case, shown)
            except InvalidValue as problem:  # it cannot be shown: that is no reason not to judge the others
                found.append(Finding(item, key, case, None, problem=str(problem)))
                continue
            if second is None:
                said = yield from review.judge(self.prompt, shown.parts[0], first, self._asking)
                finding = Finding(
                    item,
                    key,
                    case,
                    said.ruling,
                    said.score,
                    (said.reason,) if said.reason else (),
                    said.evidence,
                    said.misquoted,
                    problem=said.problem,
                )
            else:
                pair = yield from review.judge_pair(self.prompt, shown.parts[0], first, second, self._asking)
                finding = Finding(
                    item,
                    key,
                    case,
                    pair.better,
                    reasons=pair.reasons,
                    is_consistent=pair.consistent,
                    problem=pair.problem,
                )
            found.append(finding)
        return tuple(found)

    def _written(self, case: Case, shown: ShownItem) -> tuple[dict[str, Json], dict[str, Json] | None]:
        """Write labels as a model would have. Raises InvalidValue for one that must not, or cannot, be shown."""
        task, seen = self._tasks[case.question], shown.parts[0].seen
        one, other = (
            None if given is None else {case.question: task.write_answer(task.parse(given.value), seen)}
            for given in (case.given, case.other)
        )
        assert one is not None  # noqa: S101 - every case has a label
        for given, written in ((case.given, one), (case.other, other)):
            if given is not None and written is not None:  # what a model sees must lead back to the label itself
                back = task.read_answer(written[case.question], seen)
                if task.distance(back, task.parse(given.value)) > task.tolerance:
                    raise InvalidValue("", "the label points at what is not shown to models", "")
            text = orjson.dumps(written).decode()
            label = protect({"label": text}, self._project.config.privacy, fields=["label"], key=b"")
            if written is not None and label.found:
                raise InvalidValue("", "the label holds personal data, which is not shown to models", "")
        return one, other

    def first(self, shown: ShownItem, case: Case) -> list[ChatRequest]:
        """Give what a case is asked first; nothing for a label that cannot be shown."""
        flow = self.hold(0, "", shown, (case,))
        try:
            return [next(flow)]
        except StopIteration:
            return []
        finally:
            flow.close()
