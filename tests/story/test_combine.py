"""Signals and models put together by people's labels: what is learnt from never certifies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from labelwright import bootstrap
from labelwright.adapters.embedders import HashedEmbedder
from labelwright.adapters.students.hashed_logistic import HashedLogistic
from labelwright.domain.annotation import NewPrediction
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, QuestionName, RunId
from labelwright.domain.project import ModelSource, ProjectConfig
from labelwright.errors import NotReady
from labelwright.events import PredictionsRecorded
from labelwright.methods.confidence import PanelSignals, fit_weighed_jury
from labelwright.prompting.suspicion import SIGNAL
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.calibration_plan import still_bound
from labelwright.services.acceptance.cockpit import cockpit
from labelwright.services.acceptance.route import route
from labelwright.services.models.combine import CombineReport
from labelwright.services.models.evidence import evidence
from labelwright.services.models.labeller import labeller, planned
from labelwright.services.models.opinions import opinions, taught_opinion
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.score import scored_pool
from labelwright.services.projects.report import build_report
from labelwright.services.projects.status import status
from tests.story.small_project import MODEL, TONE, SmallProject, configuration

N = 600
OTHER = {"good": "bad", "bad": "good"}


def truth(key: int) -> str:
    return "good" if key % 3 else "bad"


def record(
    project: SmallProject, model: str, values: Sequence[str], signals: Sequence[dict[str, float]], keys: Sequence[int]
) -> None:
    config = project.project.config
    prompt = project_prompt(config)
    rows = tuple(
        NewPrediction(
            item=ItemKey(key),
            question=QuestionName("tone"),
            model=model,
            status="valid",
            value=value,
            confidence=None,
            confidence_kind="combined",
            signals={"signals": given},
            problem=None,
            raw=None,
            call_key=None,
            run=RunId("run"),
            schema_version=config.schema.version,
            guideline_version=config.guideline.version,
            prompt_hash=prompt.hash,
        )
        for key, value, given in zip(keys, values, signals, strict=True)
    )
    event = PredictionsRecorded(project.id, "run", model, prompt.hash, rows)
    project.storage.write(lambda tx: tx.append([event], project.world.provenance()))


def made(config: ProjectConfig, *, seed: int = 3) -> SmallProject:
    """A model that is right in 80%, whose two signals each know a little of when it is not."""
    project = SmallProject.made(config, n_items=N)
    rng = np.random.default_rng(seed)
    keys = project.keys()
    for number, source in enumerate(config.models):
        right = rng.random(N) < 0.8 - 0.1 * number
        values = [
            truth(key) if ok else ("bad" if truth(key) == "good" else "good")
            for key, ok in zip(keys, right, strict=True)
        ]
        stated = np.clip(0.75 + 0.1 * (right - 0.5) + rng.normal(0, 0.1, N), 0.01, 0.99)
        tokens = np.clip(0.7 + 0.4 * (right - 0.5) + rng.normal(0, 0.15, N), 0.01, 0.99)
        signals = [{"verbalised": float(a), "logprob": float(b)} for a, b in zip(stated, tokens, strict=True)]
        record(project, source.model, values, signals, keys)
    return project


def combined(project: SmallProject, *, refit: bool = False) -> CombineReport:
    return bootstrap.combine(project.id, storage=project.storage, world=project.world, refit=refit)


def answer(key: int, _question: str, _person: int) -> Json:
    return truth(key)


def calibrated(project: SmallProject) -> str:
    return calibrate(project.id, storage=project.storage, world=project.world).state


def config() -> ProjectConfig:
    return replace(configuration(calibration_size=300), confidence="combined", signals=("verbalised", "logprob"))


def test_the_sample_that_is_learnt_from_is_not_the_one_that_certifies() -> None:
    project = made(config())
    assert combined(project).state == "waiting"
    assert calibrated(project) == "planned"
    assert combined(project).state == "waiting"
    first = project.work_queue(answer)
    assert len(first) == 100  # a third of the labels are for learning
    with pytest.raises(NotReady, match="combine"):
        calibrated(project)
    with project.storage.reading() as views:
        assert status(views, project.id).next.command == "labelwright combine"
        learnt_from = {int(a.item) for a in views.annotations(project.id)}
    report = combined(project)
    assert (report.state, report.n_labels, report.n_recorded) == ("fitted", 100, N)
    assert calibrated(project) == "planned"
    with project.storage.reading() as views:
        plan = views.plan(project.id)
        assert plan is not None
        assert learnt_from.isdisjoint(cast("list[int]", plan["items"]))  # A4P, 4
    project.work_queue(answer)
    assert calibrated(project) == "certified"
    with project.storage.reading() as views:
        due = cast("dict[str, Any]", cockpit(views, project.id)["due"])
    routed = route(project.id, storage=project.storage, world=project.world)
    ways, n_sample = routed.routes["tone"], len(cast("list[int]", plan["items"]))
    assert (ways["calibration"], routed.answered) == (n_sample, {"tone": 100}), "people did what was taught"
    with project.storage.reading() as views:
        told: dict[str, Any] = build_report(views, project.id)
    assert (told["questions"][0]["routes"], told["questions"][0]["n_answered"]) == (ways, 100)
    assert sum(ways.values()) == N
    assert due["questions"] == [
        {
            "name": "tone",
            "n_accept": ways.get("accept", 0) + ways["audit"],
            "n_people": ways["review"],
            "n_answered": 100,
            "n_sample": n_sample,
        }
    ]
    with project.storage.reading() as views:
        n_open = sum(one.open + one.leased for one in views.queue_counts(project.id))
    assert n_open == ways["audit"] + ways["review"] - 100
    project.work_queue(answer, most=n_open)
    again = route(project.id, storage=project.storage, world=project.world)
    assert (again.n_routed, again.answered) == (0, {"tone": ways["review"]})


def test_signals_together_rank_better_than_each_alone() -> None:
    project = made(config())
    calibrated(project)
    project.work_queue(answer)
    combined(project)
    with project.storage.reading() as views:
        pool = scored_pool(views, project.id, project.project.config, "tone")
        signals = views.signals(project.id, "tone", "reader").signals
    right = np.array([value == truth(int(key)) for key, value in zip(pool.item, pool.value, strict=True)])

    def auroc(score: np.ndarray) -> float:
        return float(np.mean(score[right][:, None] > score[~right][None, :]))

    assert pool.kind == "combined"
    assert auroc(pool.score) > max(auroc(signals["verbalised"]), auroc(signals["logprob"]))


def test_combining_again_records_nothing_twice_and_new_items_get_the_fit_in_force() -> None:
    project = made(config())
    calibrated(project)
    project.work_queue(answer)
    report = combined(project)
    again = combined(project)
    assert (again.state, again.n_recorded, again.fit) == ("in force", 0, report.fit)
    project.add_items(5, prefix="new")
    keys = project.keys()[-5:]
    record(project, "reader", ["good"] * 5, [{"verbalised": 0.9, "logprob": 0.9}] * 5, keys)
    assert combined(project).n_recorded == 5


def test_learning_anew_voids_what_rests_on_the_old_fit() -> None:
    project = made(config())
    calibrated(project)
    project.work_queue(answer)
    combined(project)
    calibrated(project)
    project.work_queue(answer)
    assert calibrated(project) == "certified"
    with project.storage.reading() as views:
        plan = views.plan(project.id)
        assert plan is not None
        before = labeller(views, project.id, project.project.config).fit
        frozen = cast("dict[str, Json]", plan["frozen"])
        assert still_bound(views, project.project, frozen)
    report = combined(project, refit=True)
    assert report.fit == before  # nothing may be learnt from the labels that certify, and there are no others
    project.reconfigure(
        replace(project.project.config, policy=replace(project.project.config.policy, target_error=0.2))
    )
    assert combined(project, refit=True).n_labels == 300  # the old sample certifies no more
    with project.storage.reading() as views:
        assert not still_bound(views, project.project, frozen)


def test_a_jury_is_weighed_and_its_labels_are_routed() -> None:
    second = ModelSource("second", MODEL.base_url)
    jury = replace(config(), ensemble="jury", models=(MODEL, second))
    project = made(jury)
    calibrated(project)
    project.work_queue(answer)
    report = combined(project)
    assert report.methods == {"tone": "jury, weighed by people's labels"}
    with project.storage.reading() as views:
        pool = scored_pool(views, project.id, project.project.config, "tone")
        alone = views.predictions(project.id, "tone", "reader").value
    assert pool.model == "jury"
    right = np.mean([value == truth(int(key)) for key, value in zip(pool.item, pool.value, strict=True)])
    assert right >= np.mean([value == truth(int(key)) for key, value in zip(pool.item, alone, strict=True)]) - 0.015


def test_a_projects_jury_is_the_one_that_the_benchmark_measures() -> None:
    models = (MODEL, ModelSource("second", MODEL.base_url), ModelSource("third", MODEL.base_url))
    project = made(replace(config(), ensemble="jury", models=models))
    calibrated(project)
    project.work_queue(answer)
    report = combined(project)
    look = HashedEmbedder(), HashedLogistic()
    with project.storage.reading() as views:
        known = evidence(views, project.project, TONE, look[0])
        pool = scored_pool(views, project.id, project.project.config, "tone")
        trained = sorted({int(a.item) for a in views.annotations(project.id)})
    code = {"good": 0, "bad": 1}
    votes = np.array([[code[str(value)] for value in values] for values in known.value]).T
    second = opinions(votes, 2, texts=known.texts, vectors=known.vector, student=look[1])
    at = np.searchsorted(known.item, trained)
    people = np.array([code[truth(key)] for key in trained])
    second = {**second, **taught_opinion(known.texts, at, people, 2, student=look[1])}
    signals = PanelSignals(votes, 2, known.signals, second, {"log_length": known.log_length})
    fit = fit_weighed_jury(signals, at, people, rng=np.random.default_rng([project.project.config.policy.seed, 7]))
    said = fit.jury.posterior(signals)
    assert report.n_labels == len(trained) == 100
    np.testing.assert_allclose(pool.score, said.max(axis=1), atol=1e-8)
    assert [code[str(value)] for value in pool.value] == said.argmax(axis=1).tolist()
    assert {"student", "neighbours", "taught"} <= set(second)
    assert calibrated(project) == "planned"


def test_a_jury_of_few_labels_is_fitted_too() -> None:
    jury = replace(config(), ensemble="jury", models=(MODEL, ModelSource("second", MODEL.base_url)))
    project = made(replace(jury, policy=replace(jury.policy, calibration_size=90)))
    calibrated(project)
    project.work_queue(answer)
    report = combined(project)
    assert (report.n_labels, report.methods) == (30, {"tone": "jury, weighed by people's labels"})
    with project.storage.reading() as views:
        pool = scored_pool(views, project.id, project.project.config, "tone")
    assert len(np.unique(pool.score)) > 100  # not one number for all, as the best voter alone would give


def test_too_few_labels_are_said_so() -> None:
    project = made(replace(config(), policy=replace(config().policy, calibration_size=45)))
    calibrated(project)
    project.work_queue(answer)
    with pytest.raises(NotReady, match="23 blind labels of 'tone' are too few"):
        combined(project)


def test_a_question_that_few_items_are_asked_does_not_keep_the_others_from_being_learnt() -> None:
    plain = config()
    aside = replace(plain.schema.questions[0], name=QuestionName("aside"), required=False)
    schema = replace(plain.schema, questions=(*plain.schema.questions, aside))
    project = made(replace(plain, schema=schema))
    calibrated(project)
    project.work_queue(answer, unanswered=("aside",))
    report = combined(project)
    assert report.state == "fitted"
    assert report.methods["aside"].endswith("0 blind labels are too few to learn from")
    with project.storage.reading() as views:
        of_fit = labeller(views, project.id, project.project.config).prompt_hash
        assert of_fit == report.fit
        name = str(project.project.config.labeller)
        aside = views.predictions(project.id, "aside", name)
        tone = views.predictions(project.id, "tone", name)
    assert not np.isnan(tone.confidence).any()
    assert len(aside.item) == N
    assert np.isnan(aside.confidence).all(), "without a score people check it"
    assert calibrated(project) == "planned"
    project.work_queue(answer, unanswered=("aside",))
    assert calibrated(project) == "certified"
    routed = route(project.id, storage=project.storage, world=project.world)
    with project.storage.reading() as views:
        accepted = {str(d.question) for d in views.decisions(project.id) if d.route == "accept"}
    assert accepted == {"tone"}
    assert set(routed.routes["aside"]) == {"calibration", "review"}


def test_a_fit_weighs_the_models_it_was_made_for_and_no_others() -> None:
    second = ModelSource("second", MODEL.base_url)
    jury = replace(config(), ensemble="jury", models=(MODEL, second))
    project = made(jury)
    calibrated(project)
    project.work_queue(answer)
    combined(project)

    def is_fitted() -> bool:
        with project.storage.reading() as views:
            return labeller(views, project.id, project.project.config).is_fitted

    assert is_fitted()
    project.reconfigure(config())  # one model's signals are weighed otherwise than a jury's votes
    assert not is_fitted()
    project.reconfigure(replace(jury, models=(MODEL, second, ModelSource("third", MODEL.base_url))))
    assert not is_fitted()
    project.reconfigure(jury)
    assert is_fitted()


def test_no_pool_is_frozen_before_its_labels_are_combined() -> None:
    project = made(config())
    calibrated(project)
    project.work_queue(answer)
    combined(project)
    project.add_items(200, prefix="new")
    keys = project.keys()[-200:]
    record(project, "reader", ["good"] * 200, [{"verbalised": 0.9, "logprob": 0.9}] * 200, keys)
    with pytest.raises(NotReady, match="run first: labelwright combine"):
        calibrated(project)
    combined(project)
    assert calibrated(project) == "planned"


def test_A4P_3_the_first_sample_also_says_where_the_tests_start_and_the_plan_freezes_it() -> None:
    project = made(config())
    calibrated(project)
    project.work_queue(answer)
    combined(project)
    assert calibrated(project) == "planned"
    with project.storage.reading() as views:
        fit = next(run for run in views.runs(project.id) if run.kind == "combine")
        plan = views.plan(project.id)
    assert plan is not None
    told = cast("dict[str, dict[str, Json]]", fit.parameters["questions"])["tone"]
    frozen = cast("dict[str, dict[str, dict[str, Json]]]", plan["frozen"])["questions"]["tone"]
    assert frozen["first_threshold"] == told["first_threshold"]
    assert len(cast("list[int]", plan["items"])) == 200  # the other two thirds
    project.work_queue(answer)
    assert calibrated(project) == "certified"
    # Planned for a 10% limit, it would be a poor start for another: the rule's own stands then.
    policy = project.project.config.policy
    project.reconfigure(replace(project.project.config, policy=replace(policy, target_error=policy.target_error / 2)))
    with project.storage.reading() as views:
        assert planned(views, project.project, "tone").first_threshold is None


def test_an_item_that_speaks_to_the_model_has_no_combined_score() -> None:
    project = made(config())
    key = project.keys()[0]
    record(project, "reader", ["good"], [{"verbalised": 0.99, "logprob": 0.99, SIGNAL: 1.0}], [key])
    calibrated(project)
    project.work_queue(answer)
    combined(project)
    with project.storage.reading() as views:
        pool = scored_pool(views, project.id, project.project.config, "tone")
    assert np.isnan(pool.score[pool.item == key]).all()
    assert not np.isnan(pool.score[pool.item != key]).any()
