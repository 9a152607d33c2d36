"""A cascade in a project: who is asked about what, whose label counts, and that its score certifies honestly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from labelwright.adapters.embedders.hashed import HashedEmbedder
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import ModelSource, ProjectConfig, Question
from labelwright.events import PredictionsRecorded
from labelwright.methods.confidence import Signals, fit_meta_calibrator
from labelwright.methods.routing import certify
from labelwright.methods.routing.chain import backward_pass, forward_pass, ranks
from labelwright.ports.chat import Finished, FlowRunner, RunScope, Work
from labelwright.ports.jobs import JobCounts
from labelwright.prompting.parse import Answer, Labelled
from labelwright.prompting.suspicion import SIGNAL
from labelwright.prompting.usage import Usage
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.models import cascade
from labelwright.services.models.cascade import label_by_cascade
from labelwright.services.models.labeller import CASCADE
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.surroundings import Surroundings
from labelwright.services.projects.status import status
from tests.story.small_project import MODEL, SmallProject, configuration

MODEL_LABEL = "m0"
LABELS = ["m0", "m1", "m2", "m3"]
T = TypeVar("T")
Said = Mapping[int, tuple[str | None, float | None]]
"""Item key -> (label, confidence); label None = the provider gives no answer."""


@dataclass
class Reader:
    """A model that answers at once from a table, and notes what it was asked."""

    said: Said
    suspicious: frozenset[int] = frozenset()
    asked: list[int] = field(default_factory=list)
    stopped: bool = False
    provider: str = "table"
    also: Mapping[int, tuple[str, str, float]] = field(default_factory=dict)
    """Item key -> a second question, its label, how sure."""

    def run(self, work: Iterable[Work[T]], scope: RunScope) -> Iterator[Sequence[Finished[T]]]:
        for one in work:
            one.flow.close()
            self.asked.append(one.item)
            label, sure = self.said[one.item]
            outcome = None
            if label is not None:
                noted: dict[str, Any] = {SIGNAL: ["override"]} if one.item in self.suspicious else {}
                answer = Answer("tone", label, None, sure, "verbalised", noted)
                more = ()
                if self.also:
                    question, other, doubt = self.also[one.item]
                    more = (Answer(question, other, None, doubt, "verbalised", {}),)
                outcome = Labelled((answer, *more), "{}", repairable=False)
            problem = "timeout" if outcome is None else None
            yield [Finished(one.item, one.item_id, cast("T | None", outcome), problem, (), 0, 1, Usage(0, 0), 0)]

    def counts(self) -> JobCounts:
        raise AssertionError("nobody watches")


@dataclass
class Case:
    small: SmallProject
    readers: list[Reader]

    def around(self) -> Surroundings:
        def nobody(_: ModelSource) -> Any:  # noqa: ANN401
            raise AssertionError("the runners are given")

        return Surroundings(self.small.storage, self.small.world, nobody, nobody, HashedEmbedder)

    def label(self, *, limit: int | None = None, around: Surroundings | None = None) -> None:
        project = self.small.project
        label_by_cascade(
            project,
            project_prompt(project.config),
            around or self.around(),
            cast("list[FlowRunner]", self.readers),
            limit=limit,
            finished=lambda _: None,
        )

    def kept(self) -> dict[int, tuple[str, Any, float]]:
        """Item key -> status, label and score of the cascade."""
        with self.small.storage.reading() as views:
            columns = views.predictions(self.small.id, "tone", CASCADE)
        rows = zip(columns.item, columns.status, columns.value, columns.confidence, strict=True)
        return {int(item): (said, value, float(sure)) for item, said, value, sure in rows}


def config(n_models: int, **policy: object) -> ProjectConfig:
    models = tuple(ModelSource(f"m{number}", MODEL.base_url) for number in range(n_models))
    question = Question(QuestionName("tone"), "classification", {"labels": LABELS})
    return replace(configuration(questions=(question,), **policy), ensemble="cascade", models=models)


def made(confidence_Nm: NDArray[np.float64], **policy: object) -> Case:
    """Each model says its own name of everything, this sure; nan = it does not say how sure."""
    n, m = confidence_Nm.shape
    small = SmallProject.made(config(m, **policy), n_items=n)
    readers = [Reader(table(small.keys(), confidence_Nm[:, link], f"m{link}")) for link in range(m)]
    return Case(small, readers)


def table(keys: Sequence[int], sure: NDArray[np.float64], label: str) -> dict[int, tuple[str | None, float | None]]:
    return {key: (label, None if np.isnan(one) else float(one)) for key, one in zip(keys, sure, strict=True)}


def lumpy(n: int, m: int, *, seed: int) -> NDArray[np.float64]:
    """Confidences with ties, a tenth of them unknown."""
    rng = np.random.default_rng(seed)
    found = np.round(rng.beta(4, 2, (n, m)), 1)
    return np.where(rng.random((n, m)) < 0.1, np.nan, found)


def labelled_by(kept: dict[int, tuple[str, Any, float]]) -> list[str]:
    return [kept[key][1] for key in sorted(kept)]


@pytest.mark.parametrize(("m", "seed"), [(2, 1), (3, 2), (4, 3)])
def test_who_is_asked_and_whose_label_counts_are_the_papers_two_passes(m: int, seed: int) -> None:
    confidence = lumpy(90, m, seed=seed)
    case = made(confidence)
    case.label()
    keys, kept = case.small.keys(), case.kept()
    passed = forward_pass(confidence)
    for link, reader in enumerate(case.readers):
        assert sorted(reader.asked) == [key for key, seen in zip(keys, passed.has_seen[:, link], strict=True) if seen]
    asked = np.where(passed.has_seen, confidence, np.nan)
    chosen, rank = backward_pass(asked, passed), ranks(asked, passed)
    for place, key in enumerate(keys):
        link = int(chosen[place])
        if link >= 0:
            assert kept[key] == ("valid", f"m{link}", rank[place, link])
        else:  # somebody's label to look at, and no score: it is never accepted
            assert kept[key][:2] == ("valid", f"m{m - 1}")
            assert np.isnan(kept[key][2])


def test_labelling_again_asks_and_records_nothing() -> None:
    case = made(lumpy(60, 3, seed=4))
    case.label()
    before, n_asked = case.kept(), [len(reader.asked) for reader in case.readers]
    case.label()
    assert [len(reader.asked) for reader in case.readers] == n_asked
    assert labelled_by(case.kept()) == labelled_by(before)


def test_killed_while_it_records_the_next_run_ends_the_same_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    confidence = lumpy(90, 3, seed=5)
    whole, killed = made(confidence), made(confidence)
    whole.label()
    monkeypatch.setattr(cascade, "_CHUNK", 20)
    with pytest.raises(KeyboardInterrupt):
        killed.label(around=replace(killed.around(), storage=cast("Any", Dying(killed.small.storage, after=2))))
    assert 0 < len(killed.kept()) < 90
    n_asked = [len(reader.asked) for reader in killed.readers]
    killed.label()
    assert [len(reader.asked) for reader in killed.readers] == n_asked  # nothing is paid for that was decided
    assert labelled_by(killed.kept()) == labelled_by(whole.kept())
    np.testing.assert_array_equal([k[2] for k in killed.kept().values()], [k[2] for k in whole.kept().values()])
    with killed.small.storage.reading() as views:
        assert [run.finished for run in views.runs(killed.small.id) if run.kind == CASCADE] == [True]


class Dying:
    """A storage whose process ends at the nth chunk of the cascade's labels."""

    def __init__(self, storage: Any, *, after: int) -> None:  # noqa: ANN401
        self._storage, self._left = storage, after

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._storage, name)

    def write(self, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401
        event = (change.__defaults__ or (None,))[0]
        if isinstance(event, PredictionsRecorded) and event.model == CASCADE:
            if not self._left:
                raise KeyboardInterrupt
            self._left -= 1
        return self._storage.write(change)


def test_a_new_item_is_ranked_among_all_that_were_asked_about_and_not_by_itself() -> None:
    n = 40
    case = made(np.column_stack([np.linspace(0.5, 0.9, n), np.linspace(0.5, 0.9, n)]))
    case.label()
    case.small.add_items(1, prefix="new")
    key = case.small.keys()[-1]
    for reader in case.readers:
        cast("dict[int, Any]", reader.said)[key] = ("good", 0.55)  # among the least sure
    case.label()
    assert case.kept()[key][2] < 0.5


def test_an_item_that_every_model_failed_is_tried_again() -> None:
    case = made(lumpy(30, 2, seed=6))
    key = case.small.keys()[0]
    for reader in case.readers:
        cast("dict[int, Any]", reader.said)[key] = (None, None)
    case.label()
    assert case.kept()[key][0] == "failed"
    for reader in case.readers:
        cast("dict[int, Any]", reader.said)[key] = (MODEL_LABEL, 0.9)
    case.label()
    assert case.kept()[key][:2] == ("valid", MODEL_LABEL)


def test_what_another_composition_labelled_is_due_anew() -> None:
    case = made(lumpy(30, 2, seed=7))
    case.label()
    three = config(3)
    case.small.reconfigure(three)
    case.readers.append(Reader(dict(case.readers[1].said)))
    with case.small.storage.reading() as views:
        assert status(views, case.small.id).next.command == "labelwright prelabel"
    n_asked = len(case.readers[0].asked)
    case.label()
    assert len(case.readers[0].asked) == n_asked  # its answers are there; a third of them is kept now, not half
    assert case.readers[2].asked


def test_M7_an_item_that_speaks_to_the_models_is_labelled_and_never_accepted() -> None:
    n = 300
    case = made(np.column_stack([np.linspace(0.9, 1, n), np.linspace(0.9, 1, n)]), target_error=0.2)
    keys = case.small.keys()
    suspicious = frozenset(keys[-20:])  # those the models would be surest of
    for reader in case.readers:
        reader.suspicious = suspicious
    case.label()
    assert all(np.isnan(case.kept()[key][2]) for key in suspicious)
    taken = accepted(case, lambda key: cast("str", case.kept()[key][1]))
    assert taken
    assert suspicious.isdisjoint(taken)


def accepted(case: Case, truth: Callable[[int], str]) -> set[int]:
    """Draw the sample, have people answer it, certify and route; give what is accepted."""
    small = case.small
    calibrate(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda key, _question, _person: truth(key))
    assert calibrate(small.id, storage=small.storage, world=small.world).state == "certified"
    route(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        return {int(d.item) for d in views.decisions(small.id) if d.route in ("accept", "audit")}


def test_A4P_6_what_is_labelled_after_the_freeze_is_not_in_the_pool_that_is_certified() -> None:
    n = 300
    case = made(np.column_stack([np.linspace(0.5, 1, n), np.linspace(0.5, 1, n)]), target_error=0.2)
    case.label()
    small = case.small
    calibrate(small.id, storage=small.storage, world=small.world)
    small.add_items(30, prefix="late")
    late = small.keys()[-30:]
    for reader in case.readers:
        cast("dict[int, Any]", reader.said).update(dict.fromkeys(late, (MODEL_LABEL, 1.0)))
    case.label()
    taken = accepted(case, lambda key: cast("str", case.kept()[key][1]))
    assert taken
    assert taken.isdisjoint(late)


# ---------------------------------------------------------------- the promise, over draws

TARGET, DELTA, N_DRAWS = 0.1, 0.05, 300


def answers(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Two models that err on the same items, the second less; confidences with ties. Gives (N, 2) sure and wrong."""
    ease = rng.normal(0, 1, n)
    wrong = np.column_stack(
        [rng.random(n) < 1 / (1 + np.exp(2.3 + 2.2 * ease)), rng.random(n) < 1 / (1 + np.exp(2.9 + 2.0 * ease))]
    )
    sure = 0.75 + 0.12 * (ease[:, None] + rng.normal(0, 0.5, (n, 2)))
    return np.clip(np.round(sure, 2), 0, 1), wrong


def of_cascade(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Give the score and the errors of what a cascade of the two makes, as the service records them."""
    sure, wrong = answers(rng, n)
    passed = forward_pass(sure)
    asked = np.where(passed.has_seen, sure, np.nan)
    link = backward_pass(asked, passed)
    rows = np.arange(n)
    return ranks(asked, passed)[rows, link], wrong[rows, link]


def is_broken(score: NDArray[np.float64], sample: NDArray[np.int64], wrong: NDArray[np.bool_]) -> tuple[bool, bool]:
    """Certify; give whether the limit is broken, and whether anything was certified."""
    found = certify(score, sample, wrong[sample], target_error=TARGET, delta=DELTA)
    return bool(wrong[found.accepted].sum() > TARGET * found.n_accepted), found.is_certified


def share(broken: Sequence[bool]) -> float:
    return float(np.mean(broken))


def at_most(delta: float, n: int) -> float:
    return delta + 3 * (delta * (1 - delta) / n) ** 0.5


def test_A4P_a_cascades_ranks_certify_as_honestly_as_any_score() -> None:
    rng = np.random.default_rng(21)
    n, n_labels = 1_500, 300
    outcomes = []
    for _ in range(N_DRAWS):
        score, wrong = of_cascade(rng, n)
        outcomes.append(is_broken(score, rng.permutation(n)[:n_labels], wrong))
    broken, certified = zip(*outcomes, strict=True)
    assert share(broken) <= at_most(DELTA, N_DRAWS)
    assert share(certified) > 0.5  # who never accepts breaks nothing


def combined_score(
    rng: np.random.Generator, n: int, learnt_from: NDArray[np.int64], *, n_noise: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Give the first model's errors, and the probability that a fit to these labels of its signals states."""
    sure, wrong = answers(rng, n)
    names = {"verbalised": sure[:, 0], "other": sure[:, 1]} | {f"noise {i}": rng.random(n) for i in range(n_noise)}
    signals = Signals(names)
    fit = fit_meta_calibrator(
        signals.rows(learnt_from), ~wrong[learnt_from, 0], rng=np.random.default_rng(1), n_folds=2, penalty=0.5
    )
    return fit.calibrator.predict(signals), wrong[:, 0]


def test_A4P_4_a_combination_certified_by_labels_it_was_not_fitted_to_keeps_the_promise() -> None:
    rng = np.random.default_rng(22)
    n, n_labels, n_draws = 1_000, 150, 200
    outcomes = []
    for _ in range(n_draws):
        drawn = rng.permutation(n)
        score, wrong = combined_score(rng, n, drawn[:n_labels], n_noise=20)
        pool = np.sort(drawn[n_labels:])  # what was learnt from is no longer in the pool
        sample = np.searchsorted(pool, drawn[n_labels : 3 * n_labels])
        outcomes.append(is_broken(score[pool], sample, wrong[pool]))
    broken, certified = zip(*outcomes, strict=True)
    assert share(broken) <= at_most(DELTA, n_draws)
    assert share(certified) > 0.3


def test_failing_control_A4P_4_a_combination_certified_by_the_labels_it_was_fitted_to_breaks_it() -> None:
    rng = np.random.default_rng(23)
    n, n_labels, n_draws = 1_000, 150, 60
    broken: list[bool] = []
    for _ in range(n_draws):
        drawn = rng.permutation(n)[:n_labels]
        score, wrong = combined_score(rng, n, drawn, n_noise=60)
        broken.append(is_broken(score, drawn, wrong)[0])
    assert share(broken) > at_most(DELTA, n_draws)
