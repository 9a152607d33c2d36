"""What shown suggestions do to people, and whether the model may take their place, through a whole project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, QuestionName, RunId
from labelwright.domain.queue import NewEntry
from labelwright.errors import InvalidValue, NotReady
from labelwright.events import ItemsRouted, RunFinished, RunStarted
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.people import annotate
from labelwright.services.people.aggregate import aggregate
from labelwright.services.people.assist import measure_assist
from labelwright.services.people.assist_checks import ask_checks
from labelwright.services.people.replacement import check_replacement
from labelwright.services.projects.report import build_report
from labelwright.services.soundness.slice_fresh import DRAW
from tests.story.small_project import SmallProject, configuration


def _project(
    *, n_wrong: int = 200, n_people: int = 3, votes: int = 1, blind_share: float = 0.1, auto: bool = False
) -> tuple[SmallProject, dict[int, Json]]:
    """A model that is wrong on every third item or so and sure of nothing in particular."""
    config = configuration(
        calibration_size=240,
        calibration_votes=votes,
        blind_share=blind_share,
        suggestions="auto" if auto else "shown",
    )
    small = SmallProject.made(config, n_items=600, n_people=n_people)
    keys = small.keys()
    rng = np.random.default_rng(3)
    wrong = set(rng.permutation(keys)[:n_wrong].tolist())
    small.predict(dict.fromkeys(keys, "good"), {key: float(rng.random()) for key in keys})
    return small, {key: "bad" if key in wrong else "good" for key in keys}


def _routed(small: SmallProject, truth: Mapping[int, Json]) -> None:
    calibrate(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda item, _question, _person: truth[item])
    calibrate(small.id, storage=small.storage, world=small.world)
    route(small.id, storage=small.storage, world=small.world)


def _follows(small: SmallProject, truth: Mapping[int, Json], *, takes_over: float) -> Callable[[int, str, int], Json]:
    """Give people who answer with the suggestion in so many cases where they see one, else with the truth."""
    rng = np.random.default_rng(4)

    def answer(item: int, question: str, _person: int) -> Json:
        seen = small.in_hand["suggestions"]
        if seen and rng.random() < takes_over:
            return cast("Mapping[str, Any]", seen)[question]["value"]
        return truth[item]

    return answer


def _question(report: Mapping[str, Json]) -> dict[str, Any]:
    return cast("list[dict[str, Any]]", report["questions"])[0]


def test_people_who_take_over_wrong_suggestions_are_found_out_and_the_suggestions_hidden() -> None:
    small, truth = _project(blind_share=0.4, auto=True)
    _routed(small, truth)
    answer = _follows(small, truth, takes_over=0.6)
    seen = small.work_queue(answer, seconds=lambda card: 2.0 if card["suggestions"] else 4.0, most=300)
    assert any(card["suggestions"] for card in seen)
    before = _question(measure_assist(small.id, storage=small.storage, world=small.world))
    assert before["speed_up"]["value"] == pytest.approx(2.0)
    assert before["missed_corrections"]["low"] > 0
    assert before["anchoring"] is None, "no truth is known of what is reviewed for the first time"
    assert before["harmful"] is None

    asked = ask_checks(small.id, 160, storage=small.storage, world=small.world)
    assert asked.n_wrong >= 60
    small.work_queue(answer, most=160)
    found = measure_assist(small.id, storage=small.storage, world=small.world)
    after = _question(found)
    assert after["anchoring"]["low"] < 0.6 < after["anchoring"]["high"]
    assert after["anchoring"]["low"] > 0.2
    assert after["harmful"] is True
    assert "hide them" in after["verdict"]
    rest = small.work_queue(answer)
    assert rest
    assert all(card["suggestions"] is None for card in rest), "auto hides what is known to harm"
    with pytest.raises(NotReady, match=r"known to harm .* nothing to compare"):
        ask_checks(small.id, 10, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        assert _question(build_report(views, small.id))["assist"]["harmful"] is True


def test_what_people_did_with_earlier_labels_is_not_held_against_labels_made_since() -> None:
    small, truth = _project(blind_share=0.4)
    _routed(small, truth)
    answer = _follows(small, truth, takes_over=0.6)
    small.work_queue(answer, most=200)
    ask_checks(small.id, 160, storage=small.storage, world=small.world)
    small.work_queue(answer, most=160)
    assert _question(measure_assist(small.id, storage=small.storage, world=small.world))["anchoring"]["low"] > 0.2
    small.world = replace(small.world, now=lambda: 1_700_086_400.0)  # a day later
    started = RunStarted(small.id, RunId("anew"), "prelabel", {})
    small.storage.write(lambda tx: tx.append([started], small.world.provenance(run=RunId("anew"))))
    # The same model, asked anew, is right everywhere: whoever took over its earlier mistakes would seem to have left
    # right suggestions alone.
    small.predict(truth, dict.fromkeys(truth, 0.5), run="anew")
    with pytest.raises(NotReady, match="labels that the model has made anew since"):
        measure_assist(small.id, storage=small.storage, world=small.world)


def test_people_who_think_for_themselves_keep_their_suggestions() -> None:
    small, truth = _project(blind_share=0.4, auto=True)
    _routed(small, truth)
    answer = _follows(small, truth, takes_over=0.0)
    small.work_queue(answer, most=100)
    ask_checks(small.id, 200, storage=small.storage, world=small.world)
    small.work_queue(answer, most=200)
    found = _question(measure_assist(small.id, storage=small.storage, world=small.world))
    assert found["harmful"] is False
    assert any(card["suggestions"] for card in small.work_queue(answer))


def test_an_answer_to_a_check_changes_no_label_of_record() -> None:
    small, truth = _project(n_people=2, blind_share=0.4)
    _routed(small, truth)
    small.work_queue(lambda item, _question, _person: truth[item])
    aggregate(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        before = {(r.item, r.question): r.value for r in views.resolutions(small.id)}
    ask_checks(small.id, 100, storage=small.storage, world=small.world)
    small.work_queue(_follows(small, truth, takes_over=1.0))
    aggregate(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        assert {(r.item, r.question): r.value for r in views.resolutions(small.id)} == before


def test_answers_from_after_suggestions_went_off_are_no_arm_of_the_trial() -> None:
    """What is reviewed later is surer, and differs less from the model: taken for the blind arm it would hide harm."""
    small, truth = _project(blind_share=0.4, auto=True)
    _routed(small, truth)
    answer = _follows(small, truth, takes_over=0.6)
    small.work_queue(answer, most=120)
    ask_checks(small.id, 160, storage=small.storage, world=small.world)
    small.work_queue(answer, most=160)
    before = _question(measure_assist(small.id, storage=small.storage, world=small.world))
    assert before["harmful"] is True
    rest = small.work_queue(lambda _item, _question, _person: "good")
    assert len(rest) > 50
    after = _question(measure_assist(small.id, storage=small.storage, world=small.world))
    assert after["arms"][0] == before["arms"][0]
    assert after["arms"][1]["n"] <= before["arms"][1]["n"]
    assert after["missed_corrections"] == before["missed_corrections"]


def test_answers_drawn_inside_a_bad_slice_are_no_arm_of_the_trial() -> None:
    """All of them are blind, and the model is wrong on more of them: beside shown ones that looks like anchoring."""
    small, truth = _project(blind_share=0.4)
    _routed(small, truth)
    with small.storage.reading() as views:
        labelled = {int(a.item) for a in views.annotations(small.id)}
        number = max(a.round for a in views.annotations(small.id))
    bad = [key for key, value in truth.items() if value == "bad" and key not in labelled][:60]
    entries = tuple(
        NewEntry(ItemKey(key), (QuestionName("tone"),), "review", 0, 1.9, blind=True, reason="", round=number)
        for key in bad
    )
    drawn: dict[str, Json] = {"question": "tone", "items": list[Json](bad)}
    events = [
        RunStarted(small.id, "draw", DRAW, drawn),
        ItemsRouted(small.id, "draw", small.project.config.version, (), entries),
        RunFinished(small.id, "draw", {}),
    ]
    small.storage.write(lambda tx: tx.append(events, small.world.provenance(run="draw")))
    done = small.work_queue(lambda item, _question, _person: truth[item])
    assert {one["item_key"] for one in done} >= set(bad)
    found = _question(measure_assist(small.id, storage=small.storage, world=small.world))
    reviewed = [one for one in done if one["purpose"] == "review" and one["item_key"] not in bad]
    assert found["arms"][1]["n"] <= sum(one["suggestions"] is None for one in reviewed)
    missed = found["missed_corrections"]
    assert missed["low"] <= 0 <= missed["high"], "nobody was anchored"


def test_nobody_is_asked_again_while_the_policy_hides_suggestions() -> None:
    small, truth = _project()
    _routed(small, truth)
    config = small.project.config
    small.reconfigure(replace(config, policy=replace(config.policy, suggestions="hidden")))
    with pytest.raises(NotReady, match="the policy hides them"):
        ask_checks(small.id, 10, storage=small.storage, world=small.world)


def test_one_person_alone_cannot_be_checked_and_is_told_so() -> None:
    small, truth = _project(n_people=1)
    _routed(small, truth)
    with pytest.raises(NotReady, match="invite a second"):
        ask_checks(small.id, 10, storage=small.storage, world=small.world)
    with pytest.raises(NotReady, match="nobody has reviewed"):
        measure_assist(small.id, storage=small.storage, world=small.world)


def test_reviews_that_all_showed_the_suggestion_are_counted_and_what_is_missing_is_said() -> None:
    small, truth = _project(blind_share=0.0)
    _routed(small, truth)
    small.work_queue(lambda item, _question, _person: truth[item], most=12)
    with pytest.raises(NotReady, match=r"12 review answers, 12 with the suggestion shown.*both with and without"):
        measure_assist(small.id, storage=small.storage, world=small.world)


@pytest.mark.parametrize(("n_wrong", "may_replace"), [(6, True), (300, False)])
def test_the_model_may_replace_people_where_it_agrees_with_them_as_they_do(*, n_wrong: int, may_replace: bool) -> None:
    small, truth = _project(n_wrong=n_wrong, votes=3)
    calibrate(small.id, storage=small.storage, world=small.world)
    rng = np.random.default_rng(8)
    small.work_queue(lambda item, _q, _p: truth[item] if rng.random() < 0.95 else "bad")
    report = check_replacement(small.id, storage=small.storage, world=small.world, epsilon=0.1)
    found = _question(report)
    assert len(found["people"]) == 3
    assert found["may_replace"] is may_replace
    with small.storage.reading() as views:
        assert _question(build_report(views, small.id))["alt_test"]["may_replace"] is may_replace


def test_with_one_vote_per_item_nobody_can_be_compared() -> None:
    small, truth = _project()
    _routed(small, truth)
    with pytest.raises(NotReady, match="calibration_votes: 3"):
        check_replacement(small.id, storage=small.storage, world=small.world)
    with pytest.raises(InvalidValue, match="no item has 'language'"):
        check_replacement(small.id, storage=small.storage, world=small.world, by="language")


def test_ways_of_showing_are_compared_by_the_arms_they_were_drawn_for() -> None:
    """People see a filled-in suggestion and take six in ten over; asked first, they take over one in ten."""
    arms = {"prefilled": 0.4, "after_choice": 0.4, "hidden": 0.2}
    config = configuration(calibration_size=200, blind_share=0.0, suggestions=arms)
    small = SmallProject.made(config, n_items=800, n_people=3)
    keys = small.keys()
    rng = np.random.default_rng(3)
    wrong = set(rng.permutation(keys)[:250].tolist())
    small.predict(dict.fromkeys(keys, "good"), {key: float(rng.random()) for key in keys})
    truth: dict[int, Json] = {key: "bad" if key in wrong else "good" for key in keys}
    _routed(small, truth)
    # The display stands on the card before any suggestion does: what a person would then do with it is drawn here.
    takes_over = {"prefilled": 0.6, "after_choice": 0.1, "hidden": 0.0}
    chance = np.random.default_rng(4)

    def answer(item: int, _question: str, _person: int) -> Json:
        drawn = chance.random() < takes_over[str(small.in_hand["display"])]
        return "good" if drawn else truth[item]

    def seconds(card: Mapping[str, Any]) -> float:
        return 2.0 if card["display"] == "prefilled" else 4.0

    small.work_queue(answer, seconds=seconds, most=500)
    ask_checks(small.id, 160, storage=small.storage, world=small.world)
    small.work_queue(answer, seconds=seconds, most=200)
    found = _question(measure_assist(small.id, storage=small.storage, world=small.world))
    by = {one["display"]: one for one in found["by_display"]}
    assert set(by) == {"prefilled", "after_choice"}
    assert by["prefilled"]["probability"] == 0.4
    assert by["prefilled"]["speed_up"]["value"] > 1.3
    assert by["prefilled"]["missed_corrections"]["value"] == pytest.approx(0.6, abs=0.25)
    assert by["after_choice"]["missed_corrections"]["value"] < by["prefilled"]["missed_corrections"]["value"]
    assert by["prefilled"]["accepted_wrong"] > by["after_choice"]["accepted_wrong"]
    assert by["prefilled"]["harmful"] is True


def test_who_chooses_not_to_look_after_the_choice_is_no_blind_arm() -> None:
    """Those who are sure submit at once, and agree with the model; only chance makes an arm, never their choice."""
    config = configuration(calibration_size=200, blind_share=0.0, suggestions="after_choice")
    small = SmallProject.made(config, n_items=600, n_people=2)
    keys = small.keys()
    truth: dict[int, Json] = {key: "bad" if key % 3 == 0 else "good" for key in keys}
    small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.5))
    _routed(small, truth)
    project = small.project
    for turn in range(60):
        person = small.people[turn % 2]
        (card,) = small.storage.write(
            lambda tx, who=person: annotate.lease_next(tx, project, who, count=1, world=small.world)
        )
        asked: dict[str, Any] = {"lease": str(card["lease"]), "answers": {"tone": "bad"}, "seconds": 1.0}
        if turn % 3:
            small.storage.write(
                lambda tx, who=person, a=asked: annotate.reveal(tx, project, who, world=small.world, **a)
            )
        small.storage.write(
            lambda tx, who=person, a=asked, n=turn: annotate.submit(
                tx, project, who, key=f"key {n}", world=small.world, **a
            )
        )
    with pytest.raises(NotReady, match="60 review answers, 40 with the suggestion shown: no round"):
        measure_assist(small.id, storage=small.storage, world=small.world)
