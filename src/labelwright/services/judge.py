"""Have a model review labels against the guideline. It is a second opinion: no vote, and no label changes (M8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import orjson

from labelwright.domain.canonical import Json
from labelwright.domain.ids import RunId
from labelwright.domain.item import Item
from labelwright.domain.project import ModelSource, Project
from labelwright.errors import InvalidValue, NotFound, NotReady, did_you_mean
from labelwright.events import RunFinished, RunStarted
from labelwright.ports.chat import Finished, RunScope, Work
from labelwright.ports.storage import Views
from labelwright.prompting.chat import ChatRequest, Flow, request_key
from labelwright.prompting.flows import judge as review
from labelwright.prompting.flows.flow import Asking
from labelwright.prompting.long_items import count_tokens
from labelwright.prompting.price import micro_usd
from labelwright.prompting.privacy.protect import protect
from labelwright.prompting.render import Prompt, Sampling
from labelwright.prompting.usage import Usage
from labelwright.services.judge_cases import Case, What, cases
from labelwright.services.judge_report import (
    Finding,
    JudgeReport,
    agreement_with,
    as_recorded,
    consistency_of,
    count_by_annotator,
    count_by_question,
)
from labelwright.services.judge_standard import right_by_gold, right_by_others
from labelwright.services.labelling_run import Surroundings, model_price
from labelwright.services.project_prompt import project_prompt
from labelwright.services.show_item import HeldBack, ShownItem, show_item
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

JUDGE = "judge"
_PART = 1_000
"""Items to a run: so much is one event, and a run that is killed loses no more than the reading of paid answers."""
_SAMPLE = 100
_KEYS = 1_000
_TOKENS_PER_REVIEW = 120


@dataclass(frozen=True, slots=True)
class JudgeForecast:
    """What judging would ask and cost; nothing was sent. calls: without repairs.  cost_micro: None = unknown price.

    paid: of the requests looked at, the share that is answered and paid for already.
    """

    model: str
    what: What
    same_model: bool
    items: int
    cases: int
    not_shown: int
    calls: int
    most_calls: int
    paid: float
    tokens_in: int
    tokens_out: int
    cost_micro: int | None
    most_micro: int | None
    cost_is_estimated: bool


def judge(
    project: Project,
    around: Surroundings,
    *,
    what: What = "annotations",
    model: str | None = None,
    limit: int | None = None,
    ids: Sequence[str] | None = None,
    gold: Mapping[str, Mapping[str, Json]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> JudgeReport:
    """Have a model of the project review people's labels, unseen predictions, or pairs of labels that compete.

    Appends: RunStarted and RunFinished of kind `judge`, one per thousand items. Idempotent as to money: what was asked
    before is found in the call ledger.
    model: None = the first.  limit: at most so many items, drawn at random.  gold: question -> item id -> label, by
    which the judge is measured; None = what at least two other people agree on.
    Raises: NotFound, when there is no such model or item; NotReady, when there is nothing to judge or to judge with.
    """
    bench = _Bench(project, around, what, _source(project, model))
    with around.storage.reading() as views:
        due = cases(views, project, what, limit=limit, ids=ids)
    keys = list(due)
    for start in range(0, len(keys), _PART):
        part = {key: due[key] for key in keys[start : start + _PART]}
        bench.hear(part, lambda done, start=start: progress and progress(start + done, len(keys)))
        if bench.stopped:
            break
    with around.storage.reading() as views:
        return bench.report(len(keys), views, gold)


def foresee_judging(
    project: Project,
    around: Surroundings,
    *,
    what: What = "annotations",
    model: str | None = None,
    limit: int | None = None,
    ids: Sequence[str] | None = None,
) -> JudgeForecast:
    """Say what `judge` would ask and cost, from a random sample of the items. Nothing is sent, and nothing written."""
    bench = _Bench(project, around, what, _source(project, model))
    with around.storage.reading() as views:
        due = cases(views, project, what, limit=limit, ids=ids)
        return bench.foresee(views, due)


def _source(project: Project, name: str | None) -> ModelSource:
    models = {source.model: source for source in project.config.models}
    if not models:
        raise NotReady("the project names no model to judge with; add one under `models:` in project.yaml")
    if project.config.confidence == "decisions":
        raise NotReady("decisions weigh labels and say nothing else: they cannot judge; name another provider")
    if name is not None and name not in models:
        raise NotFound(f"the project names no model {name!r}{did_you_mean(name, models)}")
    return models[name] if name is not None else project.config.models[0]


class _Bench:
    """One judging: who judges what, and what was found so far."""

    def __init__(self, project: Project, around: Surroundings, what: What, source: ModelSource) -> None:
        self._project, self._around, self._source = project, around, source
        self._what: What = what
        self._prompt: Prompt = project_prompt(project.config)
        self._tasks: dict[str, Task[object]] = {q.name: bind(q) for q in project.config.schema.questions}
        self._asking = Asking(
            source.model,
            Sampling(temperature=source.temperature, max_tokens=source.max_tokens),
            review.FLOW.read({}),
        )
        self._findings: list[Finding] = []
        self._not_shown = self._failed = self._calls = self._reused = 0
        self._cost_pico: int | None = 0
        self._problem: str | None = None
        self.stopped = False

    def hear(self, part: Mapping[int, tuple[Case, ...]], done: Callable[[int], object]) -> None:
        """Have these items' cases judged, and record it."""
        around, run = self._around, RunId(self._around.world.new_id())
        runner = around.runner(self._source)
        price = model_price(self._project, self._source, around)
        scope = RunScope(self._project.id, run, price, budget=around.budget, control=around.control, total=len(part))
        provenance = around.world.provenance(run=run)
        started = RunStarted(self._project.id, run, JUDGE, self._parameters(runner.provider, len(part)))
        around.storage.write(lambda tx: tx.append([started], provenance))
        before, shown = len(self._findings), dict[int, ShownItem]()
        n_done = 0
        for chunk in runner.run(self._work(part, shown), scope):
            for one in chunk:
                self._keep(one, part[one.item], shown.pop(one.item))
            n_done += len(chunk)
            done(n_done)
        self.stopped = runner.stopped
        if not runner.stopped:
            found = sorted(self._findings[before:], key=lambda one: (one.key, one.case.question))
            self._findings[before:] = found
            summary = replace(self._summary(len(part)), by_question=count_by_question(found))
            ended = RunFinished(self._project.id, run, as_recorded(summary, found))
            around.storage.write(lambda tx: tx.append([ended], provenance))

    def report(self, due: int, views: Views, gold: Mapping[str, Mapping[str, Json]] | None) -> JudgeReport:
        """Count everything, and measure the judge itself where the right answers are known."""
        found = self._findings
        report = replace(
            self._summary(due),
            by_question=count_by_question(found),
            by_annotator=count_by_annotator(found),
            findings=tuple(found),
        )
        if self._what == "pairs":
            return replace(report, consistency=consistency_of(found))
        project = self._project
        right = right_by_gold(project, found, gold) if gold is not None else right_by_others(views, project, found)
        rng = np.random.default_rng([self._project.config.policy.seed, 19])
        kappa = agreement_with(found, right, rng=rng)
        standard = None if kappa is None else "gold" if gold is not None else "at least two other people, who agree"
        n_compared = 0 if kappa is None else kappa.n_units
        return replace(report, kappa=kappa, standard=standard, n_compared=n_compared)

    def foresee(self, views: Views, due: Mapping[int, tuple[Case, ...]]) -> JudgeForecast:
        """Reckon from a sample what all of it takes."""
        rng = np.random.default_rng([self._project.config.policy.seed, 11])
        keys = sorted(int(k) for k in rng.choice(np.array(list(due)), size=min(_SAMPLE, len(due)), replace=False))
        price = model_price(self._project, self._source, self._around)
        is_batch = self._source.delivery == "batch"
        requests: list[ChatRequest] = []
        not_shown = 0
        for item in views.items_by_key(self._project.id, keys):
            shown = self._show(item)
            if shown is None:
                not_shown += 1
                continue
            requests += [one for case in due[int(item.key)] for one in self._first(shown, case)]
        scale = len(due) / len(keys)
        per_case = 2 if self._what == "pairs" else 1
        n_cases = round(len(requests) * scale)
        provider = self._around.preview(self._source)[1]
        wanted = [request_key(one, provider) for one in requests[:_KEYS]]
        paid = len(views.answered_calls(wanted)) / len(wanted) if wanted else 0.0
        tokens_in = round(sum(_tokens(one) for one in requests) * scale * per_case * (1 - paid))
        tokens_out = round(n_cases * per_case * min(_TOKENS_PER_REVIEW, self._source.max_tokens) * (1 - paid))
        new_calls = round(n_cases * per_case * (1 - paid))
        most_calls = round(n_cases * review.FLOW.most_requests(self._asking.settings) / 2 * per_case * (1 - paid))
        # With every repair, and each answer as long as it may be; a byte is at most a token.
        most_in = round(sum(_bytes(one) for one in requests) * scale * per_case * 2 * (1 - paid))
        most_out = most_calls * self._source.max_tokens
        cost, most = (
            None if price is None else micro_usd(price.cost_pico(Usage(t_in, t_out), batch=is_batch))
            for t_in, t_out in ((tokens_in, tokens_out), (most_in, most_out))
        )
        return JudgeForecast(
            model=self._source.model,
            what=self._what,
            same_model=self._same_model,
            items=len(due),
            cases=sum(len(some) for some in due.values()),
            not_shown=round(not_shown * scale),
            calls=new_calls,
            most_calls=most_calls,
            paid=paid,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_micro=cost,
            most_micro=most,
            cost_is_estimated=self._project.config.recorded,
        )

    @property
    def _same_model(self) -> bool:
        """Whether the judge gave (some of) the labels itself."""
        labels = {source.model for source in self._project.config.asked_models}
        return self._what != "annotations" and self._source.model in labels

    def _work(
        self, part: Mapping[int, tuple[Case, ...]], kept: dict[int, ShownItem]
    ) -> Iterator[Work[tuple[Finding, ...]]]:
        with self._around.storage.reading() as views:
            items = views.items_by_key(self._project.id, list(part))
        for item in items:
            shown = self._show(item)
            if shown is None:
                self._not_shown += 1
                continue
            key = int(item.key)
            if shown.n_replaced:
                self._around.replaced[key] = shown.n_replaced
            kept[key] = shown
            yield Work(key, str(item.id), self._hold(key, str(item.id), shown, part[key]))

    def _show(self, item: Item) -> ShownItem | None:
        """Give what the judge may see; None where that is nothing, or only a part at a time."""
        shown = show_item(item, self._project.config, picture=self._around.picture)
        if isinstance(shown, HeldBack):
            self._problem = self._problem or f"item {item.id!r}: {shown.reason}"
            return None
        if len(shown.parts) != 1:
            self._problem = self._problem or f"item {item.id!r}: too long to be judged in one piece"
            return None
        return shown

    def _hold(self, key: int, item: str, shown: ShownItem, of_item: Sequence[Case]) -> Flow[tuple[Finding, ...]]:
        """Review an item's cases one after the other; the judge sees one at a time."""
        found: list[Finding] = []
        for case in of_item:
            try:
                first, second = self._written(case, shown)
            except InvalidValue as problem:  # it cannot be shown: that is no reason not to judge the others
                found.append(Finding(item, key, case, None, problem=str(problem)))
                continue
            if second is None:
                said = yield from review.judge(self._prompt, shown.parts[0], first, self._asking)
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
                pair = yield from review.judge_pair(self._prompt, shown.parts[0], first, second, self._asking)
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

    def _first(self, shown: ShownItem, case: Case) -> list[ChatRequest]:
        flow = self._hold(0, "", shown, (case,))
        try:
            return [next(flow)]
        except StopIteration:
            return []
        finally:
            flow.close()

    def _keep(self, one: Finished[tuple[Finding, ...]], of_item: Sequence[Case], shown: ShownItem) -> None:
        self._around.replaced.pop(one.item, None)
        self._calls += one.attempts
        self._reused += one.reused
        known = one.cost_pico is not None and self._cost_pico is not None
        self._cost_pico = (self._cost_pico or 0) + (one.cost_pico or 0) if known else None
        if one.outcome is None:
            self._failed += 1
            self._problem = self._problem or f"item {one.item_id!r}: {one.problem}"
            self._findings += [Finding(one.item_id, one.item, case, None, problem=one.problem) for case in of_item]
            return
        for finding in one.outcome:
            if finding.problem is not None:
                self._problem = self._problem or f"item {finding.item!r}: {finding.problem}"
            self._findings.append(_restored(finding, shown))

    def _summary(self, due: int) -> JudgeReport:
        config = self._project.config
        return JudgeReport(
            model=self._source.model,
            what=self._what,
            same_model=self._same_model,
            suggested=self._what != "predictions"
            and config.policy.suggestions == "shown"
            and self._source.model in {source.model for source in config.asked_models},
            due=due,
            not_shown=self._not_shown,
            failed=self._failed,
            calls=self._calls,
            reused=self._reused,
            cost_micro=None if self._cost_pico is None else micro_usd(self._cost_pico),
            cost_is_estimated=config.recorded,
            stopped=self.stopped,
            by_question={},
            by_annotator={},
            consistency=None,
            standard=None,
            kappa=None,
            n_compared=0,
            findings=(),
            problem=self._problem,
        )

    def _parameters(self, provider: str, due: int) -> dict[str, Json]:
        template = review.PAIR_TEMPLATE if self._what == "pairs" else review.TEMPLATE
        return {
            "model": self._source.model,
            "provider": provider,
            "what": self._what,
            "template": template,
            "prompt_hash": self._prompt.hash,
            "same_model": self._same_model,
            "seed": self._project.config.policy.seed,
            "recorded": self._project.config.recorded,
            "due": due,
        }


def _restored(finding: Finding, shown: ShownItem) -> Finding:
    """Give what the judge wrote its personal data back: pseudonyms are for the model alone."""
    back = shown.protected.restore
    return replace(
        finding,
        reasons=tuple(back(text) for text in finding.reasons),
        evidence=tuple(back(text) for text in finding.evidence),
        misquoted=tuple(back(text) for text in finding.misquoted),
    )


def _tokens(request: ChatRequest) -> int:
    return sum(count_tokens(message.content) for message in request.messages)


def _bytes(request: ChatRequest) -> int:
    return sum(len(message.content.encode("utf-8", "surrogatepass")) for message in request.messages)
