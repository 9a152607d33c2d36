"""A cascade whose links are certified, in a project: who is asked, what is kept, what is promised, what it costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import CascadeRule, ModelSource, ProjectConfig, Question
from labelwright.errors import NotCalibrated
from labelwright.methods.routing.chain_on_one_sample import chain_on_one_sample
from labelwright.ports.chat import FlowRunner
from labelwright.services.acceptance.calibrate import CalibrationReport, calibrate
from labelwright.services.acceptance.certified import Certified, certified
from labelwright.services.acceptance.check_certificate import check_certificates
from labelwright.services.acceptance.route import route
from labelwright.services.acceptance.void_because import void_because
from labelwright.services.models import certified_cascade
from labelwright.services.models.certified_cascade import label_by_certified_cascade
from labelwright.services.models.chain_links import certified_links
from labelwright.services.models.labeller import CASCADE
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.projects.report import build_report
from labelwright.services.projects.status import status
from tests.story.small_project import MODEL, SmallProject, configuration
from tests.story.test_cascade import Case, Dying, Reader

LABELS = ["yes", "no"]
N, N_SAMPLE, TARGET = 1_200, 400, 0.15


def config(n_models: int = 3, **policy: object) -> ProjectConfig:
    models = tuple(ModelSource(f"m{number}", MODEL.base_url) for number in range(n_models))
    question = Question(QuestionName("tone"), "classification", {"labels": LABELS})
    told: dict[str, object] = {"target_error": TARGET, "calibration_size": N_SAMPLE, **policy}
    base = configuration(questions=(question,), **told)
    return replace(base, ensemble="cascade", models=models, cascade=CascadeRule("certified"))


class Links(Case):
    """Three models over items that are yes or no, each better than the one before; what people would say is known."""

    truth: dict[int, str]

    def label(self, *, limit: int | None = None, around: Any = None) -> None:  # noqa: ANN401
        project = self.small.project
        label_by_certified_cascade(
            project,
            project_prompt(project.config),
            around or self.around(),
            cast("list[FlowRunner]", self.readers),
            limit=limit,
            finished=lambda _: None,
        )

    def calibrate(self) -> CalibrationReport:
        return calibrate(self.small.id, storage=self.small.storage, world=self.small.world)

    def people(self) -> None:
        self.small.work_queue(lambda key, _question, _person: self.truth[key])

    def through(self) -> CalibrationReport:
        self.label()
        assert self.calibrate().state == "planned"
        self.people()
        found = self.calibrate()
        while found.state == "asking":
            self.label()
            found = self.calibrate()
        return found

    def in_force(self) -> Certified | None:
        with self.small.storage.reading() as views:
            return certified(views, self.small.project, "tone")

    def asked(self) -> list[int]:
        return [len(reader.asked) for reader in self.readers]


def made(*, seed: int = 1, ints: tuple[float, ...] = (1.6, 2.6, 4.0), n: int = N, **policy: object) -> Links:
    small = SmallProject.made(config(len(ints), **policy), n_items=n)
    keys = small.keys()
    rng = np.random.default_rng(seed)
    ease = 0.5 * rng.normal(size=(n, 1)) + 0.87 * rng.normal(size=(n, len(ints)))
    right = rng.random(ease.shape) < 1 / (1 + np.exp(-(np.array(ints) + 2.5 * ease)))
    sure = np.round(1 / (1 + np.exp(-1.5 * ease - 0.5 * rng.normal(size=ease.shape))), 3)
    truth = {key: LABELS[int(rng.integers(2))] for key in keys}
    readers = []
    for link in range(len(ints)):
        other = {"yes": "no", "no": "yes"}
        said = {
            key: (truth[key] if right[at, link] else other[truth[key]], float(sure[at, link]))
            for at, key in enumerate(keys)
        }
        readers.append(Reader(said))
    case = Links(small, readers)
    case.truth = truth
    return case


def test_each_link_is_asked_only_about_what_no_certified_link_before_it_keeps() -> None:
    case = made()
    case.label()
    assert case.asked() == [N, 0, 0]
    assert case.calibrate().state == "planned"
    case.label()  # nobody has labelled the sample, so nothing can be kept yet, and nobody else is asked
    assert case.asked() == [N, 0, 0]
    case.people()
    report = case.calibrate()
    assert (report.state, report.asks) == ("asking", "m1")
    with case.small.storage.reading() as views:
        due = status(views, case.small.id).next
    assert due.command == "labelwright prelabel"
    assert "m1" in due.why
    case.label()
    first, second, third = case.asked()
    assert first == N
    assert 0 < second < N
    assert third == 0
    assert case.calibrate().asks == "m2"
    case.label()
    assert case.calibrate().state == "certified"
    assert 0 < case.asked()[2] < second


def test_what_is_certified_is_what_the_method_gives_on_all_the_answers() -> None:
    case = made()
    assert case.through().state == "certified"
    in_force = case.in_force()
    assert in_force is not None
    keys = case.small.keys()
    said = [cast("dict[int, Any]", reader.said) for reader in case.readers]
    score = np.array([[one[key][1] for one in said] for key in keys])
    wrong = np.array([[one[key][0] != case.truth[key] for one in said] for key in keys])
    found = chain_on_one_sample(score, in_force.sample, wrong[in_force.sample], target_error=TARGET)
    np.testing.assert_array_equal(in_force.accepted, found.kept_by >= 0)
    links = in_force.certificate["links"]
    assert [one["threshold"] for one in links] == [one.threshold for one in found.links]
    assert [one["n_reached"] for one in links] == list(found.asked)
    assert [one["model"] for one in links] == ["m0", "m1", "m2"]
    assert len({one["prompt"] for one in links}) == 1
    for place in np.flatnonzero(in_force.accepted):  # the label is that of the link that keeps it
        assert in_force.pool.value[place] == said[found.kept_by[place]][keys[place]][0]


def test_route_report_and_audit_read_the_same_acceptance() -> None:
    case = made()
    case.through()
    in_force = case.in_force()
    assert in_force is not None
    small = case.small
    route(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        routed = {int(d.item) for d in views.decisions(small.id) if d.route in ("accept", "audit")}
        told = cast("Any", build_report(views, small.id))
        checked = check_certificates(views, small.id)
    assert routed == set(in_force.pool.item[in_force.accepted].tolist())
    assert routed
    [question] = told["questions"]
    assert question["certificate"]["n_accepted"] == len(routed)
    assert [rung["n_accepted"] for rung in question["ladder"]] == [len(routed)]
    assert all(one.holds for one in checked)
    n_wrong = sum(
        cast("str", in_force.pool.value[at]) != case.truth[int(in_force.pool.item[at])]
        for at in np.flatnonzero(in_force.accepted)
    )
    assert n_wrong <= TARGET * len(routed)


def test_the_certificate_is_void_when_the_links_or_what_they_keep_are_others() -> None:
    case = made()
    case.through()
    small = case.small
    for other in (
        replace(config(), models=config(2).models),
        replace(config(), cascade=CascadeRule("ranks")),
        config(target_error=0.2),
    ):
        small.reconfigure(other)
        assert case.in_force() is None
        with small.storage.reading() as views:
            assert void_because(views, small.project)
        with pytest.raises(NotCalibrated):
            route(small.id, storage=small.storage, world=small.world)
        small.reconfigure(config())
    assert case.in_force() is not None


def test_killed_while_the_outcome_is_recorded_the_next_calibration_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    case = made()
    case.label()
    case.calibrate()
    case.people()
    while case.calibrate().state == "asking":
        case.label()
        with case.small.storage.reading() as views:
            is_last = len(certified_links(views, case.small.project)) == 2
        if is_last:
            break
    monkeypatch.setattr(certified_cascade, "_CHUNK", 100)
    dying = cast("Any", Dying(case.small.storage, after=3))
    with pytest.raises(KeyboardInterrupt):
        calibrate(case.small.id, storage=dying, world=case.small.world)
    assert case.in_force() is None  # half an outcome is none
    assert case.calibrate().state == "certified"
    whole = made()
    whole.through()
    mine, theirs = case.in_force(), whole.in_force()
    assert mine is not None
    assert theirs is not None
    np.testing.assert_array_equal(mine.accepted, theirs.accepted)
    with case.small.storage.reading() as views:
        assert [run.finished for run in views.runs(case.small.id) if run.kind == CASCADE] == [True]


def test_labelling_and_calibrating_again_asks_and_records_nothing() -> None:
    case = made()
    case.through()
    asked, before = case.asked(), case.kept()
    with case.small.storage.reading() as views:
        n_runs = len(views.runs(case.small.id))
    case.label()
    assert case.calibrate().state == "certified"
    assert case.asked() == asked
    assert case.kept() == before
    with case.small.storage.reading() as views:
        assert len(views.runs(case.small.id)) == n_runs


def test_a_link_that_keeps_nothing_passes_everything_on() -> None:
    case = made(ints=(-1.0, 4.0))
    assert case.through().state == "certified"
    assert case.asked() == [N, N]
    in_force = case.in_force()
    assert in_force is not None
    assert in_force.certificate["links"][0]["threshold"] is None
    assert in_force.accepted.any()


def test_A4P_6_what_comes_later_is_asked_of_the_first_model_alone_and_goes_to_people() -> None:
    case = made()
    case.through()
    small, asked = case.small, case.asked()
    small.add_items(20, prefix="late")
    late = small.keys()[-20:]
    for reader in case.readers:
        cast("dict[int, Any]", reader.said).update(dict.fromkeys(late, ("yes", 1.0)))
    case.label()
    assert case.asked() == [asked[0] + 20, *asked[1:]]
    assert all(case.kept()[key][1] == "yes" for key in late)  # a suggestion
    route(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        ways = {int(d.item): d.route for d in views.decisions(small.id)}
    assert {ways[key] for key in late} == {"review"}


def test_an_unsure_link_may_keep_by_a_lower_score_than_another(  # each link has a threshold of its own
) -> None:
    case = made()
    case.through()
    in_force = case.in_force()
    assert in_force is not None
    of_link: Callable[[int], float | None] = lambda link: in_force.certificate["links"][link]["threshold"]  # noqa: E731
    known = [of_link(link) for link in range(3) if of_link(link) is not None]
    assert len(known) >= 2
    assert len(set(known)) == len(known)


def test_of_several_questions_each_has_its_own_links_and_one_call_answers_what_is_left_of_any() -> None:
    case = made()
    small = case.small
    asked = small.project.config
    second = Question(QuestionName("mood"), "classification", {"labels": LABELS})
    schema = replace(asked.schema, questions=(*asked.schema.questions, second))
    small.reconfigure(replace(asked, schema=schema))
    for reader in case.readers:  # of the second question every model is surer where it is less sure of the first
        reader.also = {
            key: ("mood", str(said[0]), round(1 - cast("float", said[1]), 3)) for key, said in reader.said.items()
        }
    assert case.through().state == "certified"
    with small.storage.reading() as views:
        of_tone, of_mood = (certified(views, small.project, name) for name in ("tone", "mood"))
    assert of_tone is not None
    assert of_mood is not None
    reached = [of.certificate["links"][1]["n_reached"] for of in (of_tone, of_mood)]
    assert max(reached) <= case.asked()[1] <= sum(reached)
    for of in (of_tone, of_mood):
        keep = np.flatnonzero(of.accepted)
        wrong = sum(of.pool.value[at] != case.truth[int(of.pool.item[at])] for at in keep)
        assert wrong <= TARGET * len(keep)
    with small.storage.reading() as views:
        assert all(one.holds for one in check_certificates(views, small.id))
