"""One model's run over some items: each is shown, asked about, and what came of it recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from labelwright.domain.annotation import NewPrediction
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, QuestionName, RunId
from labelwright.domain.item import Item
from labelwright.domain.project import ModelSource, Project
from labelwright.domain.provenance import Provenance
from labelwright.events import PredictionsRecorded, RunFinished, RunStarted
from labelwright.ports.chat import Finished, FlowRunner, RunScope, Work
from labelwright.prompting.chat import ChatRequest, Flow
from labelwright.prompting.examples import Demonstration, Explained
from labelwright.prompting.flows.flow import Asking
from labelwright.prompting.flows.parts import hold_parts
from labelwright.prompting.flows.registry import flow_of
from labelwright.prompting.parse import Answer, Labelled
from labelwright.prompting.price import micro_usd
from labelwright.prompting.render import Prompt, Sampling
from labelwright.prompting.suspicion import SIGNAL
from labelwright.services.models.demonstrations import Demonstrations, demonstrations
from labelwright.services.models.explain_examples import ExplainedExamples
from labelwright.services.models.show_item import HeldBack, Showing, ShownItem
from labelwright.services.models.surroundings import Surroundings, model_price
from labelwright.services.models.watched_runs import WatchedRuns

_READ = 500
_NOT_KEPT = frozenset({"confidence_kind", "tokens"})
"""What a recorded answer says of itself that is known otherwise."""


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What one model did in this run. Counts of items: due = valid + invalid + failed + left undone by a stop.

    invalid: some question's answer was against the schema; kept with its text, goes to people.  failed: no answer.
    held_back: of the invalid ones, those the model was not shown at all (personal data, too long).
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
    held_back: int = 0


class LabellingRun:
    """One model's run."""

    def __init__(self, project: Project, source: ModelSource, prompt: Prompt, around: Surroundings) -> None:
        self._project, self._source, self._prompt, self._around = project, source, prompt, around
        self._valid = self._invalid = self._failed = self._held_back = self._calls = self._reused = 0
        self._tokens_in = self._tokens_out = 0
        self._cost_pico: int | None = 0
        self._shown: dict[int, ShownItem] = {}
        self._not_shown: list[tuple[Item, HeldBack]] = []
        self._explained = ExplainedExamples(project, source, prompt)
        self.stopped = False
        self.problem: str | None = None

    def label(self, keys: Sequence[int], runner: FlowRunner, finished: Callable[[int], None]) -> None:
        """Label these items, recording each finished chunk as it comes. finished: told how many more are."""
        around, run = self._around, RunId(self._around.world.new_id())
        scope = RunScope(
            self._project.id,
            run,
            model_price(self._project, self._source, around),
            budget=around.budget,
        )
        failed_before = self._failed_before()
        started = self._started(run, runner, len(keys))
        around.storage.write(lambda tx: tx.append([started], self._provenance(run)))
        for part in self._parts(keys):
            self._explain(part, scope)
            if self.stopped:
                break
            for chunk in runner.run(self._work(part), self._watched(scope, len(part))):
                self._record([row for one in chunk for row in self._rows(one, run, failed_before)], run)
                finished(len(chunk) + self._record_not_shown(run))
            finished(self._record_not_shown(run))
            self.stopped = runner.stopped
            if self.stopped:
                break
        if not self.stopped:
            ended = RunFinished(self._project.id, run, _as_json(self.report(len(keys))))
            around.storage.write(lambda tx: tx.append([ended], self._provenance(run)))

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
            held_back=self._held_back,
        )

    def _parts(self, keys: Sequence[int]) -> Iterator[Sequence[int]]:
        """Give what is held as one: everything, unless examples are to be explained first, live, as people label."""
        if not self._explained.is_wanted or self._source.delivery == "batch":
            yield keys
            return
        for start in range(0, len(keys), _READ):
            yield keys[start : start + _READ]

    def _explain(self, keys: Sequence[int], scope: RunScope) -> None:
        """Have the examples of these items explained, each once."""
        if not self._explained.is_wanted:
            return
        needed: dict[int, Demonstration] = {}
        for start in range(0, len(keys), _READ):
            with self._around.storage.reading() as views:
                items = views.items_by_key(self._project.id, keys[start : start + _READ])
                known = demonstrations(views, self._project, self._around.embedder())
            key_of = {str(item.id): int(item.key) for item in known.items}
            needed |= {key_of[one.item_id]: one for shown in known.choose(items) for one in shown}
        runner = self._around.runner(self._source)
        self._explained.explain(needed, runner, self._watched(scope, len(needed)), self._count)
        self.stopped = runner.stopped

    def _watched(self, scope: RunScope, total: int) -> RunScope:
        control = self._around.control
        return replace(scope, control=control.next_run() if isinstance(control, WatchedRuns) else control, total=total)

    def _work(self, keys: Sequence[int]) -> Iterator[Work[Labelled]]:
        config, around = self._project.config, self._around
        conversation = Conversation(self._project, self._source, self._prompt)
        showing = Showing(config, picture=around.picture)
        for start in range(0, len(keys), _READ):
            with around.storage.reading() as views:
                items = views.items_by_key(self._project.id, keys[start : start + _READ])
                known: Demonstrations | None = None
                if config.examples.choose != "none":  # read anew: what people have corrected since counts
                    known = demonstrations(views, self._project, around.embedder())
            examples = [()] * len(items) if known is None else known.choose(items)
            for item, shown_before in zip(items, examples, strict=True):
                shown = showing.of(item)
                if isinstance(shown, HeldBack):
                    self._not_shown.append((item, shown))
                    continue
                if shown.n_replaced:
                    around.replaced[int(item.key)] = shown.n_replaced
                if shown.protected.originals:
                    self._shown[int(item.key)] = shown
                yield Work(item.key, item.id, conversation.about(shown, self._explained.shown(shown_before)))

    def _record(self, rows: Sequence[NewPrediction], run: RunId) -> None:
        if rows:
            event = PredictionsRecorded(self._project.id, run, self._source.model, self._prompt.hash, tuple(rows))
            self._around.storage.write(lambda tx: tx.append([event], self._provenance(run)))

    def _record_not_shown(self, run: RunId) -> int:
        """Record the items no model was shown, which go to people; give how many there were."""
        held, self._not_shown = self._not_shown, []
        rows: list[NewPrediction] = []
        for item, why in held:
            problem = f"not shown to the model: {why.reason}"
            self.problem = self.problem or f"item {item.id!r}: {problem}"
            for question in self._prompt.questions:
                answer = Answer(question.name, None, problem, None, None, {**why.notes, "held_back": True})
                rows.append(self._row(int(item.key), answer, run, status="invalid"))
        self._record(rows, run)
        self._invalid += len(held)
        self._held_back += len(held)
        return len(held)

    def _rows(self, finished: Finished[Labelled], run: RunId, failed_before: set[int]) -> list[NewPrediction]:
        """Turn an outcome into one prediction per question, and count it."""
        self._count(finished)
        self._around.replaced.pop(finished.item, None)
        shown = self._shown.pop(finished.item, None)
        labelled = finished.outcome
        problem = finished.problem if labelled is None else labelled.problem
        if problem is not None and self.problem is None:
            self.problem = f"item {finished.item_id!r}: {problem}"
        call_key = finished.keys[-1] if finished.keys else None
        if labelled is None:
            self._failed += 1
            if finished.item in failed_before:  # it is on record already: nothing new was learnt
                return []
            answers = tuple(Answer(q.name, None, problem, None, None, {}) for q in self._prompt.questions)
            return [self._row(finished.item, a, run, status="failed", call_key=call_key) for a in answers]
        if problem is None:
            self._valid += 1
        else:
            self._invalid += 1
        return [
            self._row(
                finished.item,
                answer,
                run,
                status="valid" if answer.problem is None else "invalid",
                call_key=call_key,
                n_requests=len(finished.keys),
                raw=labelled.raw,
                shown=shown,
            )
            for answer in labelled.answers
        ]

    def _count(self, finished: Finished[Labelled] | Finished[Explained]) -> None:
        self._calls += finished.attempts
        self._reused += finished.reused
        self._tokens_in += finished.usage.prompt_tokens
        self._tokens_out += finished.usage.completion_tokens
        if finished.cost_pico is None or self._cost_pico is None:
            self._cost_pico = None
        else:
            self._cost_pico += finished.cost_pico

    def _row(
        self,
        item: int,
        answer: Answer,
        run: RunId,
        *,
        status: str,
        call_key: str | None = None,
        n_requests: int = 1,
        raw: str | None = None,
        shown: ShownItem | None = None,
    ) -> NewPrediction:
        is_valid = status == "valid"
        config = self._project.config
        signals: dict[str, Json] = {
            name: value for name, value in answer.signals.items() if value is not None and name not in _NOT_KEPT
        }
        if n_requests > 1:
            signals["requests"] = n_requests
        if SIGNAL in signals:
            signals["signals"] = {**answer.measured, SIGNAL: 1.0}
        value: Json = answer.value if is_valid else None
        if shown is not None:  # pseudonyms are for the model alone
            value, signals = shown.protected.restore_value(value), _restored(signals, shown)
        return NewPrediction(
            item=ItemKey(item),
            question=QuestionName(answer.question),
            model=self._source.model,
            status="valid" if is_valid else "failed" if status == "failed" else "invalid",
            value=value,
            # What may have been written for the model goes to a person: nobody knows how sure it really is.
            confidence=answer.confidence if is_valid and SIGNAL not in signals else None,
            confidence_kind=answer.confidence_kind,
            signals=signals,
            problem=answer.problem,
            raw=None if is_valid else raw,
            call_key=call_key,
            run=run,
            schema_version=config.schema.version,
            guideline_version=config.guideline.version,
            prompt_hash=self._prompt.hash,
        )

    def _failed_before(self) -> set[int]:
        question = self._prompt.questions[0].name
        with self._around.storage.reading() as views:
            columns = views.predictions(self._project.id, question, self._source.model)
        return {int(item) for item, status in zip(columns.item, columns.status, strict=True) if status == "failed"}

    def _started(self, run: RunId, runner: FlowRunner, due: int) -> RunStarted:
        source, config = self._source, self._project.config
        parameters: dict[str, Json] = {
            "model": source.model,
            "provider": runner.provider,
            "protocol": source.provider,
            "delivery": source.delivery,
            "prompt": self._prompt.id,
            "prompt_hash": self._prompt.hash,
            "flow": {"name": config.flow.name, **config.flow.settings},
            "examples": config.examples.choose,
            "fields": list(config.content_fields),
            "pii": config.privacy.pii,
            "temperature": source.temperature,
            "max_tokens": source.max_tokens,
            "confidence": config.confidence,
            "signals": list(config.signals),
            "recorded": config.recorded,
            "due": due,
        }
        return RunStarted(self._project.id, run, "prelabel", parameters)

    def _provenance(self, run: RunId) -> Provenance:
        return self._around.world.provenance(run=run)


class Conversation:
    """How one model is asked about an item: the project's flow, with its settings."""

    def __init__(self, project: Project, source: ModelSource, prompt: Prompt) -> None:
        choice = project.config.flow
        self._kind, self._prompt = flow_of(choice.name), prompt
        self._settings = self._kind.read(choice.settings)
        sampling = Sampling(temperature=source.temperature, max_tokens=source.max_tokens)
        self._asking = Asking(source.model, sampling, self._settings, (), project.config.policy.seed)

    @property
    def most_requests(self) -> int:
        """Give how many requests one part of an item may take at most."""
        return self._kind.most_requests(self._settings)

    @property
    def usual_requests(self) -> int:
        """Give how many requests one part of an item takes when nothing has to be repaired."""
        settings = {**self._settings, "repairs": 0} if "repairs" in self._settings else self._settings
        return self._kind.most_requests(settings)

    def first_request(self, shown: ShownItem, examples: tuple[Demonstration, ...]) -> ChatRequest:
        """Give what is asked first. Raises InvalidInput, when the item cannot be put to a model."""
        flow = self.about(shown, examples)
        try:
            return next(flow)
        finally:
            flow.close()

    def about(self, shown: ShownItem, examples: tuple[Demonstration, ...]) -> Flow[Labelled]:
        """Give the conversation about an item, not started yet."""
        asking = replace(self._asking, demonstrations=examples) if examples else self._asking
        return hold_parts(self._kind, self._prompt, shown.parts, asking)


def _restored(signals: Mapping[str, Json], shown: ShownItem) -> dict[str, Json]:
    """Give what the model wrote its personal data back, wherever it stands; names of signals stay."""
    return {name: shown.protected.restore_value(value) for name, value in signals.items()}


def _as_json(report: ModelReport) -> dict[str, Json]:
    return {name: getattr(report, name) for name in ModelReport.__dataclass_fields__}
