"""What was accepted in bulk is the model's word still: no figure about the labels takes it for a person's look."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey
from labelwright.ports.item_search import ItemFilter
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.card.card import build_card
from labelwright.services.models.demonstrations import _labels_by_people  # pyright: ignore[reportPrivateUsage]
from labelwright.services.models.example_items import _said  # pyright: ignore[reportPrivateUsage]
from labelwright.services.people.aggregate import aggregate
from labelwright.services.people.assist import measure_assist
from labelwright.services.people.bulk import Seen, accept_in_bulk
from labelwright.services.people.bulk_offer import Offer, offers, schema_seen
from labelwright.services.projects.dashboard import dashboard
from labelwright.services.projects.report import build_report
from labelwright.services.soundness.guideline_change import old_labels
from labelwright.services.soundness.slice_evidence import audited_labels
from tests.story.small_project import TONE, SmallProject, configuration
from tests.story.test_estimate import world


@pytest.fixture(scope="module")
def reviewed() -> SmallProject:
    """Certified and routed; a third of the review is done, with and without the suggestion; an audit is answered."""
    config = configuration(seed=3, calibration_size=150, blind_share=0.3, audit_share=0.1)
    small = SmallProject.made(config, n_items=500, n_people=2)
    said, sure, truth = world(np.random.default_rng(3), small.keys())
    small.predict(said, sure)
    calibrate(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda item, _q, _n: truth[item])
    calibrate(small.id, storage=small.storage, world=small.world)
    route(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda item, _q, _n: truth[item], most=80)
    aggregate(small.id, storage=small.storage, world=small.world)
    return small


def accept_all(small: SmallProject) -> list[ItemKey]:
    """Accept all that may be accepted, and settle; give the items."""
    project = small.project
    with small.storage.reading() as views:
        found = views.find_items(small.id, ItemFilter(TONE.name, unanswered=True, waiting="open"), limit=200)
        ids = {one.item.key: str(one.item.id) for one in found}
        open_to = offers(views, project, list(ids), person=small.people[0].id, now=small.world.now())
    taken = {key: offer for key, offer in open_to.items() if isinstance(offer, Offer)}
    seen = [
        Seen(ids[key], {str(name): (row.value, row.prediction) for name, row in offer.shown.items()})
        for key, offer in taken.items()
    ]
    small.storage.write(
        lambda tx: accept_in_bulk(
            tx,
            project,
            small.people[0],
            seen=seen,
            version=schema_seen(project),
            most_wrong=0.1,
            seconds=1.0,
            key=small.world.new_id(),
            world=small.world,
        )
    )
    aggregate(small.id, storage=small.storage, world=small.world)
    return list(taken)


@pytest.fixture
def accepted(reviewed: SmallProject) -> SmallProject:
    """The same with a bulk act."""
    with reviewed.storage.reading() as views:
        is_done = any(one.purpose == "bulk" for one in views.annotations(reviewed.id))
    if not is_done:
        accept_all(reviewed)
    return reviewed


def told(small: SmallProject) -> dict[str, Any]:
    """Give every figure that speaks of how good labels, model or people are."""
    with small.storage.reading() as views:
        report = cast("Any", build_report(views, small.id))
        question = report["questions"][0]
        card = cast("Any", build_card(views, small.id))["questions"][0]["card"]
        people = cast("Any", dashboard(views, small.id))
        evidence = audited_labels(views, small.project, TONE)
        project = small.project
        learnt = _labels_by_people(views, project, set())
        examples = _said(views, project)
        old = old_labels(views, project, TONE).counts()
    names = (
        "estimate",
        "certificate",
        "calibration",
        "ladder",
        "risk_coverage",
        "agreement",
        "audit",
        "n_human_labels",
    )
    kept = {name: question[name] for name in names}
    kept["card"] = {name: value for name, value in card.items() if name not in ("cost", "hashes")}
    kept["dashboard"] = (people["hours"], people["people"])
    kept["slices"] = {name: _plain(getattr(evidence, name)) for name in dir(evidence) if not name.startswith("_")}
    kept |= {"learnt": learnt, "examples": examples, "old": old}
    kept["n_human_labels"] = (report["n_human_labels"], question["n_human_labels"])
    return kept


def _plain(value: object) -> Json:
    return repr(value.tolist() if isinstance(value, np.ndarray) else value) if not callable(value) else None


def test_F3_no_figure_moves_when_labels_are_accepted_in_bulk(reviewed: SmallProject) -> None:
    before = told(reviewed)
    assist = measure_assist(reviewed.id, storage=reviewed.storage, world=reviewed.world)
    taken = accept_all(reviewed)
    assert len(taken) > 20
    after = told(reviewed)
    for name, value in before.items():
        assert after[name] == value, name
    assert measure_assist(reviewed.id, storage=reviewed.storage, world=reviewed.world) == assist
    with reviewed.storage.reading() as views:
        status = {r.item: r.status for r in views.resolutions(reviewed.id)}
        process = cast("Any", build_card(views, reviewed.id))["process"]
    assert {status[item] for item in taken} == {"bulk-accepted"}
    assert process["n_answers_by_purpose"]["bulk"] == len(taken)


def test_a_spot_check_is_a_persons_answer_and_evidence_about_its_act_alone(accepted: SmallProject) -> None:
    before = told(accepted)
    assist = measure_assist(accepted.id, storage=accepted.storage, world=accepted.world)
    answered = accepted.work_queue(lambda _i, _q, _n: "bad", most=10)
    assert any(one["purpose"] == "spot-check" for one in answered), "the act drew a sample"
    aggregate(accepted.id, storage=accepted.storage, world=accepted.world)
    after = told(accepted)
    for name in ("certificate", "calibration", "ladder", "risk_coverage", "agreement", "audit", "slices"):
        assert after[name] == before[name], name
    assert after["card"]["n_human"] == before["card"]["n_human"], "the sample that the card rests on is the same"
    assert after["card"]["n_by_people"] == before["card"]["n_by_people"] + len(answered)
    agreements = [[one["agreement"] for one in kept["dashboard"][1]] for kept in (before, after)]
    assert agreements[0] == agreements[1]
    assert measure_assist(accepted.id, storage=accepted.storage, world=accepted.world) == assist


def test_reviews_after_a_bulk_act_are_no_arm_of_the_trial(accepted: SmallProject) -> None:
    """What is left of the items with a suggestion is what nobody took over: it is harder than the blind ones."""
    before = cast("Any", measure_assist(accepted.id, storage=accepted.storage, world=accepted.world))
    more = [one for one in accepted.work_queue(lambda _i, _q, _n: "good") if one["purpose"] == "review"]
    assert more
    after = cast("Any", measure_assist(accepted.id, storage=accepted.storage, world=accepted.world))
    assert [one["n"] for one in after["questions"][0]["arms"]] == [one["n"] for one in before["questions"][0]["arms"]]
