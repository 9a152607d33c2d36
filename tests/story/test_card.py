"""The data-set card of a project that went through the loop: what it says, what it rests on, how it is checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from labelwright import bootstrap
from labelwright.adapters.formats.card_files import card_files
from labelwright.adapters.formats.croissant import Publication
from labelwright.adapters.report.card_page import card_page
from labelwright.adapters.report.card_words import accuracy_sentences
from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.errors import Conflict, InvalidInput, NotReady
from labelwright.methods.estimation import pseudo_regression
from labelwright.ports.sinks import ExportedFile
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.audits.recall import recall
from labelwright.services.card.card import build_card, card_hash
from labelwright.services.card.card_sampled import estimate_on_card
from labelwright.services.card.estimate import EXACT, as_on_card, estimated
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.report import build_report
from tests.story.small_project import TOPICS, SmallProject, configuration, is_json
from tests.story.test_cli import shell
from tests.story.test_estimate import finished, true_error, world


def card_of(small: SmallProject) -> Any:  # noqa: ANN401 - JSON
    with small.storage.reading() as views:
        return build_card(views, small.id)


def first(small: SmallProject) -> Any:  # noqa: ANN401
    return card_of(small)["questions"][0]["card"]


def exported(small: SmallProject, folder: Path, **options: Any) -> Any:  # noqa: ANN401
    return bootstrap.export(small.id, folder, storage=small.storage, world=small.world, **options)


def checked(small: SmallProject, folder: Path) -> Any:  # noqa: ANN401
    return bootstrap.check_card(folder, storage=small.storage, project=small.id)


def project_with_everything(seed: int = 1) -> tuple[SmallProject, dict[int, Json]]:
    """Take a project of 400 items through the loop: calibrated, certified, audited, a part reviewed."""
    _, truth, small = finished(seed, n_reviewed=60)
    return small, truth


@cache
def the_project() -> tuple[SmallProject, dict[int, Json]]:
    """Give the same for tests that only look: exports do not change what a card says."""
    return project_with_everything()


# ---------------------------------------------------------------- what it says


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


# ---------------------------------------------------------------- how it is bound


def test_R10_the_card_of_an_export_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    small, _ = the_project()
    reports = [exported(small, tmp_path / name, weights=True) for name in ("one", "two")]
    assert reports[0] == reports[1]
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {
        "data.jsonl",
        "data.csv",
        "weights.jsonl",
        "card.json",
        "card.html",
        "croissant.json",
        "DATASHEET.md",
        "manifest.json",
    }
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    card = json.loads((tmp_path / "one" / "card.json").read_bytes())
    assert card["hash"] == card_hash(card)
    assert card["files"]["data.jsonl"]["sha256"] == reports[0].files["data.jsonl"].sha256
    assert card["hashes"]["ledger"] == {"position": reports[0].position, "hash": reports[0].hash}


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


def test_a_card_that_fits_is_said_to_fit_and_any_change_is_named(tmp_path: Path) -> None:
    small, _ = the_project()
    exported(small, tmp_path)
    found = checked(small, tmp_path)
    assert (found.holds, found.is_whole, found.is_in_ledger, found.has_moved_on) == (True, True, True, False)
    assert (found.differences, found.changed_files) == ((), {})
    (tmp_path / "data.csv").write_bytes((tmp_path / "data.csv").read_bytes().replace(b"good", b"bad!", 1))
    found = checked(small, tmp_path)
    assert (found.holds, set(found.changed_files)) == (False, {"data.csv"})
    (tmp_path / "data.csv").unlink()
    assert "missing" in checked(small, tmp_path).changed_files["data.csv"]


def test_a_figure_that_was_edited_is_found_with_and_without_the_workspace(tmp_path: Path) -> None:
    small, _ = the_project()
    exported(small, tmp_path)
    card = json.loads((tmp_path / "card.json").read_bytes())
    card["questions"][0]["card"]["accuracy"]["overall"]["value"] = 0.999
    (tmp_path / "card.json").write_text(json.dumps(card))
    alone = bootstrap.check_card(tmp_path)
    assert (alone.holds, alone.is_whole, alone.is_in_ledger) == (False, False, None)
    assert set(alone.changed_files) == {"card.json"}
    # Whoever mends the hash as well, and the files that name it, is found by the ledger.
    card["hash"] = card_hash(card)
    (tmp_path / "card.json").write_text(json.dumps(card))
    for name in ("manifest.json", "croissant.json"):
        (tmp_path / name).unlink()
    assert bootstrap.check_card(tmp_path).holds
    found = checked(small, tmp_path)
    assert (found.holds, found.is_whole) == (False, True)
    assert [one.path for one in found.differences] == ["questions.tone.card.accuracy.overall.value"]


def test_a_ledger_that_moved_on_is_no_fault_and_the_differences_are_told(tmp_path: Path) -> None:
    small, truth = project_with_everything()
    exported(small, tmp_path)
    small.work_queue(lambda item, _q, _n: truth[item], most=5)
    aggregate(small.id, storage=small.storage, world=small.world)
    found = checked(small, tmp_path)
    assert (found.holds, found.is_in_ledger, found.has_moved_on) == (True, True, True)
    assert "questions.tone.card.n_by_people" in {one.path for one in found.differences}


def test_another_workspaces_ledger_does_not_vouch_for_a_card(tmp_path: Path) -> None:
    small, _ = the_project()
    other, _ = project_with_everything(7)
    exported(small, tmp_path)
    found = bootstrap.check_card(tmp_path, storage=other.storage, project=other.id)
    assert (found.holds, found.is_in_ledger) == (False, False)


def test_a_card_is_not_written_over_an_export_of_another_moment(tmp_path: Path) -> None:
    small, truth = project_with_everything()
    with pytest.raises(InvalidInput, match="holds no export"):
        bootstrap.write_card(small.id, tmp_path, storage=small.storage, formats=["croissant"])
    with pytest.raises(InvalidInput, match="did you mean 'html'"):
        bootstrap.write_card(small.id, tmp_path, storage=small.storage, formats=["htm"])
    alone = bootstrap.write_card(small.id, tmp_path / "alone", storage=small.storage)
    assert set(alone) == {"card.json", "card.html", "DATASHEET.md"}
    exported(small, tmp_path)
    before = (tmp_path / "card.json").read_bytes()
    assert "croissant.json" in bootstrap.write_card(small.id, tmp_path, storage=small.storage)
    assert (tmp_path / "card.json").read_bytes() == before
    small.work_queue(lambda item, _q, _n: truth[item], most=1)
    with pytest.raises(Conflict, match="export again"):
        bootstrap.write_card(small.id, tmp_path, storage=small.storage)


# ---------------------------------------------------------------- its files


def test_croissant_describes_every_exported_file_by_its_hash(tmp_path: Path) -> None:
    small, _ = the_project()
    about = Publication(license="https://spdx.org/licenses/CC0-1.0", url="https://example.org/data", creator="A lab")
    report = exported(small, tmp_path, about=about, weights=True)
    described = json.loads((tmp_path / "croissant.json").read_bytes())
    assert described["@type"] == "sc:Dataset"
    assert described["conformsTo"] == ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"]
    assert (described["license"], described["creator"]["name"]) == (about.license, "A lab")
    files = {one["name"]: one["sha256"] for one in described["distribution"]}
    assert set(files) == {"data.jsonl", "data.csv", "weights.jsonl", "card.json"}
    assert all(files[name] == report.files[name].sha256 for name in files)
    ids = [one["@id"] for one in (*described["distribution"], *described["recordSet"])]
    ids += [field["@id"] for records in described["recordSet"] for field in records["field"]]
    assert len(ids) == len(set(ids))
    header = (tmp_path / "data.csv").read_text().splitlines()[0].split(",")
    items = described["recordSet"][0]
    assert all(field["source"]["extract"]["column"] in header for field in items["field"])
    assert [row["classes-of-tone/name"] for row in described["recordSet"][1]["data"]] == ["good", "bad"]
    assert "labelled blind" in described["rai:dataAnnotationAnalysis"]
    assert "The model says 'good' too often" in described["rai:dataBiases"][0]


def test_croissants_own_loader_accepts_it_and_reads_the_labels(tmp_path: Path) -> None:
    loader: Any = pytest.importorskip("mlcroissant", reason="the second opinion on Croissant is not installed")
    small, _ = the_project()
    exported(small, tmp_path)
    rows = list(loader.Dataset(jsonld=tmp_path / "croissant.json").records("items"))
    assert len(rows) == 400
    assert {row["items/tone"] for row in rows} == {b"good", b"bad"}


def test_the_datasheet_answers_what_the_ledger_knows_and_marks_the_rest(tmp_path: Path) -> None:
    small, _ = the_project()
    exported(small, tmp_path)
    sheet = (tmp_path / "DATASHEET.md").read_text(encoding="utf-8")
    for heading in ("Motivation", "Composition", "Collection process", "Uses", "Distribution", "Maintenance"):
        assert f"## {heading}" in sheet
    assert sheet.count("Not known to Labelwright") == 5
    assert "Good is good." in sheet
    assert "the 400 labels agree with what people say" in sheet


HOSTILE = '<script>alert("x")</script> | [x](javascript:1)'


def test_what_people_wrote_is_text_on_the_page_and_in_the_datasheet(tmp_path: Path) -> None:
    small, _ = the_project()
    card: dict[str, Any] = card_of(small)
    card["project"] = HOSTILE
    card["questions"][0]["card"]["prevalence"][0]["label"] = HOSTILE
    card["questions"][0]["card"]["accuracy"]["by_class"][0]["label"] = HOSTILE
    page = card_page(card)
    assert "<script" not in page
    assert "&lt;script" in page
    written = card_files(card, {"data.csv": ExportedFile("0" * 64, 1, 1)})
    assert b"<script" not in written["DATASHEET.md"]


def test_the_page_needs_nothing_else_and_its_pictures_say_what_they_show() -> None:
    small, _ = the_project()
    page = card_page(card_of(small))
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert page.count("<svg") >= 3
    assert page.count('role="img"') == page.count("<svg")
    assert "prefers-color-scheme:dark" in page


# ---------------------------------------------------------------- for analysts


def weights_of(folder: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in (folder / "weights.jsonl").read_text().splitlines()]


def test_weights_give_each_item_its_chance_and_an_outcome_that_is_right_on_average(tmp_path: Path) -> None:
    small, truth = the_project()
    exported(small, tmp_path, weights=True)
    rows = weights_of(tmp_path)
    assert len(rows) == 400
    drawn = [row for row in rows if row["drawn"]]
    assert len(drawn) == first(small)["n_human"]
    assert all((row["truth"] is not None) == row["drawn"] for row in rows)
    # Two rates: the sample alone, 150 of 400, and with the audit on top, 1 − (1 − p)(1 − 30/M).
    chances = sorted({round(row["inclusion"], 9) for row in rows})
    n_accepted = sum(row["inclusion"] > 0.375 + 1e-9 for row in rows)
    assert chances[0] == pytest.approx(0.375)
    assert len(chances) == 2
    assert n_accepted > 100
    really = np.mean([value == "bad" for value in truth.values()])
    estimated = np.mean([row["outcome"]["bad"] for row in rows])
    assert estimated == pytest.approx(really, abs=0.06)
    assert all(sum(row["outcome"].values()) == pytest.approx(1, abs=0.2) for row in rows)


def test_a_regression_on_pseudo_outcomes_finds_what_model_labels_hide(tmp_path: Path) -> None:
    # The model says "good" of everything; long texts are bad more often.
    found: list[tuple[float, float, float]] = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        small = SmallProject.made(configuration(seed=seed, calibration_size=150), n_items=400)
        keys = small.keys()
        length = rng.random(400)
        truth: dict[int, Json] = {
            k: "bad" if rng.random() < 0.1 + 0.5 * x else "good" for k, x in zip(keys, length, strict=True)
        }
        small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.9))
        calibrate(small.id, storage=small.storage, world=small.world)
        small.work_queue(lambda item, _q, _n, truth=truth: truth[item])
        calibrate(small.id, storage=small.storage, world=small.world)
        folder = tmp_path / str(seed)
        exported(small, folder, weights=True)
        outcome = [row["outcome"]["bad"] for row in weights_of(folder)]
        fit = pseudo_regression(outcome, np.column_stack([np.ones(400), length]))
        found.append((float(fit.coefficients[1]), float(fit.low[1]), float(fit.high[1])))
    slopes = np.array(found)
    assert abs(slopes[:, 0].mean() - 0.5) < 0.2
    assert np.sum((slopes[:, 1] <= 0.5) & (slopes[:, 2] >= 0.5)) >= 3


def test_weights_need_a_sample(tmp_path: Path) -> None:
    small = SmallProject.made(configuration(), n_items=20)
    with pytest.raises(NotReady, match="no random sample speaks"):
        exported(small, tmp_path, weights=True)
    assert not any(path.is_file() for path in tmp_path.iterdir())


@pytest.mark.parametrize("n_classes", [2, 14])
def test_a_page_is_drawn_whatever_is_known_and_however_many_classes_there_are(n_classes: int) -> None:
    labels = [f"class number {n}" for n in range(n_classes)]
    question = Question(QuestionName("tone"), "classification", {"labels": labels})
    small = SmallProject.made(configuration(questions=(question,), calibration_size=100), n_items=250)
    keys = small.keys()
    said: dict[int, Json] = {key: labels[n % n_classes] for n, key in enumerate(keys)}
    small.predict(said, dict.fromkeys(keys, 0.8))
    calibrate(small.id, storage=small.storage, world=small.world)
    assert "not known" in card_page(card_of(small))
    small.work_queue(lambda item, _q, _n: said[item] if item % 5 else labels[0])
    calibrate(small.id, storage=small.storage, world=small.world)
    card = card_of(small)
    page = card_page(card)
    assert all(label in page for label in labels[:2])
    confusion = card["questions"][0]["card"]["confusion"]
    cells = {(row["said"], row["truth"]) for row in confusion["rows"]}
    assert {(label, label) for label in labels} <= cells
    assert (len(cells) == n_classes**2) == (n_classes <= 12)
    for row in confusion["rows"]:
        assert 0 <= row["low"] <= row["share"] <= row["high"] <= 1


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


def test_the_shell_checks_a_folder_without_a_workspace_and_ends_with_1_when_something_was_changed(
    tmp_path: Path,
) -> None:
    small, _ = the_project()
    exported(small, tmp_path / "out")
    said = shell("card", "--check", "out", cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert "as they were written. Not held against the ledger: there is no workspace here" in said.stdout
    (tmp_path / "out" / "DATASHEET.md").write_text("All is well.")
    said = shell("card", "--check", "out", cwd=tmp_path)
    assert (said.returncode, said.stdout) == (1, "")
    assert "DATASHEET.md is not as manifest.json says" in said.stderr
    told = shell("card", "--check", "out", "--json", cwd=tmp_path)
    assert json.loads(told.stdout)["changed_files"] == {"DATASHEET.md": "is not as manifest.json says"}
    missing = shell("card", "--check", "nowhere", cwd=tmp_path)
    assert (missing.returncode, "there is no such file" in missing.stderr) == (1, True)


# ---------------------------------------------------------------- what nobody answered


def audited_but_for_what_is_hard(seed: int, *, answer_all: bool) -> tuple[SmallProject, dict[int, Json]]:
    """Take a project to its audit, whose reviewer answers the audit's items; or passes on those the model got wrong."""
    small = SmallProject.made(
        configuration(seed=seed, calibration_size=150, audit_share=0.4, target_error=0.2), n_items=400
    )
    said, sure, truth = world(np.random.default_rng(seed), small.keys())
    small.predict(said, sure)
    calibrate(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda item, _q, _n: truth[item])
    calibrate(small.id, storage=small.storage, world=small.world)
    route(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        n_audit = len(views.queued(small.id, "audit"))
    wrong = set() if answer_all else {key for key in truth if said[key] != truth[key]}
    small.work_queue(lambda item, _q, _n: truth[item], most=n_audit, passed_over=wrong)
    aggregate(small.id, storage=small.storage, world=small.world)
    return small, truth


def test_audited_items_that_were_passed_over_widen_every_interval_and_are_told() -> None:
    whole, hole = (audited_but_for_what_is_hard(1, answer_all=every)[0] for every in (True, False))
    full, told = first(whole), first(hole)
    assert full["missing"]["n_audit"] == 0
    n = told["missing"]["n_audit"]
    assert n >= 3
    # Answers that are missing because they would have been "wrong" flatter the value, never the lower end.
    assert told["accuracy"]["accepted"]["value"] > full["accuracy"]["accepted"]["value"]
    assert told["accuracy"]["accepted"]["low"] <= full["accuracy"]["accepted"]["low"] + 1e-9
    assert told["accuracy"]["accepted"]["high"] >= full["accuracy"]["accepted"]["high"] - 1e-9
    assert told["accuracy"]["overall"]["low"] <= full["accuracy"]["overall"]["low"] + 0.005
    assert told["missing"]["widens"] > 0
    assert told["missing"]["overall"]["low"] == told["accuracy"]["overall"]["low"]
    assert told["missing"]["overall"]["low_if_alike"] > told["accuracy"]["overall"]["low"]
    assert told["missing"]["is_large"] == (told["missing"]["share"] > 0.05)
    card = card_of(hole)
    assert "were never answered" in " ".join(accuracy_sentences(told))
    assert "were never answered" in card_page(card)
    assert "were never answered" not in card_page(card_of(whole))
    with hole.storage.reading() as views:
        estimate: Any = build_report(views, hole.id)["questions"]
    estimate = estimate[0]["estimate"]
    assert estimate["n_unanswered"] == n
    parts = {part["part"]: part for part in estimate["parts"]}
    assert parts["accepted"]["error_high"] >= n / 400


def test_how_far_people_got_is_no_loss() -> None:
    _, _, small = finished(1, n_reviewed=10)
    missing = first(small)["missing"]
    assert (missing["n_calibration"], missing["n_audit"], missing["widens"]) == (0, 0, 0.0)


def test_intervals_hold_though_the_hard_ones_are_never_answered() -> None:
    missed, n_runs = 0, 8
    for seed in range(n_runs):
        small, truth = audited_but_for_what_is_hard(seed, answer_all=False)
        told = first(small)["accuracy"]["overall"]
        missed += not told["low"] - 1e-9 <= 1 - true_error(small, truth) <= told["high"] + 1e-9
    assert missed / n_runs <= 0.05 + 3 * (0.05 * 0.95 / n_runs) ** 0.5
