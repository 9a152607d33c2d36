"""Have a model review labels against the guideline. It is a second opinion: no vote, and no label changes (M8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.ids import RunId
from labelwright.domain.project import ModelSource, Project
from labelwright.events import RunFinished, RunStarted
from labelwright.ports.chat import Finished, RunScope, Work
from labelwright.ports.storage import Views
from labelwright.prompting.flows import judge as review
from labelwright.prompting.price import micro_usd
from labelwright.services.comparing.judge_asking import Reviewing, judging_model, show_whole
from labelwright.services.comparing.judge_cases import Case, What, cases
from labelwright.services.comparing.judge_report import (
    Finding,
    JudgeReport,
    agreement_with,
    as_recorded,
    consistency_of,
    count_by_annotator,
    count_by_question,
)
from labelwright.services.comparing.judge_standard import right_by_gold, right_by_others
from labelwright.services.models.show_item import ShownItem
from labelwright.services.models.surroundings import Surroundings, model_price

JUDGE = "judge"
_PART = 1_000
"""Items to a run: so much is one event, and a run that is killed loses no more than the reading of paid answers."""
_SAMPLE = 100
_KEYS = 1_000
_TOKENS_PER_REVIEW = 120


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
    bench = _Bench(project, around, what, judging_model(project, model))
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


class _Bench:
    """One judging: who judges what, and what was found so far."""

    def __init__(self, project: Project, around: Surroundings, what: What, source: ModelSource) -> None:
        self._project, self._around, self._source = project, around, source
        self._what: What = what
        self._reviewing = Reviewing(project, what, source)
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

    def _work(
        self, part: Mapping[int, tuple[Case, ...]], kept: dict[int, ShownItem]
    ) -> Iterator[Work[tuple[Finding, ...]]]:
        with self._around.storage.reading() as views:
            items = views.items_by_key(self._project.id, list(part))
        for item in items:
            shown = show_whole(item, self._project, self._around)
            if isinstance(shown, str):
                self._problem = self._problem or f"item {item.id!r}: {shown}"
                self._not_shown += 1
                continue
            key = int(item.key)
            if shown.n_replaced:
                self._around.replaced[key] = shown.n_replaced
            kept[key] = shown
            yield Work(key, str(item.id), self._reviewing.hold(key, str(item.id), shown, part[key]))

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
            same_model=self._reviewing.same_model,
            suggested=self._what != "predictions"
            and not config.policy.hides_suggestions
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
            "prompt_hash": self._reviewing.prompt.hash,
            "same_model": self._reviewing.same_model,
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
