"""The data-set card of a project that went through the loop: what it says, and what it rests on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from labelwright import bootstrap
from labelwright.adapters.report.card_page import card_page
from labelwright.adapters.report.estimate_words import estimate_sentences
from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.audits.recall import recall
from labelwright.services.card.card_sampled import estimate_on_card
from labelwright.services.card.estimate import EXACT, as_on_card, estimated
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.report import build_report
from tests.story.card_project import card_of, exported, first, project_with_everything, the_project
from tests.story.small_project import TONE, TOPICS, SmallProject, configuration, is_json
from tests.story.test_estimate import finished, true_error


def test_the_card_says_how_accurate_the_labels_are_and_what_that_rests_on() -> None:
    small, truth = the_project()
    card = first(small)
    overall = card["accuracy"]["overall"]
    assert overall["low"] <= 1 - true_error(small, truth) <= overall["high"]
    assert overall["low"] <= overall["value"] <= overall["high"]
    assert (overall["level"], card["n_labels"]) == (0.95, 400)
    assert "150 items drawn at random" in card["design"]
    assert "blind audit of 30" in card["design"]
    assert "by itself" in card["holds"]
    left = card["errors_left"]
    assert left["expected"] <= left["upper"]
    assert true_error(small, truth) * 400 <= left["upper"]
    assert sum(row["n"] for row in card["accuracy"]["by_origin"]) == 400
    assert sum(row["share"] for row in card["accuracy"]["by_origin"]) == pytest.approx(1)
    shares = {row["label"]: row for row in card["prevalence"]}
    really = np.mean([value == "bad" for value in truth.values()])
    assert (shares["bad"]["naive"], shares["good"]["naive"]) == (0.0, 1.0)
    assert shares["bad"]["low"] <= really <= shares["bad"]["high"]
    assert card["effective_sample_size"] > 0
    assert is_json(card_of(small))


def test_the_report_has_the_same_card() -> None:
    small, _ = the_project()
    with small.storage.reading() as views:
        told: Any = build_report(views, small.id)["questions"]
    whole = first(small)
    assert whole["accuracy"].pop("by_slice") == []
    assert told[0]["card"] == whole


def test_F3_reviewed_items_are_mended_and_never_estimate_anything() -> None:
    """F3: the least sure were reviewed; taken for a random sample they would say the model errs far more often."""
    _, _, before = finished(1, n_reviewed=0)
    _, truth, after = finished(1, n_reviewed=30 + 60)  # the audit comes first
    with after.storage.reading() as views:
        reviewed = views.annotations(after.id, purpose="review")
    assert len(reviewed) == 60
    wrong = np.mean([truth[int(a.item)] == "bad" for a in reviewed])
    assert wrong > 1.5 * np.mean([value == "bad" for value in truth.values()])
    audited = finished(1, n_reviewed=30)[2]
    early, late = first(audited), first(after)
    assert late["n_human"] == early["n_human"] == 180
    assert first(before)["n_human"] == 150
    # What was reviewed is known, and that is all: the estimate of the class is as before, no item counts twice.
    for row, again in zip(early["prevalence"], late["prevalence"], strict=True):
        assert again["corrected"] == pytest.approx(row["corrected"], abs=0.03)
    assert late["accuracy"]["overall"]["value"] > early["accuracy"]["overall"]["value"]
    assert late["accuracy"]["accepted"] == early["accuracy"]["accepted"]


def test_a_suggestion_in_sight_makes_an_answer_no_evidence() -> None:
    small, _ = the_project()
    with small.storage.reading() as views:
        answers = views.annotations(small.id)
        blind = [a for a in answers if a.purpose != "review"]
    assert first(small)["n_human"] == len(blind) < len(answers)


def test_nothing_is_said_where_no_sample_speaks() -> None:
    small = SmallProject.made(configuration(), n_items=50)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.9))
    calibrate(small.id, storage=small.storage, world=small.world)
    card = first(small)
    assert card["accuracy"]["overall"] is card["accuracy"]["accepted"] is card["prevalence"] is None
    assert card["errors_left"] is card["confusion"] is card["effective_sample_size"] is None
    assert card["cost"]["per_correct_label"] is None
    assert "no random sample" in card["design"]


def test_until_an_audit_is_answered_the_accepted_have_no_figure_of_their_own() -> None:
    _, _, small = finished(1, n_reviewed=0)
    accuracy = first(small)["accuracy"]
    assert accuracy["overall"] is not None
    assert accuracy["accepted"] is None
    origins = {row["origin"]: row["accuracy"] for row in accuracy["by_origin"]}
    assert origins["accepted"] is None
    assert origins["unverified"] is not None


def test_labels_of_items_that_came_later_count_as_wrong_and_as_either_in_the_interval() -> None:
    _, _, small = finished(7, n_reviewed=60)
    before = first(small)
    small.add_items(20, prefix="late")
    late = small.keys()[400:]
    small.predict(dict.fromkeys(late, "good"), dict.fromkeys(late, 0.99))
    card = first(small)
    assert card["n_unspoken"] == 20
    assert card["errors_left"]["expected"] == pytest.approx(before["errors_left"]["expected"] + 20)
    low, high = (card["accuracy"]["overall"][end] * 420 for end in ("low", "high"))
    assert low == pytest.approx(before["accuracy"]["overall"]["low"] * 400)
    assert high == pytest.approx(before["accuracy"]["overall"]["high"] * 400 + 20)
    origins = {row["origin"]: row for row in card["accuracy"]["by_origin"]}
    assert (origins["not sampled"]["n"], origins["not sampled"]["accuracy"]) == (20, None)


def test_when_people_labelled_everything_that_was_not_accepted_no_doubt_is_left_there() -> None:
    _, truth, small = finished(7, n_reviewed=10**6)
    card = first(small)
    origins = {row["origin"] for row in card["accuracy"]["by_origin"]}
    assert origins <= {"people", "accepted"}
    n_accepted = sum(row["n"] for row in card["accuracy"]["by_origin"] if row["origin"] == "accepted")
    assert card["errors_left"]["upper"] <= n_accepted
    assert true_error(small, truth) * 400 <= card["errors_left"]["upper"]


def test_slices_of_the_metadata_have_figures_of_their_own() -> None:
    small = SmallProject.made(configuration(calibration_size=150, seed=6), n_items=0)
    rows = [{"id": f"i{n}", "text": f"text {n}", "source": ("web", "mail")[n % 2], "nr": n} for n in range(400)]
    bootstrap.import_items(small.id, rows, storage=small.storage, world=small.world)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), {key: 0.9 - 0.4 * (n % 2) for n, key in enumerate(keys)})
    rng = np.random.default_rng(6)
    # What came by mail is wrong in half, the rest nearly never.
    truth: dict[int, Json] = {
        key: "bad" if rng.random() < (0.5 if n % 2 else 0.02) else "good" for n, key in enumerate(keys)
    }
    calibrate(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda item, _q, _n: truth[item])
    calibrate(small.id, storage=small.storage, world=small.world)
    route(small.id, storage=small.storage, world=small.world)
    aggregate(small.id, storage=small.storage, world=small.world)
    slices = {(row["field"], row["value"]): row for row in first(small)["accuracy"]["by_slice"]}
    assert set(slices) == {("source", "mail"), ("source", "web")}  # a number of its own for every item divides nothing
    assert slices["source", "mail"]["accuracy"]["high"] < slices["source", "web"]["accuracy"]["value"]
    assert slices["source", "mail"]["n"] == 200


def test_several_labels_an_item_have_shares_but_no_confusion_table() -> None:
    small = SmallProject.made(configuration(questions=(TOPICS,), calibration_size=60), n_items=200)
    keys = small.keys()
    small.predict({key: ["price"] for key in keys}, dict.fromkeys(keys, 0.9), question="topics")
    truth: dict[int, Json] = {key: ["price", "screen"] if n % 4 == 0 else ["price"] for n, key in enumerate(keys)}
    calibrate(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda item, _q, _n: truth[item])
    calibrate(small.id, storage=small.storage, world=small.world)
    route(small.id, storage=small.storage, world=small.world)
    aggregate(small.id, storage=small.storage, world=small.world)
    card = first(small)
    shares = {row["label"]: row for row in card["prevalence"]}
    assert (shares["price"]["naive"], shares["screen"]["naive"]) == (1.0, 0.0)
    assert shares["screen"]["low"] <= 0.25 <= shares["screen"]["high"]
    assert card["confusion"] is card["accuracy"]["by_class"] is None
    price, screen = card["label_errors"]
    assert (price["n_given"], price["n_not_given"], price["missed"]) == (200, 0, None)
    assert price["given_wrongly"]["share"] == 0.0
    assert (screen["given_wrongly"], screen["n_not_given"]) == (None, 200)
    assert screen["missed"]["low"] <= 0.25 <= screen["missed"]["high"]
    assert "missed, of the others" in card_page(card_of(small))


def test_gold_of_one_person_each_is_called_that_and_of_three_has_its_noise() -> None:
    small, _ = the_project()
    gold = first(small)["gold"]
    assert (gold["is_by_one_person_each"], gold["votes_per_item"], gold["consensus_error"]) == (True, 1.0, None)
    assert first(small)["agreement"] == []
    three = SmallProject.made(configuration(calibration_votes=3, calibration_size=60), n_items=150, n_people=3)
    keys = three.keys()
    three.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.5))
    rng = np.random.default_rng(8)
    calibrate(three.id, storage=three.storage, world=three.world)
    three.work_queue(lambda item, _q, _n: ("good", "bad")[item % 2 if rng.random() < 0.85 else (item + 1) % 2])
    calibrate(three.id, storage=three.storage, world=three.world)
    card = first(three)
    assert [one["name"] for one in card["agreement"]] == [
        "percent agreement",
        "Fleiss' kappa",
        "Krippendorff's alpha",
        "Gwet's AC1",
    ]
    assert all(one["low"] <= one["coefficient"] <= one["high"] for one in card["agreement"])
    assert card["gold"]["is_by_one_person_each"] is False
    assert 0 < card["gold"]["consensus_error"] < card["gold"]["vote_error"]


def test_what_labels_cost_is_told_per_label_per_correct_label_and_per_certified_one() -> None:
    small, _ = the_project()
    card = first(small)
    cost = card["cost"]
    assert (cost["people_seconds"], cost["n_answers"]) == (float(cost["n_answers"]), 210)  # a second an answer
    assert cost["per_label"]["people_seconds"] == pytest.approx(210 / 400)
    n_correct = 400 - card["errors_left"]["expected"]
    assert cost["per_correct_label"]["people_seconds"] == pytest.approx(210 / n_correct)
    assert cost["per_certified_label"]["people_seconds"] == pytest.approx(210 / card["certificate"]["n_accepted"])


def test_manifest_card_and_report_say_one_figure_and_by_which_method(tmp_path: Path) -> None:
    small, _ = the_project()
    exported(small, tmp_path)
    card = json.loads((tmp_path / "card.json").read_bytes())["questions"][0]["card"]["accuracy"]
    certificate = json.loads((tmp_path / "manifest.json").read_bytes())["questions"]["tone"]["certificate"]
    assert certificate["is_in_force"] is True
    told, overall = certificate["estimate"], card["overall"]
    assert [told[name] for name in ("accuracy", "accuracy_low", "accuracy_high", "method")] == [
        overall[name] for name in ("value", "low", "high", "method")
    ]
    assert (told["error_low"], told["error_high"]) == (1 - overall["high"], 1 - overall["low"])
    by_origin = {one["origin"]: one["accuracy"] for one in card["by_origin"]}
    assert {part["part"] for part in told["parts"]} <= set(by_origin)
    for part in told["parts"]:
        known = by_origin[part["part"]]
        assert part["method"] == (EXACT if known is None else known["method"])
    with small.storage.reading() as views:
        report: Any = build_report(views, small.id)["questions"]
        question = small.project.config.schema.questions[0]
        assert told == report[0]["estimate"] == estimate_on_card(views, small.project, question)


def test_parts_that_need_not_add_up_to_the_whole_are_said_not_to() -> None:
    small, _ = the_project()
    with small.storage.reading() as views:
        question = small.project.config.schema.questions[0]
        together, whole = estimated(views, small.project, question), estimate_on_card(views, small.project, question)
    assert together is not None
    assert whole is not None
    parts: Any = whole["parts"]
    wrong = sum(part["error"] * part["n"] for part in parts) / sum(part["n"] for part in parts)
    assert wrong != pytest.approx(whole["error"], abs=1e-6)
    assert "need not add up" in " ".join(estimate_sentences(whole))
    assert "need not add up" not in " ".join(estimate_sentences(together))


def test_a_figure_that_the_card_leaves_open_says_that_it_is_none_of_its_own() -> None:
    small, _ = the_project()
    with small.storage.reading() as views:
        found = estimated(views, small.project, small.project.config.schema.questions[0])
    assert found is not None
    assert found["method"] == EXACT
    assert as_on_card(found, {"accuracy": {"overall": None, "by_origin": []}}) == found


def test_a_part_that_the_card_counts_otherwise_keeps_its_own_figure() -> None:
    # After a recall the card's unverified labels are 27 under the threshold and 117 recalled: a figure of all 144.
    own = {"part": "unverified", "n": 27, "error": 0.8, "error_low": 0.3, "error_high": 1.0, "method": EXACT}
    figure = {"value": 0.9, "low": 0.85, "high": 0.95, "method": "of the card"}
    card = {"accuracy": {"overall": figure, "by_origin": [{"origin": "unverified", "n": 144, "accuracy": figure}]}}
    assert as_on_card({"parts": [own]}, card)["parts"] == [own]
    card["accuracy"]["by_origin"] = [{"origin": "unverified", "n": 27, "accuracy": figure}]
    (part,) = cast("list[dict[str, Any]]", as_on_card({"parts": [own]}, card)["parts"])
    assert (part["error_low"], part["method"]) == (1 - 0.95, "of the card")


@pytest.mark.parametrize("question", [TONE, Question(QuestionName("tone"), "text", {})])
@pytest.mark.parametrize("wrong_each", [10_000, 6])
def test_a_sample_beside_which_the_model_tells_nothing_is_worth_itself(question: Question, wrong_each: int) -> None:
    # Whether all its labels are alike, or some of them are mended.
    small = SmallProject.made(configuration(questions=(question,), calibration_size=100), n_items=300)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.9))
    for _ in range(2):
        calibrate(small.id, storage=small.storage, world=small.world)
        small.work_queue(lambda item, _q, _n: "good" if item % wrong_each else "bad", most=100)
    card = first(small)
    assert (card["accuracy"]["overall"]["value"] == 1) == (wrong_each > 300)
    assert card["effective_for"] == ("class shares" if question is TONE else "accuracy")
    assert card["effective_sample_size"] == pytest.approx(100, rel=0.02)


def test_after_a_recall_what_is_left_accepted_is_measured_by_a_sample_of_its_own() -> None:
    small, truth = project_with_everything(7)
    before = first(small)
    keys = small.keys()
    recall(
        small.id, storage=small.storage, world=small.world, items=keys[:250], slice="the first ones", reason="a look"
    )
    aggregate(small.id, storage=small.storage, world=small.world)
    card = first(small)
    # Of the fresh sample only those are answered that had been in the first one, too: they led to the recall, and say
    # nothing of what it left before the others are answered.
    assert before["accuracy"]["accepted"]["n_drawn"] == 30
    assert card["accuracy"]["accepted"] is None
    overall = card["accuracy"]["overall"]
    assert overall["low"] <= 1 - true_error(small, truth) <= overall["high"]
    assert overall["value"] == pytest.approx(before["accuracy"]["overall"]["value"], abs=0.06)
    small.work_queue(lambda item, _q, _n: truth[item])
    aggregate(small.id, storage=small.storage, world=small.world)
    done = first(small)["accuracy"]
    assert done["overall"]["low"] <= 1 - true_error(small, truth) <= done["overall"]["high"]
    assert done["accepted"]["n_drawn"] >= 30
