"""Have models label what is due: every item without an answer of theirs to the present prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from labelwright.domain.project import ModelSource, Project
from labelwright.errors import NotReady
from labelwright.ports.jobs import JobCounts
from labelwright.ports.storage import Storage
from labelwright.prompting.render import Prompt
from labelwright.services.models.cascade import label_by_cascade
from labelwright.services.models.certified_cascade import label_by_certified_cascade
from labelwright.services.models.labelling_run import LabellingRun, ModelReport
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.surroundings import Surroundings, model_price
from labelwright.services.models.watched_runs import WatchedRuns


@dataclass(frozen=True, slots=True)
class PrelabelReport:
    """What was done. stopped: it ended early because it was asked to; run it again for the rest.

    cost_is_estimated: the answers are recordings, so tokens and cost stand for what they would have been.
    problem: one example of why an item got no valid answer, if any did not.
    """

    models: tuple[ModelReport, ...]
    stopped: bool
    cost_is_estimated: bool
    problem: str | None

    @property
    def shortfall(self) -> str | None:
        """Say what is missing of all that was due, for whoever reads of the run later; None when nothing is."""
        due, failed = sum(m.due for m in self.models), sum(m.failed for m in self.models)
        invalid = sum(m.invalid for m in self.models)
        parts: list[str] = []
        if failed:
            parts.append(f"{failed:,} of {due:,} items got no answer and stay due")
        if invalid and not self.n_valid:
            parts.append(f"{invalid:,} of {due:,} got none that fits, and go to people")
        return "; ".join(parts) + f" (for example {self.problem})" if parts else None

    @property
    def n_valid(self) -> int:
        """How many answers fit, of all models."""
        return sum(m.valid for m in self.models)

    @property
    def gave_nothing(self) -> bool:
        """Whether something was due, and nothing came of any of it but failures."""
        return (
            not self.stopped
            and any(m.failed for m in self.models)
            and not any(m.valid + m.invalid for m in self.models)
        )

    def facts(self) -> dict[str, object]:
        """Give the report as lines for people."""
        lines: dict[str, object] = {}
        for m in self.models:
            held = f" ({m.held_back:,} of them not shown to the model)" if m.held_back else ""
            several = len(self.models) > 1 and m.cost_micro is not None
            cost = f", {_dollars(m.cost_micro, estimated=False)}" if several else ""
            lines[m.model] = (
                f"{m.valid:,} of {m.due:,} due labelled, {m.invalid:,} invalid{held}, {m.failed:,} without answer{cost}"
                if m.due
                else "nothing due"
            )
        lines["calls"] = sum(m.calls for m in self.models)
        lines["answers reused"] = sum(m.reused for m in self.models)
        lines["cost"] = _dollars(_total_cost(self.models), estimated=self.cost_is_estimated)
        if self.problem is not None:
            lines["for example"] = self.problem
        if self.stopped:
            lines["stopped"] = "on request; run the same command for the rest"
        return lines


def prelabel(
    project: Project,
    around: Surroundings,
    *,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    watch: Callable[[JobCounts], None] | None = None,
) -> PrelabelReport:
    """Label every item that lacks an answer of a configured model to the present prompt.

    The first model labels; a jury's other models, and those whose agreement counts, label too; a cascade's label what
    the model before them was unsure of.
    Appends: RunStarted, PredictionsRecorded (one per chunk), RunFinished. Idempotent: what has a valid or a quarantined
    answer is left alone, and a killed run's paid answers are found in the call ledger. Only what failed is tried again.
    limit: at most this many items per model.  progress: told (done, due) as outcomes are recorded.  watch: told every
    second how far the run is, where it has a `control`.
    Raises: NotReady, when the project has no model, or a budget and a model of unknown price; BudgetSpent,
    ProviderRefused and ProviderFailure, with all answers kept.
    """
    sources = asked_models(project)
    prompt = project_prompt(project.config)
    _check_prices(project, around)
    runners = [around.runner(source) for source in sources]  # a missing key is told before anything is paid
    if project.config.ensemble == "cascade":
        meter = Meter(0, progress)
        around = _watched(around, None, watch)
        label = label_by_certified_cascade if project.config.certifies_links else label_by_cascade
        labellings, stopped = label(project, prompt, around, runners, limit=limit, finished=meter.add)
    else:
        due = [due_items(around.storage, project, source.model, prompt)[:limit] for source in sources]
        total = sum(len(keys) for keys in due)
        meter, around = Meter(total, progress), _watched(around, total, watch)
        labellings: list[tuple[LabellingRun, int]] = []
        stopped = False
        for source, runner, keys in zip(sources, runners, due, strict=True):
            labelling = LabellingRun(project, source, prompt, around)
            labellings.append((labelling, len(keys)))
            if len(keys) and not stopped:
                labelling.label(keys, runner, meter.add)
                stopped = labelling.stopped
    return PrelabelReport(
        tuple(labelling.report(n_due) for labelling, n_due in labellings),
        stopped,
        project.config.recorded,
        next((labelling.problem for labelling, _ in labellings if labelling.problem is not None), None),
    )


def _check_prices(project: Project, around: Surroundings) -> None:
    """Refuse before the first model is paid, not between two. Raises NotReady."""
    if project.config.spending.budget is None:
        return
    for source in project.config.asked_models:
        if model_price(project, source, around) is None:
            raise NotReady(
                f"a budget is set, but the price of {source.model!r} is not known, so it cannot be kept: give"
                " price_input and price_output (USD per million tokens) for the model in project.yaml, or take `budget`"
                " out"
            )


def _watched(around: Surroundings, total: int | None, watch: Callable[[JobCounts], None] | None) -> Surroundings:
    return around if around.control is None else replace(around, control=WatchedRuns(around.control, total, watch))


class Meter:
    """Counts finished conversations of all models for the progress display."""

    def __init__(self, total: int, progress: Callable[[int, int], None] | None) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def add(self, count: int) -> None:
        """Count more; nothing is said of nothing."""
        self._done += count
        if self._progress is not None and count:
            self._progress(self._done, self._total)


def asked_models(project: Project) -> tuple[ModelSource, ...]:
    """Give the models that label. Raises NotReady, when the project names none."""
    if not project.config.models:
        raise NotReady(
            "the project names no model; add one under `models:` in project.yaml, then run: labelwright apply "
            "(without one, `labelwright route` sends everything to people)"
        )
    return project.config.asked_models


def due_items(storage: Storage, project: Project, model: str, prompt: Prompt) -> list[int]:
    """Give the items that lack an answer to any question, by ascending key."""
    with storage.reading() as views:
        keys = views.item_keys(project.id)
        answered = np.ones(len(keys), dtype=np.bool_)
        for question in prompt.questions:
            answered &= np.isin(keys, views.predicted_items(project.id, model, prompt.hash, question.name))
    return [int(key) for key in keys[~answered]]


def _total_cost(models: Sequence[ModelReport]) -> int | None:
    costs = [m.cost_micro for m in models]
    return None if any(cost is None for cost in costs) else sum(cost for cost in costs if cost is not None)


def _dollars(micro: int | None, *, estimated: bool) -> str:
    if micro is None:
        return "unknown (no price is known for a model: give price_input and price_output in project.yaml)"
    return f"${micro / 1e6:,.4f}" + (" (estimated: the answers are recordings)" if estimated else "")
