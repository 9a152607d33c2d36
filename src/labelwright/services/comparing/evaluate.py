"""Compare models, prompts, flows and examples on gold: which is right more often, how sure of it, at what cost.

Every variant goes over the same items, through the same runner and call ledger as pre-labelling. No prediction is
recorded; each variant's run is, with its parameters and figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json, digest
from labelwright.domain.ids import RunId
from labelwright.domain.project import Project
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.events import Event, RunFinished, RunStarted
from labelwright.ports.embedder import Embedder
from labelwright.prompting.price import micro_usd
from labelwright.services.comparing.evaluate_gold import Gold, StatedGold, gold_of
from labelwright.services.comparing.evaluate_run import VariantRun, examples_for, run_variant
from labelwright.services.comparing.evaluate_scores import Comparison, Scores, compare, score
from labelwright.services.comparing.evaluate_variants import Variant, Wishes, variants
from labelwright.services.models.surroundings import Surroundings
from labelwright.tasks.registry import bind

EVALUATE = "evaluate"
"""The kind of run that compares and labels nothing."""


@dataclass(frozen=True, slots=True)
class VariantResult:
    """One variant. items: put to it, all of the gold.  scores: per question.

    cost_micro: micro-USD per 1,000 items, as pre-labelling would pay (in batches where the project labels so); None =
    unknown.  median_ms, p95_ms: per item.  calls: sent now.  reused: answers found paid.
    failed: items without an answer.  held_back: items it was not shown.
    """

    name: str
    parameters: Mapping[str, Json]
    run: str
    items: int
    scores: tuple[Scores, ...]
    cost_micro: int | None
    median_ms: float | None
    p95_ms: float | None
    requests: int
    calls: int
    reused: int
    failed: int
    held_back: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What came of it. baseline: what the others are compared with, and whether it was named beforehand.

    spent_micro: what the calls of this evaluation cost now; None = unknown.  remarks: what must be known with the
    figures.  stopped: it ended early because it was asked to, with no figures; run it again.
    """

    project: str
    gold: str
    n_items: int
    spends_calibration: int
    variants: tuple[VariantResult, ...]
    comparisons: tuple[Comparison, ...]
    baseline: str
    is_baseline_named: bool
    remarks: tuple[str, ...]
    spent_micro: int | None
    cost_is_estimated: bool
    stopped: bool

    def as_json(self) -> dict[str, Any]:
        """Give the report for files, pages and programs."""
        plain = asdict(self)
        for said, comparison in zip(plain["comparisons"], self.comparisons, strict=True):
            said["sentence"] = comparison.sentence
        for told, result in zip(plain["variants"], self.variants, strict=True):
            for one, scores in zip(told["scores"], result.scores, strict=True):
                if scores.calibration is not None:
                    one["calibration"]["is_in_band"] = scores.calibration.is_in_band
        return plain


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be compared, on what."""

    variants: tuple[Variant, ...]
    gold: Gold
    baseline: str | None


def plan_evaluation(
    project: Project,
    wishes: Wishes,
    around: Surroundings,
    stated: StatedGold | None,
    *,
    embedder: Callable[[str], Embedder],
) -> Plan:
    """Settle variants and gold, and look for whatever would stop a variant halfway. Nothing is sent.

    Raises: InvalidValue, NotReady; see `variants`, `gold_of`, `examples_for`.
    """
    found = variants(project, wishes)
    names = [variant.name for variant in found]
    if wishes.baseline is not None and wishes.baseline not in names:
        hint = did_you_mean(wishes.baseline, names)
        raise InvalidValue("--baseline", f"there is no variant {wishes.baseline!r} here", hint)
    for name in wishes.embedders:
        embedder(name)
    with around.storage.reading() as views:
        gold = gold_of(views, project, wishes, found, stated)
    for variant in found:
        examples_for(variant, gold, around, embedder)
    return Plan(found, gold, wishes.baseline)


def evaluate(
    project: Project,
    plan: Plan,
    around: Surroundings,
    *,
    embedder: Callable[[str], Embedder],
    progress: Callable[[int, int], None] | None = None,
) -> EvaluationReport:
    """Put the gold's items to every variant and compare.

    Appends: RunStarted, RunFinished, per variant. What was answered before is not asked again.
    Raises: BudgetSpent, ProviderRefused, ProviderFailure, with all answers kept.
    """
    gold, world = plan.gold, around.world
    for variant in plan.variants:
        around.runner(replace(variant.source, delivery="live"))  # a missing key is told before anything is paid
    evaluation, total = world.new_id(), len(plan.variants) * len(gold.items)
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None and more:
            progress(done, total)

    results: list[VariantResult] = []
    right: dict[str, dict[str, NDArray[np.bool_]]] = {q.name: {} for q in project.config.schema.questions}
    spent: int | None = 0
    for variant in plan.variants:
        run = RunId(world.new_id())
        _append(around, run, RunStarted(project.id, run, EVALUATE, _parameters(variant, plan, evaluation)))
        held = run_variant(variant, gold, around, run=run, embedder=embedder, finished=count)
        if held.stopped:
            return _report(project, plan, (), (), spent=None, stopped=True)
        spent = None if spent is None or held.spent_pico is None else spent + held.spent_pico
        result = _scored(project, gold, run, held, right)
        results.append(result)
        _append(around, run, RunFinished(project.id, run, _for_history(result)))
    best = _best(results)
    compared = [
        one
        for question, columns in right.items()
        if columns
        for one in compare(question, columns, baseline=plan.baseline, best=best)
    ]
    return _report(project, plan, results, compared, spent=spent, best=best)


def _scored(
    project: Project,
    gold: Gold,
    run: str,
    held: VariantRun,
    right: dict[str, dict[str, NDArray[np.bool_]]],
) -> VariantResult:
    scores: list[Scores] = []
    for question in project.config.schema.questions:
        if gold.values.get(question.name):
            found, is_right = score(
                bind(question),
                question.name,
                gold.values[question.name],
                held.said,
                seed=project.config.policy.seed,
            )
            scores.append(found)
            right[question.name][held.variant.name] = is_right
    return VariantResult(
        name=held.variant.name,
        parameters=held.variant.parameters(),
        run=run,
        items=len(gold.items),
        scores=tuple(scores),
        cost_micro=held.effort.cost_micro,
        median_ms=held.effort.median_ms,
        p95_ms=held.effort.p95_ms,
        requests=held.effort.requests,
        calls=held.calls,
        reused=held.reused,
        failed=held.failed,
        held_back=held.held_back,
        problem=held.problem,
    )


def _best(results: Sequence[VariantResult]) -> str:
    """Name the one with the highest accuracy, over the questions; of equals the cheaper, then the first."""

    def worth(result: VariantResult) -> tuple[float, float]:
        accuracy = sum(scores.accuracy for scores in result.scores)
        return -accuracy, float("inf") if result.cost_micro is None else result.cost_micro

    return min(results, key=worth).name


def _report(
    project: Project,
    plan: Plan,
    results: Sequence[VariantResult],
    compared: Sequence[Comparison],
    *,
    spent: int | None,
    best: str = "",
    stopped: bool = False,
) -> EvaluationReport:
    remarks = plan.gold.remarks()
    remarks += list(dict.fromkeys(variant.note for variant in plan.variants if variant.note))
    for result in results:
        if result.failed:
            remarks.append(
                f"{result.name}: {result.failed:,} items got no answer and count as wrong; run it again for them"
            )
    if len(plan.variants) > 1:
        remarks.append(
            "the best of several looks better here than it is: certify it with labels that did not choose it"
        )
    return EvaluationReport(
        project=project.name,
        gold=plan.gold.source,
        n_items=len(plan.gold.items),
        spends_calibration=plan.gold.n_spent,
        variants=tuple(results),
        comparisons=tuple(compared),
        baseline=plan.baseline or best,
        is_baseline_named=plan.baseline is not None,
        remarks=tuple(remarks),
        spent_micro=None if spent is None else micro_usd(spent),
        cost_is_estimated=project.config.recorded,
        stopped=stopped,
    )


def _parameters(variant: Variant, plan: Plan, evaluation: str) -> dict[str, Json]:
    gold = plan.gold
    return {
        **variant.parameters(),
        "evaluation": evaluation,
        "gold": gold.source,
        "gold_sha256": gold.sha256,
        "n_items": len(gold.items),
        "items": digest(list(gold.items)),
        "spends_calibration": gold.n_spent,
        "recorded": variant.project.config.recorded,
    }


def _for_history(result: VariantResult) -> dict[str, Json]:
    """Give the figures without what a model wrote about an item."""
    plain = cast("dict[str, Json]", asdict(result))
    return {name: value for name, value in plain.items() if name not in {"problem", "run", "parameters"}}


def _append(around: Surroundings, run: RunId, event: Event) -> None:
    around.storage.write(lambda tx: tx.append([event], around.world.provenance(run=run)))
