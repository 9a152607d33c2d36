"""Calibrate, route, review, aggregate: what the guarantee rests on, and what it must refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias, cast

import numpy as np
import pytest

from labelwright.domain.decision import Decision
from labelwright.domain.project import Guideline, ModelSource
from labelwright.errors import NotCalibrated, NotReady
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.services.acceptance.calibrate import CalibrationReport, calibrate
from labelwright.services.acceptance.route import RouteReport, route
from labelwright.services.models.score import scored_pool
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.report import build_report
from labelwright.services.projects.status import status
from tests.story.small_project import TONE, TOPICS, SmallProject, configuration, is_json, spread

N = 600
Labelled: TypeAlias = tuple[SmallProject, dict[int, Any]]


@pytest.fixture
def labelled() -> Labelled:
    """600 items; the model is wrong in the last 100, of which it is least sure."""
    small = SmallProject.made(configuration(), n_items=N)
    said, sure, truth = spread(small.keys(), n_wrong_last=100)
    small.predict(said, sure)
    return small, truth


def _calibrate(small: SmallProject) -> CalibrationReport:
    return calibrate(small.id, storage=small.storage, world=small.world)


def _route(small: SmallProject) -> RouteReport:
    return route(small.id, storage=small.storage, world=small.world)


def _plan(views: Views, small: SmallProject) -> dict[str, Any]:
    return cast("dict[str, Any]", views.plan(small.id))


def _decisions(small: SmallProject, question: str = "tone") -> dict[int, Decision]:
    with small.storage.reading() as views:
        return {int(d.item): d for d in views.decisions(small.id, question)}


def test_a_sample_is_planned_once_and_waits_for_every_answer(labelled: Labelled) -> None:
    small, truth = labelled
    first = _calibrate(small)
    assert (first.state, first.n_items, first.n_labels_wanted) == ("planned", 200, 200)  # min(300, 600/3)
    assert _calibrate(small).plan == first.plan
    small.work_queue(lambda item, _q, _n: truth[item], most=199)
    waiting = _calibrate(small)
    assert (waiting.state, waiting.n_labels) == ("waiting", 199)
    small.work_queue(lambda item, _q, _n: truth[item])
    assert _calibrate(small).state == "certified"
    assert _calibrate(small).certificates == _calibrate(small).certificates


def test_a_sample_is_not_drawn_while_answers_are_still_to_come() -> None:
    small = SmallProject.made(configuration(), n_items=N)
    said, sure, _ = spread(small.keys(), n_wrong_last=100)
    tried = small.keys()[:50]  # as after `prelabel --limit 50`
    small.predict({key: said[key] for key in tried}, sure)
    with pytest.raises(
        NotReady, match=r"550 of 600 items have no answer of 'reader' yet.*run first: labelwright prelabel"
    ):
        _calibrate(small)
    rest = small.keys()[50:-6]  # six are refused every time: they go to people
    small.predict({key: said[key] for key in rest}, sure)
    assert _calibrate(small).state == "planned"


def test_status_calls_nothing_certified_that_a_change_has_voided(labelled: Labelled) -> None:
    small, truth = labelled
    _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    _calibrate(small)
    with small.storage.reading() as views:
        assert status(views, small.id).certified == {"tone": True}
    small.reconfigure(replace(configuration(), guideline=Guideline(1, "Bad is bad.")))
    with small.storage.reading() as views:
        found = status(views, small.id)
    assert (found.calibration, found.certified) == ("void", {"tone": False})


def test_the_sample_is_labelled_blind_and_its_cards_say_nothing(labelled: Labelled) -> None:
    small, truth = labelled
    _calibrate(small)
    cards = small.work_queue(lambda item, _q, _n: truth[item])
    assert len(cards) == 200
    assert all(card["suggestions"] is None and card["reason"] is None for card in cards)
    with small.storage.reading() as views:
        assert not any(a.suggestion_shown for a in views.annotations(small.id))


def test_whole_tie_groups_above_the_threshold_are_accepted_and_the_sample_is_not(labelled: Labelled) -> None:
    small, truth = labelled
    plan = _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    certificate = _calibrate(small).certificates["tone"]
    assert certificate["is_certified"]
    report = _route(small)
    decisions = _decisions(small)
    sample = {item for item, d in decisions.items() if d.route == "calibration"}
    assert len(sample) == plan.n_items
    accepted = {item for item, d in decisions.items() if d.route in ("accept", "audit")}
    above = {item for item, d in decisions.items() if d.score is not None and d.score >= certificate["threshold"]}
    assert accepted == above - sample
    assert len(accepted) == certificate["n_accepted"]
    true_error = np.mean([truth[item] != "good" for item in accepted])
    assert true_error <= 0.1
    assert sum(report.routes["tone"].values()) == N


def test_audits_are_reserved_before_review_and_come_first_and_blind(labelled: Labelled) -> None:
    small, truth = labelled
    _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    _calibrate(small)
    n_accepted = sum(_route(small).routes["tone"].get(r, 0) for r in ("accept", "audit"))
    with small.storage.reading() as views:
        kinds = [e.type for e in views.events(limit=10**6)]
        reserved = next(e for e in views.events(limit=10**6) if e.type == "audit-reserved")
    n_reserved = cast("int", reserved.body["n"])
    assert kinds.index("audit-reserved") < kinds.index("items-routed")
    assert n_reserved == max(30, round(0.05 * n_accepted + 0.499))
    assert reserved.body["population"] == n_accepted
    served = small.work_queue(lambda item, _q, _n: truth[item], most=n_reserved + 5)
    assert [card["purpose"] for card in served] == ["audit"] * n_reserved + ["review"] * 5
    assert all(card["suggestions"] is None for card in served if card["purpose"] == "audit")


def test_the_least_sure_are_reviewed_first_and_a_random_share_blind(labelled: Labelled) -> None:
    small, truth = labelled
    _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    _calibrate(small)
    _route(small)
    decisions = _decisions(small)
    served = [c for c in small.work_queue(lambda item, _q, _n: truth[item]) if c["purpose"] == "review"]
    scores = [decisions[c["item_key"]].score for c in served]
    assert scores == sorted(scores, key=lambda score: -1.0 if score is None else score)
    n_blind = sum(c["suggestions"] is None for c in served)
    assert 0 < n_blind < len(served) / 2  # one in ten, at random


def test_routing_again_changes_nothing_and_new_items_go_to_people(labelled: Labelled) -> None:
    small, truth = labelled
    _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    _calibrate(small)
    _route(small)
    before = _decisions(small)
    with small.storage.reading() as views:
        head = views.head()
    assert _route(small).n_routed == 0
    with small.storage.reading() as views:
        assert views.head() == head
    small.add_items(7, prefix="late")
    late = small.keys()[N:]
    small.predict(dict.fromkeys(late, "good"), dict.fromkeys(late, 0.999))
    assert _route(small).n_routed == 7
    after = _decisions(small)
    assert {item: after[item] for item in before} == before
    assert {after[item].route for item in late} == {"review"}  # however sure: the frozen pool does not hold them


def test_a_killed_routing_goes_on_where_it_was(labelled: Labelled) -> None:
    small, truth = labelled
    _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    _calibrate(small)

    class Killed(Exception):
        pass

    class Dying:
        """A storage that dies at the fourth write."""

        def __init__(self, storage: Storage) -> None:
            self._storage, self._left = storage, 3

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401
            return getattr(self._storage, name)

        def write(self, work: Callable[[Transaction], Any]) -> Any:  # noqa: ANN401
            self._left -= 1
            if self._left < 0:
                raise Killed
            return self._storage.write(work)

    with pytest.raises(Killed):
        route(small.id, storage=cast("Storage", Dying(small.storage)), world=small.world)
    half = _decisions(small)
    assert 0 < len(half) < N
    _route(small)
    whole = _decisions(small)
    assert len(whole) == N
    assert {item: whole[item] for item in half} == half
    with small.storage.reading() as views:
        runs = [run for run in views.runs(small.id) if run.kind == "route"]
        audits = [e for e in views.events(limit=10**6) if e.type == "audit-reserved"]
    assert [run.finished for run in runs] == [True]
    assert len(audits) == 1


def test_a_changed_guideline_voids_the_certificate_and_other_items_are_drawn(labelled: Labelled) -> None:
    small, truth = labelled
    first = _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    _calibrate(small)
    small.reconfigure(replace(configuration(), guideline=Guideline(1, "Good is very good.")))
    with pytest.raises(NotCalibrated, match="void"):
        _route(small)
    with pytest.raises(NotReady, match="prelabel"):
        _calibrate(small)  # the old answers were to another prompt
    said, sure, _ = spread(small.keys(), n_wrong_last=100)
    small.predict(said, sure)
    second = _calibrate(small)
    assert second.plan != first.plan
    assert second.n_pool == N - first.n_items
    with small.storage.reading() as views:
        drawn = set(_plan(views, small)["items"])
        before = {int(a.item) for a in views.annotations(small.id)}
    assert not drawn & before


def test_predictions_that_changed_after_the_freeze_are_not_certified(labelled: Labelled) -> None:
    small, truth = labelled
    _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    key = small.keys()[0]
    small.predict({key: "bad"}, {key: 0.9})
    with pytest.raises(NotReady, match="frozen"):
        _calibrate(small)


def test_no_valid_label_and_no_confidence_go_to_people_and_stay_in_the_pool() -> None:
    small = SmallProject.made(configuration(), n_items=N)
    said, sure, truth = spread(small.keys(), n_wrong_last=0)
    silent, unsure = small.keys()[:40], small.keys()[40:80]
    said |= dict.fromkeys(silent)
    sure |= dict.fromkeys(unsure)
    small.predict(said, sure)
    plan = _calibrate(small)
    assert plan.n_pool == N
    small.work_queue(lambda item, _q, _n: truth[item])
    _calibrate(small)
    _route(small)
    decisions = _decisions(small)
    assert {decisions[k].route for k in silent + unsure} <= {"review", "calibration"}
    assert {decisions[k].reason for k in silent if decisions[k].route == "review"} == {"the model gave no valid label"}


def test_agreement_never_counts_the_model_itself() -> None:
    alone = replace(configuration(), confidence="agreement")
    small = SmallProject.made(alone, n_items=N)
    said, sure, truth = spread(small.keys(), n_wrong_last=0)
    small.predict(said, sure)
    _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    certificate = _calibrate(small).certificates["tone"]
    assert not certificate["is_certified"]  # nobody else voted: no confidence, nothing accepted
    assert "no item has a score" in certificate["reason"]


def test_agreement_is_the_share_of_the_others_who_say_the_same() -> None:
    models = (ModelSource("reader", "http://h/v1"), *(ModelSource(f"other{n}", "http://h/v1") for n in range(4)))
    small = SmallProject.made(replace(configuration(), confidence="agreement", models=models), n_items=6)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), {})
    for n in range(4):
        small.predict(
            {key: "good" if n < place else "bad" for place, key in enumerate(keys[:5])}, {}, model=f"other{n}"
        )
    with small.storage.reading() as views:
        pool = scored_pool(views, small.id, small.project.config, "tone")
    assert pool.score[:5].tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert np.isnan(pool.score[5])


def test_several_questions_share_a_sample_and_split_the_risk() -> None:
    small = SmallProject.made(configuration(questions=(TONE, TOPICS)), n_items=N)
    said, sure, truth = spread(small.keys(), n_wrong_last=120)
    small.predict(said, sure)
    small.predict({key: ["price"] for key in said}, sure, question="topics")
    plan = _calibrate(small)
    assert plan.n_labels_wanted == 2 * plan.n_items
    assert plan.frozen["questions"]["tone"]["delta"] == pytest.approx(0.025)
    small.work_queue(lambda item, q, _n: truth[item] if q == "tone" else ["price"])
    certified = _calibrate(small).certificates
    assert certified["topics"]["is_certified"]
    _route(small)
    tone, topics = _decisions(small), _decisions(small, "topics")
    split = [k for k in tone if tone[k].route == "review" and topics[k].route == "accept"]
    assert split  # one question of an item may be accepted while the other goes to people
    served = small.work_queue(lambda item, q, _n: truth[item] if q == "tone" else ["price"])
    asked = {c["item_key"]: c["questions"] for c in served if c["purpose"] == "review"}
    assert all(asked[k] == ["tone"] for k in split)


def test_a_consensus_of_three_calibrates_and_its_noise_is_stated() -> None:
    small = SmallProject.made(configuration(calibration_votes=3), n_items=N, n_people=3)
    said, sure, truth = spread(small.keys(), n_wrong_last=0)
    small.predict(said, sure)
    plan = _calibrate(small)
    assert plan.n_labels_wanted == 3 * plan.n_items  # every answer is billed
    rng = np.random.default_rng(7)
    flip = {"good": "bad", "bad": "good"}
    small.work_queue(lambda item, _q, _n: flip[str(truth[item])] if rng.random() < 0.1 else truth[item])
    certificate = _calibrate(small).certificates["tone"]
    # one vote errs in .1, the majority of three in 3·.1²·.9 + .1³ = .028
    assert certificate["noise"]["consensus_error"] == pytest.approx(0.028, abs=0.02)
    assert certificate["is_certified"]


def test_an_item_that_nobody_could_label_counts_as_wrong_when_one_insists(labelled: Labelled) -> None:
    small, truth = labelled
    _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item], most=190)
    report = calibrate(small.id, storage=small.storage, world=small.world, count_missing_as_wrong=True)
    certificate = report.certificates["tone"]
    assert certificate["n_missing"] == 10
    assert certificate["n_wrong"] >= 10


def test_labels_of_record_name_their_origin(labelled: Labelled) -> None:
    small, truth = labelled
    _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    _calibrate(small)
    _route(small)
    small.work_queue(lambda item, _q, _n: truth[item], most=40)
    first = aggregate(small.id, storage=small.storage, world=small.world)
    assert sum(first.statuses["tone"].values()) == N == first.n_changed
    assert first.statuses["tone"]["human-verified"] == 240  # 200 calibration, 30 audit, 10 review
    assert aggregate(small.id, storage=small.storage, world=small.world).n_changed == 0
    with small.storage.reading() as views:
        found = list(views.resolutions(small.id))
        decisions = _decisions(small)
    assert {r.status for r in found if decisions[int(r.item)].route == "accept"} == {"auto-accepted"}
    assert all(r.value == truth[int(r.item)] for r in found if r.status == "human-verified")
    small.work_queue(lambda item, _q, _n: truth[item], most=1)
    assert aggregate(small.id, storage=small.storage, world=small.world).n_changed == 1


def test_a_tie_is_broken_by_reliability_and_never_by_the_order_of_the_labels() -> None:
    small = SmallProject.made(configuration(review_votes=2, calibration_votes=2), n_items=90, n_people=2)
    keys = small.keys()
    truth = {key: ("good", "bad")[place % 2] for place, key in enumerate(keys)}
    small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.9))
    _calibrate(small)
    flip = {"good": "bad", "bad": "good"}
    disputed = set(keys[::10])
    # person 1 is wrong on the disputed items alone
    small.work_queue(lambda item, _q, n: flip[truth[item]] if n == 1 and item in disputed else truth[item])
    certificate = _calibrate(small).certificates["tone"]
    with small.storage.reading() as views:
        sampled = set(_plan(views, small)["items"])
    n_right = sum(truth[item] == "good" and item not in disputed for item in sampled)
    assert certificate["n_wrong"] == len(sampled) - n_right  # a tie among people counts as the model's error


def test_the_report_is_json_before_and_after_every_stage(labelled: Labelled) -> None:
    small, truth = labelled

    def report() -> Any:  # noqa: ANN401
        with small.storage.reading() as views:
            return build_report(views, small.id)

    assert is_json(report())
    _calibrate(small)
    assert report()["questions"][0]["certificate"] is None
    small.work_queue(lambda item, _q, _n: truth[item])
    _calibrate(small)
    _route(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    aggregate(small.id, storage=small.storage, world=small.world)
    told = report()
    assert is_json(told)
    question = told["questions"][0]
    assert question["certificate"]["is_certified"]
    assert question["audit"]["n_checked"] == question["audit"]["n_drawn"] >= 30
    assert [rung["target_error"] for rung in question["ladder"] if rung["is_frozen"]] == [0.1]
    assert Counter(question["resolved"])["unverified"] == 0


def test_projections_can_be_made_anew_from_the_ledger(labelled: Labelled) -> None:
    small, truth = labelled
    _calibrate(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    _calibrate(small)
    _route(small)
    small.work_queue(lambda item, _q, _n: truth[item], most=50)
    aggregate(small.id, storage=small.storage, world=small.world)

    def seen() -> tuple[Any, ...]:
        with small.storage.reading() as views:
            return (
                views.decisions(small.id),
                list(views.resolutions(small.id)),
                views.queue_counts(small.id),
                views.certificates(small.id),
                views.label_count(small.id),
            )

    before = seen()
    small.storage.rebuild()
    assert seen() == before
    small.storage.verify()


def test_without_a_model_everything_goes_to_people_and_a_model_may_come_later() -> None:
    alone = replace(configuration(), models=())
    small = SmallProject.made(alone, n_items=N)
    assert _route(small).routes == {"tone": {"review": N}}
    said, sure, truth = spread(small.keys(), n_wrong_last=50)
    small.work_queue(lambda item, _q, _n: truth[item], most=60)
    assert aggregate(small.id, storage=small.storage, world=small.world).statuses["tone"]["human-verified"] == 60
    small.reconfigure(configuration())
    small.predict(said, sure)
    plan = _calibrate(small)
    assert plan.n_pool == N - 60  # what people have labelled already is no blind random sample
    small.work_queue(lambda item, _q, _n: truth[item])
    assert _calibrate(small).certificates["tone"]["is_certified"]
    _route(small)
    by_route = Counter(d.route for d in _decisions(small).values())
    assert by_route["accept"] + by_route["audit"] > 0
    assert sum(by_route.values()) == N
