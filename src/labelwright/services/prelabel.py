"""Have models label what is due: every item without an answer of theirs to the present prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from labelwright.domain.annotation import NewPrediction
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, QuestionName, RunId
from labelwright.domain.project import ModelSource, Project
from labelwright.domain.provenance import Provenance
from labelwright.errors import NotReady
from labelwright.events import PredictionsRecorded, RunFinished, RunStarted
from labelwright.ports.chat import Finished, FlowRunner, RunScope, Work
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.prompting.flows.repair import repair
from labelwright.prompting.parse import Answer, Labelled
from labelwright.prompting.price import Price, micro_usd, price_for
from labelwright.prompting.render import ItemToLabel, Prompt, Sampling
from labelwright.services.project_prompt import project_prompt

_READ = 500
_MARKS = ("recorded", "prompt", "sample", "reasoning", "off_label", "confidence_unknown", "fenced", "distribution")


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What one model did in this run. Counts of items: due = valid + invalid + failed + left undone by a stop.

    invalid: some question's answer was against the schema; kept with its text, goes to people.  failed: no answer.
    calls: requests sent now, failed attempts included.  reused: answers that had been paid for before.
    cost_micro: micro-USD of the calls sent now; None = unknown price or usage.
    """

    model: str
    due: int
    valid: int
    invalid: int
    failed: int
    calls: int
    reused: int
    tokens_in: int
    tokens_out: int
    cost_micro: int | None


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

    def facts(self) -> dict[str, object]:
        """Give the report as lines for people."""
        lines: dict[str, object] = {}
        for m in self.models:
            lines[m.model] = (
                f"{m.valid:,} of {m.due:,} due labelled, {m.invalid:,} invalid, {m.failed:,} without answer"
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
    *,
    storage: Storage,
    world: World,
    runner: Callable[[ModelSource], FlowRunner],
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PrelabelReport:
    """Label every item that lacks an answer of a configured model to the present prompt.

    The first model labels; with confidence "agreement" the others label too, so that their agreement can be counted.
    Appends: RunStarted, PredictionsRecorded (one per chunk), RunFinished. Idempotent: what has a valid or a quarantined
    answer is left alone, and a killed run's paid answers are found in the call ledger. Only what failed is tried again.
    runner: connects to a model.  limit: at most this many items per model.
    Raises: NotReady, when the project has no model; ProviderRefused and ProviderFailure, with all answers kept.
    """
    sources = _sources(project)
    prompt = project_prompt(project.config)
    runners = [runner(source) for source in sources]  # a missing key is told before anything is paid
    due = [_due_items(storage, project, source.model, prompt)[:limit] for source in sources]
    meter = _Meter(sum(len(keys) for keys in due), progress)
    reports: list[ModelReport] = []
    stopped, problem = False, None
    for source, model_runner, keys in zip(sources, runners, due, strict=True):
        labelling = _Labelling(project, source, prompt, storage, world)
        if len(keys) and not stopped:
            labelling.label(keys, model_runner, meter)
            stopped = model_runner.stopped
        reports.append(labelling.report(len(keys)))
        problem = problem or labelling.problem
    return PrelabelReport(tuple(reports), stopped, project.config.recorded, problem)


class _Meter:
    """Counts finished conversations of all models for the progress display."""

    def __init__(self, total: int, progress: Callable[[int, int], None] | None) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def add(self, count: int) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(self._done, self._total)


class _Labelling:
    """One model's run."""

    def __init__(self, project: Project, source: ModelSource, prompt: Prompt, storage: Storage, world: World) -> None:
        self._project, self._source, self._prompt = project, source, prompt
        self._storage, self._world = storage, world
        self._valid = self._invalid = self._failed = self._calls = self._reused = 0
        self._tokens_in = self._tokens_out = 0
        self._cost_pico: int | None = 0
        self.problem: str | None = None

    def label(self, keys: Sequence[int], runner: FlowRunner, meter: _Meter) -> None:
        """Label these items, recording each finished chunk as it comes."""
        run = RunId(self._world.new_id())
        scope = RunScope(self._project.id, run, self._price())
        failed_before = self._failed_before()
        self._storage.write(lambda tx: tx.append([self._started(run, runner, len(keys))], self._provenance(run)))
        for chunk in runner.run(self._work(keys), scope):
            rows = tuple(row for finished in chunk for row in self._rows(finished, run, failed_before))
            if rows:
                event = PredictionsRecorded(self._project.id, run, self._source.model, self._prompt.hash, rows)
                self._storage.write(lambda tx, event=event: tx.append([event], self._provenance(run)))
            meter.add(len(chunk))
        if not runner.stopped:
            ended = RunFinished(self._project.id, run, _as_json(self.report(len(keys))))
            self._storage.write(lambda tx: tx.append([ended], self._provenance(run)))

    def report(self, due: int) -> ModelReport:
        """Say what was done so far."""
        return ModelReport(
            model=self._source.model,
            due=due,
            valid=self._valid,
            invalid=self._invalid,
            failed=self._failed,
            calls=self._calls,
            reused=self._reused,
            tokens_in=self._tokens_in,
            tokens_out=self._tokens_out,
            cost_micro=None if self._cost_pico is None else micro_usd(self._cost_pico),
        )

    def _work(self, keys: Sequence[int]) -> Iterator[Work[Labelled]]:
        source = self._source
        sampling = Sampling(temperature=source.temperature, max_tokens=source.max_tokens)
        for start in range(0, len(keys), _READ):
            with self._storage.reading() as views:
                items = views.items_by_key(self._project.id, keys[start : start + _READ])
            for item in items:
                asked = ItemToLabel(item.id, item.content)
                flow = repair(self._prompt, asked, model=source.model, sampling=sampling)
                yield Work(item.key, item.id, flow)

    def _rows(self, finished: Finished[Labelled], run: RunId, failed_before: set[int]) -> list[NewPrediction]:
        """Turn an outcome into one prediction per question, and count it."""
        self._calls += finished.attempts
        self._reused += finished.reused
        self._tokens_in += finished.usage.prompt_tokens
        self._tokens_out += finished.usage.completion_tokens
        if finished.cost_pico is None or self._cost_pico is None:
            self._cost_pico = None
        else:
            self._cost_pico += finished.cost_pico
        labelled = finished.outcome
        problem = finished.problem if labelled is None else labelled.problem
        if problem is not None and self.problem is None:
            self.problem = f"item {finished.item_id!r}: {problem}"
        if labelled is None:
            self._failed += 1
            if finished.item in failed_before:  # it is on record already: nothing new was learnt
                return []
            answers = tuple(Answer(q.name, None, problem, None, None, {}) for q in self._prompt.questions)
            return [self._row(finished, answer, run, failed=True) for answer in answers]
        if problem is None:
            self._valid += 1
        else:
            self._invalid += 1
        return [self._row(finished, answer, run, failed=False) for answer in labelled.answers]

    def _row(self, finished: Finished[Labelled], answer: Answer, run: RunId, *, failed: bool) -> NewPrediction:
        is_valid = answer.problem is None
        config = self._project.config
        signals: dict[str, Json] = {
            mark: answer.signals[mark] for mark in _MARKS if answer.signals.get(mark) is not None
        }
        if len(finished.keys) > 1:
            signals["repairs"] = len(finished.keys) - 1
        return NewPrediction(
            item=ItemKey(finished.item),
            question=QuestionName(answer.question),
            model=self._source.model,
            status="failed" if failed else "valid" if is_valid else "invalid",
            value=answer.value if is_valid else None,
            confidence=answer.confidence if is_valid else None,
            confidence_kind=answer.confidence_kind,
            signals=signals,
            problem=answer.problem,
            raw=None if is_valid or finished.outcome is None else finished.outcome.raw,
            call_key=finished.keys[-1] if finished.keys else None,
            run=run,
            schema_version=config.schema.version,
            guideline_version=config.guideline.version,
            prompt_hash=self._prompt.hash,
        )

    def _failed_before(self) -> set[int]:
        question = self._prompt.questions[0].name
        with self._storage.reading() as views:
            columns = views.predictions(self._project.id, question, self._source.model)
        return {int(item) for item, status in zip(columns.item, columns.status, strict=True) if status == "failed"}

    def _price(self) -> Price | None:
        on = datetime.fromtimestamp(self._world.now(), UTC).date()
        found = price_for(self._source, on=on)
        if found is None and self._project.config.recorded:  # a recorded variant is named `model/prompt`
            return price_for(ModelSource(self._source.model.split("/")[0], self._source.base_url), on=on)
        return found

    def _started(self, run: RunId, runner: FlowRunner, due: int) -> RunStarted:
        source = self._source
        parameters: dict[str, Json] = {
            "model": source.model,
            "provider": runner.provider,
            "prompt": self._prompt.id,
            "prompt_hash": self._prompt.hash,
            "temperature": source.temperature,
            "max_tokens": source.max_tokens,
            "confidence": self._project.config.confidence,
            "recorded": self._project.config.recorded,
            "due": due,
        }
        return RunStarted(self._project.id, run, "prelabel", parameters)

    def _provenance(self, run: RunId) -> Provenance:
        return self._world.provenance(run=run)


def _sources(project: Project) -> tuple[ModelSource, ...]:
    models = project.config.models
    if not models:
        raise NotReady(
            "the project names no model; add one under `models:` in project.yaml, then run: labelwright apply "
            "(without one, `labelwright route` sends everything to people)"
        )
    return models if project.config.confidence == "agreement" else models[:1]


def _due_items(storage: Storage, project: Project, model: str, prompt: Prompt) -> list[int]:
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


def _as_json(report: ModelReport) -> dict[str, Json]:
    return {name: getattr(report, name) for name in ModelReport.__dataclass_fields__}
