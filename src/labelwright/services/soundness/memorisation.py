"""Ask a model for what it could only know by heart, and say what that means for gold that is public; kept as a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.ids import RunId
from labelwright.domain.project import ModelSource, Project
from labelwright.events import RunFinished, RunStarted
from labelwright.methods.duplicates import matched_by_chance, normalised, recited
from labelwright.ports.chat import Finished, RunScope, Work
from labelwright.prompting.chat import ChatRequest, Flow, request_key
from labelwright.prompting.flows import memorise
from labelwright.prompting.long_items import count_tokens
from labelwright.prompting.price import micro_usd
from labelwright.prompting.render import AskedQuestion, Sampling
from labelwright.prompting.usage import Usage
from labelwright.services.models.surroundings import Surroundings, model_price
from labelwright.services.soundness.memorisation_cases import Case, cases_of, label_questions, likeness, probed_model
from labelwright.services.soundness.memorisation_report import LabelRecall, MemorisationReport
from labelwright.services.soundness.newest_looks import MEMORISATION

LIMIT = 50
_SEED = 41
_TOKENS_PER_ANSWER = 80


@dataclass(frozen=True, slots=True)
class MemorisationForecast:
    """What a probe would ask and cost; nothing was sent. paid: requests answered and paid for already.

    cost_micro: as a rule; most_micro: with every repair, each answer as long as it may be. None = unknown price.
    """

    model: str
    items: int
    calls: int
    most_calls: int
    paid: int
    cost_micro: int | None
    most_micro: int | None


@dataclass(frozen=True, slots=True)
class _Answers:
    continued: memorise.Continued
    guessed: memorise.Guessed | None


def probe_memorisation(
    project: Project,
    around: Surroundings,
    *,
    model: str | None = None,
    limit: int = LIMIT,
    dataset: str | None = None,
    gold: Mapping[str, Mapping[str, Json]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> MemorisationReport:
    """Have a model continue items and guess labels from names; test both against chance.

    dataset: the name the data is publicly known by; None = the project's.  gold: question -> item id -> label.
    Appends: RunStarted and RunFinished of kind `memorisation`.  What was asked before is not paid again.
    Raises: NotFound, NotReady, before anything is sent; BudgetSpent, ProviderRefused, ProviderFailure.
    """
    source = probed_model(project, model)
    with around.storage.reading() as views:
        cases, n_unfit = cases_of(views, project, limit=limit, gold=gold)
        n_items = views.item_count(project.id)
    asked = _Asked(source, dataset or project.name, label_questions(project, cases))
    run = RunId(around.world.new_id())
    runner = around.runner(source)
    parameters: dict[str, Json] = {
        "n_items": n_items,
        "model": source.model,
        "provider": runner.provider,
        "dataset": asked.dataset,
        "templates": [memorise.TEMPLATE, memorise.LABEL_TEMPLATE],
        "limit": limit,
        "with_gold": gold is not None,
        "seed": project.config.policy.seed,
    }
    provenance = around.world.provenance(run=run)
    started = RunStarted(project.id, run, MEMORISATION, parameters)
    around.storage.write(lambda tx: tx.append([started], provenance))
    scope = RunScope(
        project.id,
        run,
        model_price(project, source, around),
        budget=around.budget,
        control=around.control,
        total=len(cases),
    )
    finished: list[Finished[_Answers]] = []
    for chunk in runner.run(_work(asked, cases, around), scope):
        finished += chunk
        for one in chunk:
            around.replaced.pop(one.item, None)
        if progress is not None:
            progress(len(finished), len(cases))
    report = _report(project, asked, cases, finished, n_unfit=n_unfit, stopped=runner.stopped)
    if not runner.stopped:
        ended = RunFinished(project.id, run, report.as_json())
        around.storage.write(lambda tx: tx.append([ended], provenance))
    return report


def foresee_memorisation(
    project: Project,
    around: Surroundings,
    *,
    model: str | None = None,
    limit: int = LIMIT,
    dataset: str | None = None,
    gold: Mapping[str, Mapping[str, Json]] | None = None,
) -> MemorisationForecast:
    """Say what `probe_memorisation` would ask and cost. Nothing is sent, and nothing written."""
    source = probed_model(project, model)
    with around.storage.reading() as views:
        cases, _ = cases_of(views, project, limit=limit, gold=gold)
        asked = _Asked(source, dataset or project.name, label_questions(project, cases))
        requests = [request for one in cases for request in asked.requests(one)]
        keys = [request_key(one, around.preview(source)[1]) for one in requests]
        known = views.answered_calls(keys)
    due = [request for request, key in zip(requests, keys, strict=True) if key not in known]
    tokens_in = sum(count_tokens(message.content) for one in due for message in one.messages)
    bytes_in = sum(len(message.content.encode()) for one in due for message in one.messages)
    most_calls = len(due) * memorise.MOST_REQUESTS
    price, is_batch = model_price(project, source, around), source.delivery == "batch"
    cost, most = (
        None if price is None else micro_usd(price.cost_pico(Usage(t_in, t_out), batch=is_batch))
        for t_in, t_out in (
            (tokens_in, len(due) * min(_TOKENS_PER_ANSWER, source.max_tokens)),
            (bytes_in * memorise.MOST_REQUESTS + most_calls * source.max_tokens, most_calls * source.max_tokens),
        )
    )
    return MemorisationForecast(source.model, len(cases), len(due), most_calls, len(requests) - len(due), cost, most)


class _Asked:
    """The conversations of one probe."""

    def __init__(self, source: ModelSource, dataset: str, questions: Sequence[AskedQuestion]) -> None:
        self.dataset, self.questions, self.source = dataset, questions, source
        self._sampling = Sampling(temperature=source.temperature, max_tokens=source.max_tokens)

    def hold(self, case: Case) -> Flow[_Answers]:
        """Have an item continued and, where its labels are known, guessed from its name."""
        probe = self._probe(case)
        continued = yield from memorise.continue_text(probe, case.opening, len(case.ending))
        guessed = None
        if self._has_labels(case):
            guessed = yield from memorise.guess_labels(probe, self.questions)
        return _Answers(continued, guessed)

    def requests(self, case: Case) -> list[ChatRequest]:
        """Give what is asked when nothing has to be repaired."""
        probe = self._probe(case)
        found = [probe.continuation(case.opening, len(case.ending))]
        return [*found, probe.labels(self.questions)] if self._has_labels(case) else found

    def _probe(self, case: Case) -> memorise.Probe:
        return memorise.Probe(self.source.model, self._sampling, self.dataset, case.item)

    def _has_labels(self, case: Case) -> bool:
        return bool(self.questions) and all(question.name in case.truth for question in self.questions)


def _work(asked: _Asked, cases: Sequence[Case], around: Surroundings) -> Iterator[Work[_Answers]]:
    for case in cases:
        if case.n_replaced:
            around.replaced[case.key] = case.n_replaced
        yield Work(case.key, case.item, asked.hold(case))


def _report(
    project: Project,
    asked: _Asked,
    cases: Sequence[Case],
    finished: Sequence[Finished[_Answers]],
    *,
    n_unfit: int,
    stopped: bool,
) -> MemorisationReport:
    by_key = {one.item: one for one in finished}
    rng = np.random.default_rng([project.config.policy.seed, _SEED])
    texts: list[tuple[Case, str]] = []
    guesses: list[tuple[Case, memorise.Guessed]] = []
    problem = None
    for case in cases:
        one = by_key.get(case.key)
        if one is None:
            continue
        answers = one.outcome
        if answers is None or answers.continued.text is None:
            problem = problem or (one.problem if answers is None else answers.continued.problem)
        else:
            texts.append((case, _lined_up(answers.continued.text, case)))
        if answers is not None and answers.guessed is not None and answers.guessed.values:
            guesses.append((case, answers.guessed))
    endings = [normalised(case.ending) for case, _ in texts]
    alike = np.array([[likeness(said, ending) for ending in endings] for _, said in texts], dtype=np.float64)
    found = recited(alike.reshape(len(texts), len(texts)), rng=rng)
    rows = sorted(((case.item, float(alike[at, at])) for at, (case, _) in enumerate(texts)), key=lambda row: -row[1])
    costs = [one.cost_pico for one in finished]
    known = all(cost is not None for cost in costs)
    return MemorisationReport(
        model=asked.source.model,
        dataset=asked.dataset,
        n_unfit=n_unfit,
        n_failed=len(cases) - len(texts),
        found=found,
        labels=tuple(_label_recall(asked.questions, guesses, rng)),
        items=tuple(rows),
        calls=sum(one.attempts for one in finished),
        reused=sum(one.reused for one in finished),
        cost_micro=micro_usd(sum(cost or 0 for cost in costs)) if known else None,
        stopped=stopped,
        problem=problem,
    )


def _lined_up(said: str, case: Case) -> str:
    """Give as much of a continuation as the ending has, without the beginning where the model repeated it."""
    folded, opening = normalised(said), normalised(case.opening)
    folded = folded.removeprefix(opening).strip()
    return folded[: len(normalised(case.ending))]


def _label_recall(
    questions: Sequence[AskedQuestion], guesses: Sequence[tuple[Case, memorise.Guessed]], rng: np.random.Generator
) -> list[LabelRecall]:
    found: list[LabelRecall] = []
    for question in questions:
        known: dict[bytes, int] = {}
        pairs = [
            [
                known.setdefault(canonical_json(question.task.dump(question.task.parse(value))), len(known))
                for value in (guessed.values[question.name], case.truth[question.name])
            ]
            for case, guessed in guesses
        ]
        if pairs:
            table = np.array(pairs, dtype=np.int64)
            n_right, by_chance, p_value = matched_by_chance(table[:, 0], table[:, 1], rng=rng)
            found.append(LabelRecall(question.name, len(pairs), n_right, by_chance, p_value))
    return found
